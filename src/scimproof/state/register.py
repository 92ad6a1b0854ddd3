"""Register of one attribute: the set of values that a read may return while writes overlap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Value = Any
MOST_UNKNOWN = 32  # lost answers to one attribute: a target that loses more has other troubles
KEPT = 4  # values that were overwritten, kept to tell an old value from one nobody wrote
# Said by something in front of the application, or before it was done: what became of the write is open.
OPEN = {202, 408, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class ShownValue:
    """Value as the target has shown it at a read by id: what it chose itself is expected to stay."""

    value: Value


class WriteOutcome(StrEnum):
    """Outcome of a write: accepted, refused, or unknown."""

    PENDING = "under way"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class _Any:
    """Any value: of an attribute that no write has set, whatever is shown is right."""

    def __repr__(self) -> str:
        return "anything"


ANY: Final = _Any()
POSSIBLE = (WriteOutcome.PENDING, WriteOutcome.ACCEPTED, WriteOutcome.UNKNOWN)


class Write:
    """Write request: when it was sent and answered, and its outcome.

    Moments are seconds of one clock. `answered` stays infinite while the outcome is unknown: a request whose
    answer was lost may take effect at any later time.
    """

    __slots__ = ("answered", "fate", "method", "number", "sent", "status", "target")

    def __init__(self, number: int, sent: float, method: str = "", target: str = "") -> None:
        self.number, self.sent, self.method, self.target = number, sent, method, target
        self.answered = math.inf
        self.fate = WriteOutcome.PENDING
        self.status = 0

    def before(self, other: Write) -> bool:
        """Whether it was over before the other was sent: their order is certain."""
        return self.answered < other.sent


def _beginning() -> Write:
    write = Write(0, -math.inf)
    write.answered, write.fate = -math.inf, WriteOutcome.ACCEPTED
    return write


BEGINNING = _beginning()


@dataclass(slots=True, eq=False)
class WrittenValue:
    """Written value; `until` is when the first later write was answered that certainly replaced it."""

    write: Write
    value: Value
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Anomaly: a value that no legal order of the writes can give.

    `wrote` is the latest write of that value: accepted, it is an old value; refused, one that must not be
    there; None, nobody wrote it. `expected` are the entries that may be shown.
    """

    value: Value
    wrote: WrittenValue | None
    expected: tuple[WrittenValue, ...]

    @property
    def refused(self) -> bool:
        """Whether the value comes from a write that was refused."""
        return self.wrote is not None and self.wrote.write.fate is WriteOutcome.REFUSED


class Register:
    """Register: the writes to one attribute of one resource, and what reads have shown of it."""

    __slots__ = ("entries", "horizon")

    def __init__(self, first: Write = BEGINNING, value: Value = ANY, horizon: float = -math.inf) -> None:
        self.entries = [WrittenValue(first, value)]
        self.horizon = horizon  # reads begun before this moment can no longer be judged

    def copy(self) -> Register:
        """Another with the same past."""
        new = Register()
        new.entries = [WrittenValue(entry.write, entry.value, entry.until) for entry in self.entries]
        new.horizon = self.horizon
        return new

    def begin(self, write: Write, value: Value) -> None:
        """A write is about to be sent."""
        self.entries.append(WrittenValue(write, value))

    def settle(self, write: Write) -> None:
        """That write was answered; what it certainly replaced, and what certainly replaced it, is over."""
        if write.fate is WriteOutcome.UNKNOWN:
            self._give_up(write)
        if write.fate is WriteOutcome.ACCEPTED:
            for entry in self.entries:
                if entry.write.before(write):
                    entry.until = min(entry.until, write.answered)
        for entry in self.entries:
            if entry.write is write:
                later = (e.write.answered for e in self.entries if _follows(e.write, write))
                entry.until = min(later, default=math.inf)
        if len(self.entries) > KEPT:
            self._trim()

    def _give_up(self, write: Write) -> None:
        """Too many writes of which nobody knows whether they happened: from now on anything may be shown."""
        unknown = [entry for entry in self.entries if entry.write.fate is WriteOutcome.UNKNOWN]
        if len(unknown) > MOST_UNKNOWN:
            self.entries = [entry for entry in self.entries if entry.write.fate is WriteOutcome.PENDING]
            self.entries.append(WrittenValue(write, ANY))

    def _trim(self) -> None:
        over = [e for e in self.entries if e.until < math.inf or e.write.fate is WriteOutcome.REFUSED]
        for entry in over[:-KEPT]:
            self.entries.remove(entry)
            if entry.write.fate is not WriteOutcome.REFUSED:
                self.horizon = max(self.horizon, entry.until)

    def settled(self, start: float) -> bool:
        """Whether every write to it was over before `start`, so that a read begun then shows the last one.

        A read that began earlier may be told after a write that it did not see.
        """
        return all(e.write.answered < start for e in self.entries if e.write.fate is not WriteOutcome.REFUSED)

    @property
    def certain(self) -> Value:
        """The one value that a read may show now; anything where there may be several."""
        legal = self.legal(math.inf, math.inf)
        if len(legal) != 1:
            return ANY
        value = legal[0].value
        return value.value if isinstance(value, ShownValue) else value

    def legal(self, start: float, end: float) -> list[WrittenValue]:
        """What a read that began at `start` and ended at `end` may show."""
        return [
            entry
            for entry in self.entries
            if entry.until >= start and entry.write.sent <= end and entry.write.fate in POSSIBLE
        ]

    def doubt(self, value: Value, start: float = math.inf, end: float = math.inf) -> Anomaly | None:
        """Why a read may not show this value; None when it may."""
        legal = self.legal(start, end)
        if not legal or start <= self.horizon or any(e.value is ANY or e.value == value for e in legal):
            return None
        wrote = [entry for entry in self.entries if entry.value == value and entry.write.sent <= end]
        wrote.sort(key=lambda entry: (entry.write.fate is WriteOutcome.REFUSED, -entry.write.sent))
        return Anomaly(value, wrote[0] if wrote else None, tuple(legal))


def _follows(later: Write, write: Write) -> bool:
    return later.fate is WriteOutcome.ACCEPTED and write.before(later)


def fate_of(status: int, *, unknown: bool = False) -> WriteOutcome:
    """What an answer says about the write; `unknown`: it was sent, and no complete answer came."""
    if unknown or status in OPEN or 300 <= status < 400 or status >= 520:
        return WriteOutcome.UNKNOWN
    return WriteOutcome.ACCEPTED if 200 <= status < 300 else WriteOutcome.REFUSED
