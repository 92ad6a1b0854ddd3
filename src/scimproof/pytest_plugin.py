"""The pytest face of a run: `pytest suites --scim-target=...`, one item a finding.

Costs nothing where it is not used: whatever is heavy is imported when a module asks for `scim_finding`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from scimproof.pytest_items import Suite

FIXTURE = "scim_finding"

# Option, default, type, help; the words of `scimproof run`.
OPTIONS: list[tuple[str, object, type, str]] = [
    ("target", None, str, "the SCIM base URL; the embedded target when not given"),
    ("profile", "okta", str, "what to certify against"),
    ("waivers", None, str, "known failures that do not count, in a file (waivers.toml)"),
    ("out", None, str, "write report.json, junit.xml, report.html and report.md into this folder"),
    ("parallel", 1, int, "above 1, play all selected sequences up front, so many at a time"),
    ("seed", 1, int, "which people are made up"),
    ("budget", 1800.0, float, "the longest the replay may take, in seconds"),
    ("timeout", None, float, "the longest an answer may take, in seconds (60, as Okta)"),
    ("auth", "", str, "bearer, header, basic or oauth; secrets by SCIMPROOF_TOKEN and its like"),
    ("token-file", None, str, "read the token, password or client secret from here"),
    ("token-url", "", str, "OAuth2 token endpoint (client credentials)"),
    ("client-id", "", str, "OAuth2 client id"),
    ("scope", "", str, "OAuth2 scope"),
    ("ca-bundle", None, str, "trust the CAs in this PEM file"),
    ("client-cert", None, str, "show this client certificate (PEM)"),
    ("client-key", None, str, "the client certificate's key"),
]
FLAGS = [
    ("include-inferred", "play what Okta is only thought to send (grade D) too"),
    ("insecure", "accept any certificate"),
    ("yes", "agree to writing to a target that is not this machine"),
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; all begin with --scim-."""
    group = parser.getgroup("scim", "SCIM conformance (scimproof)")
    for name, default, kind, told in OPTIONS:
        group.addoption(f"--scim-{name}", default=default, type=kind, help=told)
    for name, told in FLAGS:
        group.addoption(f"--scim-{name}", action="store_true", help=told)
    group.addoption(
        "--scim-header", action="append", default=[], help="'Name: value', sent after Okta's own headers"
    )
    group.addoption(
        "--scim-sequence", action="append", default=[], help="play this sequence, or all that begin so, only"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item for each finding the profile will have."""
    if FIXTURE in metafunc.fixturenames:
        suite = _suite(metafunc.config)
        metafunc.parametrize(FIXTURE, suite.ids(), ids=str, indirect=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the suite which of its findings are wanted: -k and node ids choose sequences."""
    if suite := _known(session.config):
        suite.choose([item for item in session.items if FIXTURE in getattr(item, "fixturenames", ())])


@pytest.fixture(scope="session")
def scim_suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """The run that findings come from: started for the first of them, tidied up after the last."""
    suite = _suite(request.config)
    with suite.running():
        yield suite


@pytest.fixture
def scim_finding(request: pytest.FixtureRequest, scim_suite: Suite) -> Callable[[], None]:
    """Settles, when called, the finding that the item is named after: returns, skips or fails."""
    return lambda: scim_suite.settle(request.param, request.node)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A session in which nothing could be told must not look as if all were well."""
    suite = _known(session.config)
    if suite and suite.document and (session.exitstatus == pytest.ExitCode.OK or suite.interrupted):
        session.exitstatus = suite.exit_code()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The result, in the words of `scimproof run`."""
    if (suite := _known(config)) and suite.document:
        terminalreporter.section("scimproof")
        for line in suite.closing():
            terminalreporter.write_line(line)


def _known(config: pytest.Config) -> Suite | None:
    found: Suite | None = getattr(config, "_scimproof_suite", None)
    return found


def _suite(config: pytest.Config) -> Suite:
    if (suite := _known(config)) is None:
        from scimproof.pytest_items import open_suite  # noqa: PLC0415 - nothing heavy where it is not used

        suite = open_suite(config)
        config._scimproof_suite = suite  # type: ignore[attr-defined]  # noqa: SLF001
    return suite
