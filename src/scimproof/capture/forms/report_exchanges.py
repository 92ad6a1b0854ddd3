"""The exchanges of a run, from its report.json, read as a capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.forms.json_items import JsonItems
from scimproof.capture.forms.parsed_message import message
from scimproof.capture.forms.unreadable import UnreadableEntry
from scimproof.core.http_message import Json
from scimproof.core.redaction import REDACTED

EXCHANGES = ("exchanges",)


def read_report(path: Path) -> Iterator[CapturedExchange | UnreadableEntry | None]:
    """The exchanges of a run; None for one without bytes, UnreadableEntry for a broken one.

    Without bytes are a question to an observer, and what a report has in outline only. A report says how
    long an exchange took, and not when it was: they follow one another from the start of the run.
    """
    items = JsonItems(path, EXCHANGES)
    elapsed = 0.0
    for place, row in enumerate(items, 1):
        if isinstance(row, Mapping) and (row.get("by") or row.get("outline")):
            yield None
            continue
        try:
            found = _exchange(row, _started(items.beside) + elapsed)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield UnreadableEntry(f"{path}, exchange {place}: it is not as a report has it")
            continue
        elapsed += found.seconds
        yield found


def report_target(path: Path) -> str:
    """The base URL of the target that a report is about; empty where it does not say."""
    items = JsonItems(path, EXCHANGES)
    next(iter(items), None)
    target = items.beside.get("target")
    return str(target.get("url") or "") if isinstance(target, Mapping) else ""


def _started(beside: Mapping[str, Json]) -> float:
    try:
        moment = datetime.fromisoformat(beside["started"])
    except (KeyError, TypeError, ValueError):
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _exchange(row: Json, at: float) -> CapturedExchange:
    sent = row["request"]
    request, lost = _message(f"{sent['method']} {sent['target']} HTTP/1.1", sent, "request")
    answer, lost_answer = None, ""
    if row["status"]:
        start = f"HTTP/1.1 {int(row['status'])} {row['reason']}".rstrip()
        answer, lost_answer = _message(start, row, "answer")
        if row.get("left_out"):
            lost_answer = f"{row['left_out']} resources of others are left out of the answer"
    return CapturedExchange(
        number=int(row["number"]),
        connection=0,
        at=at,
        seconds=float(row["ms"]) / 1000,
        request=request,
        answer=answer,
        error=str(row["error"]),
        masked=tuple(sorted({name.lower() for name, value in sent["headers"] if REDACTED in value})),
        withheld="; ".join(filter(None, (lost, lost_answer))),
        fidelity="parsed",
    )


def _message(start: str, part: Mapping[str, Any], whose: str) -> tuple[CapturedMessage, str]:
    """A message, and why its body is missing, where it is."""
    headers = [(str(name), str(value)) for name, value in part["headers"]]
    if part.get("truncated"):
        return message(
            start, headers, b"", whole=False
        ), f"the {whose}'s body of {part['length']:,} bytes is cut"
    return message(start, headers, str(part["body"]).encode("utf-8", "replace")), ""
