"""Writes a load report as one HTML file without network access.

Charts are inline SVG; where scripts may run they have values to read, and operations can be picked.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Template

from scimproof.render.load import charts, summary
from scimproof.render.load.outside import outside
from scimproof.render.load.sizes import answers, grown, size
from scimproof.render.load.terminal import (
    BYTES,
    MARKS,
    SIZES,
    decided,
    milliseconds,
    resent,
    standing,
    stored,
    tidied,
    violation,
)
from scimproof.render.page import data_block, inlined, page_environment
from scimproof.render.phrases import count, recording, remains

Row = dict[str, Any]
VIOLATIONS = {
    "lost": "accepted, and not there",
    "unlisted": "there by id, and missing in a list or a search",
    "phantom": "refused, and there",
    "duplicate": "one name, two resources",
    "stale": "an older value than the last accepted",
    "membership": "members that no order of the accepted changes gives",
    "undead": "deactivated, and active when read",
    "races": "decided as no order of the requests gives",
}
VERDICTS = {"held": "held", "broken": "broken", "undecided": "could not be told"}


def html(document: Row) -> str:
    """The whole page."""
    audit, audited = summary.audit(document)
    return _template().render(
        load=document,
        remains=remains(document),
        rate=summary.rate(document),
        response=summary.response(document),
        errors=summary.errors(document),
        verdicts=summary.verdicts(document),
        nearest=summary.nearest(document),
        audit=audit,
        audited=audited,
        wide=charts.main(document),
        narrow=charts.main(document, width=charts.NARROW, height=230),
        by_sequence=charts.by_sequence(document),
        series=data_block(charts.explorer(document)),
        arrivals=charts.arrivals(document),
        wrong=charts.errors(document),
        curve=charts.curve(document),
        standing=standing(document),
        groups=_groups(document),
        limits=_limits(document),
        stored=list(stored(document)),
        answers=answers(document),
        resent=resent(document),
        grown=list(grown(document)),
    )


@cache
def _template() -> Template:
    environment = page_environment()
    environment.globals |= {
        "count": count,
        "SIZES": SIZES,
        "BYTES": BYTES,
        "VERDICTS": VERDICTS,
        "VIOLATIONS": VIOLATIONS,
        "data_block": data_block,
        "tidied": tidied,
        "outside": outside,
        "decided": decided,
        "limit": summary.limit,
        "percent": summary.percent,
        "recording": recording,
        "sentence": summary.sentence,
        "short": summary.short,
    }
    environment.globals |= inlined("report.css", "charts.css", "load.css", scripts=("charts.js", "load.js"))
    environment.filters |= {"ms": milliseconds, "size": size, "violation": violation}
    return environment.get_template("load.html.j2")


def _limits(document: Row) -> list[tuple[str, list[Row]]]:
    """The thresholds by verdict, exceeded ones first; there may be hundreds that are met."""
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
