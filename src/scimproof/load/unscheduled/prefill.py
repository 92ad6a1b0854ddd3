"""Prefill: users and groups that a load run needs before anything is measured."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from scimproof.catalog.senders import Sender
from scimproof.cleanup.cleaner import Tell
from scimproof.core.context import Member
from scimproof.core.errors import RunStopped
from scimproof.core.scim import kind_of
from scimproof.load.plan.identities import Blanks, UnscheduledIdentities
from scimproof.load.unscheduled.recorded_requests import RecordedRequests, made_id
from scimproof.target.retry_policy import told_seconds

TRIES = 3
PATIENCE = 10  # tries where a target says when to come again


@dataclass
class Prefill:
    """Prefill, `parallel` creates at a time, all in ledger and audit log; `tell(done, of)` is for progress.

    `wait` lets the seconds pass that a 503 says, before a create is tried under another name: what became of
    the first nobody knows. Both methods raise RunStopped with the first trouble: then what was made stands in
    the ledger. Only the first `shown` of each kind are read after their create, all if it is None: who is to
    be written to has to be seen, and the others are the audit's to look at.
    """

    booked: RecordedRequests
    names: UnscheduledIdentities
    provider: Sender
    parallel: int = 8
    tell: Tell = lambda *_: None
    wait: Callable[[float], None] | None = None
    shown: int | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _trouble: list[RunStopped] = field(default_factory=list)

    def users(self, count: int) -> list[Member]:
        """So many more users."""
        return self._all(count, self._user)

    def groups(self, count: int) -> list[Member]:
        """So many more groups without members; `user_name` of each is its displayName."""
        return self._all(count, self._group)

    def next(self) -> int:
        """A number that nobody has yet."""
        return next(self._numbers)

    def _all(self, count: int, one: Callable[[int], Member]) -> list[Member]:
        todo, made, lock = iter(range(count)), dict[int, Member](), threading.Lock()

        def work(most: int) -> None:
            for _ in range(most):
                with lock:
                    place = next(todo, None)
                if place is None or self._trouble:
                    return
                try:
                    made[place] = self._persistently(one)
                except RunStopped as cause:
                    self._trouble.append(cause)
                    return
                self.tell(len(made), count)

        work(1)  # the first alone: where that fails, thousands would
        hands = min(max(1, self.parallel), max(1, count - 1))
        # So many threads, and not so many tasks as there are people: of 100,000 each would cost a kilobyte.
        with ThreadPoolExecutor(max_workers=hands) as pool:
            list(pool.map(work, [count] * hands))
        if self._trouble:
            raise self._trouble[0]
        return [made[place] for place in sorted(made)]

    def _persistently(self, one: Callable[[int], Member]) -> Member:
        """Create one resource; where that fails with a 5xx, several times, each under another name."""
        for tried in itertools.count(1):
            try:
                return one(self.next())
            except _Failed as failed:
                later = failed.later if self.wait else None
                if not failed.passing or tried >= (TRIES if later is None else PATIENCE):
                    raise
                if self.wait and later is not None:
                    self.wait(later)
        raise AssertionError("a count has no end")

    def _user(self, number: int) -> Member:
        blanks = self.names.person(number)
        return self._make(number, "create", "read", blanks, "user", blanks["user.userName"])

    def _group(self, number: int) -> Member:
        blanks = self.names.group(number)
        return self._make(number, "create_group", "read_group", blanks, "group", blanks["group.displayName"])

    def _make(self, number: int, create: str, read: str, blanks: Blanks, role: str, name: str) -> Member:
        exchange = self.booked.ask(self.provider.request(create), blanks)
        id = made_id(exchange)
        if not id:
            told = told_seconds(exchange.header("Retry-After")) if exchange.status == 503 else None
            raise _Failed(f"a create of a {role} was answered {exchange.summary()}", exchange.status, told)
        if number and self.shown is not None and number >= self.shown:
            return Member(id, name)
        seen = self.booked.ask(self.provider.request(read), blanks | {f"{role}.id": id})
        if number == 0 and not seen.ok:
            raise _Failed(f"the id that a create answered cannot be read: {seen.summary()}")
        if number == 0 and not self.booked.ledger.is_proven(kind_of(seen.request.target), id):
            raise _Failed(f"the id that a create answered leads to somebody else: {seen.summary()}")
        # Who of the others cannot be read is lost, and the audit's to find; the guard adds them to nothing.
        return Member(id, name)


class _Failed(RunStopped):
    """Create that failed; `passing` when it may have been a bad moment, `later` the seconds it told."""

    def __init__(self, why: str, status: int = 0, later: int | None = None) -> None:
        super().__init__(why)
        self.passing, self.later = status >= 500, later
