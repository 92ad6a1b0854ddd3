"""A log that shows late what happened: asked again for as long as it may be late, never believed too soon."""

from __future__ import annotations

import itertools
import os
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from scimproof.checks import tells_times
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import AGAIN, EMPTY, SETTLED, Question
from scimproof.core.errors import CannotTell
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Finding, Verdict
from scimproof.embedded.bitwarden import CLIENT_SECRET
from scimproof.embedded.bitwarden.app import Bitwarden
from scimproof.embedded.bitwarden.options import ServerOptions
from scimproof.embedded.bitwarden.people import What
from scimproof.engine.verdicts import verdict_of
from scimproof.observer.command_observer import CommandObserver
from scimproof.observer.http_observer import make_http_observer
from scimproof.observer.protocol import settle
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.bitwarden.client import Client
from tests.bitwarden.playing import BASE, CREDENTIALS, KEY, catalog, outcomes, public_api
from tests.matrix.inprocess import Served

OBSERVED = "bitwarden.observed"
BAD = (Verdict.FAIL, Verdict.WARNING, Verdict.ERROR, Verdict.INCONCLUSIVE)


class Waited:
    """A clock that goes on only when the run waits; `pauses` are its waits, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        if seconds:
            self.now += seconds
            self.pauses.append(seconds)


def played(*faults: str, wanted: str = OBSERVED, **knobs: object) -> tuple[dict[str, Finding], Waited]:
    """The findings by step and requirement, and how long was waited for them."""
    turned = ServerOptions()
    for name, value in knobs.items():
        turned.turn(name.replace("_", "-"), value)
    app, waited = Bitwarden(key=KEY, knobs=turned, faults=faults), Waited()
    app.vault.clock = lambda: waited.now
    found = outcomes(app, wanted, observer=public_api(app), pause=waited.pause, parallel=1)
    findings = (one for outcome in found for one in outcome.findings)
    told = {f"{one.sequence.removeprefix(OBSERVED)}#{one.requirement}": one for one in findings}
    return {id: one for id, one in told.items() if id.startswith(".")}, waited


def bad(findings: dict[str, Finding]) -> list[str]:
    return [f"{one.id}: {one.observed}" for one in findings.values() if one.verdict in BAD]


@pytest.mark.parametrize("delay", [1, 5, 30, 59])
def test_row_1_1_a_right_server_with_a_late_log_is_right(delay: int) -> None:
    findings, waited = played(event_delay=delay)
    assert not bad(findings)
    assert max(waited.pauses) <= 15


def test_row_1_1_a_log_that_is_not_late_is_not_waited_for() -> None:
    findings, waited = played()
    assert not bad(findings)
    assert waited.pauses == []


def test_row_1_1_nothing_is_said_to_be_missing_before_a_minute_is_over() -> None:
    findings, waited = played("events-lost", wanted="bitwarden.observed.user.push")
    event = findings[".user.push#bitwarden-event-invited"]
    assert (event.verdict, event.observed) == (Verdict.FAIL, "0 times, asked again for 60 s")
    assert sum(waited.pauses) == 60
    assert waited.pauses == [1, 2, 4, 8, 15, 15, 15]


@pytest.mark.parametrize("delay", [0, 5])
def test_row_1_1_twice_is_seen_to_be_twice_even_late(delay: int) -> None:
    findings, _ = played("revoked-again", wanted="bitwarden.observed.user.deactivate", event_delay=delay)
    once = findings[".user.deactivate#bitwarden-revoked-once"]
    assert (once.verdict, once.observed.partition(" ")[0]) == (Verdict.FAIL, "3")


def test_row_1_1_once_waits_for_a_log_that_has_settled() -> None:
    findings, waited = played(wanted="bitwarden.observed.user.deactivate", event_delay=1)
    assert findings[".user.deactivate#bitwarden-revoked-once"].verdict is Verdict.PASS
    assert sum(waited.pauses) == 60, "it was late once, so that what is missing may still come"


def told(words: list[str], *headers: tuple[str, str]) -> Exchange:
    body = ('{"events": [' + ", ".join(f'"{word}"' for word in words) + "]}").encode()
    return Exchange(1, Request("OBSERVE", "user-events/1", ()), 200, headers=headers, body=body)


@pytest.mark.parametrize(
    ("words", "headers", "verdict"),
    [
        (["revoked"], [], Verdict.INCONCLUSIVE),
        (["revoked"], [(SETTLED, "yes")], Verdict.PASS),
        (["restored", "revoked"], [], Verdict.PASS),
        (["restored", "revoked"], [(AGAIN, "for 3 s")], Verdict.INCONCLUSIVE),
        (["restored", "revoked"], [(AGAIN, "for 60 s"), (SETTLED, "yes")], Verdict.PASS),
        (["revoked", "revoked"], [], Verdict.FAIL),
        (["restored"], [], Verdict.FAIL),
        ([], [(EMPTY, "there is none")], Verdict.NOT_APPLICABLE),
    ],
)
def test_what_a_log_proves(words: list[str], headers: list[tuple[str, str]], verdict: Verdict) -> None:
    rule = catalog().requirements["bitwarden-revoked-once"]
    judged = tells_times("events", "revoked", 1, 1, "restored")(
        ExecutionContext("", {}), told(words, *headers)
    )
    assert verdict_of(judged, rule) is verdict


def test_row_1_1_an_organization_without_a_log_is_told_so_and_does_not_fail() -> None:
    findings, waited = played(events="no")
    assert not bad(findings)
    events = [one for one in findings.values() if one.step == "events"]
    assert len(events) == 7
    assert {one.verdict for one in events} == {Verdict.NOT_APPLICABLE}
    assert all(one.observed.startswith("accepted, not verifiable: ") for one in events)
    assert all("UseEvents" in one.observed for one in events)
    assert sum(waited.pauses) == 120, "once for users and once for groups, not for every question"


def test_row_1_1_without_the_public_api_the_reason_is_told_before_anything_is_sent() -> None:
    app = Bitwarden(key=KEY, knobs=ServerOptions(api=False))
    with pytest.raises(CannotTell, match="UseApi") as refused:
        public_api(app).ready()
    assert "invalid_client; check SCIMPROOF_OBSERVER_CLIENT_ID" in str(refused.value)
    assert CLIENT_SECRET not in str(refused.value)


def test_row_1_5_a_busy_log_is_read_from_when_the_sequence_began() -> None:
    app = Bitwarden(key=KEY)
    for _ in range(1200):
        app.vault.note(What.REVOKED, member="00000000-0000-4000-8000-000000000000")
    found = outcomes(app, OBSERVED, observer=public_api(app), parallel=1)
    judged = [one for outcome in found for one in outcome.findings if one.sequence.startswith(OBSERVED)]
    assert {one.verdict for one in judged} == {Verdict.PASS}
    reads = [e for outcome in found for e in outcome.exchanges if e.request.target.startswith("user-events")]
    assert reads
    assert all(len([name for name, _ in e.headers if name == "read"]) == 1 for e in reads)


class Elsewhere(Served):
    """A server whose clock is another, as its Date says."""

    def __init__(self, app: Any, ahead: timedelta) -> None:
        super().__init__(app)
        self.ahead, self.asked = ahead, [httpx2.QueryParams()]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url.params)
        answer = super().handle_request(request)
        answer.headers["Date"] = format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)
        return answer


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_row_1_5_when_it_began_is_said_by_the_other_clock(hours: int) -> None:
    at, ahead = Client(), timedelta(hours=hours)
    id = at.user()
    there = Elsewhere(at.app, ahead)
    described = public_api(at.app).description  # type: ignore[attr-defined]
    target = Target(BASE.replace("127.0.0.1", "vault.example").replace("http:", "https:"), Bearer(KEY))
    observer = make_http_observer(
        described, target, CREDENTIALS,
        token_url="https://vault.example/connect/token", url="https://vault.example", over=there,
    )  # fmt: skip
    observer.ask(Question("user", id, ""), lambda _: None)
    began = datetime.now(UTC)
    observer.ask(Question("user-events", id, "", began), lambda _: None)
    seen = datetime.fromisoformat(next(query["start"] for query in there.asked if "start" in query))
    assert timedelta(0) <= began + ahead - seen <= timedelta(seconds=5)


def test_a_program_is_asked_once_and_believed(tmp_path: Path) -> None:
    path = tmp_path / "observer.py"
    path.write_text('print(\'{"events": ["revoked"]}\')', encoding="utf-8")
    waited = Waited()
    asked = CommandObserver((sys.executable, str(path)), BASE, dict(os.environ))
    answer = settle(
        asked, Question("user-events", "1", "ada"), waited.pause, itertools.count(1), lambda _: False
    )
    assert answer.header(SETTLED)
    assert answer.header(AGAIN) is None
    once = tells_times("events", "revoked", 1, 1, "restored")(ExecutionContext("", {}), answer)
    assert once.held
