"""A short load with threads against a target in this process, and its audit."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import Member
from scimproof.core.http_message import Exchange, Request
from scimproof.embedded import BASE_PATH
from scimproof.embedded.app import build
from scimproof.engine.runner import Runner
from scimproof.load.audit.procedure import audit
from scimproof.load.audit.readback import Readback
from scimproof.load.audit.violation import Result, Violation
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.plan.identities import Blanks, UnscheduledIdentities
from scimproof.load.unscheduled.prefill import Prefill
from scimproof.load.unscheduled.races import Races
from scimproof.load.unscheduled.recorded_requests import RecordedRequests
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import InProcess

TOKEN = "secret-token"
PREFIX = "scimproof-audit000"
OFF, ON, READ = "oin/user-deactivate", "oin/user-reactivate", "both/user-get"
Send = Callable[[Request], Exchange]


@cache
def catalog() -> Catalog:
    return load_catalog()


@dataclass
class Bench:
    """Everything it takes to load one target a little."""

    app: Any
    ledger: Ledger
    around: Callable[[Send], Send] = lambda send: send
    read_back_by: Callable[[Send], Send] = lambda send: send
    seed: int = 1
    sender: str = "okta"
    book: WriteLog = field(default_factory=WriteLog)
    sent: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = catalog().senders[self.sender]
        self.inside = InProcess(self.app)
        self.booked = RecordedRequests(
            self.around(self.send), catalog().templates, self.blanks, self.book, self.ledger
        )

    def send(self, request: Request) -> Exchange:
        started = time.monotonic()
        exchange = self.inside.send(request)
        object.__setattr__(exchange, "seconds", time.monotonic() - started)
        self.sent.append(exchange)
        return exchange

    def blanks(self) -> Blanks:
        fixed = {"base": BASE_PATH, "host": "scim.example.com", "prefix": PREFIX}
        return fixed | {"authorization": f"Bearer {TOKEN}"}

    def ask(self, file: str, blanks: Blanks) -> Exchange:
        return self.booked.ask(f"okta/{file}.http", blanks)

    def names(self, letter: str, where: str) -> UnscheduledIdentities:
        return UnscheduledIdentities(PREFIX, where, letter, self.seed, self.provider.identities)

    def prefill(self, users: int) -> list[Member]:
        return Prefill(self.booked, self.names("a", "prefill"), self.provider, parallel=4).users(users)

    def races(self, rounds: int = 4, letter: str = "b") -> Races:
        return Races(self.booked, self.names(letter, "races"), self.provider, rounds=rounds, parallel=4)

    def play(self, profile: str, wanted: Sequence[str], most: int, *, inferred: bool = False) -> int:
        """Play sequences of that profile, six at a time, all of it in the book; gives how many outcomes."""
        known = catalog().profile(profile)
        sequences = [
            replace(sequence, population=min(sequence.population, most))
            for sequence in catalog().select(wanted, inferred=inferred)
            if not sequence.last
        ]
        target = Target("http://scim.example.com/scim/v2", Bearer(TOKEN))
        run = Runner(catalog(), known, sequences, target, Booking(self), self.ledger, parallel=6)
        return sum(1 for _ in run.play())

    def lives(self, people: list[Member], parallel: int = 4) -> None:
        """Each of these is read, switched off, read, switched on and read, several people at a time."""

        def live(person: Member) -> None:
            blanks = {"user.id": person.id, "user.userName": person.user_name}
            for file in (READ, OFF, READ, ON, READ):
                self.ask(file, blanks)

        with ThreadPoolExecutor(max_workers=parallel) as pool:
            list(pool.map(live, people))

    def readback(self) -> Readback:
        send = self.read_back_by(self.send)
        return Readback(send, catalog().templates, self.blanks, self.book, parallel=4)

    def audit(self, settle: float = 0.0, races: list[Violation] | None = None) -> Result:
        result = audit(self.book, self.readback(), settle=settle)
        result.add(races or [])
        return result


class Booking:
    """A transport that writes every exchange into the book."""

    def __init__(self, load: Bench) -> None:
        self.load = load

    def until(self, moment: float) -> None:
        """Nothing here ever waits."""

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        ticket = self.load.book.sent(request.method, request.target, request.body, time.monotonic())
        exchange = self.load.send(request)
        self.load.book.answered(ticket, exchange.status, time.monotonic(), body=exchange.body, proof=exchange)
        return exchange


NUMBERS = itertools.count()


@contextmanager
def bench(folder: Path, *faults: str, **fields: Any) -> Iterator[Bench]:
    """A bench against an embedded target with these faults."""
    ledger = Ledger(folder / f"{next(NUMBERS)}.jsonl", "http://scim.example.com", PREFIX)
    try:
        yield Bench(build(token=TOKEN, faults=faults), ledger, **fields)
    finally:
        ledger.close()


def sorts(result: Result) -> set[str]:
    """The sorts of violation that were found."""
    return {sort for sort, count in result.counts.items() if count}
