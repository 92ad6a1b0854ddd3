"""Charts of a load report: latency over time with thresholds, arrivals, errors, percentile curves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scimproof.render.load.plots import Chart, PlotLevel, Series, latencies, over_time, percentiles
from scimproof.render.load.summary import called, timed

Row = dict[str, Any]
Line = tuple[str, str, Sequence[float | None]]
ALL = {"p50": "low", "p95": "middle", "p99": "high"}  # percentile of all requests: class of its line
OWN = ("c4", "c5", "c3")  # of the limits that are most strained: their own lines are drawn too
COLOURS = 6
CURVES = 6
BEFORE = "before"  # the class of a line of the baseline, beside that of the run's own
NO_BASELINE: Row = {"curves": {}, "series": {"overall": {}, "operations": {}}}
NARROW = 370  # user units: a chart that is read on a telephone


def main(document: Row, *, width: int = 760, height: int = 260) -> Chart | None:
    """Latency of all requests over time, with every threshold in milliseconds; None without answers.

    A threshold is of one operation, sequence or span, so the lines with the least margin are drawn in its
    colour.
    """
    series = document["series"]
    lines: list[Line] = [
        (f"{name} of all requests", style, series["overall"][name])
        for name, style in ALL.items()
        if "overall" in series
    ]
    if lines and (before := _before(document)["overall"].get("p95")):
        lines.insert(0, (f"p95 of all requests{_baseline(document)}", f"{ALL['p95']} {BEFORE}", before))
    levels = []
    for place, row in enumerate(_distinct(timed(document))):
        style = OWN[place] if place < len(OWN) else "rest"
        levels.append(_level(row, style))
        if place < len(OWN):
            lines += _own(document, row, style)
    lines = lines or list(_slowest(document))
    title = "Latency over time: milliseconds from when each was due, on a logarithmic axis"
    return _latencies(document, title, lines, levels, width, height)


def by_sequence(document: Row) -> list[Chart]:
    """One chart for each sequence: the 95th percentile of each step over time, with thresholds."""
    found: dict[str, list[str]] = {}
    drawn = document["series"]["operations"]
    for id in (row["id"] for row in document["operations"] if row["id"] in drawn):
        found.setdefault(id.rpartition("/")[0], []).append(id)
    return [chart for name, ids in found.items() if (chart := _of_sequence(document, name, ids))]


def explorer(document: Row) -> Row:
    """The data of all lines that somebody may pick: percentiles over time by id, "" for all requests.

    `before` has those of the baseline, `baseline` what they are called.
    """
    series, before = document["series"], _before(document)
    found = {
        **({"": series["overall"]} if "overall" in series else {}),
        **series["operations"],
        **series.get("sequences", {}),
    }
    return {
        "at": series["at"],
        "end": max(series["at"], default=0.0),
        "warm_up": document["plan"]["warm_up"],
        "lines": {id: {name: line[name] for name in ALL if name in line} for id, line in found.items()},
        "before": {"": before["overall"], **before["operations"]},
        "baseline": _baseline(document).removeprefix(", "),
        "limits": [
            {name: row[name] for name in ("of", "measure", "limit", "verdict")} for row in timed(document)
        ],
    }


def _of_sequence(document: Row, name: str, ids: list[str]) -> Chart | None:
    styles = {
        id: f"c{place % COLOURS}{' dotted' if place >= COLOURS else ''}" for place, id in enumerate(ids)
    }
    before = _before(document)["operations"]
    lines: list[Line] = [
        (f"{id[len(name) + 1 :]}, baseline", f"{styles[id]} {BEFORE}", before[id]["p95"])
        for id in ids
        if id in before
    ]
    lines += [(id[len(name) + 1 :], styles[id], document["series"]["operations"][id]["p95"]) for id in ids]
    limited = [row for row in timed(document) if row["of"] == name or row["of"] in styles]
    levels = [_level(row, styles.get(row["of"], "rest"), name) for row in limited]
    return _latencies(document, name, lines, levels, NARROW, 190)


def _latencies(
    document: Row, title: str, lines: Sequence[Line], levels: Sequence[PlotLevel], width: int, height: int
) -> Chart | None:
    if not any(value is not None for _, _, values in lines for value in values):
        return None
    at, warm_up = document["series"]["at"], document["plan"]["warm_up"]
    return latencies(title, at, lines, levels, width, height, warm_up=warm_up)


def _distinct(rows: Sequence[Row]) -> Iterator[Row]:
    """One of each threshold value: equal thresholds of several operations are one line."""
    seen: set[tuple[str, float]] = set()
    for row in rows:
        if (row["measure"], row["limit"]) not in seen:
            seen.add((row["measure"], row["limit"]))
            yield row


def _level(row: Row, style: str, whole: str = "") -> PlotLevel:
    of = row["of"].removeprefix(f"{whole}/").rpartition(".")[2]
    mark = "\N{BALLOT X} " if row["verdict"] == "broken" else ""
    name = f"{mark}{called(row['measure'])} of {of} \N{LESS-THAN OR EQUAL TO} {row['limit']:,g} ms"
    return PlotLevel(row["limit"], name, f"{style} {row['verdict']}")


def _own(document: Row, row: Row, style: str) -> Iterator[Line]:
    """The line of the operation that a threshold is about, where the document has it."""
    series, name, of = document["series"], row["measure"].removesuffix("_ms"), row["of"]
    known: Mapping[str, Row] = series["operations"] | series.get("sequences", {})
    if name in known.get(of, {}):
        yield f"{name} of {of}, dashed: at most {row['limit']:,g} ms", style, known[of][name]


def _slowest(document: Row) -> Iterator[Line]:
    """The few slowest operations, for documents without figures of all requests together."""
    rows = [row for row in document["operations"] if row["id"] in document["series"]["operations"]]
    for place, row in enumerate(sorted(rows, key=lambda row: -(row["response_ms"]["p95"] or 0))[:3]):
        yield f"p95 of {row['id']}", f"c{place}", document["series"]["operations"][row["id"]]["p95"]


def arrivals(document: Row) -> Chart:
    """Requests per second: due, sent, answered."""
    lines = [(name, name, _per_second(document, name)) for name in ("due", "sent", "answered")]
    return _over(document, "requests per second: due, sent, answered", lines)


def errors(document: Row) -> Chart:
    """Errors per second."""
    lines = [("errors", "wrong", _per_second(document, "errors"))]
    return _over(document, "errors per second", lines, height=140)


def curve(document: Row) -> Chart:
    """Percentile curves of the slowest operations: milliseconds over percentiles."""
    known = [row for row in document["operations"] if row["curve"]]
    slowest = sorted(known, key=lambda row: -(row["response_ms"]["p95"] or 0))[:CURVES]
    before = _behind(document)["curves"]
    lines = [
        (f"{row['id']}{_baseline(document)}", f"c{place} {BEFORE}", _known(before[row["id"]]))
        for place, row in enumerate(slowest)
        if row["id"] in before
    ]
    lines += [(row["id"], f"c{place}", _known(row)) for place, row in enumerate(slowest)]
    return percentiles("milliseconds within which so many percent were answered", lines)


def _behind(document: Row) -> Row:
    """What is drawn of the baseline behind the run; empty lists of lines where there is none to draw."""
    found: Row = (document.get("baseline") or {}).get("figures") or NO_BASELINE
    return found


def _before(document: Row) -> Row:
    series: Row = _behind(document)["series"]
    return series


def _baseline(document: Row) -> str:
    """What is added to the name of a line of the baseline: its day."""
    return f", baseline of {document['baseline']['started'][:10]}" if document.get("baseline") else ""


def _known(row: Row) -> list[list[float]]:
    """The curve up to the percentile beyond which there is no answer."""
    return [point for point in row["curve"] if row["count"] * (100 - point[0]) >= 100]


def _per_second(document: Row, name: str) -> list[float]:
    series = document["series"]
    return [value / series["width"] for value in series[name]]


def _over(document: Row, title: str, lines: Series, **size: int) -> Chart:
    at, warm_up = document["series"]["at"], document["plan"]["warm_up"]
    return over_time(title, at, lines, **size, warm_up=warm_up, unit="/s")
