"""Reduces a report to the exchanges that readers need: those with a failed check."""

from __future__ import annotations

from typing import Any

from scimproof.core.results import Verdict

Row = dict[str, Any]
FINE = (Verdict.PASS, Verdict.NOT_APPLICABLE)
SHORT = 1_000  # characters of a request's body that are kept, to tell what kind of request it is


def outlined(report: Row) -> Row:
    """The report with complete exchanges only where something fails.

    Complete are all exchanges of a sequence with a finding that does not pass, and those that global checks
    name. The others keep method, path and status, without headers and bodies, so that all counts stay.
    """
    needed = _needed(report)
    return report | {
        "exchanges": [_outline(one, whole=one["number"] in needed) for one in report["exchanges"]]
    }


def _needed(report: Row) -> set[int]:
    watches = {sequence["id"] for sequence in report["sequences"] if sequence["watch"]}
    open_ones = [finding for finding in report["findings"] if finding["verdict"] not in FINE]
    named = {finding["exchange"] for finding in open_ones}
    wrong = {finding["sequence"] for finding in open_ones} - watches
    return named | {one["number"] for one in report["exchanges"] if one["sequence"] in wrong}


def _outline(exchange: Row, *, whole: bool) -> Row:
    if whole:
        return exchange
    request = exchange["request"]
    asked = request | {"headers": []} | (_without_body(request) if len(request["body"]) > SHORT else {})
    return exchange | {"outline": True, "request": asked, "headers": []} | _without_body(exchange)


def _without_body(part: Row) -> Row:
    length = part.get("length", len(part["body"].encode()))
    return {"body": "", "truncated": True, "length": length} if part["body"] else {}
