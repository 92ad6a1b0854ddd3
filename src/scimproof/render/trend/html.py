"""Writes the trend as one HTML page without scripts and network access; charts are inline SVG."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template

from scimproof.render.page import inlined, page_environment
from scimproof.render.trend import sentences, tables
from scimproof.render.trend.charts import charts, mark

Row = dict[str, Any]


def html(trend: Row) -> str:
    """The whole page."""
    return _template().render(trend=trend)


@cache
def _template() -> Template:
    environment = page_environment()
    environment.globals |= {
        "charts": charts,
        "counted": sentences.counted,
        "heading": sentences.heading,
        "heads": tables.heads,
        "last": sentences.last,
        "mark": mark,
        "rows": tables.rows,
    }
    environment.globals |= inlined("report.css", "charts.css", "trend.css")
    return environment.get_template("trend.html.j2")
