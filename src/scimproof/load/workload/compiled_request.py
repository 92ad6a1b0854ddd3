"""Compiled request: a .http file filled thousands of times a second, byte for byte as Template.fill does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import quote

from scimproof.catalog.request_template import (
    BASE_QUERY,
    BLANK,
    ENCODINGS,
    PATHS,
    Template,
    compact,
    with_base_query,
)
from scimproof.catalog.senders import Encoding
from scimproof.core.http_message import Json, Request
from scimproof.load.client.filled import Filled

Rules = Mapping[str, Callable[[], Json]]
Filler = Callable[[Mapping[str, str]], str]
UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
PLAIN_IN_QUERY = re.compile(r"[A-Za-z0-9_.~@-]*").fullmatch
LENGTH = "content-length"


class Placeholder(NamedTuple):
    """Placeholder: where a value goes, and how it is written there."""

    name: str
    encode: Callable[[str], str]


Piece = str | Placeholder


def in_path(value: str) -> str:
    """A blank's value inside the path of a request."""
    return value if UNRESERVED(value) else quote(value, safe="")


def in_query(value: str) -> str:
    """A blank's value inside the query: a JSON string, percent-encoded."""
    if PLAIN_IN_QUERY(value):
        return value.replace("@", "%40")
    return quote(encode_basestring(value)[1:-1], safe="")


def in_encoded_query(encoding: Encoding) -> Callable[[str], str]:
    """The same, encoded as the sender does it."""
    encode = ENCODINGS[encoding]
    return in_query if encoding == "percent" else lambda value: encode(encode_basestring(value)[1:-1])


class CompiledRequest:
    """Compiled request: a template whose constant parts are put together once.

    `constants` are values that stay for the whole run (`base`, `host`, `prefix`, a step's own blanks);
    `rename` turns a blank's name into another (a step that puts somebody else into a role). Extra `headers`
    come after the file's own, as the conformance sender puts them.
    """

    def __init__(
        self,
        template: Template,
        constants: Mapping[str, str],
        rename: Callable[[str], str] = str,
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.template = template
        self.ruled = bool(template.rules)
        self._rename = rename
        self._constants = {name: value for name, value in constants.items() if name != LENGTH}
        self._headers = (*template.headers, *headers)
        self._target = self._line()
        self._body = self._compile_body()
        self._authorization: str | None = None
        self._head: tuple[bytes, bytes, bytes] = (b"", b"", b"")
        self._own: list[tuple[str, str]] = []

    @property
    def blanks(self) -> frozenset[str]:
        """The blanks that every filling needs a value for, under the names that are looked up."""
        own = self.template.blanks - set(self._constants) - {"authorization", LENGTH}
        return frozenset(self._rename(name) for name in own)

    def fill(self, blanks: Mapping[str, str], authorization: str, rules: Rules | None = None) -> Filled:
        """The request; raises KeyError naming a blank that has no value.

        A blank in a header, the authorization and the length apart, must be a constant.
        """
        if authorization is not self._authorization and authorization != self._authorization:
            self._bind(authorization)
        target = self._target(blanks)
        body = self._by_rule(blanks, rules or {}) if self.ruled else self._body(blanks).encode()
        method, head, tail = self._head
        if self._has_length:
            wire = b"%b%b%b%d%b%b" % (method, target.encode(), head, len(body), tail, body)
        else:
            wire = b"%b%b%b%b" % (method, target.encode(), head, body)
        return Filled(wire, self.template.method, target, body)

    def request(self, filled: Filled) -> Request:
        """What was filled last as a request of the model, without the extra headers."""
        length = str(len(filled.body))
        own = tuple((name, length if value == "\0" else value) for name, value in self._own)
        return Request(filled.method, filled.target, own, filled.body)

    def _bind(self, authorization: str) -> None:
        """Put the head together for the credentials that hold now: OAuth's change during a run."""
        known = {**self._constants, "authorization": authorization, LENGTH: "\0"}
        pairs = [(name, BLANK.sub(lambda m: known[m[1]], value)) for name, value in self._headers]
        self._own = [pair for pair in pairs[: len(self.template.headers)] if pair[1]]
        # A header without a value is left out, as Template.fill does.
        head = " HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in pairs if value)
        before, self._has_length, after = (head + "\r\n").partition("\0")
        # Latin-1 as the conformance sender encodes header values; ASCII unless a secret is not.
        parts = (f"{self.template.method} ", before, after)
        self._head = (parts[0].encode(), parts[1].encode("latin-1"), parts[2].encode("latin-1"))
        self._authorization = authorization

    def _line(self) -> Filler:
        path, mark, query = self.template.target.partition("?")
        query = with_base_query(mark + query, self._constants.get(BASE_QUERY, ""))
        encode = in_encoded_query(self.template.encoding)
        pieces = [*self._pieces(path, in_path), *self._pieces(query, encode)]
        return _filler(pieces)

    def _pieces(self, text: str, encode: Callable[[str], str]) -> list[Piece]:
        pieces: list[Piece] = []
        for position, part in enumerate(BLANK.split(text)):
            if position % 2 == 0:
                pieces.append(part)
            elif part in PATHS:
                pieces.append(self._constants[part])
            else:
                known = self._constants.get(part)
                pieces.append(Placeholder(self._rename(part), encode) if known is None else encode(known))
        return pieces

    def _compile_body(self) -> Filler:
        text = self.template.body
        # A blank that is a whole JSON string takes its quotes from the encoder: one C call per value.
        whole = re.sub(r'"\{\{\s*([^{}]+?)\s*\}\}"', r"{{\1}}", text)
        if len(BLANK.findall(whole)) == len(re.findall(r'"\{\{[^{}]+\}\}"', text)):
            pieces = self._pieces(whole, encode_basestring)
            names = [piece.name for piece in pieces if isinstance(piece, Placeholder)]
            form = "".join(p.replace("%", "%%") if isinstance(p, str) else "%s" for p in pieces)
            if len(names) > 1:
                values = itemgetter(*names)
                return lambda blanks: form % tuple(map(encode_basestring, values(blanks)))
        return _filler(self._pieces(text, _inside))

    def _by_rule(self, blanks: Mapping[str, str], rules: Rules) -> bytes:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            return compact(rules[name[1:]]()) if name.startswith("=") else _inside(self._value(name, blanks))

        return BLANK.sub(value, self.template.body).encode()

    def _value(self, name: str, blanks: Mapping[str, str]) -> str:
        known = self._constants.get(name)
        return blanks[self._rename(name)] if known is None else known


def _inside(value: str) -> str:
    return encode_basestring(value)[1:-1]


def _filler(pieces: list[Piece]) -> Filler:
    """What fills these pieces; a function of its own for the common cases of no blank and one."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, str) and isinstance(last, str):
            merged[-1] = last + piece
        else:
            merged.append(piece)
    match merged:
        case [str(only)]:
            return lambda _: only
        case [str(before), Placeholder(name, encode), str(after)]:
            return lambda blanks: before + encode(blanks[name]) + after
    return lambda blanks: "".join(
        [piece if isinstance(piece, str) else piece.encode(blanks[piece.name]) for piece in merged]
    )
