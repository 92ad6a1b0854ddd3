"""Known failures that do not count: who excuses what, why and until when; read, checked and applied.

A user's waivers come from a file of theirs and end on a day; a product's documented deviations come from
suites/deviations, named by a profile, and have a source in place of an end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as List
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from scimproof.catalog.actions import merged
from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Sequence
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.results import Verdict
from scimproof.core.toml_source import Keys, TomlFile
from scimproof.engine.global_checks import STEP

Row = dict[str, Any]
SCHEMA, PRODUCT = "scimproof.waivers-1", "scimproof.deviations-1"  # what may stand in the two kinds of files
EXCUSABLE = (Verdict.FAIL, Verdict.WARNING, Verdict.INCONCLUSIVE)
OPEN = (Verdict.INCONCLUSIVE, Verdict.ERROR)
DIFFERENCES = re.compile(r"; (?=\S+ = )")  # between `name.givenName = absent` and the next attribute
CASE = re.compile(r"\[[^\]/]*\](?=/)")  # the key of a case of a sequence


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One waiver: findings that are excused, only where `observed` is part of what was observed.

    `until` is its last day, None for a product's documented deviation. `origin` is its place for the reader.
    A deviation that shows in several ways has more pairs of `ids` and `observed` in `also`.
    """

    name: str
    ids: tuple[str, ...]
    reason: str
    observed: str = ""
    issue: str = ""
    owner: str = ""
    until: date | None = None
    source: str = ""
    origin: str = ""
    also: tuple[tuple[tuple[str, ...], str], ...] = ()

    @property
    def parts(self) -> tuple[tuple[tuple[str, ...], str], ...]:
        """All pairs of ids and of the text that has to be observed with them."""
        return ((self.ids, self.observed), *self.also)

    @property
    def all_ids(self) -> list[str]:
        """All ids of the waiver."""
        return [id for ids, _ in self.parts for id in ids]

    def names(self, finding: str) -> bool:
        """Whether one of its ids matches the finding of that id."""
        return any(_stands_for(id, finding) for id in self.all_ids)

    def fits(self, finding: str, observed: str) -> bool:
        """Whether it excuses the finding of that id with this observation.

        A documented deviation has to excuse each of several differences, since any other is not documented. A
        user's waiver excuses the finding if the text matches.
        """
        texts = [text for ids, text in self.parts if any(_stands_for(id, finding) for id in ids)]
        differences = DIFFERENCES.split(observed) if self.until is None else [observed]
        return all(any(text in difference for text in texts) for difference in differences)

    def expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and today > self.until

    @property
    def about(self) -> str:
        """Reason, last day and issue in one line."""
        end = f"until {self.until.isoformat()}" if self.until else self.name
        return ", ".join(filter(None, (self.reason, end, self.issue)))

    def row(self) -> Row:
        """The row of the waiver in a waived finding."""
        fields = {key: getattr(self, key) for key in ("name", "reason", "issue", "owner", "source", "origin")}
        return fields | {"until": self.until.isoformat() if self.until else ""}


def without_case(finding: str) -> str:
    """The id of a finding without the key of a case: `rfc.x/read#y` of `rfc.x[User:title]/read#y`."""
    return CASE.sub("", finding, count=1)


def _stands_for(id: str, finding: str) -> bool:
    """Whether an id of a waiver means a finding: its id, its requirement, or `<sequences>#<requirement>`."""
    if "/" in id:
        return id in (finding, without_case(finding))
    stem, mark, requirement = id.rpartition("#")
    if requirement != finding.partition("#")[2]:
        return False
    sequence = finding.partition("/")[0]
    stem = stem.removesuffix("*").removesuffix(".")
    return not mark or sequence == stem or sequence.startswith((stem + ".", stem + "["))


def read(path: Path, catalog: Catalog) -> list[Waiver]:
    """The waivers of a user's file; raises UsageError with file and line for whatever does not fit."""
    file = TomlFile(path)
    known = _KnownIds(file, catalog)
    found: dict[tuple[str, str], Keys] = {}
    waivers = []
    for keys, table in _tables(file, "waiver", SCHEMA):
        waiver = _user(file, keys, table)
        known.check(waiver.ids[0], (*keys, "id"))
        same = (waiver.ids[0], waiver.observed)
        if same in found:
            line = file.where(found[same]).rpartition(":")[2]
            file.refuse(keys, f"{waiver.name} is waived on line {line} already; keep one of the two")
        found[same] = keys
        waivers.append(waiver)
    return waivers


def deviations(product: str, catalog: Catalog, origin: str = "") -> list[Waiver]:
    """A product's documented deviations, in the order of its file; UsageError with file and line."""
    folder = catalog.root / "suites" / "deviations"
    path = folder / f"{product}.toml"
    if not path.is_file():
        there = sorted(file.stem for file in folder.glob("*.toml"))
        raise UsageError(f"no file suites/deviations/{product}.toml{did_you_mean(product, there)}")
    file = TomlFile(path)
    known = _KnownIds(file, catalog)
    found: list[Waiver] = []
    for keys, table in _tables(file, "deviation", PRODUCT):
        waiver = _deviation(table, origin or f"what {product} documents")
        if any(waiver.name == other.name for other in found):
            file.refuse((*keys, "name"), f"there is a {waiver.name} already")
        for id in waiver.all_ids:
            known.check(id, (*keys, "ids"))
        found.append(waiver)
    return found


def _tables(file: TomlFile, name: str, schema: str) -> Iterator[tuple[Keys, Row]]:
    """Each [[name]] table of the file with its place; UsageError with file and line for a wrong one."""
    file.hold_to(schema)
    yield from (((name, str(place)), table) for place, table in enumerate(file.data.get(name, ())))


def _user(file: TomlFile, keys: Keys, table: Row) -> Waiver:
    texts = {key: text.strip() for key, text in table.items() if key != "until"}
    id = texts.pop("id")
    line = file.where(keys).rpartition(":")[2]
    origin = f"{file.path.name}, line {line}"
    return Waiver(name=id, ids=(id,), until=_until(file, keys, table), origin=origin, also=(), **texts)


def _until(file: TomlFile, keys: Keys, table: Row) -> date:
    """The last day: a date of TOML, for which JSON Schema has no type."""
    until = table["until"]
    if not isinstance(until, date) or isinstance(until, datetime):
        file.refuse((*keys, "until"), "until should be a day, without quotes or time: until = 2027-01-31")
    return until


def _deviation(table: Row, origin: str) -> Waiver:
    texts = {key: text.strip() for key, text in table.items() if key not in ("ids", "also")}
    also = tuple((tuple(row["ids"]), row.get("observed", "").strip()) for row in table.get("also", ()))
    return Waiver(ids=tuple(table["ids"]), origin=origin, until=None, also=also, **texts)


class _KnownIds:
    """All ids that a waiver may name, so that a typing error is found before a request is sent."""

    def __init__(self, file: TomlFile, catalog: Catalog) -> None:
        self._file, self._catalog = file, catalog
        known = catalog.repertoires.values()
        explored = merged(known).sequences(catalog.templates) if known else ()
        self._findings = {*ids(catalog.sequences.values()), *ids(explored)}
        self._findings |= {
            f"{name}/{STEP}#{watch.requirement}"
            for name, watches in catalog.watches.items()
            for watch in watches
        }

    def check(self, id: str, keys: Keys) -> None:
        if "/" in id:
            # Which attributes and types a target has is known during the run only.
            if id not in self._findings and without_case(id) not in self._findings:
                self._refuse(keys, f"no finding has the id {id!r}", id, self._findings)
            return
        stem, mark, requirement = id.rpartition("#")
        if requirement not in self._catalog.requirements:
            known = self._catalog.requirements
            self._refuse(keys, f"no requirement is called {requirement!r}", requirement, known)
        if mark and not any(_stands_for(id, finding) for finding in self._findings):
            self._refuse(keys, f"{requirement} is asked of no sequence that begins with {stem!r}", id, ())

    def _refuse(self, keys: Keys, what: str, word: str, known: Iterable[str]) -> NoReturn:
        near = did_you_mean(word, known)
        hint = near if "did you mean" in near else "; reports name them, and `scimproof show` for a sequence"
        self._file.refuse(keys, what + hint)


def ids(sequences: Iterable[Sequence]) -> Iterator[str]:
    """The ids of all findings of these sequences, preparing steps included."""
    for sequence in sequences:
        for step in sequence.steps:
            yield from (f"{sequence.id}/{step.id}#{check.requirement}" for check in step.checks)


@dataclass(frozen=True)
class Applied:
    """The result of applying waivers: the changed findings, and a row for each waiver in the report."""

    findings: list[Row]
    waivers: list[Row]


def apply(
    findings: List[Row],
    waivers: List[Waiver],
    today: date,
    asked: Iterable[str],
    whole: Iterable[str] = (),
) -> Applied:
    """Give the verdict `waived` to excused findings; expected and observed stay.

    `asked` are the ids of all findings of the run, `whole` those of the whole profile. An inconclusive check
    of an answer may be excused; a blocked one is excused with its gate, and only so.
    """
    by_id = {row["id"]: row for row in findings}
    used = {place: 0 for place, _ in enumerate(waivers)}
    rows = []
    for row in findings:
        found = excuses(row, waivers, today, by_id)
        for place, waiver in enumerate(waivers):
            used[place] += waiver in found
        rows.append(_waived(row, found[0]) if found else row)
    after = {row["id"]: row for row in rows}
    steps = set(asked)
    missing = {*whole} - steps
    # A global check of some answers says nothing about the others.
    missing |= {id for id in by_id if id not in steps} if missing else set()
    every = {*steps, *by_id} - missing
    states = [
        _waiver_row(waiver, used[place], _state(waiver, used[place], today, every, after, missing))
        for place, waiver in enumerate(waivers)
    ]
    return Applied(rows, states)


def excuses(row: Row, waivers: Iterable[Waiver], today: date, by_id: Mapping[str, Row]) -> list[Waiver]:
    """The waivers that excuse this finding; `by_id` has the gate that blocked it, if one did."""
    return [waiver for waiver in waivers if not waiver.expired(today) and _excuses(waiver, row, by_id)]


def explanations(findings: List[Row], documented: List[Waiver]) -> Iterator[str]:
    """The name of the deviation that explains each finding, waived or not; empty for none."""
    plain = [row | {"verdict": row.get("unwaived") or row["verdict"]} for row in findings]
    by_id = {row["id"]: row for row in plain}
    for row in plain:
        yield next((waiver.name for waiver in documented if _excuses(waiver, row, by_id)), "")


def _excuses(waiver: Waiver, row: Row, by_id: Mapping[str, Row]) -> bool:
    if row["verdict"] not in EXCUSABLE:
        return False
    gate = row.get("because", "")
    if gate:
        return waiver.fits(gate, by_id.get(gate, row)["observed"])
    if row["verdict"] == Verdict.INCONCLUSIVE and row["exchange"] is None:
        return False
    return waiver.fits(row["id"], row["observed"])


def _waived(row: Row, waiver: Waiver) -> Row:
    return row | {"verdict": str(Verdict.WAIVED), "unwaived": row["verdict"], "waiver": waiver.row()}


def _state(
    waiver: Waiver,
    used: int,
    today: date,
    asked: Iterable[str],
    after: Mapping[str, Row],
    missing: Iterable[str],
) -> str:
    """The state of a waiver; `unused` only where all that it names was checked and decided."""
    if not waiver.all_ids:
        return "note"
    if waiver.expired(today):
        return "expired"
    if used:
        return "used"
    named = [id for id in asked if waiver.names(id)]
    undecided = any(after[id]["verdict"] in OPEN for id in named if id in after)
    elsewhere = any(waiver.names(id) for id in missing)
    return "unused" if named and not undecided and not elsewhere else "not-asked"


def _waiver_row(waiver: Waiver, used: int, state: str) -> Row:
    """The row of a waiver; a run `fails` for a user's waiver that has expired or matches nothing."""
    observed = " / ".join(text for _, text in waiver.parts if text)
    row = waiver.row() | {"ids": waiver.all_ids, "observed": observed}
    fails = waiver.until is not None and state in ("expired", "unused")
    return row | {"state": state, "findings": used, "fails": fails}
