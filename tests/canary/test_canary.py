"""No secret that a run is given, or that Okta's requests carry, comes out anywhere, at any log level."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scimproof.embedded.server import Served
from tests.canary.echo import Echo, echoing
from tests.canary.leaks import leaks, leaks_in
from tests.engine.kit import ROOT, environment, scimproof
from tests.waiting import HANG

TOKEN = 'cAn"arY\\t0k+n/=%41<&>Zq9x'  # everything that is escaped somewhere
PLAIN = "cAnaryPlainT0ken8Xq2Lw7"
MODES = ["some", "errors", "refuse", "redirect", "broken"]
IDS = (
    "okta.oin.user.create",
    "okta.oin.user.password",
    "okta.oin.user.deactivate",
    "okta.oin.group.push",
    "okta.oin.user.import",
    "okta.oin.wrong-token",
)


@dataclass(frozen=True)
class Way:
    """A way to be let in: its options, its secrets by variable, and whether a pair of them is one too."""

    options: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    user: str = ""


WAYS = {
    "bearer": Way((), {"SCIMPROOF_TOKEN": TOKEN}),
    "letters": Way((), {"SCIMPROOF_TOKEN": PLAIN}),
    "header": Way(("--auth", "header"), {"SCIMPROOF_TOKEN": f"SSWS {TOKEN}"}),
    "basic": Way(("--auth", "basic"), {"SCIMPROOF_PASSWORD": TOKEN}, user="okta"),
    "oauth": Way(("--auth", "oauth", "--client-id", "okta"), {"SCIMPROOF_CLIENT_SECRET": TOKEN}),
}
HEADER = "hEader-s3cret-value1"


def each_with_each() -> list[Any]:
    """Each way with the server that answers most, each server with the first way; the rest is nightly."""
    for_now = {*((name, "some") for name in WAYS), *(("bearer", mode) for mode in MODES)}
    return [
        pytest.param(name, mode, marks=() if (name, mode) in for_now else pytest.mark.nightly)
        for name in WAYS
        for mode in MODES
    ]


def options(echo: Echo, way: Way) -> list[str]:
    token_url = ["--token-url", f"{echo.url}/token"] if "oauth" in way.options else []
    return ["--target", echo.url, "--header", f"X-Api-Key: {HEADER}", *way.options, *token_url]


def secrets(way: Way) -> dict[str, str]:
    return {**way.secrets, "SCIMPROOF_USER": way.user}


def assert_clean(echo: Echo, way: Way, folder: Path, said: str) -> None:
    """The server was told every secret, or it would prove nothing; and none of them came out."""
    told = " ".join(echo.told)
    wanted = [*way.secrets.values(), HEADER]
    if echo.mode not in ("refuse", "broken", "redirect") or "oauth" not in way.options:
        assert [secret for secret in wanted if secret not in told] == []
    assert leaks(said, echo.told | set(wanted)) == []
    assert leaks_in(folder, echo.told | set(wanted)) == {}


@pytest.mark.parametrize(("name", "mode"), each_with_each())
def test_a_run_gives_nothing_away(name: str, mode: str, tmp_path: Path) -> None:
    way = WAYS[name]
    with echoing(mode) as echo:
        ran = scimproof(
            tmp_path, "run", *IDS, *options(echo, way), more=secrets(way) | {"SCIMPROOF_DEBUG": "1"}
        )
        assert ran.returncode in (1, 3), ran.stderr
        assert (tmp_path / "report/report.json").stat().st_size > 1000
        assert_clean(echo, way, tmp_path, ran.stdout + ran.stderr)
        if mode == "some":
            _what_is_in_force(echo, way, tmp_path)
        if mode == "some" and name == "bearer":  # the report is clean, whatever was in it: asserted above
            _every_command_on_its_report(echo, way, tmp_path)
        if mode == "errors":
            assert len(echo.told) > 3, "Okta's passwords were not among what was echoed"
            for words in (["doctor"], ["clean", "--yes"], ["run", IDS[0], "--quiet"]):
                echo.told.clear()  # what another process was told is nothing that this one could know
                ran = scimproof(tmp_path, *words, *options(echo, way), more=secrets(way))
                assert leaks(ran.stdout + ran.stderr, echo.told | {TOKEN, HEADER}) == []


def _what_is_in_force(echo: Echo, way: Way, folder: Path) -> None:
    """Whoever is asked about the secrets themselves."""
    told = scimproof(folder, "config", more=secrets(way))
    assert told.returncode == 0, told.stderr
    assert_clean(echo, way, folder, told.stdout + told.stderr)


def _every_command_on_its_report(echo: Echo, way: Way, folder: Path) -> None:
    """What is made of the report."""
    report, out = "report/report.json", ("--out", "again")
    told = [
        scimproof(folder, *words, more=secrets(way))
        for words in (
            ["render", report, *out, "--oin"],
            ["compare", report, report],
            ["compare", report, report, "--json"],
            ["matrix", "report", "--out", "m.md", "--out", "m.html"],
            ["matrix", "report"],
            ["list"],
        )
    ]
    assert {one.returncode for one in told} <= {0, 3}, [one.stderr for one in told]
    assert_clean(echo, way, folder, "".join(one.stdout + one.stderr for one in told))
    # `show` documents a request, and the password in it is made of a seed that everybody knows.
    shown = scimproof(folder, "show", "okta.oin.user.password", "--as", "curl", more=secrets(way))
    assert leaks(shown.stdout + shown.stderr, [*way.secrets.values(), HEADER]) == []


@contextmanager
def python(folder: Path, *arguments: str, way: Way = WAYS["bearer"]) -> Iterator[str]:
    """What a Python program says, all of it."""
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(folder, secrets(way) | {"SCIMPROOF_DEBUG": "1"}) | {"COLUMNS": "4000"},
        capture_output=True,
        text=True,
        timeout=HANG,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    yield ran.stdout + ran.stderr


@pytest.mark.parametrize("mode", ["some", pytest.param("errors", marks=pytest.mark.nightly)])
def test_pytest_at_its_most_talkative_gives_nothing_away(mode: str, tmp_path: Path) -> None:
    loud = ["-vv", "-rA", "--showlocals", "--log-level=DEBUG", "--log-cli-level=DEBUG", "--log-file=all.log"]
    loud += [
        "--log-file-level=DEBUG",
        "--junitxml=pytest.xml",
        "-o",
        "junit_logging=all",
        "--scim-out=report",
    ]
    with echoing(mode) as echo:
        chosen = [f"--scim-sequence={one}" for one in IDS]
        target = [f"--scim-target={echo.url}", f"--scim-header=X-Api-Key: {HEADER}"]
        suites = ["-m", "pytest", "-c", os.devnull, f"--rootdir={tmp_path}", "-p", "no:cacheprovider"]
        with python(tmp_path, *suites, str(ROOT / "suites"), *chosen, *target, *loud) as said:
            assert " failed" in said
            assert_clean(echo, WAYS["bearer"], tmp_path, said)


def test_logging_at_its_lowest_level_gives_nothing_away(tmp_path: Path) -> None:
    script = (
        "import logging, sys; logging.basicConfig(level=1); "
        "logging.getLogger('httpcore2.http11').debug('others are heard'); "
        "logging.getLogger('httpx2').info('and so are these'); "
        "from scimproof.cli import main; main(sys.argv[1:])"
    )
    with (
        echoing("some") as echo,
        python(tmp_path, "-c", script, "run", IDS[0], *options(echo, WAYS["bearer"])) as said,
    ):
        assert "others are heard" in said
        assert "and so are these" in said
        assert "HTTP Request:" not in said
        assert_clean(echo, WAYS["bearer"], tmp_path, said)


CRASH = """
import sys
import scimproof.{module}
def broken(*_, **__):
    secret = {secret!r}
    raise {error}(f"token {{secret}} of {{dict(password='pUsh3d-w0rd')}}")
scimproof.{module}.{function} = broken
from scimproof.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("module", "function", "error"),
    [
        ("report", "make", "RuntimeError"),
        ("report", "make", "__import__('scimproof.core.errors').errors.CannotTell"),
        ("doctor", "_credentials", "RuntimeError"),
        ("transport", "read_body", "RuntimeError"),
    ],
)
def test_a_crash_gives_nothing_away(module: str, function: str, error: str, tmp_path: Path) -> None:
    script = CRASH.format(module=module, function=function, error=error, secret=TOKEN)
    with (
        echoing("refuse" if module == "doctor" else "some") as echo,
        python(tmp_path, "-c", script, "run", IDS[0], *options(echo, WAYS["bearer"])) as said,
    ):
        assert leaks(said, {TOKEN, "pUsh3d-w0rd"}) == []
        assert leaks_in(tmp_path, {TOKEN, "pUsh3d-w0rd"}) == {}
        if module == "report":
            assert "[redacted]" in said


def test_what_serve_says_has_no_token_in_it(tmp_path: Path) -> None:
    with Served(token=PLAIN) as served:
        ran = scimproof(tmp_path, "run", *IDS, "--target", served.base_url, more={"SCIMPROOF_TOKEN": PLAIN})
    assert ran.returncode == 0, ran.stderr
    assert leaks(ran.stdout + ran.stderr, [PLAIN]) == []
    assert leaks_in(tmp_path, [PLAIN]) == {}


def test_load_gives_nothing_away(tmp_path: Path) -> None:
    plan = ["load", "smoke", "--duration", "1", "--yes", "--out", "load"]
    with echoing("late") as echo:
        ran = scimproof(tmp_path, *plan, *options(echo, WAYS["bearer"]), more=secrets(WAYS["bearer"]))
        assert ran.returncode in (1, 3), ran.stderr
        assert (tmp_path / "load/load.json").exists()
        assert_clean(echo, WAYS["bearer"], tmp_path, ran.stdout + ran.stderr)


def test_load_that_cannot_begin_gives_nothing_away(tmp_path: Path) -> None:
    with echoing("errors") as echo:
        command = ["load", "rollout", "--duration", "3", "--prefill", "5", "--yes", "--quiet"]
        ran = scimproof(tmp_path, *command, *options(echo, WAYS["bearer"]), more=secrets(WAYS["bearer"]))
        assert ran.returncode == 3, ran.stderr
        assert "creating the users" in ran.stderr
        assert_clean(echo, WAYS["bearer"], tmp_path, ran.stdout + ran.stderr)


@pytest.mark.nightly  # half a minute; load below `scimproof load` is looked at above, on each commit
def test_locust_at_its_most_talkative_gives_nothing_away(tmp_path: Path) -> None:
    locust = ["-m", "locust", "-f", str(ROOT / "load/locustfile.py"), "--headless", "--loglevel", "DEBUG"]
    locust += ["-t", "3s", "--csv", "out", "--html", "out.html", "--scim-mix", "okta.oin.user.create"]
    with echoing("some") as echo, python(tmp_path, *locust, "--host", echo.url) as said:
        told = echo.told | {TOKEN}
        assert leaks(said, told) == []
        assert leaks_in(tmp_path, told) == {}
        assert TOKEN in echo.told


def test_the_detector_would_notice() -> None:
    from tests.canary.echo import spelled  # noqa: PLC0415

    for secret in (TOKEN, PLAIN):
        for form in spelled(secret):
            assert leaks(f"before {form} after", [secret]), form
            assert leaks(f"before{form}after"[: len(form)], [secret]) or len(form) < 30, form
