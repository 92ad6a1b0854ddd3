"""Translation of recorded messages: what has to change for another server and run, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import unquote, urlsplit

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.json_tokens import JsonToken, Path, json_tokens
from scimproof.capture.replay.endpoint import Endpoint, base_in, endpoint
from scimproof.capture.replay.ids import KINDS, IdMapping
from scimproof.capture.replay.names import NameMapping
from scimproof.capture.replay.spelling import Edit, of_json, of_query
from scimproof.catalog.request_template import quoted, with_base_query
from scimproof.core.http_message import Exchange, Json, Request, parse_json
from scimproof.core.scim import Kind, value_at
from scimproof.target.target import Target

CLAUSE = re.compile(
    r'(?P<attribute>[A-Za-z$][\w.:$-]*)\s+(?P<op>eq|ne|co|sw|ew|gt|ge|lt|le)\s+"(?P<value>(?:[^"\\]|\\.)*)"',
    re.IGNORECASE,
)
OUTER = re.compile(r"([\w.:$-]+)\[[^\]]*$")
# Never sent from a recording: credentials, what belongs to one connection, and what other software added.
DROPPED = {"cookie", "proxy-authorization", "proxy-connection", "expect", "te", "trailer", "upgrade"}
MARKS = re.compile(rb"\*{4,}")  # what stands in a capture in place of a secret
REFERS: dict[str, tuple[Kind, ...]] = {
    "members": KINDS, "members.value": KINDS, "manager": ("User",), "manager.value": ("User",),
    "groups": ("Group",), "groups.value": ("Group",),
}  # fmt: skip
NAMED = {"username", "emails.value", "emails"}


class Unplayable(Exception):
    """Raised when a recorded request cannot or must not be sent; the text says why, for a person."""


class Resolver(Protocol):
    """Gives the id of this run for a recorded one, at a place where an id is expected."""

    def needed(self, recorded: str, kinds: tuple[Kind, ...]) -> str:
        """Of a resource that the request is about; raises Unplayable where there can be none."""
        ...

    def mentioned(self, recorded: str, kinds: tuple[Kind, ...]) -> str:
        """Of one that it only shows, as a PUT repeats what was read."""
        ...


@dataclass(frozen=True)
class AsKnown:
    """Resolver of what was shown: ids that are known are replaced, all others are of others."""

    ids: IdMapping

    def needed(self, recorded: str, kinds: tuple[Kind, ...]) -> str:
        """The new id; the recorded one where none is known."""
        return self.ids.of(recorded, kinds) or recorded

    mentioned = needed


@dataclass
class Translation:
    """Puts recorded requests and answers into the terms of this run, on this target.

    `base` is the path of the recorded base URL. `told` collects what was changed beyond names, ids, base
    URL and credentials, in sentences.
    """

    target: Target
    base: str
    names: NameMapping
    ids: IdMapping
    password: str
    told: set[str] = field(default_factory=set)

    def request(self, exchange: CapturedExchange, authorization: str, resolve: Resolver) -> Request:
        """The request as it is sent to the target; raises Unplayable, or what `resolve` raises."""
        place = endpoint(exchange.target, self.base)
        if place is None:
            raise Unplayable(f"it is not below {self.base or '/'}, where the recorded server has SCIM")
        if exchange.withheld:
            raise Unplayable(f"its body is not in the capture: {exchange.withheld}")
        message = exchange.request
        if "echo" in exchange.masked and MARKS.search(exchange.target.encode() + message.content):
            raise Unplayable("a secret of the recorded sender stands in it, which no capture has")
        body = self._request_body(exchange, place, resolve)
        headers = tuple(self._headers(exchange, place, authorization, body))
        if message.chunked:
            self.told.add("Bodies that were sent in chunks go out with a Content-Length.")
        return Request(exchange.method, self._target(exchange.target, place, resolve), headers, body)

    def answer(self, exchange: CapturedExchange) -> Exchange:
        """The recorded exchange in the terms of this run, as far as ids are known by now."""
        place = endpoint(exchange.target, self.base) or Endpoint("", ())

        known = AsKnown(self.ids)
        answer = exchange.answer or CapturedMessage(b"")
        seen = exchange.as_exchange()
        body = self._body(answer.content, place, known)
        request = replace(
            seen.request,
            target=self._target(exchange.target, place, known),
            body=self._body(exchange.request.content, place, known),
        )
        return replace(seen, request=request, body=body, headers=tuple(self._shown_headers(answer, known)))

    def resource(self, kind: Kind, shown: Json) -> Json:
        """A recorded resource in the terms of this run, as far as ids are known by now."""
        text = json.dumps(shown, ensure_ascii=False).encode()
        return parse_json(self._body(text, Endpoint("", (f"{kind}s",)), AsKnown(self.ids)))

    def _shown_headers(self, answer: CapturedMessage, resolve: Resolver) -> Iterator[tuple[str, str]]:
        for name, value in answer.headers:
            yield name, self._url(value, resolve) or value

    def _target(self, target: str, place: Endpoint, resolve: Resolver) -> str:
        segments = list(place.segments)
        if place.id:
            segments[1] = resolve.needed(place.id, (place.kind,))
        path = "/".join((self.target.base, *map(quoted, segments)))
        behind = target.partition("?")[0].removeprefix(self.base)
        if behind.endswith("/") and not path.endswith("/"):
            path += "/"
        _, mark, query = target.partition("?")
        parts = [self._parameter(one, place.kind, resolve) for one in query.split("&")] if mark else []
        return path + with_base_query(mark + "&".join(parts), self.target.query)

    def _parameter(self, raw: str, kind: Kind, resolve: Resolver) -> str:
        """One parameter of a query, its encoding kept."""
        key, equals, value = raw.partition("=")
        name, spelling = unquote(key).lower(), of_query(value)
        if name == "filter":
            return key + equals + spelling.edited(self._clauses(spelling.text, kind, resolve))
        text = spelling.text
        new = self.ids.version("", text) if name == "cursor" else self.names.anything(text)
        return key + equals + (spelling.edited([(0, len(text), new)]) if new != text else value)

    def _clauses(self, text: str, kind: Kind, resolve: Resolver) -> Iterator[Edit]:
        """The values in a filter, or in the filter of a PATCH path, that are others here."""
        for found in CLAUSE.finditer(text):
            outer = OUTER.search(text[: found.start()])
            attribute = _plain(f"{outer[1]}.{found['attribute']}" if outer else found["attribute"])
            value = _text_of(found["value"])
            new = self._value(attribute, value, kind, resolve, found["op"].lower())
            if new is not None and new != value:
                yield found.start("value"), found.end("value"), json.dumps(new, ensure_ascii=False)[1:-1]

    def _request_body(self, exchange: CapturedExchange, place: Endpoint, resolve: Resolver) -> bytes:
        content = exchange.request.content
        if not content.strip():
            return content
        if parse_json(content) is None:
            raise Unplayable("its body is not JSON, so that the names in it cannot be replaced")
        return self._body(content, place, resolve)

    def _body(self, content: bytes, place: Endpoint, resolve: Resolver) -> bytes:
        """A JSON body with its values replaced in place; anything else as it is."""
        parsed = parse_json(content)
        if not isinstance(parsed, dict | list):
            return content
        text = content.decode()
        ascii_only = text.isascii() and "\\u" in text
        parts, at = [], 0
        for scalar in json_tokens(text) or ():
            if scalar.kind not in ("text", "number"):
                continue
            token = text[scalar.start : scalar.end]
            new = self._scalar(scalar, token, parsed, place, resolve, ascii_only=ascii_only)
            if new is not None and new != token:
                parts += [text[at : scalar.start], new]
                at = scalar.end
        return "".join([*parts, text[at:]]).encode() if parts else content

    def _scalar(
        self,
        scalar: JsonToken,
        token: str,
        body: Json,
        place: Endpoint,
        resolve: Resolver,
        *,
        ascii_only: bool,
    ) -> str | None:
        """What stands in place of one text or number; None for nothing else."""
        kind, path = self._kind_at(scalar.path, body, place)
        attribute = _attribute(path, body, scalar.path)
        if not isinstance(scalar.value, str):
            if not isinstance(scalar.value, int) or attribute not in (*REFERS, "id"):
                return None
            new = self._value(attribute, str(scalar.value), kind, resolve)
            return None if new is None else new if new.isdecimal() else json.dumps(new)
        spelling = of_json(token, ascii_only=ascii_only)
        if attribute == _PATH or (attribute == "filter" and place.search):
            edits = list(self._path_edits(spelling.text, kind, resolve))
        else:
            new = self._value(attribute, scalar.value, kind, resolve)
            edits = [] if new is None or new == scalar.value else [_changed(scalar.value, new)]
        return f'"{spelling.edited(edits)}"' if edits else None

    def _path_edits(self, text: str, kind: Kind, resolve: Resolver) -> Iterator[Edit]:
        """The `path` of an operation: of a PATCH a filter may be in it, of a bulk job an id."""
        if text.startswith("/"):
            found = endpoint(text, "")
            if found and found.id and not found.id.startswith("bulkId:"):
                start = text.index("/", 1) + 1
                new = quoted(resolve.needed(found.id, (found.kind,)))
                yield start, start + len(text[start:].partition("?")[0]), new
            return
        yield from self._clauses(text, kind, resolve)

    def _kind_at(self, path: Path, body: Json, place: Endpoint) -> tuple[Kind, Path]:
        """Of which kind the resource is that a value is in, and where the value is inside it."""
        kind = place.kind
        if path[:1] == ("Resources",) and len(path) > 2:
            row = body["Resources"][path[1]]
            return _kind_of_resource(row) or kind, path[2:]
        if place.bulk and path[:1] == ("Operations",) and len(path) > 2:
            operation = body["Operations"][path[1]]
            found = endpoint(str(value_at(operation, "path") or ""), "")
            kind = found.kind if found else ""
            return kind, path[3:] if path[2] in ("data", "response") else path[2:]
        return kind or (_kind_of_resource(body) if isinstance(body, dict) else ""), path

    def _value(self, attribute: str, value: str, kind: Kind, resolve: Resolver, op: str = "eq") -> str | None:
        """The value of an attribute in the terms of this run; None where it stays.

        A `meta.version` stays: where one is a condition, it is in a header.
        """
        if not value or value.startswith("bulkId:") or attribute == "meta.version":
            return None
        if attribute in ("password", "externalid"):
            return self.password if attribute == "password" else self.names.external(value)
        if attribute == "id" or attribute in REFERS:
            return self._reference(attribute, value, kind, resolve)
        if (kind != "Group" and attribute in NAMED) or (kind == "Group" and attribute == "displayname"):
            return self._name(value, kind, op)
        reference = self._relative(value, resolve) if attribute.endswith("$ref") else None
        return (
            reference
            or self._url(value, resolve)
            or self.ids.unmistakable(value)
            or self.names.anything(value)
        )

    def _reference(self, attribute: str, value: str, kind: Kind, resolve: Resolver) -> str:
        """A value in the place of an id; some senders put a name there."""
        if attribute == "id":
            return resolve.mentioned(value, (kind,) if kind else KINDS)
        if (name := self.names.anything(value)) != value:
            return name
        give = resolve.mentioned if attribute.startswith("groups") else resolve.needed
        return give(value, REFERS[attribute])

    def _name(self, value: str, kind: Kind, op: str) -> str:
        """A name, or the part of one that a filter asks for."""
        if op == "sw":
            return self.names.beginning(value)
        if op in ("co", "ew"):
            return self.names.anything(value)
        return self.names.group(value) if kind == "Group" else self.names.person(value)

    def _url(self, value: str, resolve: Resolver) -> str | None:
        """A URL below the recorded base, or a reference relative to one, as one of the target."""
        if "://" not in value or any(letter.isspace() for letter in value):
            return None
        parts = urlsplit(value)
        if base_in(parts.path) != self.base:
            return None
        found = endpoint(parts.path, self.base)
        if found is None or not (found.kind or found.discovery or found.bulk):
            return None
        segments = list(found.segments)
        if found.id:
            segments[1] = resolve.mentioned(found.id, (found.kind,))
        return "/".join((self.target.origin + self.target.base, *map(quoted, segments)))

    def _relative(self, value: str, resolve: Resolver) -> str | None:
        """A reference without scheme and host: below the recorded base path, or relative to a list."""
        before, _, last = value.rpartition("/")
        place = endpoint(f"/{before.rpartition('/')[2]}/{last}", "")
        if "://" in value or place is None or not place.id:
            return None
        id = quoted(resolve.mentioned(place.id, (place.kind,)))
        if value.startswith(f"{self.base}/"):
            return f"{self.target.base}{value[len(self.base) : -len(last)]}{id}"
        return f"{before}/{id}"

    def _headers(
        self, exchange: CapturedExchange, place: Endpoint, authorization: str, body: bytes
    ) -> Iterator[tuple[str, str]]:
        """The headers as recorded, in their order; the length is that of the body that is sent."""
        masked = {name.lower() for name in exchange.masked}
        named = {name.lower() for name, _ in exchange.request.headers}
        framed = not named & {"content-length", "transfer-encoding"}
        for name, value in exchange.request.headers:
            low = name.lower()
            if low in ("content-length", "transfer-encoding"):
                if not framed:
                    yield name if low == "content-length" else "Content-Length", str(len(body))
                framed = True
            elif low == "authorization":
                yield from [(name, authorization)] if authorization else []
            elif low in masked or low in DROPPED:
                self.told.add(f"The header {name} is left out: it is of the recorded client and connection.")
            elif low == "content-encoding" and exchange.request.content != exchange.request.payload:
                self.told.add("Bodies that were sent compressed go out as they are.")
            else:
                yield name, self._header(low, value, place)
        if body and framed and not named & {"content-length", "transfer-encoding"}:
            yield "Content-Length", str(len(body))

    def _header(self, low: str, value: str, place: Endpoint) -> str:
        if low == "host":
            return self.target.host_header
        return self.ids.version(place.id, value) if low in ("if-match", "if-none-match") else value


_PATH = "\0path"


def _attribute(path: Path, body: Json, whole: Path) -> str:
    """The attribute that a value belongs to, in lower case, without indexes and URNs.

    `path` is that inside the resource, `whole` that in the body. Of a PATCH operation it is the attribute at
    its path.
    """
    if path[:1] == ("Operations",) and len(path) > 2:
        operation = _at(body, whole[: len(whole) - len(path) + 2])
        if path[2] == "path":
            return _PATH
        at = value_at(operation, "path")
        before = at if path[2] == "value" and isinstance(at, str) else ""
        return _plain(".".join((before, *_keys(path[3:]))).strip("."))
    return _PATH if path == ("path",) else _plain(".".join(_keys(path)))


def _keys(path: Path) -> Iterator[str]:
    return (step for step in path if isinstance(step, str))


def _at(body: Json, path: Path) -> Json:
    for step in path:
        body = body[step]
    return body


def _plain(path: str) -> str:
    """An attribute path in lower case, without the URN of its schema and without value filters."""
    bare = re.sub(r"\[[^\]]*\]", "", path)
    if bare.lower().startswith("urn:"):
        urn, _, name = bare.rpartition(":")
        # `urn:...:2.0:User.manager.value` is how a nested extension is named here.
        bare = name if urn else bare
        head, dot, rest = bare.partition(".")
        if head in ("User", "Group") and dot:
            bare = rest
    return bare.lower()


def _kind_of_resource(resource: Json) -> Kind:
    told = value_at(resource, "meta.resourceType")
    if told in KINDS:
        return str(told)
    if value_at(resource, "userName") is not None:
        return "User"
    schemas = value_at(resource, "schemas")
    named = [str(one).rpartition(":")[2] for one in schemas] if isinstance(schemas, list) else []
    return next((kind for kind in KINDS if kind in named), "")


def _text_of(escaped: str) -> str:
    """The text of a JSON string without its quotes; as it is where it is none."""
    try:
        return str(json.loads(f'"{escaped}"', strict=False))
    except ValueError:
        return escaped


def _changed(old: str, new: str) -> Edit:
    """The part of a text in which another differs, so that the rest keeps its spelling."""
    end = 0
    while end < min(len(old), len(new)) and old[-1 - end] == new[-1 - end]:
        end += 1
    start = 0
    while start < min(len(old), len(new)) - end and old[start] == new[start]:
        start += 1
    return start, len(old) - end, new[start : len(new) - end]
