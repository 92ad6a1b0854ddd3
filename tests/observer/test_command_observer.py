"""An observer that is a program of the user's: what it is told, what it may say, every way to fail."""

from __future__ import annotations

import json
import os
import shlex
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.definitions import Question
from scimproof.core.errors import UsageError
from scimproof.observer.command_observer import CommandObserver, make_command_observer
from scimproof.observer.factory import Choice, choice
from scimproof.observer.protocol import ObserverUnavailable
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.engine.kit import ENVIRONMENT, play, recording

ROOT = Path(__file__).resolve().parents[2]
ABOUT = Question("user", "42", "ada@example.com")
CANARY = "canary-of-the-observer"


def program(folder: Path, body: str) -> tuple[str, ...]:
    """The argv of a Python program with that body; `question` is what it was asked."""
    path = folder / "observer.py"
    head = "import json, os, sys, time\nquestion = json.loads(sys.stdin.readline())\n"
    path.write_text(head + textwrap.dedent(body), encoding="utf-8")
    return sys.executable, str(path)


def told(folder: Path, body: str, seconds: float = 20.0, **environment: str) -> Any:
    asked = CommandObserver(
        program(folder, body), "https://host/scim/v2", {**os.environ, **environment}, seconds
    )
    return asked.ask(ABOUT, time.sleep).words


def test_it_gets_the_question_and_gives_words(tmp_path: Path) -> None:
    said = told(tmp_path, "print(json.dumps({'asked': question, 'canLogIn': False}))")
    wanted = {"ask": "user", "id": "42", "userName": "ada@example.com", "target": "https://host/scim/v2"}
    assert said == {"asked": wanted, "canLogIn": False}
    assert told(tmp_path, "print('null')") is None


def test_it_does_not_get_the_targets_secrets(tmp_path: Path) -> None:
    body = "print(json.dumps({'seen': sorted(n for n in os.environ if n.startswith('SCIMPROOF_'))}))"
    names = ("SCIMPROOF_TOKEN", "SCIMPROOF_PASSWORD", "SCIMPROOF_CLIENT_SECRET", "SCIMPROOF_WORKER_SECRET")
    secrets = dict.fromkeys(names, CANARY)
    said = told(tmp_path, body, 20.0, **secrets, SCIMPROOF_OBSERVER_CLIENT_SECRET=CANARY)
    assert "SCIMPROOF_OBSERVER_CLIENT_SECRET" in said["seen"]
    assert not set(secrets) & set(said["seen"])


def test_s18_it_does_not_get_them_under_other_names_either(tmp_path: Path) -> None:
    target = Target("https://host/scim/v2", Bearer(CANARY), headers=(("X-Api-Key", "header-canary"),))
    secrets = {
        "STAGING_TOKEN": CANARY,
        "STAGING_KEY": "header-canary",
        "SCIMPROOF_HEADER": "X-A: header-canary",
    }
    mine = {"SCIMPROOF_OBSERVER_CLIENT_SECRET": CANARY, "MY_REALM": "staging"}
    argv = program(tmp_path, "print(json.dumps({'seen': sorted(os.environ)}))")
    asked = make_command_observer(argv, target, {**os.environ, **secrets, **mine}, 60.0)
    words = asked.ask(ABOUT, time.sleep).words
    assert words is not None
    seen = words["seen"]
    assert isinstance(seen, list)
    assert set(mine) <= set(seen)
    assert not set(secrets) & set(seen)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit('no such realm\\nand more')", "ended with 1: no such realm"),
        ("print('yes')", "something else than one JSON object or null"),
        ("print('[1]')", "something else than one JSON object or null"),
        ("sys.stdout.write('x' * 3_000_000)", "printed more than 1024 KiB"),
        ("time.sleep(60)", "was stopped after 0.7 s without an answer"),
    ],
)
def test_whatever_it_does_wrong_is_told_in_a_line(tmp_path: Path, body: str, why: str) -> None:
    with pytest.raises(ObserverUnavailable, match=why):
        told(tmp_path, body, seconds=0.7 if "sleep" in body else 20.0)


def test_no_shell_reads_the_words() -> None:
    assert choice("./can-log-in --realm 'a b' ; echo", ROOT).command == (
        "./can-log-in", "--realm", "a b", ";", "echo",
    )  # fmt: skip
    assert choice("bitwarden", ROOT) == Choice(name="bitwarden")
    with pytest.raises(UsageError, match="No closing quotation"):
        choice("'", ROOT)
    with pytest.raises(UsageError, match="no program 'bitwardn'"):
        make_command_observer(("bitwardn",), Target("https://host"), {"PATH": "/usr/bin"}, 1.0)


@pytest.mark.parametrize(("can", "verdict"), [(False, "pass"), (True, "fail")])
def test_who_was_deactivated_and_can_still_log_in_fails_the_run(
    tmp_path: Path, can: bool, verdict: str
) -> None:
    argv = program(tmp_path, f"print(json.dumps({{'canLogIn': {can}}}))")
    with recording() as target:
        _, document = play(target.url, "observer", observer=Choice(command=argv))
    finding = next(f for f in document["findings"] if f["step"] == "truth")
    assert (finding["verdict"], finding["gates"]) == (verdict, True)
    assert document["observer"]["kind"] == "command"
    assert document["result"] == ("nonconformant" if can else "inconclusive")  # a part of the profile
    row = document["exchanges"][finding["exchange"] - 1]
    assert (row["by"], json.loads(row["body"])) == ("observer", {"canLogIn": can})


def test_its_failure_is_inconclusive_redacted_and_stops_nothing(tmp_path: Path) -> None:
    argv = program(tmp_path, f"sys.exit('denied: {CANARY}')")
    ENVIRONMENT["SCIMPROOF_OBSERVER_CLIENT_SECRET"] = CANARY
    try:
        with recording() as target:
            _, document = play(target.url, "observer", observer=Choice(command=argv))
    finally:
        del ENVIRONMENT["SCIMPROOF_OBSERVER_CLIENT_SECRET"]
    verdicts = {finding["step"]: finding["verdict"] for finding in document["findings"]}
    assert (verdicts["truth"], verdicts["reactivate"]) == ("inconclusive", "pass")
    assert "ended with 1: denied: [redacted]" in str(document)
    assert CANARY not in str(document)


def test_without_an_observer_the_okta_profile_asks_nothing_more(tmp_path: Path) -> None:
    from scimproof.session.session import Options, Session  # noqa: PLC0415

    def sequences(chosen: Choice | None) -> set[str]:
        return {sequence.id for sequence in Session(Options(observer=chosen)).sequences}

    chosen = choice(shlex.join(program(tmp_path, "")), ROOT)
    assert sequences(chosen) - sequences(None) == {"observer.user.deactivate"}
