"""Definitions of the exported metrics: names, units and attributes, in the conventions of OpenTelemetry.

docs/reference/metrics.md is written from this table; a new metric is a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter

from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.histogram import Histogram
from scimproof.load.plan.thresholds import SPANS

OPERATION, SEQUENCE, SPAN = "scimproof.operation", "scimproof.sequence", "scimproof.span"
KIND = "error.type"  # OpenTelemetry's own name for it
ATTRIBUTES = {
    OPERATION: "the step of a sequence, `<sequence>/<step>`, as in load.json",
    SEQUENCE: "the sequence",
    SPAN: f"{' or '.join(f'`{span}`' for span in SPANS)}",
    KIND: "what was wrong, as `status 500`, `timeout` or `refused`; few words, none of which the target sent",
}


UNITS = {"s": "_seconds", "By": "_bytes"}  # as Prometheus spells them; what is counted has none


class Instrument(StrEnum):
    """Kinds of metric, in OpenTelemetry's words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass
class Counted:
    """What a run has counted so far, and how many sequences are being played just now."""

    metrics: Metrics = field(default_factory=Metrics)
    in_flight: int = 0


@dataclass(frozen=True)
class Point:
    """Value of a metric for one combination of its attributes, in their order."""

    values: tuple[str, ...]
    value: float | Histogram


@dataclass(frozen=True)
class Definition:
    """One metric: its name, unit (UCUM) and kind, what it says, and how it is read from the counters."""

    name: str
    instrument: Instrument
    unit: str
    about: str
    attributes: tuple[str, ...]
    points: Callable[[Counted], Iterable[Point]]

    @property
    def prometheus(self) -> str:
        """The name in Prometheus, the same as OpenTelemetry's translation makes it."""
        unit = UNITS.get(self.unit, "")
        total = "_total" if self.instrument is Instrument.COUNTER else ""
        return f"{label(self.name)}{unit}{total}"


def label(name: str) -> str:
    """A name of OpenTelemetry as Prometheus spells it."""
    return name.replace(".", "_")


def _spans(counted: Counted) -> Iterator[StepCounters]:
    return (one for id, one in counted.metrics.sequences.items() if id in SPANS)


def _sequences(counted: Counted) -> Iterator[StepCounters]:
    return (one for id, one in counted.metrics.sequences.items() if id not in SPANS)


ROWS: Mapping[str, Callable[[Counted], Iterable[StepCounters]]] = {
    OPERATION: lambda counted: counted.metrics.operations.values(),
    SEQUENCE: _sequences,
    SPAN: _spans,
}


def _count(of: str, name: str, unit: str, what: str, about: str) -> Definition:
    """A counter of each operation, sequence or span."""

    def points(counted: Counted) -> Iterator[Point]:
        return (Point((one.id,), attrgetter(what)(one)) for one in ROWS[of](counted))

    return Definition(PREFIX + name, Instrument.COUNTER, unit, about, (of,), points)


def _errors(of: str, name: str, unit: str, about: str) -> Definition:
    """A counter of the errors of each operation, sequence or span by kind."""

    def points(counted: Counted) -> Iterator[Point]:
        return (
            Point((one.id, kind), number) for one in ROWS[of](counted) for kind, number in one.errors.items()
        )

    return Definition(PREFIX + name, Instrument.COUNTER, unit, about, (of, KIND), points)


def _durations(of: str, name: str, what: str, about: str) -> Definition:
    """A histogram of seconds of each operation, sequence or span that was answered at all."""

    def points(counted: Counted) -> Iterator[Point]:
        found = ((one.id, getattr(one, what)) for one in ROWS[of](counted))
        return (Point((id,), histogram) for id, histogram in found if histogram.count)

    return Definition(PREFIX + name, Instrument.HISTOGRAM, "s", about, (of,), points)


def _one(
    name: str, instrument: Instrument, unit: str, about: str, value: Callable[[Counted], float | Histogram]
) -> Definition:
    """A metric of the whole run."""
    return Definition(PREFIX + name, instrument, unit, about, (), lambda counted: [Point((), value(counted))])


PREFIX = "scimproof.load."
REQUEST, PLAYED = "{request}", "{sequence}"
COUNTER, GAUGE, HISTOGRAM = Instrument.COUNTER, Instrument.GAUGE, Instrument.HISTOGRAM
DEFINITIONS = (
    _count(OPERATION, "requests.due", REQUEST, "due", "Requests that became due."),
    _count(
        OPERATION, "requests.sent", REQUEST, "sent", "Requests that were begun to send, repetitions included."
    ),
    _count(
        OPERATION,
        "requests.answered",
        REQUEST,
        "answered",
        "Requests with a complete answer, whatever its status.",
    ),
    _errors(OPERATION, "requests.failed", REQUEST, "Requests without an answer or with a wrong one."),
    _count(
        OPERATION,
        "requests.skipped",
        REQUEST,
        "skipped",
        "Requests that could not be sent because of an earlier answer: with those that failed, the errors.",
    ),
    _count(
        OPERATION,
        "requests.unknown",
        REQUEST,
        "unknown",
        "Writes of which nobody can tell whether they happened.",
    ),
    _count(OPERATION, "requests.throttled", REQUEST, "throttled", "Answers of 429 that were waited out."),
    _durations(
        OPERATION,
        "response.duration",
        "response",
        "From when a request was due to its complete answer; a timeout counts.",
    ),
    _durations(
        OPERATION,
        "service.duration",
        "service",
        "From when a request was sent to its complete answer; a timeout counts.",
    ),
    _count(OPERATION, "response.io", "By", "sizes.total", "Bytes of the bodies of all answers."),
    _count(SEQUENCE, "sequences.due", PLAYED, "due", "Sequences that became due."),
    _count(SEQUENCE, "sequences.completed", PLAYED, "answered", "Sequences that were played to their end."),
    _errors(SEQUENCE, "sequences.failed", PLAYED, "Sequences with something wrong, by what it was."),
    _durations(SEQUENCE, "sequence.duration", "response", "From when a sequence was due to its last answer."),
    # How many were to be is no counter: one who is told otherwise before a read showed it is withdrawn.
    _errors(SPAN, "provisionings.failed", "{user}", "Users who never were, by what was wrong."),
    _durations(
        SPAN,
        "provisioning.duration",
        "response",
        "From when it was due until a read showed the user provisioned or deprovisioned.",
    ),
    _one(
        "arrivals.started",
        COUNTER,
        PLAYED,
        "Sequences of the schedule that were started, warm-up included.",
        lambda it: it.metrics.pace.started,
    ),
    _one(
        "arrivals.finished",
        COUNTER,
        PLAYED,
        "Sequences of the schedule that came to an end, warm-up included.",
        lambda it: it.metrics.pace.finished,
    ),
    _one(
        "arrivals.held",
        COUNTER,
        PLAYED,
        "Arrivals that waited since as many as the plan allows were in flight.",
        lambda it: it.metrics.pace.held,
    ),
    _one("arrivals.in_flight", GAUGE, PLAYED, "Sequences that are being played.", lambda it: it.in_flight),
    _one(
        "schedule.lag",
        HISTOGRAM,
        "s",
        "From when a sequence was due until the generator started it: its own lateness.",
        lambda it: it.metrics.pace.lag,
    ),
    _one(
        "answer.unread",
        HISTOGRAM,
        "s",
        "From when the kernel had an answer until the generator had read it; in no duration above.",
        lambda it: it.metrics.pace.unread,
    ),
    _one(
        "generator.cpu.time",
        COUNTER,
        "s",
        "CPU time of the generator's processes.",
        lambda it: it.metrics.cpu,
    ),
)
