"""S10: a full disk, closed descriptors, every signal: what was created is removed, and what stays is said."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from scimproof.cleanup import ledger as ledgers
from scimproof.core.errors import Exit
from scimproof.embedded.server import Served
from scimproof.load.ledger.fast_ledger import FastLedger
from scimproof.session.signals import ENDING
from tests.engine.kit import command, environment, recording, session
from tests.safety.bent import Call, Said, bent, past, refused
from tests.session.test_session import made, resources

SOME = ("okta.oin.user.create", "okta.oin.user.deactivate", "okta.oin.group.push")
NOTHING: dict[str, list[Any]] = {"Users": [], "Groups": []}


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_s10_a_disk_that_is_full_while_tidying_up_keeps_nothing_on_the_target(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with recording() as target, session(target.url, *SOME) as played:
        for _ in played.play():
            pass
        monkeypatch.setattr(ledgers, "write", full)
        played.tidy()
        report = played.report()
        assert target.everything() == NOTHING
    assert report["ledger"]["left"] == []
    assert report["ledger"]["removed"] == report["ledger"]["created"] > 3


def test_s10_nothing_is_created_that_the_ledger_cannot_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording() as target, session(target.url, *SOME, parallel=1) as played:
        outcomes = played.play()
        next(outcomes)
        monkeypatch.setattr(ledgers, "write", full)
        for _ in outcomes:
            pass
        begun = len([raw for raw in target.arrived if raw.startswith(b"POST")])
        played.tidy()
        report = played.report()
        assert target.everything() == NOTHING
        assert len([raw for raw in target.arrived if raw.startswith(b"POST")]) == begun
    assert "No space left on device" in report["stop"]
    assert "nothing more is created" in report["stop"]


def test_s10_a_full_disk_under_load_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    tape = FastLedger(tmp_path / "a.jsonl", "http://t", "scimproof-00abcdef")
    tape.alarm = told.append
    name = "scimproof-00abcdef.0a1b2c.x@example.com"
    tape.intend("User", name)
    monkeypatch.setattr("scimproof.load.ledger.mapped_file.MappedAppendFile.put", full)
    tape.made("User", name, "1")
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            tape.intend("User", name.replace("0a", "0b"))
    tape.removed("User", name, "1")
    assert told == ["No space left on device"]
    assert tape.counts() == {"created": 1, "removed": 1, "left": [], "unknown": []}
    monkeypatch.undo()
    tape.close()


def limited() -> None:
    """Files may have 12 KB: enough for the start of a ledger, and for no report."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))


def test_s10_the_command_says_what_the_disk_said(tmp_path: Path) -> None:
    with recording() as target:
        ran = subprocess.run(
            command("run", "okta.oin", "--target", target.url),
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            preexec_fn=limited,
            timeout=300,
            check=False,
        )
        assert target.everything() == NOTHING
    assert ran.returncode == Exit.TROUBLE
    assert "cannot be written" in ran.stderr
    assert "File too large" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "INCONCLUSIVE" in ran.stdout


@pytest.mark.parametrize(
    "closed",
    [
        *(pytest.param(some, marks=pytest.mark.nightly) for some in ("2>&-", "1>&- 2>&-", "2>/dev/full")),
        "0<&- 1>&- 2>&-",
        ">/dev/full 2>&1",
    ],
)
def test_s10_closed_descriptors_do_not_stop_the_tidying_up(closed: str, tmp_path: Path) -> None:
    """A ledger opened as descriptor 2 would be written into by whatever complains."""
    with recording() as target:
        words = " ".join(command("run", "okta.oin.user.create", "--target", target.url))
        subprocess.run(
            ["sh", "-c", f"{words} {closed}"],
            cwd=tmp_path,
            env=environment(tmp_path),
            timeout=300,
            check=False,
        )
        arrived = len(target.arrived)
        assert target.everything() == NOTHING
    assert arrived > 5 or ">/dev/full" in closed  # what is about to happen could not even be told
    assert list((tmp_path / "ledgers").glob("*")) == []


# SIGINT and SIGTERM: tests/session. A closed terminal and a batch system on each commit, the others nightly.
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(n, marks=() if n in (signal.SIGHUP, signal.SIGXCPU) else pytest.mark.nightly)
        for n in ENDING
        if n not in (signal.SIGINT, signal.SIGTERM)
    ],
)
def test_s10_every_signal_that_would_end_it_is_heeded(number: signal.Signals, tmp_path: Path) -> None:
    with Served(delay=0.03) as served:
        run = subprocess.Popen(
            command("run", *SOME, "okta.oin.group", "--target", served.base_url, "--out", "report"),
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        ends = time.monotonic() + 60
        while made(tmp_path) < 4 and time.monotonic() < ends and run.poll() is None:
            time.sleep(0.02)
        run.send_signal(number)
        _, err = run.communicate(timeout=120)
        assert resources(served) == 0
    assert run.returncode == Exit.CANNOT_TELL, err
    assert f"interrupted ({number.name})" in err


def test_what_stays_is_said_in_the_last_line(tmp_path: Path) -> None:
    def bend(call: Call) -> Said | None:
        return refused(500, "locked") if call.method == "DELETE" else None

    with bent(bend) as target:
        words = ("run", "okta.oin.user.create", "--target", target.url, "--out", "report")
        for strict, code in (((), Exit.HOLDS), (("--strict",), Exit.DOES_NOT_HOLD)):
            ran = subprocess.run(
                command(*words, *strict),
                cwd=tmp_path,
                env=environment(tmp_path),
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert ran.returncode == code, ran.stdout + ran.stderr
            last = ran.stdout.splitlines()[-1]
            assert last.startswith("Left on the target: 1 user of this run could not be removed")
            assert "locked" in last
            for name in ("report.md", "report.html"):
                assert "Left on the target: 1 user" in (tmp_path / "report" / name).read_text()
        assert len(past(target).everything()["Users"]) == 2
