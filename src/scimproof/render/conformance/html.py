"""Writes a report as one HTML file without network access; its scripts only search and filter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Template

from scimproof.core.escaping import line
from scimproof.core.results import Verdict
from scimproof.render.conformance import rfc_rows
from scimproof.render.conformance.admin_messages import AdminMessages
from scimproof.render.conformance.features import features
from scimproof.render.conformance.gate_notes import CALLED, lapsed, notices, standing
from scimproof.render.conformance.html_findings import FindingsView
from scimproof.render.coverage import by_operation, by_source, not_asked
from scimproof.render.diagnosis.grouping import causes
from scimproof.render.diagnosis.known_deviations import explained
from scimproof.render.page import inlined, page_environment
from scimproof.render.phrases import (
    SEVERITY,
    STATES,
    count,
    dialects,
    look,
    reason,
    remains,
    requests,
    result,
    sentence,
)
from scimproof.render.sender import authority, place, sender
from scimproof.report.titles import broken

Row = dict[str, Any]
SHORT = 8  # reasons in the summary: with the result they fit the first screen
SHORT_WIDTH = 110  # characters of each


def html(report: Row) -> str:
    """The whole page."""
    return "".join(html_pieces(report))


def html_pieces(report: Row) -> Iterator[str]:
    """The page in pieces, to be written one after another.

    As one text it would be the largest object that a run ever holds: Python keeps four bytes a character of
    whatever has one emoji in it, 25 MB for a page of 6.
    """
    found = causes(report)
    sheet = FindingsView(report)
    operations = by_operation(report)
    messages = AdminMessages(report)
    yield from _template().generate(
        report=report,
        result=result(report),
        look=look(report),
        reason=" ".join(filter(None, (standing(report), reason(report, found)))),
        lapsed=lapsed(report),
        notices=list(notices(report)),
        dialect_sentence=sentence(report),
        causes=[(cause, messages.of(cause.first)) for cause in found],
        dialects=dialects(report),
        operations=operations,
        not_asked=not_asked(report, operations),
        sources=by_source(report),
        features=features(report),
        rows_sentence=rfc_rows.sentence(report),
        rows=rfc_rows.sections(report),
        row_states=rfc_rows.STATES,
        known_as=lambda finding: explained(report, [finding]),
        sheet=sheet,
        remains=remains(report),
        requests=requests(report),
        sender=sender(report),
        place=place(report, start=True),
        authority=lambda name: authority(name, report),
        waived=[finding for finding in report["findings"] if finding["verdict"] == Verdict.WAIVED],
        known={finding["id"] for finding in report["findings"]},
        verdicts=[str(verdict) for verdict in Verdict if report["summary"]["verdicts"][verdict]],
    )


def anchor(finding: str) -> str:
    """The finding's HTML id: its own id with a colon for `#`, which a link cannot contain."""
    return finding.replace("#", ":")


@cache
def _template() -> Template:
    environment = page_environment()
    environment.globals |= {
        "SEVERITY": SEVERITY,
        "broken": broken,
        "STATES": STATES,
        "count": count,
        "CALLED": CALLED,
        "SHORT": SHORT,
        "SHORT_WIDTH": SHORT_WIDTH,
    }
    environment.globals |= inlined("report.css", scripts=("report.js",))
    environment.filters |= {
        "anchor": anchor,
        "line": line,
        "link": lambda text: "#" + quote(anchor(text), safe="/:"),
    }
    return environment.get_template("report.html.j2")
