"""Loader of thresholds, from a plan, scimproof.toml or options; refuses those that no figure is held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn, Protocol

from scimproof.catalog.loader import Catalog
from scimproof.core.bounds import Range
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.toml_source import Keys
from scimproof.load.plan.thresholds import (
    BYTES,
    DEPROVISION,
    DRIFT,
    EVERY,
    MEASURES,
    PROVISION,
    SHARES,
    SPANS,
    Threshold,
)

BOUNDS = (
    {measure: Range(0, 1) for measure in SHARES}
    | {DRIFT: Range(0, 100)}
    | dict.fromkeys(BYTES, Range(0, 10_000_000_000))
)
MILLISECONDS = Range(0, 10_000_000)


class LimitSource(Protocol):
    """Where limits stand: a TOML file, or options."""

    @property
    def data(self) -> Mapping[str, Any]:
        """What it says, in tables."""
        ...

    def where(self, keys: Keys) -> str:
        """The place of that key."""
        ...

    def refuse(self, keys: Keys, why: str) -> NoReturn:
        """Raise UsageError with the place and what is wrong there."""
        ...


@dataclass
class TypedLimits:
    """Limits typed as `OF MEASURE=LIMIT ...` behind an option of that name; `data` is as in a file.

    With a `usual` OF it may be left out. UsageError for what does not read so, or is none of the `measures`.
    """

    option: str
    texts: Iterable[str]
    usual: str = ""
    measures: tuple[str, ...] = MEASURES
    data: dict[str, Any] = field(default_factory=dict)
    _text: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table: dict[str, dict[str, float]] = {}
        for text in self.texts:
            of, *pairs = text.split() or [""]
            if self.usual and "=" in of:
                of, pairs = self.usual, [of, *pairs]
            if not of or "=" in of or not pairs:
                example = f"{self.usual or 'OF'} MEASURE=LIMIT"
                raise UsageError(f"{self.option} {text!r} should look like {example!r}: {self._examples()}")
            for pair in pairs:
                measure, limit = self._limit(text, pair)
                table.setdefault(of, {})[measure] = limit
                self._text[of, measure] = text
        self.data = {self.option: table}

    def where(self, keys: Keys) -> str:
        """The option with the text that says so."""
        of, measure = keys[1], keys[2] if len(keys) > 2 else ""
        told = next(
            (text for key, text in self._text.items() if key[0] == of and measure in ("", key[1])), of
        )
        return f"{self.option} {told!r}"

    def refuse(self, keys: Keys, why: str) -> NoReturn:
        """Say what is wrong with which option."""
        raise UsageError(f"{self.where(keys)}: {why}")

    def _limit(self, text: str, pair: str) -> tuple[str, float]:
        measure, equals, value = pair.partition("=")
        if not equals or measure not in self.measures:
            near = did_you_mean(measure, self.measures)
            raise UsageError(f"{self.option} {text!r}: {measure!r} is no measure that fits here{near}")
        bounds = BOUNDS.get(measure, MILLISECONDS)
        try:
            limit = float(value)
        except ValueError:
            limit = -1.0
        if not bounds.holds(limit):
            raise UsageError(f"{self.option} {text!r}: {measure} should be {bounds.words}, not {value!r}")
        return measure, limit

    def _examples(self) -> str:
        return "as 'errors=0.5'" if self.usual else "as '<sequence>/<step> p95_ms=800 errors=0.01'"


def limits(
    file: LimitSource,
    keys: Keys,
    mix: Mapping[str, float],
    catalog: Catalog,
    *,
    strict: bool = True,
    together: bool = False,
    plays: Mapping[str, str] | None = None,
) -> list[Threshold]:
    """The limits in the table at `keys` of a file that fits its schema, for what that mix plays.

    UsageError, with file and line, for what nobody does.

    A limit for what the mix never plays is refused when `strict`, else left out. One for everything (`*`) is
    one for each operation by itself, or for all `together`. With `plays`, a limit for one of those sequences
    is that of the one played for it (load.plan.dialects), left out where none is.
    """
    table: Mapping[str, Any] = file.data
    for key in keys:
        table = table.get(key, {})
    return _ThresholdReader(file, keys, mix, catalog, strict, together, plays or {}).read(table)


@dataclass
class _ThresholdReader:
    file: LimitSource
    keys: Keys
    mix: Mapping[str, float]
    catalog: Catalog
    strict: bool
    together: bool
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
                if measure in BYTES and of != EVERY and of not in self.operations:
                    self.file.refuse(
                        (*path, measure), f"an answer has a size, and {of} has several: name a step"
                    )
                where = self.file.where((*path, measure))
                # Spans sum up several operations.
                every = [*self.operations, *self.spans] if measure in SHARES else self.operations
                every = [EVERY] if self.together else every
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
