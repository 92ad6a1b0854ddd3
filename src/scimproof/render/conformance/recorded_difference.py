"""Recorded answer beside the one that was seen: lines of both, and which of them differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from scimproof.render.http_messages import LONG, conversation

Row = dict[str, Any]
AROUND = 3  # equal lines that are shown around those that differ
MOST = 200  # lines of a difference
MAY_DIFFER = ("meta",)  # of every server its own, so that it would hide what matters


def recorded_difference(report: Row, exchange: Row) -> Row | None:
    """What a page shows of a replayed exchange: the recorded one, and the lines in which the answers differ.

    None where nothing was recorded in its place. Lines are pairs of a mark (`recorded`, `seen`, `both`) and a
    text.
    """
    recorded = exchange.get("recorded")
    if not recorded:
        return None
    told = conversation(report, exchange | recorded | {"ms": 0}, LONG)
    lines = list(_lines(_answer(recorded), _answer(exchange)))
    return {
        "number": recorded["number"],
        "request": told["request"],
        "answer": told["answer"],
        "lines": lines[:MOST],
        "more": max(0, len(lines) - MOST),
    }


def _answer(exchange: Row) -> list[str]:
    """The lines of an answer in which two of them are compared: without headers, keys in order."""
    status = exchange["error"] or f"{exchange['status']} {exchange['reason']}".strip()
    try:
        body = json.loads(exchange["body"])
    except (ValueError, RecursionError):
        return [status, *exchange["body"].splitlines()]
    told = _compared(body)
    return [status, *json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False).splitlines()]


def _compared(value: Any) -> Any:
    """A body without what may differ, in each of its resources."""
    if isinstance(value, list):
        return [_compared(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: _compared(one) for key, one in value.items() if key not in MAY_DIFFER}


def _lines(recorded: list[str], seen: list[str]) -> Iterator[tuple[str, str]]:
    matcher = SequenceMatcher(None, recorded, seen, autojunk=False)
    for place, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if place:
            yield "both", "…"
        for tag, start, end, begin, stop in group:
            if tag == "equal":
                yield from (("both", line) for line in recorded[start:end])
                continue
            yield from (("recorded", line) for line in recorded[start:end])
            yield from (("seen", line) for line in seen[begin:stop])
