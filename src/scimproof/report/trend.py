"""Trend of load runs and capacity searches over releases: one line for each plan, target and load."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from scimproof.core.errors import UsageError
from scimproof.report.load_comparison import compare_load, other_load, percentile_change
from scimproof.report.noise import interval
from scimproof.report.reader import CAPACITY

FORMAT = "scimproof.trend/1"
CHOSEN = 4  # operations that are drawn beside all requests, where none is asked for: the slowest
KEPT = (  # of a load.json; the rest, above all its series, is not held in memory
    "format", "tool", "target", "sender", "plan", "started", "seconds", "result", "why", "partial", "overall",
    "operations", "spans", "generator", "thresholds", "audit", "capacity", "limits",
)  # fmt: skip
Row = dict[str, Any]
Report = Mapping[str, Any]


@dataclass(frozen=True)
class StoredRun:
    """A load.json or capacity.json of a history: its path, the folders below the history, the document.

    `page` is the link to the run's own page; "" where there is none.
    """

    path: str
    folders: tuple[str, ...]
    document: Report
    page: str = ""

    @property
    def moment(self) -> datetime:
        """When it was started; without a time zone it is UTC."""
        found = datetime.fromisoformat(self.document["started"])
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    @property
    def is_capacity(self) -> bool:
        """Whether it is a search for the highest rate."""
        return bool(self.document["format"] == CAPACITY)

    @property
    def target(self) -> str:
        """Which server it was; the embedded target is one, whatever port it had."""
        target = self.document["target"]
        return "the embedded target" if target["embedded"] else str(target["url"])

    @property
    def usable(self) -> bool:
        """Whether its figures are the server's."""
        return bool(self.document["result"] != "invalid")


def kept(document: Report) -> Row:
    """The part of a document that a trend is made of."""
    return {key: document[key] for key in KEPT if key in document}


def trend(
    runs: Iterable[StoredRun],
    *,
    folder: str = "",
    operations: Sequence[str] = (),
    label: re.Pattern[str] | None = None,
    left_out: Sequence[str] = (),
) -> Row:
    """The trend as a document, from which HTML, Markdown and the table of a terminal are written.

    `operations` are ids or patterns of those to draw beside all requests; `label` is searched for in the path
    below the history and its first group, or what it matches, names the release. `left_out` are sentences on
    files that could not be used. UsageError where nothing has an operation like one of the patterns.
    """
    ordered = sorted(runs, key=lambda run: (run.moment, run.path))
    grouped = list(_groups(ordered))
    depth = _depth(grouped)
    lines = [_line(group, _labels(group, label, depth), operations) for group in grouped]
    for pattern in operations:
        if not any(fnmatchcase(id, pattern) for run in ordered for id in _rows(run.document)):
            raise UsageError(f"no run in {folder} has an operation like {pattern!r}")
    return {
        "format": FORMAT,
        "folder": folder,
        "lines": sorted(lines, key=lambda row: (row["plan"], row["target"], row["kind"], row["load"])),
        "left_out": list(left_out),
    }


def _groups(runs: Iterable[StoredRun]) -> Iterator[list[StoredRun]]:
    """Runs that may stand on one line: of one plan, target and load, by the rule that `compare` has."""
    groups: list[list[StoredRun]] = []
    for run in runs:
        found = next((group for group in groups if _alike(group[-1], run)), None)
        if found is None:
            groups.append([run])
        else:
            found.append(run)
    yield from groups


def _alike(one: StoredRun, other: StoredRun) -> bool:
    old, new = one.document, other.document
    if (one.is_capacity, one.target, old["plan"]["name"]) != (
        other.is_capacity,
        other.target,
        new["plan"]["name"],
    ):
        return False
    return not any(other_load(old, new)) and _asked(old) == _asked(new)


def _asked(document: Report) -> list[tuple[Any, ...]]:
    """The limits that a capacity was searched under; another limit gives another capacity."""
    return [(row.get("of"), row.get("measure"), row.get("limit")) for row in document.get("limits", ())]


def _depth(groups: Sequence[Sequence[StoredRun]]) -> int:
    """How far above a document the folder is that names its release: the nearest that always differs."""
    for depth in range(1, 1 + max((len(run.folders) for group in groups for run in group), default=0)):
        if all(len({_folder(run, depth) for run in group}) == len(group) for group in groups):
            return depth
    return 1


def _folder(run: StoredRun, depth: int) -> str:
    return run.folders[-depth] if depth <= len(run.folders) else ""


def _labels(group: Sequence[StoredRun], label: re.Pattern[str] | None, depth: int) -> list[str]:
    """What each run's release is called; runs of one release get the time beside it."""
    names = [_named(run, label, depth) for run in group]
    often = Counter(names)
    return [
        name if often[name] == 1 else f"{name} ({run.moment:%Y-%m-%d %H:%M:%S})"
        for name, run in zip(names, group, strict=True)
    ]


def _named(run: StoredRun, label: re.Pattern[str] | None, depth: int) -> str:
    if label:
        found = label.search("/".join((*run.folders, run.path.rpartition("/")[2])))
        return (found[1] if label.groups else found[0]) or "" if found else f"{run.moment:%Y-%m-%d}"
    version = run.document["target"].get("version")
    return str(version or _folder(run, depth) or f"{run.moment:%Y-%m-%d}")


def _line(group: Sequence[StoredRun], labels: Sequence[str], patterns: Sequence[str]) -> Row:
    last = group[-1].document
    row: Row = {
        "kind": "capacity" if group[-1].is_capacity else "load",
        "plan": last["plan"]["name"],
        "target": group[-1].target,
        "sender": last.get("sender", {}).get("name", ""),
        "load": _load(group[-1]),
    }
    points = [_point(run, label) for run, label in zip(group, labels, strict=True)]
    if group[-1].is_capacity:
        _against_bracket(points)
        return row | {"points": points, "operations": [], "against": None, "comparison": None}
    chosen = _chosen(group, patterns)
    for point, run in zip(points, group, strict=True):
        point.update(_figures(run.document, chosen))
    _against_noise(points, group)
    return row | {"points": points, "operations": chosen} | _last_two(group, labels)


def _load(run: StoredRun) -> str:
    """The load in words: model, arrivals, rate, mix and what is there before."""
    plan = run.document["plan"]
    mix = ", ".join(f"{weight:g} x {id}" for id, weight in plan.get("mix", {}).items())
    before = f", {plan['prefill']:,} users there before" if plan.get("prefill") else ""
    if run.is_capacity:
        return f"highest rate of {mix}{before}"
    rates = [(row["rate"], row["to"]) for row in plan.get("phases", ()) if not row["warm_up"]]
    told = ", ".join(f"{low:g}" if low == high else f"{low:g} to {high:g}" for low, high in rates)
    users = f", {plan['users']} users" if plan.get("model") == "closed" else ""
    return (
        f"{plan['model']} model, {plan['arrivals']}, {told or plan['rate']} sequences/s{users}; {mix}{before}"
    )


def _point(run: StoredRun, label: str) -> Row:
    document = run.document
    capacity = document.get("capacity") or {}
    found: Row = {
        "label": label,
        "path": run.path,
        "page": run.page,
        "started": document["started"],
        "tool": document["tool"]["version"],
        "result": document["result"],
        "why": document.get("why", ""),
        "partial": bool(document.get("partial")),
        "usable": run.usable,
        "verdict": "",
        "ratio": None,
    }
    if run.is_capacity:
        found |= {key: capacity.get(key) for key in ("rate", "unit", "p95_ms", "error_ratio", "bracket")}
        found["at_least"] = bool(capacity.get("at_least"))
    return found


def _figures(document: Report, chosen: Sequence[str]) -> Row:
    """The figures of a load run: of all requests (None in earlier documents), and p95 of the chosen ones."""
    overall, rows = document.get("overall"), _rows(document)
    times = overall["response_ms"] if overall else {}
    due, wrong = (sum(row[name] for row in document["operations"]) for name in ("due", "errors"))
    noise = interval(overall, 95.0) if overall else None
    return {
        "count": sum(row["count"] for row in document["operations"]),
        "due": due,
        "errors": wrong,
        "error_ratio": wrong / due if due else None,
        **{f"{name}_ms": times.get(name) for name in ("p50", "p95", "p99")},
        "noise": noise and [round(ms, 3) for ms in noise],
        "operations": {id: rows[id]["response_ms"].get("p95") for id in chosen if id in rows},
    }


def _rows(document: Report) -> dict[str, Row]:
    return {row["id"]: row for row in [*document.get("operations", ()), *document.get("spans", ())]}


def _chosen(group: Sequence[StoredRun], patterns: Sequence[str]) -> list[str]:
    """The operations that are drawn: those asked for, or the slowest of the last run that can be used."""
    if patterns:
        known = dict.fromkeys(id for run in reversed(group) for id in _rows(run.document))
        return [id for id in known if any(fnmatchcase(id, pattern) for pattern in patterns)]
    last = next((run for run in reversed(group) if run.usable), group[-1])
    rows = _rows(last.document).values()
    slowest = sorted(rows, key=lambda row: -(row["response_ms"].get("p95") or 0))
    return [row["id"] for row in slowest[:CHOSEN] if row["response_ms"].get("p95") is not None]


def _against_noise(points: Sequence[Row], group: Sequence[StoredRun]) -> None:
    """The verdict on the p95 of all requests of each run, against the one before it that can be used."""
    before: Report | None = None
    for point, run in zip(points, group, strict=True):
        overall = run.document.get("overall")
        if not run.usable or not overall:
            continue
        if before and (moved := percentile_change("p95", before["overall"], overall)):
            point |= {"verdict": moved["verdict"], "ratio": moved["ratio"]}
        before = run.document


def _against_bracket(points: Sequence[Row]) -> None:
    """The verdict on each capacity against the one before, by the two rates that each lies between."""
    before: Row | None = None
    for point in points:
        if not point["usable"] or not point["rate"]:
            continue
        if before:
            point |= {"verdict": _bracketed(before, point), "ratio": round(point["rate"] / before["rate"], 3)}
        before = point


def _bracketed(old: Row, new: Row) -> str:
    (old_low, old_high), (new_low, new_high) = (point["bracket"] or (None, None) for point in (old, new))
    if old_low is not None and new_high is not None and new_high <= old_low:
        return "lower"
    if old_high is not None and new_low is not None and new_low >= old_high:
        return "higher"
    return "as before, as far as the search tells"


def _last_two(group: Sequence[StoredRun], labels: Sequence[str]) -> Row:
    """The last run compared with the one before it that can be used, as `compare` does it."""
    earlier = [place for place in range(len(group) - 1) if group[place].usable]
    if not earlier:
        return {"against": None, "comparison": None}
    before = earlier[-1]
    paths = group[before].path, group[-1].path
    found = compare_load(group[before].document, group[-1].document, paths=paths)
    return {"against": labels[before], "comparison": found}
