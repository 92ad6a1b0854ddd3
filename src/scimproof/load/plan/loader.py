"""Loader of plans: reads TOML, and refuses with file and line what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Profile
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.toml_source import TomlFile
from scimproof.load.plan.capture_plan import read_recorded
from scimproof.load.plan.dialects import LEFT_OUT, spoken, stranger, weights
from scimproof.load.plan.names import own_plans
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.recorded_arrivals import RecordedArrivals
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.threshold_loader import limits
from scimproof.load.recording.traffic import Tell

# Keys of a plan by what the code calls them; the names in the code were also those in plans until 0.1.0.
FIELDS = {"full_check_every": "sample", "retry_time_scale": "clock", "max_schedule_lag_ms": "lag_ms"}
SCHEMA = "scimproof.plan-1"  # what a plan may say: every key, type and range
# What is put together of several keys, or read elsewhere.
ELSEWHERE = (
    *("rate", "warm_up", "seconds", "stages", "mix", "thresholds", "abort_if", "group_sizes"),
    *("arrivals", "capture", "factor", "busiest", "resend"),
)


def read_plan(
    path: Path, catalog: Catalog, profile: Profile | None = None, tell: Tell = lambda _: None
) -> Plan:
    """The plan in that file; raises UsageError with file and line for whatever does not fit.

    With a sender's `profile` its sequences are played in the dialects of that (load.plan.dialects). `tell`
    hears how many exchanges of its capture were read, where it has one.
    """
    return _PlanReader(TomlFile(path), catalog, profile, tell).plan(path.stem)


@dataclass
class _PlanReader:
    """Reader of one file's data: makes the Plan."""

    file: TomlFile
    catalog: Catalog
    profile: Profile | None = None
    tell: Tell = lambda _: None

    @property
    def data(self) -> dict[str, Any]:
        return self.file.data

    def plan(self, name: str) -> Plan:
        self.file.hold_to(SCHEMA)
        for key, former in FIELDS.items():
            if key in self.data and former in self.data:
                self.file.refuse((former,), f"{former} is the former name of {key}: leave one out")
        plays = spoken(self._mix(), self.catalog, self.profile)
        self._hold_to_the_app(plays)
        recorded = self._recorded(plays)
        mix = recorded.counts if recorded else self._played(plays)
        return Plan(
            name=name,
            phases=recorded.phases if recorded else tuple(self._phases()),
            mix=mix,
            recorded=recorded,
            # Nothing is left to chance: the moments are known.
            arrivals="constant" if recorded else self.data.get("arrivals", "poisson"),
            left_out=tuple(id for id, other in plays.items() if other == LEFT_OUT),
            thresholds=tuple(limits(self.file, ("thresholds",), mix, self.catalog, plays=plays)),
            abort_if=tuple(limits(self.file, ("abort_if",), mix, self.catalog, together=True, plays=plays)),
            group_sizes=tuple(self.data.get("group_sizes", ())),
            **{f"resend_{key}": value for key, value in self.data.get("resend", {}).items()},
            **{FIELDS.get(key, key): value for key, value in self.data.items() if key not in ELSEWHERE},
        )

    def _phases(self) -> Iterator[Phase]:
        data = self.data
        for place, stage in enumerate(data.get("stages", ())):
            yield Phase(**{"name": f"stage {place}", **stage})
        if "stages" not in data:
            if warm_up := data.get("warm_up"):
                yield Phase(warm_up, data["rate"], warm_up=True, name="warm-up")
            yield Phase(data["seconds"], data["rate"], name="steady")

    def _mix(self) -> Mapping[str, float]:
        mix: Mapping[str, float] = self._capture.counts if self._capture else self.data["mix"]
        for key in mix:
            if key not in self.catalog.sequences:
                self.file.refuse(
                    ("mix", key), f"no sequence is called {key!r}{did_you_mean(key, self.catalog.sequences)}"
                )
            if self.catalog.is_normative(self.catalog.sequences[key]):
                self.file.refuse(
                    ("mix", key), f"{key} follows from an RFC and is nobody's traffic: no load is made of it"
                )
        self._hold_to_the_sender(mix)
        return mix

    def _hold_to_the_sender(self, mix: Mapping[str, float]) -> None:
        """Refuse another sender's sequences than those of the profile, naming the plans that there are."""
        for key in mix:
            if self.profile and (why := stranger(key, self.catalog, self.profile)):
                names = own_plans(self.catalog.sender(self.profile).id, self.catalog.root)
                there = f"its plans: {', '.join(names)}" if names else "there is no plan of it"
                self.file.refuse(("mix", key), f"{why}; {there}")

    def _hold_to_the_app(self, mix: Iterable[str]) -> None:
        """Refuse a batch of group pushes that no administrator can set, where the sender has one to set."""
        size = self.data.get("group_batch", 0)
        sender = self.catalog.sender_of_mix(self.profile.id if self.profile else "", mix)
        rules = self.catalog.apps.get(sender.id)
        if size and rules and not rules.least <= size <= rules.most:
            known = f"administrators set {rules.least} to {rules.most} members a request"
            self.file.refuse(("group_batch",), f"{known}, not {size}")

    @cached_property
    def _capture(self) -> RecordedArrivals | None:
        """What arrives as the capture has it, where the plan names one."""
        if "capture" not in self.data:
            return None
        path = self.file.path.parent / self.data["capture"]
        try:
            return read_recorded(path, self.catalog, self.profile, self.tell)
        except UsageError as problem:
            self.file.refuse(("capture",), str(problem))

    def _recorded(self, plays: Mapping[str, str]) -> RecordedArrivals | None:
        """The recorded arrivals as the profile plays them, in the part and with the factor of the plan."""
        if self._capture is None:
            return None
        recorded = self._capture.renamed(plays)
        if not recorded.counts and self.profile:
            self.file.refuse(("capture",), f"profile {self.profile.id} has none of what was recorded")
        if "busiest" in self.data:
            try:
                recorded = recorded.busiest(self.data["busiest"])
            except UsageError as problem:
                self.file.refuse(("busiest",), str(problem))
        return replace(recorded, factor=float(self.data.get("factor", 1.0)))

    def _played(self, plays: Mapping[str, str]) -> dict[str, float]:
        """The mix as the profile plays it."""
        mix = weights(self.data["mix"], plays)
        if not mix and self.profile:
            self.file.refuse(("mix",), f"profile {self.profile.id} has none of these sequences")
        return mix
