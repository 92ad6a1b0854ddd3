"""Loader of plans: reads TOML, and refuses with file and line what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Profile
from scimproof.core.errors import did_you_mean
from scimproof.core.toml_source import TomlFile
from scimproof.load.plan.dialects import LEFT_OUT, spoken, stranger, weights
from scimproof.load.plan.names import own_plans
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.threshold_loader import limits

# Keys of a plan by what the code calls them; the names in the code were also those in plans until 0.1.0.
FIELDS = {"full_check_every": "sample", "retry_time_scale": "clock", "max_schedule_lag_ms": "lag_ms"}
SCHEMA = "scimproof.plan-1"  # what a plan may say: every key, type and range
ELSEWHERE = (
    "rate",
    "warm_up",
    "seconds",
    "stages",
    "mix",
    "thresholds",
    "group_sizes",
)  # what is put together


def read_plan(path: Path, catalog: Catalog, profile: Profile | None = None) -> Plan:
    """The plan in that file; raises UsageError with file and line for whatever does not fit.

    With a sender's `profile` its sequences are played in the dialects of that (load.plan.dialects).
    """
    return _PlanReader(TomlFile(path), catalog, profile).plan(path.stem)


@dataclass
class _PlanReader:
    """Reader of one file's data: makes the Plan."""

    file: TomlFile
    catalog: Catalog
    profile: Profile | None = None

    @property
    def data(self) -> dict[str, Any]:
        return self.file.data

    def plan(self, name: str) -> Plan:
        self.file.hold_to(SCHEMA)
        for key, former in FIELDS.items():
            if key in self.data and former in self.data:
                self.file.refuse((former,), f"{former} is the former name of {key}: leave one out")
        plays = spoken(self._mix(), self.catalog, self.profile)
        mix = self._played(plays)
        return Plan(
            name=name,
            phases=tuple(self._phases()),
            mix=mix,
            left_out=tuple(id for id, other in plays.items() if other == LEFT_OUT),
            thresholds=tuple(limits(self.file, ("thresholds",), mix, self.catalog, plays=plays)),
            group_sizes=tuple(self.data.get("group_sizes", ())),
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

    def _mix(self) -> dict[str, float]:
        mix: dict[str, float] = self.data["mix"]
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

    def _played(self, plays: Mapping[str, str]) -> dict[str, float]:
        """The mix as the profile plays it."""
        mix = weights(self.data["mix"], plays)
        if not mix and self.profile:
            self.file.refuse(("mix",), f"profile {self.profile.id} has none of these sequences")
        return mix
