"""The colours of lines, as people see them who do not tell red from green, or blue from yellow."""

from __future__ import annotations

import math
import re
from itertools import combinations

import pytest

from scimproof.core.paths import knowledge_root

CSS = (knowledge_root() / "reports/templates/charts.css").read_text(encoding="utf-8")
PAPER = ("#ffffff", "#12171e")  # of report.css, by day and by night
Triple = tuple[float, float, float]
PLAIN = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
# Machado, Oliveira, Fernandes 2009, severity 1.0: protanopia, deuteranopia, tritanopia.
EYES: dict[str, tuple[Triple, Triple, Triple]] = {
    "all cones": PLAIN,
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "no blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
APART = 20  # in CIELAB, where 2.3 is just noticed side by side
CONTRAST = 3  # of graphics (WCAG 2.2, 1.4.11)


def light(colour: str) -> Triple:
    """Linear light of #rrggbb."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def seen(colour: str, eyes: str) -> Triple:
    """CIELAB of the colour as these eyes see it."""
    red, green, blue = (
        min(max(sum(a * b for a, b in zip(row, light(colour), strict=True)), 0), 1) for row in EYES[eyes]
    )
    x = _root((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047)
    y = _root(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _root((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116


def brightness(colour: str) -> float:
    red, green, blue = light(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05


@pytest.mark.parametrize("eyes", EYES)
def test_lines_are_told_apart_and_from_the_paper(eyes: str) -> None:
    themes = [re.findall(r"--c\d: (#\w{6})", line) for line in CSS.splitlines() if "--c0:" in line]
    assert [len(theme) for theme in themes] == [6, 6]
    for theme, paper in zip(themes, PAPER, strict=True):
        for one, other in combinations(theme, 2):
            assert math.dist(seen(one, eyes), seen(other, eyes)) > APART, (one, other)
        for colour in theme:
            dark, bright = sorted((brightness(colour), brightness(paper)))
            assert bright / dark > CONTRAST, colour
