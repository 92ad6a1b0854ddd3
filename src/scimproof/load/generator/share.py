"""Share of one generator process in the schedule: compiles the sequences and plays them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from scimproof.catalog.loader import Catalog
from scimproof.catalog.senders import Sender
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import Member
from scimproof.core.redaction import remembered
from scimproof.load.audit.violation import Violation
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.generator import garbage_collection
from scimproof.load.metrics.counters import Metrics
from scimproof.load.pacing.closed_model import ClosedModel
from scimproof.load.pacing.open_model import OpenModel
from scimproof.load.plan.identities import Cast
from scimproof.load.plan.job import Job
from scimproof.load.plan.schedule import Arrival
from scimproof.load.plan.storage_rules import preventing
from scimproof.load.player.delivery import Delivery, Fire
from scimproof.load.player.player import Player
from scimproof.load.player.provisioning_time import ProvisioningTime
from scimproof.load.player.resends import Resends
from scimproof.load.player.retry import LoadRetry
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.workload.compiled_sequence import ready, run_blanks
from scimproof.target.sender_rules import retry_policy
from scimproof.target.target import Target

LEAD = 0.2  # seconds between being told to go and the first moment at which something can be due


class Paces(Protocol):
    """Load model that starts arrivals: OpenModel or ClosedModel."""

    def run(self, arrivals: Iterable[Arrival], start: float) -> None:
        """Start the arrivals when they are due; returns when the last was started."""
        ...

    def drain(self, seconds: float) -> bool:
        """Wait until nothing is in flight, so long at most."""
        ...

    def stop(self) -> None:
        """Start no more."""
        ...

    def close(self) -> None:
        """Stop everything at once."""
        ...

    @property
    def in_flight(self) -> int:
        """Arrivals being played now."""
        ...


@dataclass
class LoadShare:
    """Share of one process in the arrivals. `figures.drain()` may be asked for at any time.

    `slot` makes its slots. `raced` are the violations that answers to writes sent again are. `prepare` comes
    first, then `play`, which returns when everything that was started is done, when `plan.drain` seconds
    have passed, or soon after `stop`.
    """

    job: Job
    catalog: Catalog
    target: Target
    ledger: Ledger
    sender: LoadClient
    slot: Callable[[], Slot]
    provider: Sender
    fire: Fire | None = None
    figures: Metrics = field(default_factory=Metrics)
    started: float = 0.0
    unfinished: int = 0
    done: bool = False
    trouble: BaseException | None = None
    raced: list[Violation] = field(default_factory=list)
    _pacer: Paces | None = None
    _player: Player | None = None
    _spans: ProvisioningTime | None = None
    _stopped: bool = False

    def prepare(self, population: list[Member]) -> None:
        """Compile every sequence of the plan; raises ValueError when a sequence needs more users."""
        plan, spans = self.job.plan, ProvisioningTime(self.figures, self.provider.deprovisions)
        full = preventing(self.catalog, self.target.url, self.job.profile)
        self._spans = spans
        parts = {
            id: ready(
                self.catalog.sequences[id],
                self.catalog,
                self.target,
                Cast(
                    self.catalog.sequences[id],
                    self.job.prefix,
                    plan.seed,
                    self.job.number,
                    forms=self.provider.identities,
                ),
                self.figures,
                population,
                full,
            )
            for id in plan.mix
        }
        retry = LoadRetry(self.figures, plan.clock, retry_policy(self.provider)) if plan.clock else None
        guard = LoadWriteGuard(self.ledger, self.target, retry)
        player = Player(
            self.catalog,
            parts,
            run_blanks(self.target, self.job.prefix),
            guard,
            self.figures,
            Delivery(self.fire, retry, spans, spans.over, self.figures, self._resends(guard)),
            plan.sample,
            self.slot,
        )
        self._player = player
        self._pacer = self._paces(player)
        if plan.sample:
            remembered()  # made now: under way it would hold everything up when a full check first fails
        garbage_collection.settle()

    def _resends(self, guard: LoadWriteGuard) -> Resends | None:
        """What sends writes again, where the plan wants that."""
        plan, made = self.job.plan, guard.of_run.made
        if not plan.resend_every:
            return None
        return Resends(plan.resend_every, plan.resend_after_ms / 1000, self.slot, made, self.raced.append)

    def play(self) -> None:
        """Play the share of this process."""
        try:
            self.play_part(self._arrivals(), self.job.plan.warm_up)
        finally:
            self.finish()

    def play_part(self, arrivals: Iterable[Arrival], warm_up: float) -> bool:
        """Play these arrivals, due in seconds from now; whether all were done in `plan.drain` seconds more.

        Parts are played one after another. What arrives in the first `warm_up` seconds is not counted.
        """
        assert self._pacer is not None, "prepare comes first"
        assert self._spans is not None
        self.started = time.monotonic() + LEAD
        self._spans.counts_from = self.started + warm_up
        if not self._stopped:
            self._pacer.run(arrivals, self.started)
        return self._pacer.drain(self.job.plan.drain)

    def finish(self) -> None:
        """Give back what playing took, after the last part."""
        if self._pacer:
            self.unfinished = self._pacer.in_flight
            self._pacer.close()
        if self._player:
            self._player.close()
        connections = self.sender.connections
        self.figures.opened, self.figures.stale = connections.opened, connections.stale

    def perform(self) -> None:
        """As `play`, for a greenlet that others started: what is raised is kept in `trouble`."""
        try:
            self.play()
        except Exception as problem:  # noqa: BLE001 - whoever waits for `done` raises it again
            self.trouble = problem
        finally:
            self.done = True

    def stop(self) -> None:
        """Start nothing more."""
        self._stopped = True
        if self._pacer is not None:
            self._pacer.stop()

    @property
    def in_flight(self) -> int:
        """Arrivals being played now."""
        return self._pacer.in_flight if self._pacer else 0

    def _arrivals(self) -> Iterator[Arrival]:
        schedule = self.job.plan.schedule
        return iter(schedule) if self.job.plan.users else schedule.share(self.job.number, self.job.workers)

    def _paces(self, player: Player) -> Paces:
        plan = self.job.plan
        if plan.users:
            number, workers = self.job.number, self.job.workers
            return ClosedModel(
                player, self.slot, plan.users, plan.seconds, plan.warm_up, number=number, workers=workers
            )
        return OpenModel[Slot](
            player.play,
            self.slot,
            cap=max(1, plan.in_flight // self.job.workers),
            due=player.due,
            pace=self.figures.pace,
        )
