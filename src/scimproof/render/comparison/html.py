"""Writes a comparison of two reports as one HTML page without scripts and network access."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template

from scimproof.render.comparison import load_tables
from scimproof.render.comparison.findings import changed
from scimproof.render.comparison.sentences import RESULTS, answer, counted, obstacles
from scimproof.render.page import inlined, page_environment
from scimproof.render.phrases import count

Row = dict[str, Any]


def html(comparison: Row) -> str:
    """The whole page, of two reports of runs or of two load reports."""
    told: Row = {"operations": [], "alone": [], "thresholds": [], "audited": [], "findings": []}
    if comparison["kind"] == "load":
        told |= {
            "operations": load_tables.operation_tables(comparison),
            "alone": load_tables.alone(comparison),
            "thresholds": load_tables.thresholds(comparison),
            "audited": list(load_tables.audited(comparison)),
        }
    else:
        told["findings"] = [(title, rows) for title, rows in changed(comparison) if rows]
    return _template().render(
        comparison=comparison,
        title=RESULTS[comparison["result"]],
        answer=list(answer(comparison)),
        obstacles=obstacles(comparison),
        counted=counted(comparison),
        **told,
    )


@cache
def _template() -> Template:
    environment = page_environment()
    environment.globals |= {"count": count}
    environment.globals |= inlined("report.css", "comparison.css")
    return environment.get_template("comparison.html.j2")
