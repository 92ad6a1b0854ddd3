"""Reduces a report to the exchanges that readers need: those with a failed check."""

from __future__ import annotations

from collections import Counter
from typing import Any

from scimproof.core.results import Verdict

Row = dict[str, Any]
FINE = (Verdict.PASS, Verdict.NOT_APPLICABLE)
SHORT = 1_000  # characters of a request's body that are kept, to tell what kind of request it is
REFUSED = 400  # the statuses from here on
MOST = 2  # conversations that a brief report keeps for one requirement and verdict


def outlined(report: Row) -> Row:
    """The report with complete exchanges only where something fails.

    Complete are all exchanges of a sequence with a finding that does not pass, and those that global checks
    name. The others keep method, path and status, without headers and bodies but for what a refusal says, so
    that all counts stay.
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
    # What a refusal says is how it is told from others, whether a check was about it or not.
    says = exchange["status"] >= REFUSED and len(exchange["body"]) <= SHORT
    return (
        exchange
        | {"outline": True, "request": asked, "headers": []}
        | ({} if says else _without_body(exchange))
    )


def _without_body(part: Row) -> Row:
    length = part.get("length", len(part["body"].encode()))
    return {"body": "", "truncated": True, "length": length} if part["body"] else {}


def brief(report: Row) -> Row:
    """The report with few conversations for each requirement that does not hold, and no texts of what holds.

    For runs with thousands of findings. Every finding keeps its verdict, so that the counts, the rows and the
    reasons stay. What holds has no conversation any more; what does not has an outline after the first.
    """
    open_ones = [finding for finding in report["findings"] if finding["verdict"] not in FINE]
    shown = _shown(open_ones)
    named = {finding["exchange"] for finding in open_ones}
    kept = [one for one in report["exchanges"] if one["number"] in named]
    numbers = {one["number"]: number for number, one in enumerate(kept, 1)}
    return report | {
        "findings": [_told(one, numbers) for one in report["findings"]],
        "exchanges": [
            (_short(one) if one["number"] in shown else _outline(one, whole=False))
            | {"number": numbers[one["number"]]}
            for one in kept
        ],
    }


def without_what_holds(report: Row) -> Row:
    """The report with nothing but what does not hold, for a page; its summary still counts everything.

    Of what another finding holds back there is the first of each requirement.
    """
    left, held_back = [], set()
    for finding in report["findings"]:
        if finding["verdict"] in FINE or (finding["because"] and finding["requirement"] in held_back):
            continue
        left.append(finding)
        held_back |= {finding["requirement"]} if finding["because"] else set()
    wrong = {(finding["sequence"], finding["step"]) for finding in left}
    some = [one for one in report["sequences"] if any(one["id"] == sequence for sequence, _ in wrong)]
    return report | {
        "findings": left,
        "sequences": [
            one | {"steps": [step for step in one["steps"] if (one["id"], step["id"]) in wrong]}
            for one in some
        ],
    }


def _shown(findings: list[Row]) -> set[int]:
    """The exchanges of the first findings of each requirement and verdict."""
    told: Counter[tuple[str, str]] = Counter()
    shown = set()
    for finding in findings:
        kind = (finding["requirement"], finding["verdict"])
        told[kind] += 1
        if told[kind] <= MOST and finding["exchange"]:
            shown.add(finding["exchange"])
    return shown


def _told(finding: Row, numbers: dict[int, int]) -> Row:
    """A finding by the new numbers of exchanges; of one that holds no text, but why it does not apply."""
    exchange = numbers.get(finding["exchange"])
    if finding["verdict"] not in FINE:
        return finding | {"exchange": exchange}
    why = finding["observed"] if finding["verdict"] == Verdict.NOT_APPLICABLE else ""
    return finding | {"expected": "", "observed": why, "exchange": exchange}


def _short(exchange: Row) -> Row:
    """An exchange whose long bodies are cut."""
    return exchange | {"request": exchange["request"] | _cut(exchange["request"])} | _cut(exchange)


def _cut(part: Row) -> Row:
    if len(part["body"]) <= SHORT:
        return {}
    length = part.get("length", len(part["body"].encode()))
    return {"body": part["body"][:SHORT], "truncated": True, "length": length}
