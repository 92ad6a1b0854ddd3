"""Known resources: who and what a capture is about, by id, and every text that may tell something of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.json_tokens import Path
from scimproof.capture.learn.attribute_paths import OPERATIONS, attribute_path, leaves
from scimproof.capture.learn.request_files.request_target import RequestTarget, quotations
from scimproof.core.http_message import Json
from scimproof.core.scim import discovers, id_of, resources

# Headers whose values are of HTTP and of SCIM, and tell nothing of anybody.
PROTOCOL_HEADERS = frozenset({
    "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection",
    "content-encoding", "content-length", "content-type", "expect", "keep-alive", "pragma", "prefer", "te",
    "transfer-encoding", "upgrade-insecure-requests", "user-agent",
})  # fmt: skip
# Attributes with words of the protocol.
PROTOCOL = re.compile(
    r"(.*\.)?schemas|(.*\.)?meta\.resourceType|.*\.(type|op)|Operations\.(op|path)", re.IGNORECASE
)
WORD = re.compile(r"\w+")


@dataclass
class KnownResource:
    """A user, a group or another resource of the capture: endpoint (`Users`), id, first values by path."""

    endpoint: str
    id: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class KnownResources:
    """The resources of the exchanges that were observed, and all texts of theirs.

    `texts` are ids, names, addresses, hosts, credentials and whatever else stood where data can stand.
    `schemas` are URNs of schemas, `bases` counts the base paths.
    """

    by_id: dict[str, KnownResource] = field(default_factory=dict)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    schemas: set[str] = field(default_factory=set)
    bases: Counter[str] = field(default_factory=Counter)

    def observe(self, exchange: CapturedExchange) -> None:
        """Take from an exchange what it shows of resources."""
        place = RequestTarget.of(exchange.target)
        if place.endpoint:
            self.bases[place.base] += 1
        self._note_headers(exchange)
        if discovers(exchange.target):  # what a server says of itself are names of attributes
            return
        self.texts.update(unquote(segment) for segment in place.segments)
        self.texts.update((*quotations(unquote(place.query)), *quotations(unquote_plus(place.query))))
        sent = exchange.request.json
        answered = exchange.answer.json if exchange.answer else None
        for body in (sent, answered):
            self.texts.update(_data_in(body))
            self.schemas.update(_schemas_in(body))
        told = id_of(answered) if exchange.ok else ""
        id = place.id or (told if exchange.method == "POST" else "")
        if id and place.endpoint:
            self._learn(place.endpoint, id, sent)
        for resource in [answered, *resources(answered)] if exchange.ok else ():
            if isinstance(resource, dict) and (own := id_of(resource)):
                self._learn(place.endpoint, own, resource)

    def owner(self, value: str) -> tuple[KnownResource, str] | None:
        """Whose text this is, and the path of the attribute; None where nobody is known to have it."""
        if value in self.by_id:
            return self.by_id[value], "id"
        id, path = self.owners.get(value.casefold(), ("", ""))
        return (self.by_id[id], path) if id in self.by_id else None

    @property
    def base(self) -> str:
        """The base path of most requests."""
        return max(self.bases, key=lambda base: self.bases[base], default="")

    def _learn(self, endpoint: str, id: str, body: Json) -> None:
        known = self.by_id.setdefault(id, KnownResource(endpoint, id))
        self.texts.add(id)
        if not isinstance(body, dict):
            return
        for path, value in leaves(body):
            if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
                continue
            name = attribute_path(body, path)
            if name.startswith((OPERATIONS, "members", "groups", "meta")) or PROTOCOL.fullmatch(name):
                continue
            known.values.setdefault(name, str(value))
            self.owners.setdefault(str(value).casefold(), (id, name))

    def _note_headers(self, exchange: CapturedExchange) -> None:
        """Hosts, credentials and whatever else stands in headers that are not of the protocol."""
        for name, value in exchange.request.headers:
            if name.lower() not in PROTOCOL_HEADERS:
                self.texts |= {value, value.partition(" ")[2]}
                self.texts |= {value.rpartition(":")[0]} if name.lower() == "host" else set()

    def is_data(self, text: str) -> bool:
        """Whether that text tells something of a resource, a host or a credential."""
        return text in self.texts and text not in self.schemas

    @property
    def data(self) -> Iterator[str]:
        """All texts of which that is so."""
        return (text for text in self.texts if text not in self.schemas)


def _data_in(body: Json) -> Iterator[str]:
    """The texts in a body that are no words of the protocol, those in quotes within a path included."""
    for path, value in leaves(body):
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        text = str(value)
        if path[-1:] == ("path",) and path[:1] == (OPERATIONS,):
            yield from quotations(text)
        elif text and not PROTOCOL.fullmatch(_plain(path)):
            yield text


def _schemas_in(body: Json) -> Iterator[str]:
    """What a resource, or each of a list, says of its schemas."""
    for one in (body, *resources(body)):
        stated = one.get("schemas") if isinstance(one, dict) else None
        for urn in stated if isinstance(stated, list) else ():
            if isinstance(urn, str) and urn.startswith("urn:"):
                yield urn


def _plain(path: Path) -> str:
    """The path without places in lists."""
    return ".".join(part for part in path if isinstance(part, str))
