"""Writes a load run as one HTML file that needs no scripts and no network; plots are SVG inside it."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template

from scimproof.render.html import inlined, page_environment
from scimproof.render.load_text import MARKS, SIZES, decided, milliseconds, standing, tidied, violation
from scimproof.render.plots import Chart, Series, over_time, percentiles
from scimproof.render.words import count

Row = dict[str, Any]
VIOLATIONS = {
    "lost": "accepted, and not there",
    "phantom": "refused, and there",
    "duplicate": "one name, two resources",
    "stale": "an older value than the last accepted",
    "membership": "members that no order of the accepted changes gives",
    "undead": "deactivated, and active when read",
    "races": "decided as no order of the requests gives",
}
CURVES = 6


def html(document: Row) -> str:
    """The whole page."""
    return _template().render(
        load=document,
        standing=standing(document),
        groups=_groups(document),
        arrivals=_arrivals(document),
        errors=_errors(document),
        curve=_curve(document),
        small=_small(document),
        violations=VIOLATIONS,
        limits=_limits(document),
    )


@cache
def _template() -> Template:
    environment = page_environment()
    environment.globals |= {
        "count": count,
        "MARKS": MARKS,
        "SIZES": SIZES,
        "tidied": tidied,
        "decided": decided,
    }
    environment.globals |= inlined("report.css", "load.css")
    environment.filters |= {"ms": milliseconds, "violation": violation}
    return environment.get_template("load.html.j2")


def _limits(document: Row) -> list[tuple[str, list[Row]]]:
    """The limits by verdict, the broken ones first; there may be hundreds that hold."""
    rows = document["thresholds"]
    found = [(verdict, [row for row in rows if row["verdict"] == verdict]) for verdict in reversed(MARKS)]
    return sorted(((v, some) for v, some in found if some), key=lambda pair: pair[0] != "broken")


def _groups(document: Row) -> list[Row]:
    """Whole sequences and spans, each with its operations."""
    operations = document["operations"]
    return [
        {"whole": whole, "steps": [row for row in operations if row["id"].startswith(whole["id"] + "/")]}
        for whole in [*document["sequences"], *document["spans"]]
    ]


def _per_second(document: Row, name: str) -> list[float]:
    series = document["series"]
    return [value / series["width"] for value in series[name]]


def _over(document: Row, title: str, lines: Series, **size: int) -> Chart:
    return over_time(title, document["series"]["at"], lines, **size, warm_up=document["plan"]["warm_up"])


def _arrivals(document: Row) -> Chart:
    lines = [(name, name, _per_second(document, name)) for name in ("due", "sent", "answered")]
    return _over(document, "requests per second: due, sent, answered", lines)


def _errors(document: Row) -> Chart:
    lines = [("errors", "wrong", _per_second(document, "errors"))]
    return _over(document, "errors per second", lines, height=140)


def _curve(document: Row) -> Chart:
    """The slowest operations, by their 95th percentile."""
    known = [row for row in document["operations"] if row["curve"]]
    slowest = sorted(known, key=lambda row: -(row["response_ms"]["p95"] or 0))[:CURVES]
    lines = [(row["id"], f"c{place}", _known(row)) for place, row in enumerate(slowest)]
    return percentiles("milliseconds within which so many percent were answered", lines)


def _known(row: Row) -> list[list[float]]:
    """The curve as far as at least one answer lies beyond."""
    return [point for point in row["curve"] if row["count"] * (100 - point[0]) >= 100]


def _small(document: Row) -> list[Chart]:
    """One picture an operation: p50 and p95 over time."""
    series = document["series"]
    return [
        _over(document, id, [("p95", "c1", found["p95"]), ("p50", "c0", found["p50"])], width=370, height=150)
        for id, found in series["operations"].items()
    ]
