"""Pytest plugin: `pytest suites --scim-target=...` runs one item for each finding.

Costs almost nothing where it is not used: beyond the table of options, everything is imported when a module
asks for `scim_finding`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from scimproof.pytest_plugin.options import FIXTURE, LISTS, MORE, OPTIONS
from scimproof.settings.definition import Kind, Setting

if TYPE_CHECKING:
    from scimproof.pytest_plugin.suite import PytestSuite


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all with the prefix --scim-; None stands for what is not given."""
    group = parser.getgroup("scim", "SCIM conformance (scimproof)")
    for each in OPTIONS:
        words = MORE.get(each.name, each.words)
        name = f"--scim-{each.option.removeprefix('--')}"
        if each.kind is Kind.FLAG:
            group.addoption(name, action="store_true", default=None, help=words)
        elif each.kind is Kind.SWITCH:
            no = f"--scim-no-{each.option.removeprefix('--')}"
            group.addoption(name, action="store_true", default=None, help=words)
            group.addoption(no, action="store_false", default=None, dest=_dest(name), help="The opposite.")
        elif each.kind in LISTS:
            group.addoption(name, action="append", default=None, metavar=each.metavar, help=words)
        else:
            group.addoption(name, default=None, type=_type(each), metavar=each.metavar or None, help=words)
    group.addoption(
        "--scim-sequence",
        action="append",
        metavar="ID",
        help="Play this sequence, or all that begin so, only.",
    )
    group.addoption("--scim-config", metavar="FILE", help="Read this scimproof.toml, not the nearest one.")
    group.addoption(
        "--scim-yes",
        action="store_true",
        help="Agree to writing to a target that is not this machine, and to what scimproof.toml does.",
    )


def _dest(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _type(setting: Setting) -> type:
    return (int if setting.bounds.whole else float) if setting.kind is Kind.NUMBER else str


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one item for each finding of the profile."""
    if FIXTURE in metafunc.fixturenames:
        suite = _suite(metafunc.config)
        metafunc.parametrize(FIXTURE, suite.ids(), ids=str, indirect=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Select the sequences of the collected items: -k and node ids choose among them."""
    if suite := _known(session.config):
        suite.select([item for item in session.items if FIXTURE in getattr(item, "fixturenames", ())])


@pytest.fixture(scope="session")
def scim_suite(request: pytest.FixtureRequest) -> Iterator[PytestSuite]:
    """The run behind the findings: started for the first of them, cleaned up after the last."""
    suite = _suite(request.config)
    with suite.running():
        yield suite


@pytest.fixture
def scim_finding(request: pytest.FixtureRequest, scim_suite: PytestSuite) -> Callable[[], None]:
    """A function that reports the finding that the item is named after: it returns, skips or fails."""
    return lambda: scim_suite.settle(request.param, request.node)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Set the exit status of a session in which nothing could be concluded."""
    suite = _known(session.config)
    if suite and suite.document and (session.exitstatus == pytest.ExitCode.OK or suite.interrupted):
        session.exitstatus = suite.exit_code()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the result as `scimproof run` does."""
    if (suite := _known(config)) and suite.document:
        terminalreporter.section("scimproof")
        for line in suite.summary_lines():
            terminalreporter.write_line(line)


def _known(config: pytest.Config) -> PytestSuite | None:
    found: PytestSuite | None = getattr(config, "_scimproof_suite", None)
    return found


def _suite(config: pytest.Config) -> PytestSuite:
    if (suite := _known(config)) is None:
        from scimproof.pytest_plugin.suite import open_suite  # noqa: PLC0415 - nothing heavy where it is not used

        suite = open_suite(config)
        config._scimproof_suite = suite  # type: ignore[attr-defined]  # noqa: SLF001
    return suite
