"""Charts of a trend: one place for each release on x; latency, error ratio or capacity on y."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from scimproof.render.load.plots import ticks_to
from scimproof.render.load.summary import percent
from scimproof.render.load.terminal import milliseconds
from scimproof.render.trend.sentences import capacity, noise, standing

Row = dict[str, Any]
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 12, 26
WIDTH, HEIGHT = 760, 240
LETTER, LONGEST = 7, 14  # user units of one letter at the most, letters of a label
OPERATIONS = ("c2", "c3", "c4", "c5")  # their colours: c1 is that of what is wrong
ROOM = 1.08  # of the y axis above the highest value


@dataclass(frozen=True)
class TrendPoint:
    """One release in a chart: its place, what it says, and its noise interval as two heights, if it has one.

    `style` is that of the run: good, failed, partial, or invalid, whose figure no line goes through.
    """

    x: float
    y: float
    style: str
    title: str
    noise: tuple[float, float] | None = None


@dataclass(frozen=True)
class TrendLine:
    """One figure over the releases; `pieces` are point lists of SVG, with a gap where there is no figure."""

    name: str
    style: str
    pieces: tuple[str, ...]
    points: tuple[TrendPoint, ...]


@dataclass(frozen=True)
class TrendChart:
    """A chart of `width` x `height` user units; ticks are (place, label), on x with the whole label third."""

    title: str
    lines: tuple[TrendLine, ...]
    x_ticks: tuple[tuple[float, str, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def area(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the plot area."""
        return LEFT, TOP, self.width - RIGHT, self.height - BOTTOM


Values = Sequence[float | None]


def charts(line: Row) -> Iterator[TrendChart]:
    """The charts of one line of a trend: p95 and errors of load runs, or capacity and the p95 at it."""
    points = line["points"]
    if line["kind"] == "capacity":
        told = [f"{point['label']}: {capacity(point)}" for point in points]
        unit = next((point["unit"] for point in points if point["unit"]), "sequences/s")
        yield _chart(f"Capacity in {unit}", points, [("capacity", "c0", [p["rate"] for p in points], told)])
        yield _latency("p95 in milliseconds at that rate", points, {})
        return
    yield _latency("p95 of response times in milliseconds", points, _operations(line))
    wrong = [point["error_ratio"] for point in points]
    if any(wrong):
        told = [f"{point['label']}: {percent(point['error_ratio'])} errors" for point in points]
        shares = [None if value is None else value * 100 for value in wrong]
        yield _chart("Errors in percent of what was due", points, [("errors", "c1", shares, told)])


def _operations(line: Row) -> Mapping[str, Values]:
    return {id: [point["operations"].get(id) for point in line["points"]] for id in line["operations"]}


def _latency(title: str, points: Sequence[Row], operations: Mapping[str, Values]) -> TrendChart:
    """p95 of all requests with its noise, and of single operations."""
    told = [f"{p['label']}: p95 {milliseconds(p['p95_ms'])} ms{noise(p)}, {standing(p)}" for p in points]
    lines: list[tuple[str, str, Values, list[str]]] = [
        ("all requests", "c0 whole", [point["p95_ms"] for point in points], told)
    ]
    for place, (id, values) in enumerate(operations.items()):
        said = [f"{p['label']}: {id} p95 {milliseconds(v)} ms" for p, v in zip(points, values, strict=True)]
        lines.append((id, OPERATIONS[place % len(OPERATIONS)], values, said))
    return _chart(title, points, lines, [point.get("noise") for point in points])


def _chart(
    title: str,
    points: Sequence[Row],
    lines: Sequence[tuple[str, str, Values, Sequence[str]]],
    between: Sequence[Sequence[float] | None] = (),
) -> TrendChart:
    """The chart; `between` are the noise intervals of the first line."""
    known = [value for _, _, values, _ in lines for value in values if value is not None]
    top = max([*known, *(high for one in between if one for high in one[1:])], default=0.0) * ROOM or 1.0
    places = _places(len(points))

    def y(value: float) -> float:
        return round(TOP + (1 - value / top) * (HEIGHT - BOTTOM - TOP), 1)

    drawn = []
    for number, (name, style, values, told) in enumerate(lines):
        intervals = list(between) if between and not number else [None] * len(points)
        rows = zip(points, places, values, told, intervals, strict=True)
        dots = tuple(
            TrendPoint(x, y(value), mark(point), said, (y(one[0]), y(one[1])) if one else None)
            for point, x, value, said, one in rows
            if value is not None
        )
        drawn.append(TrendLine(name, style, tuple(_pieces(points, places, values, y)), dots))
    ticks = tuple((y(tick), f"{tick:,g}") for tick in ticks_to(top, 4))
    return TrendChart(title, tuple(drawn), tuple(_labels(points, places)), ticks)


def _places(number: int) -> list[float]:
    """So many places on x, evenly spaced; a single one is in the middle."""
    width = WIDTH - RIGHT - LEFT
    inset = 40.0  # half a label
    each = (width - 2 * inset) / (number - 1) if number > 1 else 0.0
    return [round(LEFT + (inset if number > 1 else width / 2) + each * place, 1) for place in range(number)]


def _pieces(points: Sequence[Row], places: Sequence[float], values: Values, y: Any) -> Iterator[str]:
    """Point lists between the gaps: no line goes through what is missing or not the server's."""
    rows = list(zip(points, places, values, strict=True))
    for whole, some in groupby(rows, key=lambda row: row[2] is not None and row[0]["usable"]):
        piece = [f"{x:.1f},{y(value):.1f}" for _, x, value in some] if whole else []
        if len(piece) > 1:
            yield " ".join(piece)


def mark(point: Row) -> str:
    """The style of a run's marker."""
    if not point["usable"]:
        return "invalid"
    if point["partial"]:
        return "partial"
    return "failed" if point["result"] == "fail" else "good"


def _labels(points: Sequence[Row], places: Sequence[float]) -> Iterator[tuple[float, str, str]]:
    """As many labels as there is room for, counted back from the last one; long ones are cut."""
    short = [_cut(point["label"]) for point in points]
    letters = max((len(label) for label in short), default=1)
    room = max(1, int((WIDTH - LEFT - RIGHT) / (letters * LETTER + 10)))
    step = math.ceil(len(points) / room)
    for place in range(len(points) - 1, -1, -step) if points else ():
        yield places[place], short[place], points[place]["label"]


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
