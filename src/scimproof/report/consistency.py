"""Consistency of a document beyond its schema: references exist, and parallel lists have equal lengths.

Optional members that are missing are filled in with empty values, so that readers find them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime
from typing import Any

Row = dict[str, Any]
Complaint = tuple[str, str]  # a JSON Pointer, and what is wrong there

WAIVER: Row = {
    "observed": "", "issue": "", "owner": "", "until": None, "source": "", "origin": "", "fails": False,
}  # fmt: skip
BASELINE: Row = {
    "path": "", "started": "", "suites": "", "same_suites": True, "new": [], "fixed": [], "still": [],
    "gone": [], "added": [], "unsure": [], "was": {}, "differs": [], "worse": [], "why": "", "compared": 0,
}  # fmt: skip
OPERATION: Row = {"error": "{reason}: {detail}", "not_json": "", "played": True, "about": ""}
PRODUCT: Row = {"profile": "", "deviations": {}}
COUNTED = ("due", "sent", "answered", "errors")


def complete(document: Row) -> None:
    """Add the members that the schema of a report does not require; none for a load report."""
    for row in document.get("waivers", ()):
        _fill(row, WAIVER)
    for id, row in document.get("operations", {}).items():
        _fill(row, OPERATION | {"id": id, "title": id})
    for key, empty in (("baseline", BASELINE), ("product", PRODUCT)):
        if document.get(key):
            _fill(document[key], empty)


def _fill(row: Row, empty: Row) -> None:
    for name in empty.keys() - row.keys():
        row[name] = deepcopy(empty[name])


def report(document: Row) -> Iterator[Complaint]:
    """Contradictions in a report of a run."""
    yield from _moment("/started", document["started"])
    steps = {(sequence["id"], step["id"]) for sequence in document["sequences"] for step in sequence["steps"]}
    for place, exchange in enumerate(document["exchanges"]):
        if exchange["number"] != place + 1:
            yield f"/exchanges/{place}/number", f"{place + 1} is expected, not {exchange['number']}"
    for place, finding in enumerate(document["findings"]):
        where, number = f"/findings/{place}", finding["exchange"]
        if finding["requirement"] not in document["requirements"]:
            yield f"{where}/requirement", f"no requirement there is called {finding['requirement']!r}"
        if (finding["sequence"], finding["step"]) not in steps:
            yield f"{where}/step", f"no step there is called {finding['sequence']}/{finding['step']}"
        if number is not None and not 1 <= number <= len(document["exchanges"]):
            yield f"{where}/exchange", f"there is no exchange {number}"
    for place, waiver in enumerate(document.get("waivers", ())):
        if waiver["until"] and not _is_day(waiver["until"]):  # a documented deviation has none
            yield f"/waivers/{place}/until", "a day, as 2026-12-31, is expected"


def load(document: Row) -> Iterator[Complaint]:
    """Contradictions in a report of a load run."""
    yield from _moment("/started", document["started"])
    series: Mapping[str, Any] = document["series"]
    if not series["width"]:
        yield "/series/width", "at least 1 is expected, not 0"
    lists = {f"/series/{name}": series[name] for name in ("at", *COUNTED, "lag_p99_ms")}
    for id, row in series["operations"].items():
        lists |= {f"/series/operations/{id}/{name}": row[name] for name in ("p50", "p95")}
    lists |= _behind((document.get("baseline") or {}).get("figures"))
    for where, values in lists.items():
        if len(values) != len(series["at"]):
            yield where, f"as many entries as in /series/at are expected ({len(series['at'])})"
    for name in ("at", *COUNTED):
        if None in series[name]:
            yield f"/series/{name}/{series[name].index(None)}", "a number is expected, not null"
    for place, threshold in enumerate(document["thresholds"]):
        if threshold["value"] is None and not threshold["why"]:
            yield f"/thresholds/{place}/value", "a number is expected where no `why` says why there is none"


def capacity(document: Row) -> Iterator[Complaint]:
    """Contradictions in the document of a search for the highest rate."""
    yield from _moment("/started", document["started"])
    rate, rates = document["capacity"]["rate"], {step["rate"] for step in document["steps"]}
    if rate is not None and rate not in rates:
        yield "/capacity/rate", f"the rate of a step is expected, not {rate}"


def _behind(figures: Row | None) -> Iterator[tuple[str, list[float | None]]]:
    """The series of a baseline, each with its place."""
    if figures:
        where, series = "/baseline/figures/series", figures["series"]
        yield from ((f"{where}/overall/{name}", values) for name, values in series["overall"].items())
        yield from ((f"{where}/operations/{id}/p95", row["p95"]) for id, row in series["operations"].items())


def _moment(where: str, text: str) -> Iterator[Complaint]:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        yield where, f"a moment, as 2026-12-31T12:00:00Z, is expected, not {text!r}"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10  # what Python reads beside that, as 20261231, is none here
