"""Loader of plans: reads TOML, and refuses with file and line what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.core.bounds import Range
from scimproof.core.errors import did_you_mean
from scimproof.core.toml_source import Keys, TomlFile
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase
from scimproof.load.plan.threshold_loader import limits

NUMBERS = {
    "rate": Range(0.001, 1e6),
    "warm_up": Range(0, 1e6),
    "seconds": Range(0.1, 1e6),
    "prefill": Range(0, 1_000_000, whole=True),
    "in_flight": Range(1, 100_000, whole=True),
    "sample": Range(0, 1e9, whole=True),
    "drain": Range(0, 3600),
    "clock": Range(0, 1e6),
    "lag_ms": Range(0.1, 1e6),
    "users": Range(0, 100_000, whole=True),
    "seed": Range(0, 2**63, whole=True),
}
FLAGS = ("audit", "races")
TEXTS = ("question", "arrivals", "guess")
KEYS = (*TEXTS, *NUMBERS, *FLAGS, "group_sizes", "stages", "mix", "thresholds")
STAGE = {
    "seconds": Range(0.1, 1e6),
    "rate": Range(0, 1e6),
    "to": Range(0, 1e6),
}
SPACINGS = ("constant", "poisson")


def read_plan(path: Path, catalog: Catalog) -> Plan:
    """The plan in that file; raises UsageError with file and line for whatever does not fit."""
    return _PlanReader(TomlFile(path), catalog).plan(path.stem)


@dataclass
class _PlanReader:
    """Reader of one file's data: makes the Plan."""

    file: TomlFile
    catalog: Catalog

    @property
    def data(self) -> dict[str, Any]:
        return self.file.data

    def plan(self, name: str) -> Plan:
        self.file.only(KEYS, self.data, ())
        fields: dict[str, Any] = {
            key: self.file.number(self.data, (key,), NUMBERS[key]) for key in NUMBERS if key in self.data
        }
        rate, warm_up, seconds = (fields.pop(key, None) for key in ("rate", "warm_up", "seconds"))
        for key in FLAGS:
            if key in self.data:
                fields[key] = self.file.kind(self.data, (key,), bool, "true or false")
        fields |= {key: self.file.kind(self.data, (key,), str, "text") for key in TEXTS if key in self.data}
        if not fields.get("question", "").strip():
            self.file.refuse((), 'a plan begins with the question it answers: question = "..."')
        if fields.get("arrivals", "poisson") not in SPACINGS:
            self.file.refuse(("arrivals",), f"arrivals are constant or poisson, not {fields['arrivals']!r}")
        phases = tuple(self._stages(rate, warm_up, seconds))
        mix = self._mix()
        return Plan(
            name=name,
            phases=phases,
            mix=mix,
            thresholds=tuple(limits(self.file, ("thresholds",), mix, self.catalog)),
            group_sizes=self._sizes(),
            **fields,
        )

    def _stages(self, rate: float | None, warm_up: float | None, seconds: float | None) -> Iterator[Phase]:
        stages = self.data.get("stages")
        if stages is None:
            if rate is None or seconds is None:
                self.file.refuse((), "a plan needs rate and seconds, or [[stages]]")
            if warm_up:
                yield Phase(warm_up, rate, warm_up=True, name="warm-up")
            yield Phase(seconds, rate, name="steady")
            return
        for key, value in (("rate", rate), ("warm_up", warm_up), ("seconds", seconds)):
            if value is not None:
                self.file.refuse((key,), f"{key} stands in each of the [[stages]] when there are any")
        if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in stages):
            self.file.refuse(("stages",), "stages are written as [[stages]]")
        yield from (self._stage(stage, ("stages", str(place))) for place, stage in enumerate(stages))
        if all(stage.get("warm_up") for stage in stages):
            self.file.refuse(("stages",), "every stage is warm-up, so nothing would be measured")

    def _stage(self, stage: dict[str, Any], path: Keys) -> Phase:
        self.file.only((*STAGE, "name", "warm_up"), stage, path)
        for key in ("seconds", "rate"):
            if key not in stage:
                self.file.refuse(path, f"a stage needs {key}")
        numbers = {key: self.file.number(stage, (*path, key), STAGE[key]) for key in STAGE if key in stage}
        name = self.file.kind(stage, (*path, "name"), str, "text") if "name" in stage else f"stage {path[-1]}"
        warm = "warm_up" in stage and self.file.kind(stage, (*path, "warm_up"), bool, "true or false")
        return Phase(**numbers, warm_up=warm, name=name)

    def _mix(self) -> dict[str, float]:
        table = self.file.table(self.data, ("mix",))
        if not table:
            self.file.refuse(("mix",), "a plan needs a [mix]: sequence ids and how often each is played")
        for key in table:
            if key not in self.catalog.sequences:
                self.file.refuse(
                    ("mix", key), f"no sequence is called {key!r}{did_you_mean(key, self.catalog.sequences)}"
                )
            self.file.number(table, ("mix", key), Range(0.000001, 1e6))
        return table

    def _sizes(self) -> tuple[int, ...]:
        sizes = self.data.get("group_sizes", [])
        if not isinstance(sizes, list) or not all(
            type(size) is int and 0 < size <= 100_000 for size in sizes
        ):
            self.file.refuse(
                ("group_sizes",), f"group_sizes should be a list of numbers of members, not {sizes!r}"
            )
        return tuple(sizes)
