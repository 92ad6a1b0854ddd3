"""Load plan: the question it answers, what arrives when, and the thresholds that decide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from scimproof.load.plan.recorded_arrivals import RecordedArrivals
from scimproof.load.plan.recorded_schedule import RecordedSchedule
from scimproof.load.plan.schedule import Phase, Schedule, Spacing
from scimproof.load.plan.thresholds import EVERY, SPANS, Threshold


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Load plan; a value, so that a master can send it to its workers.

    `phases` and `mix` (weight by sequence id) make the schedule; rates are sequences per second. `prefill`
    users exist before anything is measured. At most `in_flight` arrivals are played at once, those beyond
    wait and count. Every `sample`-th arrival gets the full checks of a certified run (0: none). After the
    last arrival, `drain` seconds are given to what is in flight. `clock` compresses the sender's waits after
    a 429: so many of its seconds pass in one (0: a 429 is not asked again). With arrivals more than `lag_ms`
    late, the generator was too slow and the run tells nothing. `group_sizes` are pushed once each after the
    rest, `group_batch` members a request (0: as many as the sender does), as in the sequences of the mix.
    `users` above 0 makes it a closed model: so many play one sequence after another, no faster than the
    schedule. `left_out` are sequences of its file for which the profile in force has none. What breaks a
    limit of `abort_if` ends the run (load.plan.abort_limits). With `recorded` arrivals these are the
    schedule; `phases` and `mix` then say how they are spread. Of every `resend_every` writes (0: none) one is
    sent again while the first is under way, when it has no answer after `resend_after_ms`.
    """

    name: str
    question: str
    phases: tuple[Phase, ...]
    mix: Mapping[str, float]
    arrivals: Spacing = "poisson"
    prefill: int = 0
    in_flight: int = 200
    sample: int = 0
    drain: float = 30.0
    clock: float = 0.0
    audit: bool = True
    races: bool = False
    resend_every: int = 0
    resend_after_ms: float = 50.0
    lag_ms: float = 50.0
    users: int = 0
    group_sizes: tuple[int, ...] = ()
    group_batch: int = 0
    thresholds: tuple[Threshold, ...] = ()
    abort_if: tuple[Threshold, ...] = ()
    seed: int = 1
    guess: str = ""
    left_out: tuple[str, ...] = ()
    recorded: RecordedArrivals | None = None

    @property
    def model(self) -> Literal["open", "closed"]:
        """Whether arrivals come on a schedule, or when the one before is done."""
        return "closed" if self.users else "open"

    @property
    def seconds(self) -> float:
        """From the first arrival to the last, warm-up included."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def warm_up(self) -> float:
        """The seconds that are left out of the figures."""
        return sum(phase.seconds for phase in self.phases if phase.warm_up)

    @property
    def rate(self) -> float:
        """The highest rate of any phase, in sequences per second."""
        return max(max(phase.rate, phase.end) for phase in self.phases)

    @property
    def schedule(self) -> Schedule | RecordedSchedule:
        """The arrivals."""
        if self.recorded:
            return RecordedSchedule(self.recorded, self.seed)
        return Schedule(self.phases, self.mix, self.arrivals, self.seed)

    def at_rate(self, rate: float) -> Self:
        """The same plan with that highest rate; stages keep their proportions."""
        factor = rate / self.rate if self.rate else 0.0
        if self.recorded:
            return self.multiplied(self.recorded.factor * factor)
        return replace(self, phases=tuple(_scaled(phase, rates=factor) for phase in self.phases))

    def multiplied(self, factor: float) -> Self:
        """The same plan with so many arrivals for each recorded one, which it has."""
        assert self.recorded, "only recorded arrivals have a factor"
        return self._of(replace(self.recorded, factor=factor))

    def lasting(self, seconds: float) -> Self:
        """The same plan measured for so many seconds; stages keep their proportions.

        Of a recording the busiest part of that length is played; UsageError for one that is shorter.
        """
        if self.recorded:
            return self._of(self.recorded.busiest(seconds))
        factor = seconds / (self.seconds - self.warm_up)
        return replace(
            self,
            phases=tuple(p if p.warm_up else _scaled(p, seconds=factor) for p in self.phases),
        )

    def playing(self, mix: Mapping[str, float]) -> Self:
        """The same plan with another mix; limits for what is no longer played are left out."""
        if self.recorded:
            return self._of(self.recorded.playing(mix))
        return replace(self._limited_to(mix), mix=dict(mix))

    def _of(self, recorded: RecordedArrivals) -> Self:
        """The same plan with other recorded arrivals."""
        mix = recorded.counts
        return replace(self._limited_to(mix), recorded=recorded, phases=recorded.phases, mix=mix)

    def _limited_to(self, mix: Mapping[str, float]) -> Self:
        """The same plan without limits for what that mix does not play."""

        def kept(limits: Iterable[Threshold]) -> tuple[Threshold, ...]:
            return tuple(t for t in limits if t.of in (EVERY, *SPANS) or t.of.partition("/")[0] in mix)

        return replace(self, thresholds=kept(self.thresholds), abort_if=kept(self.abort_if))

    def in_stages(self, phases: tuple[Phase, ...]) -> Self:
        """The same plan with other phases, which it has no recording in place of."""
        assert not self.recorded, "a recording has the phases that were recorded"
        return replace(self, phases=phases)

    def held_to(self, limits: Iterable[Threshold]) -> Self:
        """The same plan with these limits above its own."""
        return replace(self, thresholds=tuple(({t.id: t for t in (*self.thresholds, *limits)}).values()))

    def aborted_by(self, limits: Iterable[Threshold]) -> Self:
        """The same plan that these limits end, too."""
        return replace(self, abort_if=tuple(({t.id: t for t in (*self.abort_if, *limits)}).values()))

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be sent to another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The plan that `as_json` gave."""
        fields = dict(data)
        fields["phases"] = tuple(Phase(**phase) for phase in data["phases"])
        for name in ("thresholds", "abort_if"):
            fields[name] = tuple(Threshold(**threshold) for threshold in data[name])
        fields |= {name: tuple(data[name]) for name in ("group_sizes", "left_out")}
        recorded = data["recorded"]
        return cls(**fields | {"recorded": RecordedArrivals.from_json(recorded) if recorded else None})


def _scaled(phase: Phase, *, rates: float = 1.0, seconds: float = 1.0) -> Phase:
    to = None if phase.to is None else phase.to * rates
    return replace(phase, rate=phase.rate * rates, to=to, seconds=phase.seconds * seconds)


def plain(phases: Iterable[Phase]) -> list[dict[str, Any]]:
    """The phases as load.json has them."""
    return [
        {"name": p.name, "seconds": p.seconds, "rate": p.rate, "to": p.end, "warm_up": p.warm_up}
        for p in phases
    ]
