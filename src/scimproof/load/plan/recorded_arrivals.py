"""Recorded arrivals: sequences at the moments of a recording, as a value that other processes can get."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from scimproof.core.errors import UsageError
from scimproof.load.plan.packed_moments import Moments
from scimproof.load.plan.schedule import Phase

SLICES = 60  # so many phases tell how the rate of a recording changes: of an hour its minutes
SAME = ("capture", "began", "seconds", "requests", "factor")  # what other sequences do not change


@dataclass(frozen=True, kw_only=True)
class RecordedArrivals:
    """Recorded arrivals: of which `capture`, from which moment on (UTC), for how many seconds.

    `packed` are the moments and, by their place in `sequences`, what is played then (Moments.pack), with
    `factor` arrivals for each. `stood_for` says how many recorded requests the arrivals of each sequence
    were, `left_out` which of all `requests` of the capture no sequence stands for, by what they are.
    """

    capture: str
    began: str
    seconds: float
    sequences: tuple[str, ...]
    packed: str
    stood_for: Mapping[str, int]
    requests: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    factor: float = 1.0

    @classmethod
    def of(cls, played: Iterable[tuple[int, str]], **about: Any) -> Self:
        """The arrivals of (ms, id of a sequence) pairs in order; `about` are the other fields."""
        pairs = list(played)
        places = {id: place for place, id in enumerate(sorted({id for _, id in pairs}))}
        packed = Moments.of((ms, places[id]) for ms, id in pairs).pack(len(places))
        return cls(sequences=tuple(places), packed=packed, **about)

    @cached_property
    def moments(self) -> Moments:
        """When which sequence arrived."""
        return Moments.unpack(self.packed, len(self.sequences))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each sequence arrived when it was recorded."""
        found = Counter(self.moments.plays)
        return {id: found[place] for place, id in enumerate(self.sequences) if found[place]}

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The rate, with the factor, in each of up to 60 equal parts of the time."""
        found = Counter(self.part(ms / 1000) for ms in self.moments.at)
        width = self.seconds / self.parts
        return tuple(
            Phase(width, found[place] * self.factor / width, name="recorded") for place in range(self.parts)
        )

    @property
    def parts(self) -> int:
        """How many phases there are: none is shorter than a second."""
        return max(1, min(SLICES, math.floor(self.seconds)))

    def part(self, due: float) -> int:
        """The place of the phase in which those seconds lie."""
        return min(int(due / self.seconds * self.parts), self.parts - 1)

    def busiest(self, seconds: float) -> Self:
        """The part of so many seconds in which most arrived, the first of several.

        UsageError for one that is longer than the recording.
        """
        if seconds > self.seconds:
            raise UsageError(
                f"the recording lasts {self.seconds:g} s and is played once: there are no {seconds:g} s of it"
            )
        at, width = self.moments.at, round(seconds * 1000)
        latest = round(self.seconds * 1000) - width
        begins = [min(ms, latest) for ms in at]
        begin = max(begins, key=lambda ms: bisect_left(at, ms + width) - bisect_left(at, ms))
        within = slice(bisect_left(at, begin), bisect_left(at, begin + width))
        plays = self.moments.plays[within]
        part = Moments.of(zip((ms - begin for ms in at[within]), plays, strict=True))
        return replace(
            self, packed=part.pack(len(self.sequences)), seconds=seconds, began=_later(self.began, begin)
        )

    def playing(self, ids: Collection[str]) -> Self:
        """The same without the sequences that are not among these: their requests count as left out."""
        return self.renamed({id: id if id in ids else "" for id in self.sequences})

    def renamed(self, plays: Mapping[str, str]) -> Self:
        """The same with other sequences in place of these; those for which "" stands are left out."""
        stood_for, left_out = Counter[str](), Counter(self.left_out)
        for id, count in self.stood_for.items():
            if plays[id]:
                stood_for[plays[id]] += count
            else:
                left_out[f"requests of {id}, which is not played here"] += count
        played = ((ms, plays[self.sequences[place]]) for ms, place in self.moments)
        same = {name: getattr(self, name) for name in SAME}
        return self.of(
            [one for one in played if one[1]], stood_for=dict(stood_for), left_out=dict(left_out), **same
        )

    def row(self) -> dict[str, Any]:
        """The recording as load.json has it: without the moments."""
        return {
            "capture": self.capture,
            "began": self.began,
            "seconds": self.seconds,
            "factor": round(self.factor, 6),
            "arrivals": len(self.moments),
            "requests": self.requests,
            "left_out": dict(Counter(self.left_out).most_common()),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The arrivals of a plan that was sent as plain data."""
        return cls(**{**data, "sequences": tuple(data["sequences"])})


def _later(moment: str, ms: int) -> str:
    """An ISO moment in UTC, so many ms later, to the second."""
    found = datetime.fromisoformat(moment) + timedelta(milliseconds=ms)
    return found.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
