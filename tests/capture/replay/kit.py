"""Records runs in this process as captures, and replays captures against embedded targets in this process."""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.replay.player import Pace
from scimproof.capture.replay.replay import Replay, replay_profile
from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Finding, Outcome, Verdict
from scimproof.embedded.app import build
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.engine.kit import Recording
from tests.matrix.inprocess import BASE, TOKEN, InProcess, catalog
from tests.safety.test_strangers import populate

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

RECORDED = "scimproof-recorded"
PREFIX = "scimproof-replayed"
FEW = 4


class KeepingTransport(InProcess):
    """The harness's client, which keeps every exchange as a proxy would see it."""

    def __init__(self, app: WSGIApplication, target: Target | None = None) -> None:
        super().__init__(app, target)
        self.kept: list[CapturedExchange] = []
        self._numbers_kept = itertools.count(1)

    def send(
        self, request: Request, seconds: float | None = None, auth: httpx2.Auth | None = None
    ) -> Exchange:
        at = time.time()
        exchange = super().send(request, seconds, auth)
        self.kept.append(captured(exchange, next(self._numbers_kept), at))
        return exchange


def captured(exchange: Exchange, number: int, at: float, connection: int = 1) -> CapturedExchange:
    """An exchange of the harness as it would be recorded: its credentials and passwords are marks."""
    sent = exchange.request
    headers = tuple((k, "*" * len(v) if k == "Authorization" else v) for k, v in sent.headers)
    head, _, _ = replace(sent, headers=headers, body=b"").wire().partition(b"\r\n\r\n")
    body = sent.body
    masked = ["authorization"]
    if b'"password"' in body and isinstance(sent.json, dict) and isinstance(sent.json.get("password"), str):
        word = json.dumps(sent.json["password"]).encode()
        body = body.replace(word, b'"' + b"*" * (len(word) - 2) + b'"')
        masked.append("password")
    lines = [f"HTTP/1.1 {exchange.status} {exchange.reason}", *(f"{k}: {v}" for k, v in exchange.headers)]
    return CapturedExchange(
        number, connection, at,
        CapturedMessage(head + b"\r\n\r\n", body),
        CapturedMessage("\r\n".join([*lines, "", ""]).encode("latin-1"), exchange.body),
        max(0.0, time.time() - at), masked=tuple(masked),
    )  # fmt: skip


def record(app: WSGIApplication, *wanted: str, profile: str = "okta", path: Path | None = None) -> Path:
    """Run these sequences against that target, and write what passed as a capture."""
    target = Target(BASE, Bearer(TOKEN))
    transport = KeepingTransport(app, target)
    sequences = [replace(one, population=min(one.population, FEW)) for one in catalog().select(wanted)]
    with ledger_of(RECORDED) as ledger:
        run = Runner(catalog(), catalog().profile(profile), sequences, target, transport, ledger, parallel=1)
        list(run.play())
        run.tidy()
    return written(transport.kept, path)


def written(exchanges: Iterable[CapturedExchange], path: Path | None = None) -> Path:
    """These exchanges as a capture file."""
    path = path or Path(tempfile.mkdtemp()) / "capture.jsonl"
    writer = CaptureWriter(path, BASE, "0", 0.0)
    for exchange in exchanges:
        writer.append(exchange)
    writer.close()
    return path


@contextmanager
def ledger_of(prefix: str) -> Iterator[Ledger]:
    """A ledger in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, prefix)
        yield ledger
        ledger.close()


@dataclass
class Replayed:
    """What a replay concluded, and what the target received."""

    replay: Replay
    outcomes: list[Outcome]
    left: list[Any]
    sent: list[Request] = field(default_factory=list)
    ledger: dict[str, Any] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        return [finding for outcome in self.outcomes for finding in outcome.findings]

    def verdict(self, *verdicts: Verdict) -> list[Finding]:
        return [finding for finding in self.findings if finding.verdict in verdicts]

    @property
    def wrong(self) -> list[str]:
        """What failed, or could not be told, in words."""
        some = self.verdict(Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE)
        return [f"{one.id}: {one.expected} | {one.observed}" for one in some]


class ListeningTransport(InProcess):
    """The harness's client, which keeps every request as it goes out."""

    def __init__(self, app: WSGIApplication, target: Target) -> None:
        super().__init__(app, target)
        self.requests: list[Request] = []

    def send(
        self, request: Request, seconds: float | None = None, auth: httpx2.Auth | None = None
    ) -> Exchange:
        self.requests.append(request)
        return super().send(request, seconds, auth)


def replay(path: Path, app: Any = None, sender: str = "okta", pace: Pace | None = None) -> Replayed:
    """Replay a capture on that target, and tidy up; `left` is what is there afterwards."""
    app = app or build(token=TOKEN)
    target = Target(BASE, Bearer(TOKEN))
    known = catalog().as_sent_by(catalog().senders[sender])
    transport = ListeningTransport(app, target)
    played = Replay(path, pace or Pace())
    played.read()
    with ledger_of(PREFIX) as ledger:
        run = Runner(known, replay_profile(known, sender), [], target, transport, ledger)
        for _ in played.play(run):
            pass
        run.tidy()
        counts = ledger.counts()
    return Replayed(played, played.outcomes, everybody(app), transport.requests, counts)


def everybody(app: WSGIApplication) -> list[Any]:
    """All users and groups of a target."""
    found = []
    for kind in ("Users", "Groups"):
        headers = (("Authorization", f"Bearer {TOKEN}"), ("Accept", "application/scim+json"))
        answer = InProcess(app).send(Request("GET", f"/scim/v2/{kind}?count=500", headers))
        found += answer.json.get("Resources", [])
    return found


def seeded(app: WSGIApplication) -> WSGIApplication:
    """That target with people and groups in it who are nobody's business."""
    populate(Recording(app), 20, 5)
    return app
