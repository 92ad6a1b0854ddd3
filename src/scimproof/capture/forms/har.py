"""HAR 1.2 as browsers, mitmproxy and Charles write it, read as a capture.

Field names are those of the HAR 1.2 specification; those that begin with `_` are of the tools.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.forms.json_items import JsonItems
from scimproof.capture.forms.parsed_message import message
from scimproof.capture.forms.scim_traffic import ScimTraffic
from scimproof.capture.forms.unreadable import UnreadableEntry
from scimproof.core.http_message import Json, parse_json

ENTRIES = ("log", "entries")
VERSIONS = {"H2": "HTTP/2", "HTTP/2.0": "HTTP/2", "H3": "HTTP/3", "HTTP/3.0": "HTTP/3", "": "HTTP/1.1"}


def read_har(path: Path, traffic: ScimTraffic) -> Iterator[CapturedExchange | UnreadableEntry | None]:
    """The SCIM exchanges of a HAR; None for something else, UnreadableEntry for what is broken.

    Numbers are the places of entries in the file, from 1. Raises UsageError for what is no HAR.
    """
    connections: dict[str, int] = {}
    for number, entry in enumerate(JsonItems(path, ENTRIES), 1):
        try:
            yield _exchange(number, entry, traffic, connections)
        except UnreadableEntry as wrong:
            yield UnreadableEntry(f"{path}, entry {number}: {wrong}")


def _exchange(
    number: int, entry: Json, traffic: ScimTraffic, connections: dict[str, int]
) -> CapturedExchange | None:
    if not isinstance(entry, Mapping):
        raise UnreadableEntry("it is no JSON object")
    sent, came = _object(entry, "request"), entry.get("response")
    came = came if isinstance(came, Mapping) else {}
    url, method = _text(sent, "url"), _text(sent, "method")
    if not url or not method:
        raise UnreadableEntry(f"its request has no {'url' if not url else 'method'}")
    headers, body, lost = _request_body(sent)
    content = _mapping(came, "content")
    kinds = (_text(_mapping(sent, "postData"), "mimeType"), _header(headers, "content-type"))
    if not traffic.is_scim(url, *kinds, _text(content, "mimeType"), _header(headers, "accept"), body=body):
        return None
    answer, error, lost_answer = _answer(came, content, method)
    return CapturedExchange(
        number=number,
        connection=_connection(entry, url, connections),
        at=_moment(entry),
        request=message(_request_line(method, url, sent), headers, body, whole=not lost),
        answer=answer,
        seconds=max(_number(entry, "time"), 0.0) / 1000,
        error=error,
        withheld="; ".join(filter(None, (lost, lost_answer))),
        fidelity="parsed",
    )


def _request_line(method: str, url: str, sent: Mapping[str, Json]) -> str:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{method} {target.replace(' ', '%20')} {_version(sent)}"


def _version(part: Mapping[str, Json]) -> str:
    said = _text(part, "httpVersion").upper()
    return VERSIONS.get(said, said if said.startswith("HTTP/") else "HTTP/1.1")


def _request_body(sent: Mapping[str, Json]) -> tuple[list[tuple[str, str]], bytes, str]:
    """The headers of a request, with Host where HTTP/2 had `:authority`; its body, or why that is missing."""
    headers = _headers(sent)
    authority = _header(headers, ":authority") or urlsplit(_text(sent, "url")).netloc.rpartition("@")[2]
    if authority and not _header(headers, "host"):
        headers.insert(0, ("Host", authority))
    post = _mapping(sent, "postData")
    body = _decoded(_text(post, "text"), _text(post, "encoding"))
    if not body:
        body = _of_params(post)
    size = max(int(_number(sent, "bodySize")), 0)
    declared = _header(headers, "content-length")
    size = size or (int(declared) if declared.isdecimal() else 0)
    coded = bool(_header(headers, "content-encoding"))
    if size and not body:
        return headers, b"", f"the request's body of {size:,} bytes is not in the HAR"
    if not coded and len(body) < size and parse_json(body) is None:
        return headers, b"", f"the request's body is cut in the HAR, at {len(body):,} of {size:,} bytes"
    return headers, body, ""


def _of_params(post: Mapping[str, Json]) -> bytes:
    """The body of a form from its parameters; of JSON that a tool took for a form, the JSON."""
    found = post.get("params")
    pairs = [pair for pair in found if isinstance(pair, Mapping)] if isinstance(found, list) else []
    if len(pairs) == 1 and _text(pairs[0], "name").lstrip()[:1] in ("{", "["):
        name, value = _text(pairs[0], "name"), _text(pairs[0], "value")
        return (f"{name}={value}" if value else name).encode("utf-8", "replace")
    encoded = (f"{quote_plus(_text(pair, 'name'))}={quote_plus(_text(pair, 'value'))}" for pair in pairs)
    return "&".join(encoded).encode()


def _answer(
    came: Mapping[str, Json], content: Mapping[str, Json], method: str
) -> tuple[CapturedMessage | None, str, str]:
    """The answer, else why there is none; and why its body is missing, where it is."""
    status = int(_number(came, "status"))
    failed = _text(came, "_error") or _text(came, "_charlesError")
    if status < 100:
        return None, failed or "no answer is in the HAR", ""
    headers = _headers(came)
    body = _decoded(_text(content, "text"), _text(content, "encoding"))
    lost = _lost(body, content, came, method, status, headers)
    start = f"{_version(came)} {status} {_text(came, 'statusText')}".rstrip()
    answer = message(start, headers, b"" if lost else body, whole=not lost)
    unfinished = _text(came, "_charlesStatus").upper() in ("EXCEPTION", "FAILED", "ABORTED", "INCOMPLETE")
    return answer, failed or ("the answer is not complete in the HAR" if unfinished else ""), lost


def _lost(
    body: bytes, content: Mapping[str, Json], came: Mapping[str, Json], method: str, status: int,
    headers: list[tuple[str, str]],
) -> str:  # fmt: skip
    """Why the body of an answer is missing; empty where it is there."""
    if method == "HEAD" or status in (204, 304):
        return ""
    declared = _header(headers, "content-length")
    sizes = (
        int(_number(content, "size")),
        int(_number(came, "bodySize")),
        int(declared) if declared.isdecimal() else 0,
    )
    size = next((size for size in sizes if size > 0), 0)
    if not body:
        return f"the answer's body of {size:,} bytes is not in the HAR" if size else ""
    # `size` is of decoded text for some tools and of compressed text for others: only broken JSON is cut.
    if len(body) < size and body.lstrip()[:1] in (b"{", b"[") and parse_json(body) is None:
        return f"the answer's body is cut in the HAR, at {len(body):,} of {size:,} bytes"
    return ""


def _connection(entry: Mapping[str, Json], url: str, connections: dict[str, int]) -> int:
    """The number of a connection, 0 where the HAR has only the port of the server, as browsers write it."""
    name = str(entry.get("_connectionId") or "")
    if not name:
        name = str(entry.get("connection") or "")
        parts = urlsplit(url)
        try:
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError:
            port = 0
        name = "" if name in (str(port), "80", "443", "0") else name
    return connections.setdefault(name, len(connections) + 1) if name else 0


def _moment(entry: Mapping[str, Json]) -> float:
    said = _text(entry, "startedDateTime")
    try:
        moment = datetime.fromisoformat(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        what = f"is {said[:40]!r}, no date and time" if said else "is missing"
        raise UnreadableEntry(f"its startedDateTime {what}") from None


def _headers(part: Mapping[str, Json]) -> list[tuple[str, str]]:
    found = part.get("headers")
    pairs = found if isinstance(found, list) else []
    return [(_text(pair, "name"), _text(pair, "value")) for pair in pairs if isinstance(pair, Mapping)]


def _header(headers: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _decoded(text: str, encoding: str) -> bytes:
    if encoding.lower() == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise UnreadableEntry("its body is not the base64 that it says") from None
    return text.encode("utf-8", "replace")


def _object(entry: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = entry.get(name)
    if not isinstance(found, Mapping):
        raise UnreadableEntry(f"it has no {name}")
    return found


def _mapping(part: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    found = part.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(part: Mapping[str, Json], name: str) -> str:
    found = part.get(name)
    return found if isinstance(found, str) else "" if found is None else json.dumps(found)


def _number(part: Mapping[str, Json], name: str) -> float:
    """The number of that name; 0 where there is none, or one that stands for "not known" (-1, NaN)."""
    found = part.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return 0.0
    return float(found) if abs(found) < 1e15 else 0.0
