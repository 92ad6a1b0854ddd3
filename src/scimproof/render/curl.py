"""curl commands for recorded requests, quoted for any shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any

REDACTED = "[redacted]"  # as the document has it: a writer knows nothing of the redactor
OWN = {"host", "content-length"}  # curl writes these itself
STAND_IN = "$SCIMPROOF_TOKEN"
SIMPLE = re.compile(r"[\w .:=-]*")

Quote = Callable[[str], str]


def curl(
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    body: str = "",
    *,
    secret: str = REDACTED,
    quote: Quote = shlex.quote,
) -> str:
    """The command, one header a line; `url` is already a shell word, `quote` quotes the others.

    In `Authorization` the secret is $SCIMPROOF_TOKEN. Nothing is read from a file: a body or header
    that begins with @ is sent as it is.
    """
    parts = [f"curl -sS --globoff --compressed -X {shlex.quote(method)} {url}"]
    for name, value in headers:
        if name.lower() == "authorization":
            parts.append(f"-H {_with_secret(f'{name}: {value}', secret)}")
        elif name.lower() not in OWN:
            parts.append(f"-H {shlex.quote(f'{name}: {value}'.lstrip('@'))}")
    if body:
        parts.append(f"--data-raw {quote(body)}")
    return " \\\n  ".join(parts)


def recorded(report: dict[str, Any], exchange: dict[str, Any], *, wrong_credentials: bool = False) -> str:
    """The command for an exchange of a report; "" where the report lacks a part of the body."""
    request = exchange["request"]
    if exchange.get("by"):
        return "# asked of the observer, not of the target"
    if request.get("truncated"):
        return ""
    origin = re.match(r"https?://[^/?#]*", report["target"]["url"])
    url = (origin[0] if origin else "") + request["target"]
    headers = [(str(name), str(value)) for name, value in request["headers"]]
    if wrong_credentials:
        headers = [
            (name, value.replace(REDACTED, "not-the-token") if name.lower() == "authorization" else value)
            for name, value in headers
        ]
    return curl(request["method"], shlex.quote(url), headers, request["body"])


def _with_secret(header: str, secret: str) -> str:
    pieces = header.split(secret)
    if len(pieces) > 1 and all(SIMPLE.fullmatch(piece) for piece in pieces):
        return '"' + STAND_IN.join(pieces) + '"'
    return f'"{STAND_IN}"'.join(shlex.quote(piece) if piece else "" for piece in pieces)
