"""Round trip of a request file: with the captured values it gives the captured bytes, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.learn.request_files.placement import PlacedRequest
from scimproof.catalog.request_template import Template
from scimproof.catalog.senders import Encoding
from scimproof.core.http_message import Json, Request


def filled_in(template: Template, placed: PlacedRequest, encoding: Encoding) -> Request:
    """The request that a file gives with the captured values."""
    rules = {name: _giving(value) for name, value in placed.rules.items()}
    return replace(template, encoding=encoding).fill(placed.blanks, rules)


def not_expressed(
    template: Template, placed: PlacedRequest, encoding: Encoding, seen: CapturedExchange
) -> list[str]:
    """What of the captured bytes a request file cannot say, in words; empty where it gives all of them.

    No captured value is in the words.
    """
    try:
        made = filled_in(template, placed, encoding)
    except KeyError as problem:
        return [f"the blank {problem.args[0]} has no captured value"]
    if made.wire() == seen.request.head + seen.request.body:
        return []
    return list(_reasons(made, seen)) or ["its bytes"]


def _reasons(made: Request, seen: CapturedExchange) -> Iterator[str]:
    if made.target != seen.target or made.method != seen.method:
        yield "how values are encoded in the request target"
    if not seen.request.start_line.endswith(" HTTP/1.1"):
        yield "its version of HTTP"
    yield from _in_headers(made, seen.request)
    yield from _in_body(made, seen.request)


def _in_headers(made: Request, seen: CapturedMessage) -> Iterator[str]:
    if any(not value for _, value in seen.headers):
        yield "a header without a value"
    elif made.headers != seen.headers:
        pairs = zip(made.headers, seen.headers, strict=False)
        yield f"the header {', '.join(one[0] for other, one in pairs if one != other) or 'lines'}"
    lines = zip(seen.header_lines, seen.headers, strict=False)
    if any(line != f"{name}: {value}" for line, (name, value) in lines):
        yield "the spaces in its header lines"
    if b"\n" in seen.head.replace(b"\r\n", b""):
        yield "its line ends"


def _in_body(made: Request, seen: CapturedMessage) -> Iterator[str]:
    if seen.chunked:
        yield "the chunks of its body"
    if seen.content != seen.payload:
        yield "the compression of its body"
    if b"\r" in seen.content:
        yield "the line ends in its body"
    elif made.body != seen.content:
        yield "how characters are escaped in its body"


def _giving(value: Json) -> Callable[[], Json]:
    return lambda: value
