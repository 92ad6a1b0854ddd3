"""Deviations of a request from what a template says: each one change, and how it is to be named."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scimproof.core.http_message import Request

Json = Any


@dataclass(frozen=True)
class Wire:
    """A request as bytes that may be anything: request line, header lines, body."""

    line: str
    headers: tuple[str, ...]
    body: bytes

    @classmethod
    def of(cls, request: Request) -> Wire:
        """The bytes of a request."""
        lines = tuple(f"{name}: {value}" for name, value in request.headers)
        return cls(f"{request.method} {request.target} HTTP/1.1", lines, request.body)

    @property
    def head(self) -> bytes:
        """From the request line to the empty line."""
        return "\r\n".join([self.line, *self.headers, "", ""]).encode("latin-1")


@dataclass(frozen=True)
class Deviation:
    """A changed request, the kind of difference that it is, and a part of the place that is named."""

    request: Wire
    kind: str
    where: str


def deviations(wire: Wire) -> Iterator[Deviation]:
    """Every generic deviation that this request can have."""
    yield from _of_headers(wire)
    yield from _of_target(wire)
    if wire.body:
        yield from _of_body(wire)


def _of_headers(wire: Wire) -> Iterator[Deviation]:
    names = [line.partition(":")[0] for line in wire.headers]

    def changed(headers: list[str]) -> Wire:
        return Wire(wire.line, tuple(headers), wire.body)

    lines = list(wire.headers)
    for place, name in enumerate(names):
        rest = lines[:place] + lines[place + 1 :]
        if name != "Authorization":  # a request without credentials has none
            yield Deviation(changed(rest), "header missing", name)
        respelled = lines[place].replace(name, name.swapcase(), 1)
        yield Deviation(changed([*lines[:place], respelled, *lines[place + 1 :]]), "header spelling", name)
        if name not in ("Host", "Content-Length", "Authorization"):
            other = f"{lines[place]}; other"
            yield Deviation(changed([*lines[:place], other, *lines[place + 1 :]]), "header value", name)
    if len(lines) > 2:
        yield Deviation(changed([*lines[1:], lines[0]]), "header order", names[0])
        yield Deviation(changed([lines[-1], *lines[:-1]]), "header order", names[-1])
    yield Deviation(changed([*lines, "X-Forwarded-For: 10.0.0.1"]), "header added", "X-Forwarded-For")
    yield Deviation(changed([lines[0].replace(": ", ":", 1), *lines[1:]]), "header spelling", names[0])
    yield Deviation(changed([f"{lines[0]} ", *lines[1:]]), "header spelling", names[0])


def _of_target(wire: Wire) -> Iterator[Deviation]:
    method, target, version = wire.line.split(" ")

    def changed(target: str) -> Wire:
        return Wire(f"{method} {target} {version}", wire.headers, wire.body)

    path, mark, query = target.partition("?")
    yield Deviation(changed(f"{path}/{mark}{query}"), "path", "slash")
    parts = query.split("&") if query else []
    yield Deviation(changed(f"{path}?{'&'.join([*parts, 'sortBy=id'])}"), "query", "sortBy")
    if len(parts) > 1:
        yield Deviation(changed(f"{path}?{'&'.join([*parts[1:], parts[0]])}"), "query", "order of")
        yield Deviation(changed(f"{path}?{'&'.join(parts[1:])}"), "query", parts[0].partition("=")[0])
    if "%20" in query:
        yield Deviation(changed(f"{path}?{query.replace('%20', '+')}"), "query encoding", "filter")
    if "+" in query:
        yield Deviation(changed(f"{path}?{query.replace('+', '%20')}"), "query encoding", "filter")
    if "%40" in query:
        yield Deviation(changed(f"{path}?{query.replace('%40', '@')}"), "query encoding", "filter")
    if re.search("%[0-9]?[a-fA-F]", query):
        other = re.sub("%..", lambda match: match[0].swapcase(), query)
        yield Deviation(changed(f"{path}?{other}"), "query encoding", "filter")
    if "%22" in query:
        yield Deviation(changed(f"{path}?{query.replace('%22', chr(34), 1)}"), "query encoding", "filter")


def _of_body(wire: Wire) -> Iterator[Deviation]:
    body = json.loads(wire.body)
    text = wire.body.decode()

    def changed(content: str | bytes) -> Wire:
        data = content if isinstance(content, bytes) else content.encode()
        return Wire(wire.line, wire.headers, data)

    def dumped(value: Json) -> Wire:
        return changed(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    yield Deviation(changed(text + "\n"), "formatting", "behind the body")
    yield Deviation(changed(" " + text), "formatting", "before the body")
    yield Deviation(
        changed(json.dumps(body, ensure_ascii=False, separators=(", ", ":"))), "formatting", "comma"
    )
    yield Deviation(
        changed(json.dumps(body, ensure_ascii=False, separators=(",", ": "))), "formatting", "colon"
    )
    yield Deviation(
        changed(json.dumps(body, ensure_ascii=False, indent=2, separators=(",", ":"))),
        "formatting",
        "line breaks",
    )
    escaped = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
    if escaped != text:
        yield Deviation(changed(escaped), "formatting", "escapes")
    for change in (_added, _reordered, _mistyped, _respelled, _case_of_op, _removed):
        for kind, where, value in change(body):
            yield Deviation(dumped(value), kind, where)


Change = tuple[str, str, Json]
Place = tuple[str | int, ...]


def _objects(value: Json, path: Place = ()) -> Iterator[tuple[Place, dict[str, Json]]]:
    """Every object of a body, with its place."""
    if isinstance(value, dict):
        yield path, value
        for key, found in value.items():
            yield from _objects(found, (*path, key))
    elif isinstance(value, list):
        for place, found in enumerate(value):
            yield from _objects(found, (*path, place))


def _with(body: Json, path: Place, change: Callable[[dict[str, Json]], dict[str, Json]]) -> Json:
    """The body with the object at that place changed."""
    if not path:
        return change(body)
    made = copy.deepcopy(body)
    around = made
    for part in path[:-1]:
        around = around[part]
    around[path[-1]] = change(around[path[-1]])
    return made


def _added(body: Json) -> Iterator[Change]:
    for path, _ in _objects(body):
        yield "attribute added", "x-odd", _with(body, path, _Replaced("x-odd", "value"))
    urn = "urn:example:params:scim:schemas:odd:2.0:User"
    yield "attribute added", urn, body | {urn: {"level": 3}}


def _reordered(body: Json) -> Iterator[Change]:
    for path, found in _objects(body):
        if len(found) > 1:
            name = path[-1] if path and isinstance(path[-1], str) else ""
            yield "key order", name, _with(body, path, _Rotated())


def _mistyped(body: Json) -> Iterator[Change]:
    for path, found in _objects(body):
        for key, value in found.items():
            if isinstance(value, bool):
                yield "value", key, _with(body, path, _Replaced(key, str(value)))
            elif key == "value" and value in ("True", "False"):
                yield "value", key, _with(body, path, _Replaced(key, value == "True"))


def _respelled(body: Json) -> Iterator[Change]:
    for path, found in _objects(body):
        for key in list(found)[:2]:
            if key != key.upper():
                yield "attribute spelling", key, _with(body, path, _Upper(key))


def _case_of_op(body: Json) -> Iterator[Change]:
    for path, found in _objects(body):
        if "op" in found:
            yield "value", "op", _with(body, path, _Replaced("op", found["op"].swapcase()))


def _removed(body: Json) -> Iterator[Change]:
    """Each attribute taken away, but for those of PATCH: without them it is another request."""
    for path, found in _objects(body):
        for key in found:
            if "Operations" in path or key == "Operations":
                continue
            yield "attribute missing", key, _with(body, path, _Without(key))


@dataclass(frozen=True)
class _Without:
    key: str

    def __call__(self, found: dict[str, Json]) -> dict[str, Json]:
        return {key: value for key, value in found.items() if key != self.key}


@dataclass(frozen=True)
class _Rotated:
    def __call__(self, found: dict[str, Json]) -> dict[str, Json]:
        first, *others = found
        return {key: found[key] for key in [*others, first]}


@dataclass(frozen=True)
class _Upper:
    key: str

    def __call__(self, found: dict[str, Json]) -> dict[str, Json]:
        return {(key.upper() if key == self.key else key): value for key, value in found.items()}


@dataclass(frozen=True)
class _Replaced:
    key: str
    value: Json

    def __call__(self, found: dict[str, Json]) -> dict[str, Json]:
        return found | {self.key: self.value}
