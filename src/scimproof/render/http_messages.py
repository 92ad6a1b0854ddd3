"""Formats one exchange as HTTP text plus its curl command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from scimproof.render.curl import recorded

Row = dict[str, Any]
LONG, SHORT = 16_384, 4_096  # characters of a body that are shown: where something is wrong, and elsewhere
OPENS, CLOSES, DEEP = ("{", "["), ("}", "]"), 24
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def conversation(report: Row, exchange: Row, room: int = LONG, *, wrong_credentials: bool = False) -> Row:
    """The exchange as a row: `number`, `title`, `came`, `ms`, `request`, `answer`, `curl`, `left_out`."""
    request = exchange["request"]
    head = f"{request['method']} {request['target']}"
    version = "" if exchange.get("by") else " HTTP/1.1"  # an observer is asked in words of its own
    answer = exchange["error"] or f"{version.strip() or 'It says'} {exchange['status']} {exchange['reason']}"
    return {
        "number": exchange["number"],
        "title": head,
        "came": came(exchange),
        "ms": exchange["ms"],
        "request": _message(f"{head}{version}", request, room),
        "answer": _message(answer, exchange, room, indented),
        "curl": recorded(report, exchange, wrong_credentials=wrong_credentials),
        "left_out": exchange.get("left_out", 0),
    }


def came(exchange: Row) -> str:
    """The status line, `204 No Content`, or why there is no answer."""
    return exchange["error"] or f"{exchange['status']} {exchange['reason']}".strip()


def _message(head: str, part: Row, room: int, laid_out: Callable[[str], str] = str) -> str:
    """The message as it was sent, with its body indented where that is shown whole."""
    lines = [head, *(f"{name}: {value}" for name, value in part["headers"])]
    body = part["body"]
    shown = laid_out(body) if len(body) <= room else body
    if len(shown) > room:
        shown = shown[:room]
    if len(body) > room or part.get("truncated"):
        shown += (
            f"\n[the first {room:,} of {part.get('length', len(body)):,} characters; report.json has more]"
        )
    return "\n".join(lines) + (f"\n\n{shown}" if shown else "")


def indented(text: str) -> str:
    """JSON indented for reading, every token as it was sent; any other text unchanged."""
    if not text.startswith(("{", "[")):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    parts: list[str] = []
    depth, before = 0, ""
    for token in TOKEN.findall(text):
        depth += (before in OPENS) - (token in CLOSES)
        if before == "," or (before in OPENS) != (token in CLOSES):
            parts.append("\n" + "  " * min(depth, DEEP))
        parts.append(": " if token == ":" else token)
        before = token
    return "".join(parts)
