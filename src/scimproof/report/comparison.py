"""Two reports of one server: what got worse, what was mended, and what can no longer be told.

How verdicts are ordered: what holds (pass, not-applicable), waived, warning, fail; inconclusive and error
are no places in that order, they are not knowing. A change is

- `new`: worse than before; it decides only where a deciding requirement now fails,
- `fixed`: it did not hold, or held by a waiver only, and holds,
- `still`: as before, or better without holding: fails, warns, is waived, or is undecided,
- `unsure`: it was decided and is not any more,
- `added`: decided now and not before: not asked then, or asked in vain; nobody can say that it got worse,
- `gone`: no longer checked, also where a check does not apply because nothing was sent or observed for it,
- `same`: it holds as it did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scimproof.core.results import Verdict
from scimproof.report import extent
from scimproof.report.titles import broken

FORMAT = "scimproof.comparison/1"
CHANGES = ("new", "unsure", "added", "still", "fixed", "gone", "same")
RANK = {Verdict.PASS: 0, Verdict.NOT_APPLICABLE: 0, Verdict.WAIVED: 1, Verdict.WARNING: 2, Verdict.FAIL: 3}
FACTS = ("started", "result", "partial")

Row = dict[str, Any]
Report = Mapping[str, Any]


@dataclass(frozen=True)
class Baseline:
    """An earlier report, and the path it was read from."""

    path: str
    report: Report


def change(old: str | None, new: str | None) -> str:
    """The kind of change, one of CHANGES, between an earlier and a later verdict (None: not checked)."""
    if new is None:
        return "gone"
    before = None if old is None else RANK.get(Verdict(old))
    after = RANK.get(Verdict(new))
    if before is None:  # not asked, or not decided
        return "still" if old is not None and after is None else "added"
    if after is None:
        return "still" if before == RANK[Verdict.FAIL] else "unsure"
    if after > before:
        return "new"
    if not after:
        return "fixed" if before else "same"
    return "still"


def changes(old: Report, new: Report) -> Iterator[Row]:
    """A row for every finding of either report: its change, both verdicts ("" for none), its requirement."""
    before = {finding["id"]: finding for finding in old["findings"]}
    for finding in new["findings"]:
        was = before.pop(finding["id"], None)
        kind = change(was and was["verdict"], finding["verdict"])
        unasked = finding["verdict"] == Verdict.NOT_APPLICABLE and finding["exchange"] is None
        yield _row("gone" if kind == "fixed" and unasked else kind, was, finding)
    for finding in before.values():
        yield _row("gone", finding, None)


def _row(kind: str, old: Row | None, new: Row | None) -> Row:
    latest = new or old
    assert latest is not None
    return {
        "id": latest["id"],
        "change": kind,
        "old": old["verdict"] if old else "",
        "new": new["verdict"] if new else "",
        **{
            key: latest[key] for key in ("requirement", "authority", "level", "gates", "expected", "observed")
        },
    }


def compared(old: Report, new: Report) -> int:
    """How many findings are decided, or were to be, in both reports."""
    return len({f["id"] for f in old["findings"]} & {f["id"] for f in new["findings"]})


def differs(old: Report, new: Report) -> list[str]:
    """Differences other than the server that may explain a change, in sentences."""
    differences = []
    for what, path in (
        ("Target", ("target", "url")),
        ("Profile", ("profile", "id")),
        ("Version of scimproof", ("tool", "version")),
        ("What was asked for", ("options", "sequences")),
        ("Seed", ("seed",)),
    ):
        then, now = _at(old, path), _at(new, path)
        if then != now and not (what == "Target" and both_embedded(old, new)):
            differences.append(f"{what}: {_said(then)} then, {_said(now)} now.")
    if not same_suites(old, new):
        differences.append(
            "The suites changed since: what is asked for the first time may fail without the server being "
            "worse, and what is no longer asked is not fixed."
        )
    if old.get("partial"):
        differences.append("The earlier run did not get to its end.")
    return differences


def both_embedded(old: Report, new: Report) -> bool:
    """Whether both runs tested the embedded target, whose port differs each time."""
    return bool(_at(old, ("target", "embedded")) and _at(new, ("target", "embedded")))


def same_suites(old: Report, new: Report) -> bool:
    """Whether both runs used the same suites, requirements and requests."""
    return bool(_at(old, ("tool", "suites")) == _at(new, ("tool", "suites")))


def _at(report: Report, path: tuple[str, ...]) -> Any:
    found: Any = report
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "the whole profile"
    return "unknown" if value is None else str(value)


def baseline(before: Baseline, new: Report) -> Row:
    """The row about the baseline in a report."""
    old = before.report
    rows = list(changes(old, new))
    lists = {kind: [row["id"] for row in rows if row["change"] == kind] for kind in CHANGES if kind != "same"}
    return {
        "path": before.path,
        "started": str(old.get("started", "")),
        "suites": str(_at(old, ("tool", "suites")) or ""),
        "same_suites": same_suites(old, new),
        "compared": compared(old, new),
        **lists,
        "was": {row["id"]: row["old"] for row in rows if row["change"] in ("new", "unsure")},
        "worse": _worse(rows),
        "why": _unclear(rows, old, new),
        "differs": differs(old, new),
    }


def _worse(rows: list[Row], *, strict: bool = False) -> list[str]:
    """The ids of regressions that count: a deciding requirement that now fails."""
    decisive = [row["id"] for row in rows if row["change"] == "new" and _fails(row)]
    if strict:
        decisive += [row["id"] for row in rows if row["change"] == "added" and _fails(row)]
        decisive += [row["id"] for row in rows if row["change"] == "gone" and row["gates"]]
    return decisive


def _fails(row: Row) -> bool:
    return bool(row["gates"] and row["new"] == Verdict.FAIL)


def _unclear(rows: list[Row], old: Report, new: Report) -> str:
    """Why no regression can be excluded; empty where it can."""
    lost = sum(1 for row in rows if row["change"] == "unsure" and row["gates"])
    if not compared(old, new):
        return "the two reports have no finding in common"
    if new.get("interrupted"):
        return "the later run was interrupted"
    if new.get("partial"):
        return f"the later run did not get to its end: {new.get('stop', '')}"
    if lost:
        which = "check that was decided then is" if lost == 1 else "checks that were decided then are"
        return f"{lost:,} deciding {which} not now"
    return ""


def compare(old: Report, new: Report, *, paths: tuple[str, str] = ("", ""), strict: bool = False) -> Row:
    """The comparison of two reports as a document, which writers render.

    `result` is `worse`, `not-worse` or `cannot-tell` (with `why`). `strict` counts as worse, too, a deciding
    requirement that was not decided before and fails, and one that is no longer checked.
    """
    rows = list(changes(old, new))
    decisive = _worse(rows, strict=strict)
    why = _unclear(rows, old, new)
    rules = {**old["requirements"], **new["requirements"]}
    evidence = _evidence(new)
    return {
        "format": FORMAT,
        "kind": "report",
        "old": _side(old, paths[0]),
        "new": _side(new, paths[1]),
        "same_suites": same_suites(old, new),
        "differs": differs(old, new),
        "strict": strict,
        "counts": {kind: sum(1 for row in rows if row["change"] == kind) for kind in CHANGES},
        "worse": decisive,
        "why": why,
        "result": "worse" if decisive else "cannot-tell" if why else "not-worse",
        "changes": [
            row | _words(rules.get(row["requirement"], {}), evidence.get(row["id"]))
            for row in rows
            if row["change"] != "same"
        ],
    }


def _evidence(report: Report) -> dict[str, Row]:
    """The exchange behind each finding."""
    exchanges = {exchange["number"]: exchange for exchange in report["exchanges"]}
    known = ((finding["id"], exchanges.get(finding["exchange"])) for finding in report["findings"])
    return {id: exchange for id, exchange in known if exchange}


def _words(rule: Row, exchange: Row | None) -> Row:
    return {"statement": rule.get("statement", ""), "broken": broken(rule, exchange)}


def _side(report: Report, path: str) -> Row:
    facts = {key: report.get(key) for key in FACTS}
    return {
        "path": path,
        **facts,
        "asked": extent.asked(report),
        "headline": extent.headline(report),
        "target": _at(report, ("target", "url")),
        "profile": _at(report, ("profile", "id")),
        "suites": _at(report, ("tool", "suites")),
    }
