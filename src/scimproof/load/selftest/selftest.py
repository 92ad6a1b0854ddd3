"""Self-test: the known latencies of a stalling server beside those reported here and by stock Locust."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scimproof.catalog.loader import load_catalog
from scimproof.checks import answers
from scimproof.core.definitions import Check, Requirement, Sequence, Step
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.ledger.fast_ledger import FastLedger
from scimproof.load.metrics.counters import Metrics
from scimproof.load.metrics.histogram import Histogram
from scimproof.load.pacing.open_model import OpenModel
from scimproof.load.plan.identities import Cast
from scimproof.load.plan.schedule import Schedule, steady
from scimproof.load.player.delivery import Delivery
from scimproof.load.player.player import Player
from scimproof.load.player.write_guard import LoadWriteGuard
from scimproof.load.selftest.stalling_server import Stalls
from scimproof.load.workload.compiled_sequence import ready, run_blanks
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target

RATE, SECONDS = 200.0, 20.0
WARM_UP = (
    5.0  # seconds, one freeze among them, in which the target accepts as many connections as it will have
)
# What is allowed to be off: milliseconds at p50, where 0.5 % would be 10 us, percent of the truth elsewhere.
ALLOWED_MS = 0.3
ASIDE = (
    0.001  # seconds from the begin of a freeze to the first arrival in it; the last before it is 4 ms earlier
)
BARS = {50.0: None, 90.0: 0.5, 95.0: 0.5, 99.0: 0.5, 99.9: 0.5}
CONTROL_OFF = 90.0  # percent off at p95 that stock Locust has to be, or the test would prove nothing
BUSY = 10.0  # milliseconds of schedule lag at p99: a quiet machine has less than two
PREFIX = "scimproof-selftest"
ANSWERED = Requirement("selftest-answered", "selftest", "MUST", "The read is answered 200.", "It is not.", "")


def one_read(request: str) -> Sequence:
    """A sequence of one step that sends this request file."""
    return Sequence(
        id="selftest",
        title="One read",
        source="",
        steps=(
            Step(
                id="read",
                request=request,
                checks=(Check(ANSWERED.id, answers(200)),),
            ),
        ),
    )


@dataclass(frozen=True)
class Row:
    """Row of one percentile in milliseconds: what is true, what this reports, what stock Locust reports."""

    percent: float
    truth: float
    ours: float
    stock: float
    bar: float | None = None

    @property
    def off(self) -> float:
        """How far this is from the truth, in percent of it."""
        return (self.ours / self.truth - 1) * 100

    @property
    def stock_off(self) -> float:
        """How far stock Locust is from the truth, in percent of it."""
        return (self.stock / self.truth - 1) * 100

    @property
    def held(self) -> bool:
        """Whether this is within the bar, or without one within so many milliseconds."""
        if self.bar is None:
            return abs(self.ours - self.truth) <= ALLOWED_MS
        return abs(self.off) <= self.bar


@dataclass(frozen=True)
class SelfTest:
    """Result of the self-test. `due` arrivals were scheduled, `sent` and `stock_sent` were really sent."""

    rows: tuple[Row, ...]
    due: int
    sent: int
    stock_sent: int
    lag_p99_ms: float
    unread_p99_ms: float = 0.0

    @property
    def busy(self) -> bool:
        """Whether something else kept this machine so busy that the test can tell nothing but that."""
        return self.lag_p99_ms > BUSY

    @property
    def bites(self) -> bool:
        """Whether stock Locust is as wrong here as it must be for the test to prove anything."""
        return any(row.percent == 95.0 and row.stock_off <= -CONTROL_OFF for row in self.rows)

    @property
    def held(self) -> bool:
        """Whether every bar was kept, no arrival was lost, and the control was wrong."""
        return self.bites and self.sent == self.due and all(row.held for row in self.rows)

    def lines(self) -> Iterator[str]:
        """The table for a person."""
        yield f"{'':8}{'truth':>10}{'scimproof':>12}{'off':>9}{'allowed':>9}{'stock Locust':>15}{'off':>9}"
        for row in self.rows:
            bar = f"{row.bar:g} %" if row.bar else f"{ALLOWED_MS:g} ms"
            yield (
                f"p{row.percent:<7g}{row.truth:>7.1f} ms{row.ours:>9.1f} ms{row.off:>+7.2f} %{bar:>9}"
                f"{row.stock:>12.1f} ms{row.stock_off:>+7.1f} %" + ("" if row.held else "   NOT KEPT")
            )
        yield f"sent     {self.due:>7} due{self.sent:>9}{'':21}{self.stock_sent:>12}"
        lag, unread = f"{self.lag_p99_ms:.2f} ms", f"{self.unread_p99_ms:.2f} ms"
        yield f"schedule lag p99 {lag}, answers read p99 {unread} after they came" + (
            ": this machine is too busy with other things for a verdict" if self.busy else ""
        )


@contextmanager
def stalling() -> Iterator[tuple[Target, Stalls]]:
    """A fresh stalling target in a process of its own."""
    command = [sys.executable, "-m", "scimproof.load.selftest.stalling_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port, start = process.stdout.readline().split()
        try:
            yield Target(f"http://127.0.0.1:{port}", Bearer("selftest"), seconds=30), Stalls(float(start))
        finally:
            process.terminate()


def selftest(say: Callable[[str], None] = lambda _: None, seconds: float = SECONDS) -> SelfTest:
    """Run it: twice so many seconds and a warm-up, 200 arrivals a second on loopback.

    `say` gets a line for each part.
    """
    say(f"an open schedule, {RATE:.0f} arrivals a second for {seconds:.0f} s")
    with stalling() as (target, stalls):
        figures, truth = _ours(target, stalls, seconds)
    say("the same asked of stock Locust: 10 users, constant_throughput(20)")
    with stalling() as (target, _):
        stock = _stock(target, seconds)
    found = figures.operations[f"{ANSWERED.authority}/read"]
    rows = tuple(
        Row(percent, nearest(truth, percent), _at(found.response, percent), stock[f"p{percent:g}"], bar)
        for percent, bar in BARS.items()
    )
    lag = figures.pace.lag.percentile(99) or 0.0
    unread = figures.pace.unread.percentile(99) or 0.0
    return SelfTest(rows, found.due, found.answered, int(stock["sent"]), lag, unread)


def beside_the_freezes(stalls: Stalls, moment: float) -> float:
    """The first start after that moment at which no arrival is due within a millisecond of a freeze's begin.

    Whether such an arrival is still answered before the freeze would be chance, in each cycle alike: the
    cycles are a whole number of intervals long.
    """
    intervals = math.ceil((moment - stalls.start) * RATE)
    return stalls.start + intervals / RATE + ASIDE


def nearest(ordered: list[float], percent: float) -> float:
    """The value in milliseconds that so many percent stay within (nearest rank), exact."""
    return ordered[max(math.ceil(round(percent / 100 * len(ordered), 6)), 1) - 1] * 1000


def _at(histogram: Histogram, percent: float) -> float:
    return histogram.percentile(percent, enough=1) or 0.0


def _ours(target: Target, stalls: Stalls, seconds: float) -> tuple[Metrics, list[float]]:
    """What this generator reports, and the truth for the very same arrivals in seconds."""
    catalog, figures = load_catalog(), Metrics()
    catalog = replace(catalog, requirements={**catalog.requirements, ANSWERED.id: ANSWERED})
    read = one_read(catalog.sender(None).request("probe"))
    schedule = Schedule(steady(RATE, seconds, warm_up=WARM_UP), {read.id: 1.0})
    sender = LoadClient(target)
    with tempfile.TemporaryDirectory() as folder:
        ledger = FastLedger(Path(folder) / "ledger.jsonl", target.url, PREFIX)
        part = ready(read, catalog, target, Cast(read, PREFIX), figures)
        player = Player(
            catalog,
            {read.id: part},
            run_blanks(target, PREFIX),
            LoadWriteGuard(ledger, target),
            figures,
            Delivery(figures=figures),
        )
        pacer = OpenModel[Slot](player.play, sender.slot, due=player.due, pace=figures.pace)
        start = beside_the_freezes(stalls, time.monotonic() + 0.1)
        pacer.run(schedule, start)
        pacer.drain(5)
        pacer.close()
        ledger.close()
    sender.close()
    truth = [stalls.latency(start + arrival.due) for arrival in schedule if not arrival.warm_up]
    return figures, sorted(truth)


def _stock(target: Target, seconds: float) -> dict[str, float]:
    """What stock Locust reports, in a process of its own."""
    command = [sys.executable, "-m", "scimproof.load.selftest.stock_locust", target.url, str(seconds)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 60)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found
