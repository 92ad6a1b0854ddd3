"""Compares two load reports; flags only differences larger than the statistical noise."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scimproof.report.comparison import FORMAT, both_embedded
from scimproof.report.noise import LEAST, NOISE, apart, interval

MEASURES = {"p50": 50.0, "p95": 95.0, "p99": 99.0}
OVERALL = "*"  # the id of all requests together
MOVES = {("held", "broken"): "new", ("broken", "held"): "fixed"}
TOO_FEW = "too few answers to tell"
WITHIN = "within noise"
LOAD = ("model", "arrivals", "rate", "mix", "prefill", "users")  # keys of a plan that make the load another
Row = dict[str, Any]
Report = Mapping[str, Any]


def compare_load(old: Report, new: Report, *, paths: tuple[str, str] = ("", "")) -> Row:
    """The comparison of two load reports as a document, `result` as that of `comparison.compare`.

    `worse` are sentences. Violations that the audit proves always count; figures of an invalid run, or of
    another load, are shown and do not: `incomparable` says each reason.
    """
    incomparable = [*_unfit(old, "earlier"), *_unfit(new, "later"), *other_load(old, new)]
    why = incomparable[0] if incomparable else ""
    operations = list(_operations(old, new))
    thresholds = list(_thresholds(old, new))
    audit = list(_audit(old, new))
    proven = [row["said"] for row in audit if row["change"] == "new"]
    measured = [
        f"{named(row['id'])} {figure['measure']}: {figure['said']}"
        for row in operations
        for figure in row["figures"]
        if figure["change"] == "new"
    ]
    measured += [row["said"] for row in thresholds if row["change"] == "new"]
    worse = proven + ([] if why else measured)
    figures = [figure for row in operations for figure in row["figures"] if figure["unit"] == "ms"]
    untold = sum(1 for figure in figures if figure["verdict"] == TOO_FEW)
    if not operations and not why:
        why = "the two reports have no operation in common"
    if figures and untold == len(figures) and not why:
        why = "no percentile has answers enough to tell slower from chance: measure for longer"
    then, now = _by_id(old), _by_id(new)
    return {
        "format": FORMAT,
        "kind": "load",
        "old": _side(old, paths[0]),
        "new": _side(new, paths[1]),
        "differs": _differs(old, new),
        "incomparable": incomparable,
        "noise": NOISE,
        "worse": worse,
        "why": why,
        "result": "worse" if worse else "cannot-tell" if why else "not-worse",
        "operations": operations,
        "alone": [
            *(_alone(row, "only in this run") for id, row in now.items() if id not in then),
            *(_alone(row, "only in the earlier run") for id, row in then.items() if id not in now),
        ],
        "untold": untold,
        "thresholds": thresholds,
        "audit": audit,
        "gone": sorted(then.keys() - now.keys() - {OVERALL}),
        "added": sorted(now.keys() - then.keys() - {OVERALL}),
    }


def named(id: str) -> str:
    """What an operation is called in sentences; all requests together have no id of their own."""
    return "all requests" if id == OVERALL else id


def baseline(found: Row, old: Report, new: Report) -> Row:
    """The row about the baseline in a load report; `still` is what is broken as before.

    `found` is the comparison of the two. `figures` are what charts draw of the baseline behind the run.
    """
    still = [row["id"] for row in found["thresholds"] if row["new"] == "broken" and row["change"] != "new"]
    still += [row["kind"] for row in found["audit"] if row["new"] and row["change"] != "new"]
    row = {key: found["old"][key] for key in ("path", "started")}
    row |= {key: found[key] for key in ("result", "worse", "why")} | {"still": still}
    return row if found["incomparable"] else row | {"figures": _figures(old, new)}


def _figures(old: Report, new: Report) -> Row:
    """Percentile curves and latencies over time of the baseline, for what both runs measured.

    Each series has a number, or None, for each moment of the later run's own `series.at`.
    """
    known = {row["id"] for row in new["operations"]}
    then = [row for row in old["operations"] if row["id"] in known and row["curve"]]
    series, at = old["series"], new["series"]["at"]
    places = list(_places(series["at"], old["plan"].get("warm_up", 0), at))

    def placed(values: Sequence[float | None]) -> list[float | None]:
        return [None if place is None else values[place] for place in places]

    overall = series.get("overall", {})
    return {
        "curves": {row["id"]: {"count": row["count"], "curve": row["curve"]} for row in then},
        "series": {
            "overall": {name: placed(values) for name, values in overall.items()},
            "operations": {
                row["id"]: {"p95": placed(series["operations"][row["id"]]["p95"])}
                for row in then
                if row["id"] in series["operations"]
            },
        },
    }


def _places(before: Sequence[float], warm_up: float, at: Sequence[float]) -> Iterator[int | None]:
    """For each moment, the place among the baseline's that covers it; None outside of what it counted."""
    width = before[1] - before[0] if len(before) > 1 else 1
    for moment in at:
        place = bisect_right(before, moment) - 1
        known = place >= 0 and before[place] >= warm_up and moment < before[place] + width
        yield place if known else None


def percentile_change(name: str, old: Row, new: Row) -> Row | None:
    """A percentile of one operation in both runs: values, change, noise intervals and the verdict in words.

    `name` is one of MEASURES; `old` and `new` are operations of load.json. None where one has no answers.
    """
    was, now = old["response_ms"].get(name), new["response_ms"].get(name)
    if not was or not now:
        return None
    before, after = interval(old, MEASURES[name]), interval(new, MEASURES[name])
    ratio = now / was
    change, verdict = _judged(before, after, ratio)
    return {
        "measure": name,
        "unit": "ms",
        "old": was,
        "new": now,
        "ratio": round(ratio, 3),
        "difference": round(now - was, 3),
        "old_between": before and [round(ms, 3) for ms in before],
        "new_between": after and [round(ms, 3) for ms in after],
        "change": change,
        "verdict": verdict,
        "said": f"{was:,.1f} ms then, {now:,.1f} ms now, {ratio:.2f} times",
    }


def _judged(
    before: tuple[float, float] | None, after: tuple[float, float] | None, ratio: float
) -> tuple[str, str]:
    """The kind of change, and the verdict in words."""
    if not before or not after:
        return "still", TOO_FEW
    slower, faster = after[0] > before[1], after[1] < before[0]
    if slower and ratio >= LEAST:
        return "new", "slower beyond noise"
    if faster and ratio <= 1 / LEAST:
        return "fixed", "faster beyond noise"
    if slower or faster:
        return "still", f"{'slower' if slower else 'faster'}, by less than {LEAST - 1:.0%}".replace("%", " %")
    return "still", WITHIN


def _operations(old: Report, new: Report) -> Iterator[Row]:
    then, now = _by_id(old), _by_id(new)
    for id, row in now.items():
        if id in then:
            figures = [percentile_change(name, then[id], row) for name in MEASURES]
            errors = (
                [] if id == OVERALL else [_errors(then[id], row)]
            )  # all errors are those of the operations
            yield {
                "id": id,
                "name": named(id),
                "counts": {"old": then[id]["count"], "new": row["count"]},
                "figures": [*filter(None, figures), *errors],
            }


def _by_id(report: Report) -> dict[str, Row]:
    """All requests together, every operation and every span, by id."""
    overall = [report["overall"] | {"id": OVERALL}] if report.get("overall") else []
    return {row["id"]: row for row in [*overall, *report["operations"], *report.get("spans", ())]}


def _alone(row: Row, where: str) -> Row:
    """An operation that only one of the runs measured."""
    figures = {name: row["response_ms"].get(name) for name in MEASURES}
    return {"id": row["id"], "name": named(row["id"]), "count": row["count"], "verdict": where} | figures


def _errors(old: Row, new: Row) -> Row:
    was, now = _share(old), _share(new)
    sure = apart(old["errors"], old["due"], new["errors"], new["due"])
    words = ("more errors than by chance" if now > was else "fewer errors than by chance") if sure else WITHIN
    words = words if was or now else "none"
    return {
        "measure": "errors",
        "unit": "share",
        "old": was,
        "new": now,
        "change": ("new" if now > was else "fixed") if sure else "still",
        "verdict": words if old["due"] and new["due"] else TOO_FEW,
        "said": f"{old['errors']:,} of {old['due']:,} then, {new['errors']:,} of {new['due']:,} now",
    }


def _share(row: Row) -> float:
    return float(row["errors"] / row["due"]) if row["due"] else 0.0


def _thresholds(old: Report, new: Report) -> Iterator[Row]:
    then = {row["id"]: row for row in old["thresholds"]}
    for row in new["thresholds"]:
        was = then.get(row["id"])
        before, after = was["verdict"] if was else "", row["verdict"]
        moved = was is not None and was["limit"] != row["limit"]
        change = "still" if before == after else "added" if moved else MOVES.get((before, after), "added")
        sentence = f"limit {row['id']}: {before or 'not there'} then, {after} now"
        if was and moved:
            sentence += f" (the limit itself was {was['limit']:g} and is {row['limit']:g})"
        limits = {
            "old_limit": was["limit"] if was else None,
            "new_limit": row["limit"],
            "old_value": was.get("value") if was else None,
            "new_value": row.get("value"),
        }
        yield {
            "id": row["id"],
            "of": row.get("of", row["id"]),
            "measure": row.get("measure", ""),
            "old": before,
            "new": after,
            **limits,
            "change": change,
            "said": sentence,
        }


def _audit(old: Report, new: Report) -> Iterator[Row]:
    before, after = _counts(old), _counts(new)
    for kind, now in after.items():
        was = before.get(kind)
        sentence = f"audit: {'not done' if was is None else f'{was:,} {kind}'} then, {now:,} {kind} now"
        if was is None:
            change = "added"
        elif bool(was) == bool(now):
            change = "still"
        else:
            change = "new" if now else "fixed"
        yield {"kind": kind, "old": was, "new": now, "change": change, "said": sentence}


def _counts(report: Report) -> dict[str, int]:
    """The number of violations of each kind; empty where no audit was done."""
    audit = report["audit"]
    return dict(audit["counts"]) if audit["done"] else {}


def _unfit(report: Report, which: str) -> Iterator[str]:
    if report["result"] == "invalid":
        yield f"the {which} run is invalid: {report['why']}"


def other_load(old: Report, new: Report) -> Iterator[str]:
    """Why the figures of the two runs cannot be compared; nothing where they can.

    How long was measured is no reason: more answers only narrow the noise.
    """
    for key in LOAD:
        then, now = old["plan"].get(key), new["plan"].get(key)
        if then != now:
            yield f"the load was another: {key} {_said(then)} then, {_said(now)} now"
    if old["plan"].get("rate") == new["plan"].get("rate") and _course(old) != _course(new):
        yield f"the load was another: rates {_rates(old)} then, {_rates(new)} now"
    if (recorded := _recorded(old)) != _recorded(new):
        yield f"the load was another: {recorded or 'no recording'} then, {_recorded(new) or 'none'} now"
    before, after = (report.get("sender", {}).get("name") for report in (old, new))
    if before and after and before != after:
        yield f"another sender's traffic: {before} then, {after} now"
    if old["target"].get("embedded", False) != new["target"].get("embedded", False):
        what = ("an own server", "the embedded one")
        then, now = (what[bool(report["target"].get("embedded"))] for report in (old, new))
        yield f"another target product: {then} then, {now} now"


def _course(report: Report) -> list[tuple[float, float]] | None:
    """The rates at the begin and the end of each measured phase; None where the report does not say them."""
    phases = report["plan"].get("phases")
    return None if phases is None else [(row["rate"], row["to"]) for row in phases if not row["warm_up"]]


def _rates(report: Report) -> str:
    parts = (f"{low:g}" if low == high else f"{low:g} to {high:g}" for low, high in _course(report) or ())
    return ", ".join(parts) or "unknown"


def _recorded(report: Report) -> str:
    """Which recorded arrivals were played, and how often; empty where the plan has none."""
    row = report["plan"].get("recording")
    return f"capture {row['capture']} from {row['began']}, times {row['factor']:g}" if row else ""


def _differs(old: Report, new: Report) -> list[str]:
    differences = []
    for what, section, key in (
        ("Target", "target", "url"),
        ("Version of scimproof", "tool", "version"),
        ("Suites", "tool", "suites"),
        ("Plan", "plan", "name"),
        ("Measured for", "plan", "seconds"),
        ("Processes of the generator", "generator", "processes"),
    ):
        then, now = old[section].get(key), new[section].get(key)
        if then != now and not (what == "Target" and both_embedded(old, new)):
            differences.append(f"{what}: {_said(then)} then, {_said(now)} now.")
    return differences


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{id} {weight:g}" for id, weight in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _side(report: Report, path: str) -> Row:
    return {
        "path": path,
        "started": report["started"],
        "result": report["result"],
        "target": report["target"]["url"],
        "plan": report["plan"]["name"],
    }
