"""Writes a search for the highest rate as one HTML file without scripts; the curve is inline SVG."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template

from scimproof.render.capacity import curve
from scimproof.render.capacity.terminal import FARED, notes
from scimproof.render.load import summary
from scimproof.render.load.terminal import milliseconds, violation
from scimproof.render.page import inlined, page_environment
from scimproof.render.phrases import count, remains

Row = dict[str, Any]
NARROW = 370  # user units: a chart that is read on a telephone


def html(document: Row) -> str:
    """The whole page."""
    audit, audited = summary.audit(document)
    return _template().render(
        search=document,
        found=document["capacity"],
        wide=curve.times(document),
        narrow=curve.times(document, width=NARROW, height=260),
        wrong=curve.errors(document) if document["steps"] else None,
        rows=sorted(document["steps"], key=lambda row: float(row["rate"])),
        notes=list(notes(document)),
        audit=audit,
        audited=audited,
        remains=remains(document),
    )


@cache
def _template() -> Template:
    environment = page_environment()
    environment.globals |= {
        "count": count,
        "FARED": FARED,
        "WORDS": curve.WORDS,
        "percent": summary.percent,
        "sentence": summary.sentence,
    }
    environment.globals |= inlined("report.css", "charts.css", "load.css", "capacity.css")
    environment.filters |= {"ms": milliseconds, "violation": violation}
    return environment.get_template("capacity.html.j2")
