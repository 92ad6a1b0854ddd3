"""Compares two load reports; flags only differences larger than the statistical noise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from scimproof.report.comparison import FORMAT, both_embedded

MEASURES = {"p50": 50.0, "p95": 95.0, "p99": 99.0}
LEAST = 1.10  # smaller ratios are ignored, however certain they are
SURE = (
    2.576  # standard deviations on both sides that 99 % of chance stays within: a run has a hundred figures
)
BUCKET = 0.005  # the histogram's own error
NOISE = (
    "Noise: each percentile's 99 % interval from the number of answers (a percentile is a rank, and chance "
    "moves ranks as the binomial distribution says), read off the run's own curve and widened by the 0.5 % "
    "of its histogram. Slower or faster is only said where the two intervals do not touch and the ratio is "
    f"at least {LEAST:.2f}. Shares of errors differ where a two-sided test of proportions is 99 % sure. What "
    "else makes one run differ from the next (another machine, a neighbour, a cold cache) is not in it: "
    "repeat both runs before you blame a change of a few per cent."
)
MOVES = {("held", "broken"): "new", ("broken", "held"): "fixed"}
Row = dict[str, Any]
Report = Mapping[str, Any]


def compare_load(old: Report, new: Report, *, paths: tuple[str, str] = ("", "")) -> Row:
    """The comparison of two load reports as a document, `result` as that of `comparison.compare`.

    `worse` are sentences. Violations that the audit proves always count; figures of an invalid run, or of
    another plan, are shown and do not.
    """
    why = _unfit(old, "earlier") or _unfit(new, "later") or _other_plan(old, new)
    operations = list(_operations(old, new))
    thresholds = list(_thresholds(old, new))
    audit = list(_audit(old, new))
    proven = [row["said"] for row in audit if row["change"] == "new"]
    measured = [
        f"{row['id']} {figure['measure']}: {figure['said']}"
        for row in operations
        for figure in row["figures"]
        if figure["change"] == "new"
    ]
    measured += [row["said"] for row in thresholds if row["change"] == "new"]
    worse = proven + ([] if why else measured)
    figures = [figure for row in operations for figure in row["figures"] if figure["unit"] == "ms"]
    untold = sum(1 for figure in figures if not (figure["old_between"] and figure["new_between"]))
    if not operations and not why:
        why = "the two reports have no operation in common"
    if figures and untold == len(figures) and not why:
        why = "no percentile has answers enough to tell slower from chance: measure for longer"
    return {
        "format": FORMAT,
        "kind": "load",
        "old": _side(old, paths[0]),
        "new": _side(new, paths[1]),
        "differs": _differs(old, new),
        "noise": NOISE,
        "worse": worse,
        "why": why,
        "result": "worse" if worse else "cannot-tell" if why else "not-worse",
        "operations": operations,
        "untold": untold,
        "thresholds": thresholds,
        "audit": audit,
        "gone": sorted(_by_id(old).keys() - _by_id(new).keys()),
        "added": sorted(_by_id(new).keys() - _by_id(old).keys()),
    }


def baseline(found: Row) -> Row:
    """The row about the baseline in a load report; `still` is what is broken as before."""
    still = [row["id"] for row in found["thresholds"] if row["new"] == "broken" and row["change"] != "new"]
    still += [row["kind"] for row in found["audit"] if row["new"] and row["change"] != "new"]
    row = {key: found["old"][key] for key in ("path", "started")}
    return row | {key: found[key] for key in ("result", "worse", "why")} | {"still": still}


def interval(row: Mapping[str, Any], percent: float) -> tuple[float, float] | None:
    """The 99 % confidence interval of a percentile of an operation, in milliseconds; None for too few.

    `row` is an operation of load.json: its `count` of answers and its `curve` of [percent, milliseconds].
    """
    count, curve = row["count"], row["curve"]
    if not count or len(curve) < 2:
        return None
    share = percent / 100
    off = SURE * math.sqrt(share * (1 - share) / count) + 0.5 / count
    if share - off < 0 or share + off > 1:
        return None  # chance may put the percentile beyond all that was seen
    top = row["response_ms"].get("max")
    points = [(p, ms) for p, ms in curve] + ([(100.0, top)] if top is not None and curve[-1][0] < 100 else [])
    low, high = (_at(points, 100 * max(0.0, min(1.0, share + sign * off))) for sign in (-1, 1))
    return low * (1 - BUCKET), high * (1 + BUCKET)


def _at(points: list[tuple[float, float]], percent: float) -> float:
    """The milliseconds at a percentile, interpolated linearly between the points of the curve."""
    before = points[0]
    for point in points:
        if point[0] >= percent:
            span = point[0] - before[0]
            return before[1] + (point[1] - before[1]) * ((percent - before[0]) / span if span else 0.0)
        before = point
    return before[1]


def _operations(old: Report, new: Report) -> Iterator[Row]:
    then, now = _by_id(old), _by_id(new)
    for id, row in now.items():
        if id in then:
            figures = [_percentile(name, then[id], row) for name in MEASURES]
            yield {"id": id, "figures": [*filter(None, figures), _errors(then[id], row)]}


def _by_id(report: Report) -> dict[str, Row]:
    return {row["id"]: row for row in [*report["operations"], *report.get("spans", ())]}


def _percentile(name: str, old: Row, new: Row) -> Row | None:
    was, now = old["response_ms"].get(name), new["response_ms"].get(name)
    if not was or not now:
        return None
    before, after = interval(old, MEASURES[name]), interval(new, MEASURES[name])
    ratio = now / was
    change = "still"
    if before and after:
        if after[0] > before[1] and ratio >= LEAST:
            change = "new"
        elif after[1] < before[0] and ratio <= 1 / LEAST:
            change = "fixed"
    return {
        "measure": name,
        "unit": "ms",
        "old": was,
        "new": now,
        "ratio": round(ratio, 3),
        "old_between": before and [round(ms, 3) for ms in before],
        "new_between": after and [round(ms, 3) for ms in after],
        "change": change,
        "said": f"{was:,.1f} ms then, {now:,.1f} ms now, {ratio:.2f} times",
    }


def _errors(old: Row, new: Row) -> Row:
    was, now = _share(old), _share(new)
    sure = _apart(old["errors"], old["due"], new["errors"], new["due"])
    return {
        "measure": "errors",
        "unit": "share",
        "old": was,
        "new": now,
        "change": ("new" if now > was else "fixed") if sure else "still",
        "said": f"{old['errors']:,} of {old['due']:,} then, {new['errors']:,} of {new['due']:,} now",
    }


def _share(row: Row) -> float:
    return float(row["errors"] / row["due"]) if row["due"] else 0.0


def _apart(few: int, of: int, many: int, more: int) -> bool:
    """Whether two shares differ by more than chance explains, at 99 % confidence."""
    if not of or not more:
        return False
    pooled = min(1.0, (few + many) / (of + more))
    spread = math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / more))
    return bool(spread) and abs(few / of - many / more) > SURE * spread


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
        yield {"id": row["id"], "old": before, "new": after, "change": change, "said": sentence}


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


def _unfit(report: Report, which: str) -> str:
    if report["result"] == "invalid":
        return f"the {which} run is invalid: {report['why']}"
    return ""


def _other_plan(old: Report, new: Report) -> str:
    """Why the figures of the two runs cannot be compared; empty where they can."""
    for key in ("model", "arrivals", "rate", "mix", "prefill", "users"):
        then, now = old["plan"].get(key), new["plan"].get(key)
        if then != now:
            return f"the load was another: {key} {_said(then)} then, {_said(now)} now"
    return ""


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
