"""Geometry of charts: points, ticks and labels for the SVG that templates draw."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

LEFT, RIGHT, TOP, BOTTOM = 52, 22, 10, 24
STEPS = (1, 2, 2.5, 5, 10)
LEAST_MS = 0.01  # what took less is drawn as if it took so long: a logarithm has no place for 0
ROUND = tuple(digit * 10.0**power for power in range(-2, 8) for digit in (1, 2, 5))
APART, LETTER = 14, 7  # user units from one line of text to the next, and of one letter at the most
Number = float | None


@dataclass(frozen=True)
class PlotLine:
    """One line: name, CSS class, and the pieces between gaps as SVG point lists.

    `dots` are the points that stand alone between two gaps.
    """

    name: str
    style: str
    pieces: tuple[str, ...]
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class PlotLevel:
    """A threshold in a chart: value, name and CSS class.

    `y` is where it is drawn, and `x` where its name ends, 0 where there is no room for it.
    """

    value: float
    name: str
    style: str
    y: float = 0.0
    x: float = 0.0


@dataclass(frozen=True)
class Chart:
    """A chart of `width` x `height` user units with lines, and ticks as (place, label).

    `data` is what charts.js draws in its place where scripts run; empty for a chart that is not over time.
    """

    width: int
    height: int
    lines: tuple[PlotLine, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    title: str = ""
    shade: float = LEFT  # up to here from the left, nothing is counted
    levels: tuple[PlotLevel, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def unmatched(self) -> list[PlotLevel]:
        """The thresholds without a line of their colour, which only their name explains."""
        styles = {line.style for line in self.lines}
        return [level for level in self.levels if level.style.partition(" ")[0] not in styles]

    @property
    def area(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the plot area."""
        return LEFT, TOP, self.width - RIGHT, self.height - BOTTOM


Series = Sequence[tuple[str, str, Sequence[Number]]]


def over_time(
    title: str,
    at: Sequence[float],
    series: Series,
    width: int = 760,
    height: int = 220,
    *,
    warm_up: float = 0,
    unit: str = "",
) -> Chart:
    """Lines over seconds; None is a gap. `series` has name, style and one number for each moment of `at`.

    `unit` is that of the numbers: `ms`, `/s`, or none for a count. Before `warm_up` seconds nothing was
    counted: no line is drawn there, since none of it was 0.
    """
    last = max(at, default=0.0) or 1.0
    x = [_between(moment / last, LEFT, width - RIGHT) for moment in at]
    ticks = tuple((_between(tick / last, LEFT, width - RIGHT), f"{tick:g} s") for tick in ticks_to(last, 6))
    counted = [
        (n, s, [v if t >= warm_up else None for t, v in zip(at, values, strict=True)])
        for n, s, values in series
    ]
    shade = _between(min(warm_up / last, 1), LEFT, width - RIGHT)
    data = {
        "unit": unit,
        "at": list(at),
        "end": last,
        "shade": warm_up,
        # Beside a value of the line, what its name says of the limit would be read as the value's.
        "lines": [
            {"name": n, "short": n.partition(", dashed:")[0], "style": s, "values": values}
            for n, s, values in counted
        ],
    }
    return replace(_chart(title, x, ticks, counted, width, height), shade=shade, data=data)


def latencies(
    title: str,
    at: Sequence[float],
    series: Series,
    levels: Sequence[PlotLevel],
    width: int = 760,
    height: int = 260,
    *,
    warm_up: float = 0,
) -> Chart:
    """Milliseconds over seconds on a logarithmic axis, so that 3 ms and a limit of 3,000 are both seen."""
    plain = over_time(title, at, series, width, height, warm_up=warm_up, unit="ms")
    known = [value for _, _, values in series for value in values if value is not None]
    low, high = _decades([*known, *(level.value for level in levels)])
    scale = math.log10(high / low)

    def share(value: float) -> float:
        return math.log10(max(value, low) / low) / scale

    def y(value: float) -> float:
        return _between(1 - share(value), TOP, height - BOTTOM)

    x = [_between(moment / (max(at, default=0.0) or 1.0), LEFT, width - RIGHT) for moment in at]
    counted = [[v if t >= warm_up else None for t, v in zip(at, s, strict=True)] for _, _, s in series]
    lines = tuple(
        _line(name, style, x, [None if v is None else share(v) for v in values], 1.0, height)
        for (name, style, _), values in zip(series, counted, strict=True)
    )
    ticks = tuple((y(tick), f"{tick:,g}") for tick in _round(low, high))
    drawn = tuple(_named([replace(level, y=y(level.value)) for level in levels], width))
    limits = [{"name": one.name, "style": one.style, "value": one.value} for one in levels]
    data = {**plain.data, "log": True, "levels": limits}
    return replace(plain, lines=lines, y_ticks=ticks, levels=drawn, data=data)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """The powers of ten around all values."""
    known = [max(value, LEAST_MS) for value in values] or [1.0]
    low = max((step for step in ROUND if step <= min(known) * 0.9), default=min(known) * 0.9)
    return low, min((step for step in ROUND if step >= max(known) * 1.15), default=max(known) * 1.15)


def _round(low: float, high: float) -> list[float]:
    """Round numbers between two values, few enough to be told apart."""
    steps = [step for step in ROUND if low <= step <= high]
    return steps if len(steps) <= 6 else [step for step in steps if f"{step:e}".startswith("1")]


def _named(levels: Sequence[PlotLevel], width: int) -> Iterator[PlotLevel]:
    """Place the names of thresholds above them at the right, further left where two overlap."""
    taken: list[tuple[float, float, float]] = []
    for level in sorted(levels, key=lambda level: level.y):
        wide = LETTER * len(level.name)
        x = width - RIGHT - 4.0
        for top, left, right in sorted(taken, key=lambda place: -place[2]):
            if abs(top - level.y) < APART and x > left and x - wide < right:
                x = left - 2 * LETTER
        if x - wide < LEFT:
            yield level
            continue
        taken.append((level.y, x - wide, x))
        yield replace(level, x=round(x, 1))


def percentiles(title: str, series: Sequence[tuple[str, str, Sequence[Sequence[float]]]]) -> Chart:
    """Milliseconds over percentiles; the axis stretches toward 100 %, where the tail is."""
    width, height = 760, 260
    most = max((point[0] for _, _, curve in series for point in curve), default=99.0)
    end = _nines(most) or 1.0
    shown = [percent for percent in (0.0, 50.0, 90.0, 99.0, 99.9, 99.99) if percent <= most]
    ticks = tuple((_between(_nines(p) / end, LEFT, width - RIGHT), f"{p:g} %") for p in shown)
    top = _top([point[1] for _, _, curve in series for point in curve])
    lines = []
    for name, style, curve in series:
        x = [_between(_nines(percent) / end, LEFT, width - RIGHT) for percent, _ in curve]
        lines.append(_line(name, style, x, [value for _, value in curve], top, height))
    return Chart(width, height, tuple(lines), ticks, _y_ticks(top, height), title)


def ticks_to(largest: float, about: int) -> list[float]:
    """Round numbers from 0 up to `largest`, about so many."""
    if largest <= 0:
        return [0.0]
    raw = largest / about
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * unit for factor in STEPS if factor * unit >= raw * 0.999)
    return [round(step * n, 10) for n in range(int(largest / step + 1e-9) + 1)]


def _chart(
    title: str,
    x: list[float],
    x_ticks: tuple[tuple[float, str], ...],
    series: Series,
    width: int,
    height: int,
) -> Chart:
    top = _top([value for _, _, values in series for value in values if value is not None])
    lines = tuple(_line(name, style, x, values, top, height) for name, style, values in series)
    return Chart(width, height, lines, x_ticks, _y_ticks(top, height), title)


def _line(
    name: str, style: str, x: list[float], values: Sequence[Number], top: float, height: int
) -> PlotLine:
    pieces: list[list[tuple[float, float]]] = [[]]
    for place, value in zip(x, values, strict=True):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((place, _between(1 - value / top, TOP, height - BOTTOM)))
    return PlotLine(
        name,
        style,
        tuple(" ".join(f"{x:.1f},{y:.1f}" for x, y in piece) for piece in pieces if len(piece) > 1),
        tuple(piece[0] for piece in pieces if len(piece) == 1),
    )


def _y_ticks(top: float, height: int) -> tuple[tuple[float, str], ...]:
    return tuple((_between(1 - tick / top, TOP, height - BOTTOM), f"{tick:,g}") for tick in ticks_to(top, 4))


def _top(values: Sequence[float]) -> float:
    return max(values, default=0.0) * 1.05 or 1.0


def _between(share: float, low: float, high: float) -> float:
    return round(low + share * (high - low), 1)


def _nines(percent: float) -> float:
    """The number of nines of a percentile: 0 for 0 %, 1 for 90 %, 2 for 99 %."""
    return -math.log10(1 - min(percent, 99.999) / 100)
