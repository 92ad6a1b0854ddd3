"""Loader of thresholds, from a plan or scimproof.toml; refuses those that no figure would be held to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.core.errors import did_you_mean
from scimproof.core.toml_source import Keys, TomlFile
from scimproof.load.plan.thresholds import DEPROVISION, PROVISION, SHARES, SPANS, Threshold

EVERY = "*"


def limits(
    file: TomlFile,
    keys: Keys,
    mix: Mapping[str, float],
    catalog: Catalog,
    *,
    strict: bool = True,
    plays: Mapping[str, str] | None = None,
) -> list[Threshold]:
    """The limits in the table at `keys` of a file that fits its schema, for what that mix plays.

    UsageError, with file and line, for what nobody does.

    A limit for what the mix never plays is refused when `strict`, else left out. With `plays`, a limit for
    one of those sequences is that of the one played for it (load.plan.dialects), left out where none is.
    """
    table: Mapping[str, Any] = file.data
    for key in keys:
        table = table.get(key, {})
    return _ThresholdReader(file, keys, mix, catalog, strict, plays or {}).read(table)


@dataclass
class _ThresholdReader:
    file: TomlFile
    keys: Keys
    mix: Mapping[str, float]
    catalog: Catalog
    strict: bool
    plays: Mapping[str, str]

    @cached_property
    def operations(self) -> list[str]:
        return [f"{id}/{step.id}" for id in self.mix for step in self.catalog.sequences[id].unattended]

    @cached_property
    def spans(self) -> list[str]:
        return [span for span in SPANS if any(measures(span, self.catalog, id) for id in self.mix)]

    def read(self, table: Mapping[str, Any]) -> list[Threshold]:
        found: dict[str, Threshold] = {}
        for written, said in table.items():
            path = (*self.keys, written)
            of = self._played(written)
            if of is None or not self._runs(of):
                continue
            for measure, limit in said.items():
                where = self.file.where((*path, measure))
                # Spans sum up several operations.
                every = [*self.operations, *self.spans] if measure in SHARES else self.operations
                for one in every if of == EVERY else (of,):
                    threshold = Threshold(one, measure, float(limit), where, of == EVERY)
                    if of != EVERY or threshold.id not in found:  # what names an operation stands above "*"
                        found[threshold.id] = threshold
        return list(found.values())

    def _played(self, of: str) -> str | None:
        """The name under which it is played; None where the profile in force leaves it out."""
        sequence, slash, step = of.partition("/")
        other = self.plays.get(sequence, sequence)
        if other != sequence:
            of = f"{other}{slash}{step}"
            return of if of in self.operations or of in self.mix else None
        others = any(id != played for id, played in self.plays.items())
        return None if of in SPANS and others and of not in self.spans else of

    def _runs(self, of: str) -> bool:
        """Whether the mix ever does it; refuses what nobody does, and when strict what this mix does not."""
        if of == EVERY or of in self.operations or of in self.mix or of in self.spans:
            return True
        path = (*self.keys, of)
        sequence, _, step = of.partition("/")
        known = self.catalog.sequences.get(sequence)
        why = ""
        if of in SPANS:
            why = f"nothing in the mix gives a {of}"
        elif known and sequence not in self.mix and (not step or step in {s.id for s in known.steps}):
            why = f"a limit for what never runs: {sequence} is not in the mix"
        else:
            near = did_you_mean(of, [*self.operations, *self.mix, *SPANS])
            self.file.refuse(path, f"nothing is called {of!r}{near}")
        if self.strict:
            self.file.refuse(path, why)
        return False


def measures(span: str, catalog: Catalog, id: str) -> bool:
    """Whether playing that sequence can give that span: it changes a user and reads it afterwards."""
    writes = {PROVISION: ("POST",), DEPROVISION: ("PATCH", "PUT", "DELETE")}[span]
    steps = [(step, catalog.templates[step.request]) for step in catalog.sequences[id].unattended]
    for place, (step, template) in enumerate(steps):
        wrote = template.method in writes and "/Users" in template.target
        if span == PROVISION:
            wrote = wrote and step.creates != "" and not step.given
        else:
            wrote = wrote and step.request in catalog.sender_of(step.request).deprovisions
        if wrote and any(later.method == "GET" for _, later in steps[place + 1 :]):
            return True
    return False
