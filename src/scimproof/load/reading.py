"""Reads plans from TOML and refuses, with file and line, what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scimproof.catalog import Catalog, did_you_mean
from scimproof.load.plan import Plan
from scimproof.load.schedule import Phase
from scimproof.load.thresholds import DEPROVISION, DRIFT, MEASURES, PROVISION, SHARES, SPANS, Threshold
from scimproof.toml import Keys, Range, TomlFile

EVERY = "*"
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
    return _Reader(TomlFile(path), catalog).plan(path.stem)


@dataclass
class _Reader:
    """Turns one file's data into a Plan."""

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
            thresholds=tuple(self._thresholds(mix)),
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

    def _thresholds(self, mix: Mapping[str, float]) -> Iterator[Threshold]:
        operations = [f"{id}/{step.id}" for id in mix for step in self.catalog.sequences[id].sent]
        spans = [span for span in SPANS if any(measures(span, self.catalog, id) for id in mix)]
        found: dict[str, Threshold] = {}
        for of, limits in self.file.table(self.data, ("thresholds",)).items():
            path = ("thresholds", of)
            if not isinstance(limits, dict):
                self.file.refuse(path, f"limits look like {{ p95_ms = 500, errors = 0.01 }}, not {limits!r}")
            self.file.only(MEASURES, limits, path)
            self._runs(of, operations, mix)
            for measure in limits:
                most = {**dict.fromkeys(SHARES, 1.0), DRIFT: 100.0}.get(measure, 1e7)
                limit = self.file.number(limits, (*path, measure), Range(0, most))
                where = self.file.where((*path, measure))
                every = [*operations, *spans] if measure in SHARES else operations  # spans sum up several
                for one in every if of == EVERY else (of,):
                    threshold = Threshold(one, measure, float(limit), where, of == EVERY)
                    if of != EVERY or threshold.id not in found:  # what names an operation stands above "*"
                        found[threshold.id] = threshold
        return iter(found.values())

    def _runs(self, of: str, operations: list[str], mix: Mapping[str, float]) -> None:
        """Refuse a limit for something that this plan never does."""
        if of == EVERY or of in operations or of in mix:
            return
        path = ("thresholds", of)
        sequence, _, step = of.partition("/")
        known = self.catalog.sequences.get(sequence)
        if of in SPANS:
            if not any(measures(of, self.catalog, id) for id in mix):
                self.file.refuse(path, f"nothing in the mix gives a {of}")
        elif known and sequence not in mix and (not step or step in {s.id for s in known.steps}):
            self.file.refuse(path, f"a limit for what never runs: {sequence} is not in the mix")
        else:
            self.file.refuse(path, f"nothing is called {of!r}{did_you_mean(of, [*operations, *mix, *SPANS])}")


def measures(span: str, catalog: Catalog, id: str) -> bool:
    """Whether playing that sequence can give that span: it changes a user and reads it afterwards."""
    writes = {PROVISION: ("POST",), DEPROVISION: ("PATCH", "PUT")}[span]
    steps = [(step, catalog.templates[step.request]) for step in catalog.sequences[id].sent]
    for place, (step, template) in enumerate(steps):
        wrote = template.method in writes and "/Users" in template.target
        if span == PROVISION:
            wrote = wrote and step.creates != "" and not step.given
        else:
            # The PUT of the AIW dialect gets its body from a rule; the file's name says what it does.
            wrote = wrote and ("deactivat" in step.request or '"active":false' in template.body)
        if wrote and any(later.method == "GET" for _, later in steps[place + 1 :]):
            return True
    return False
