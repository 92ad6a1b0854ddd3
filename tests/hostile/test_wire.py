"""Targets that misbehave on the wire: never a traceback, never a hang, the right exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from tests.engine.kit import environment, scimproof
from tests.hostile import servers
from tests.hostile.servers import Misbehave, empty, hostile, says
from tests.waiting import HANG

SMALL = ("okta.oin.connect", "okta.oin.user.create", "okta.oin.group.push", "--parallel", "2")
PATIENT = 120.0  # seconds for an answer that comes
CANNOT, FAILS = Exit.CANNOT_TELL, Exit.DOES_NOT_HOLD
DEEP = "[" * 100_000 + "]" * 100_000
HTML = "<!DOCTYPE html><html><body>Sign in</body></html>"
LIST = json.dumps(servers.EMPTY)

# What it does to everything; exit code; what the person is told.
EVERYTHING: dict[str, tuple[Misbehave, Exit, str]] = {
    "hangs": (servers.hangs, CANNOT, "--timeout"),
    "drips headers": (servers.drips_headers, CANNOT, "--timeout"),
    "drips the body": (servers.drips_body, CANNOT, "--timeout"),
    "closes without an answer": (servers.slams, CANNOT, "without an answer"),
    "is not HTTP": (servers.not_http, CANNOT, "does not speak HTTP"),
    "invalid UTF-8": (says("200 OK", b'{"totalResults": 0, "a": "\xff\xfe"}'), FAILS, ""),
    "lone surrogates": (says("200 OK", '{"totalResults": 1, "Resources": [{"id": "\\ud800"}]}'), FAILS, ""),
    "truncated JSON": (says("200 OK", LIST[:-20]), FAILS, ""),
    "deep JSON": (says("200 OK", DEEP), FAILS, ""),
    "deep objects": (says("200 OK", '{"Resources":' * 100_000), FAILS, ""),
    "a number of 5000 digits": (says("200 OK", '{"totalResults": ' + "9" * 5000 + "}"), FAILS, ""),
    "Content-Length too long, then closed": (says("200 OK", LIST, length=5000, close=True), FAILS, ""),
    "Content-Length too long, kept open": (says("200 OK", LIST, length=5000), CANNOT, "--timeout"),
    "Content-Length too short": (says("200 OK", LIST, length=20), FAILS, ""),
    "Content-Length of 5000 digits": (says("200 OK", "", "Content-Length: " + "1" * 5000), CANNOT, ""),
    "a gzip bomb": (servers.bomb, FAILS, ""),
    "gzip that is none": (says("200 OK", LIST, "Content-Encoding: gzip"), FAILS, ""),
    "500 to everything": (says("500 Internal Server Error", '{"detail": "no"}'), FAILS, ""),
    "502 with a page": (says("502 Bad Gateway", HTML, "Content-Type: text/html"), FAILS, ""),
    "a page": (says("200 OK", HTML, "Content-Type: text/html"), CANNOT, "HTML page"),
    "401": (says("401 Unauthorized", "{}", "WWW-Authenticate: Basic realm=x"), CANNOT, "asks for Basic"),
    "403": (says("403 Forbidden", '{"detail": "not you"}'), CANNOT, "not you"),
    "404": (says("404 Not Found", "{}"), CANNOT, "base path"),
    "405": (says("405 Method Not Allowed", ""), CANNOT, "405"),
    "no JSON object": (says("200 OK", "[1, 2, 3]"), FAILS, ""),
    "strange types": (says("200 OK", '{"totalResults": "x", "Resources": {"a": 1}, "id": []}'), FAILS, ""),
    "no content": (says("204 No Content"), FAILS, ""),
    "escape sequences": (says("200 OK", '{"id": "\\u001b[2J\\u001b]0;x\\u0007"}'), FAILS, ""),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_target_that_does_it_to_everything(name: str, tmp_path: Path) -> None:
    misbehave, code, told = EVERYTHING[name]
    with hostile(misbehave) as server:
        # What never ends is given up after a second; the others get the time that a busy machine takes.
        seconds = 1.0 if told == "--timeout" else PATIENT
        check(scimproof(tmp_path, "run", *SMALL, *at(server.url, seconds)), code, told)
        if code == CANNOT:
            assert all(raw.startswith(b"GET ") for raw in server.requests)
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["result"] == ("inconclusive" if code == CANNOT else "nonconformant")


# What it does once the connector test was answered well.
LATER: dict[str, Misbehave] = {
    "hangs": servers.hangs,
    "drips the body": servers.drips_body,
    "closes without an answer": servers.slams,
    "closes in the middle": says("200 OK", LIST[:40], length=len(LIST), close=True),
    "redirects": says("307 Temporary Redirect", "", "Location: http://localhost:9/elsewhere"),
    "deep JSON": says("200 OK", DEEP),
    "401": says("401 Unauthorized", "{}"),
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.nightly) if name == "drips the body" else name for name in LATER],
)
def test_a_target_that_begins_well(name: str, tmp_path: Path) -> None:
    with hostile(LATER[name], first=empty) as server:
        seconds = 2.0 if name in ("hangs", "drips the body") else PATIENT
        check(scimproof(tmp_path, "run", *SMALL, *at(server.url, seconds)), FAILS, "")


@pytest.mark.parametrize("later", [pytest.param(False, marks=pytest.mark.nightly), True])
def test_200_megabytes_do_not_fill_the_memory(later: bool, tmp_path: Path) -> None:
    # The kernel's high-water mark of this very program; getrusage would begin with the size of the test
    # runner that it was forked from.
    measured = (
        "import pathlib, sys\n"
        "from scimproof.cli import _code\n"
        "code = _code(sys.argv[1:])\n"
        "mark = pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]\n"
        "print('peak', int(mark) // 1024, file=sys.stderr)\n"
        "sys.exit(code)\n"
    )
    with hostile(servers.floods, first=empty if later else None) as server:
        ran = subprocess.run(
            [sys.executable, "-c", measured, "run", *SMALL, *at(server.url)],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=HANG,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    check(ran, FAILS, "")
    assert int(ran.stderr.rpartition("peak ")[2]) < 150
    assert "16 MiB" in ran.stdout


def test_a_redirect_is_not_followed_and_takes_no_token_along(tmp_path: Path) -> None:
    with hostile(empty) as other:
        away = says("302 Found", "", f"Location: {other.url}/Users?secret=1")
        with hostile(away) as server:
            ran = scimproof(tmp_path, "run", *SMALL, *at(server.url))
        check(ran, CANNOT, f"redirect to {other.url}/Users;")
        with hostile(away, first=empty) as server:
            check(scimproof(tmp_path, "run", *SMALL, *at(server.url)), FAILS, "")
        assert other.connections == 0


def test_the_budget_ends_a_run_that_hangs(tmp_path: Path) -> None:
    with hostile(servers.hangs, first=empty) as server:
        slow = ("--budget", "2", "--timeout", "5")
        ran = scimproof(tmp_path, "run", *SMALL, "--target", server.url, *slow)
    check(ran, CANNOT, "--budget")


def at(url: str, seconds: float = PATIENT) -> tuple[str, ...]:
    return ("--target", url, "--timeout", str(seconds), "--budget", "600")


def check(ran: subprocess.CompletedProcess[str], code: Exit, told: str) -> None:
    said = ran.stdout + ran.stderr
    assert "Traceback" not in said
    assert "trouble inside" not in said, said
    assert ran.returncode == code, said
    assert told in " ".join(ran.stderr.split()), said
    assert "\x1b" not in said
    assert "\x07" not in said
