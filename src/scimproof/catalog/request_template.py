"""Request templates (.http files): the bytes of a request with variables, and its provenance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from scimproof.catalog.senders import Encoding
from scimproof.core.errors import CatalogError
from scimproof.core.http_message import Json, Request

HEX = re.compile(r"%[0-9A-F]{2}")
BLANK = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
PROVENANCE = ("operation", "grade", "source", "date", "shows")
PATHS = ("base", "parent", "endpoint")  # already percent-encoded, slashes included
BASE_QUERY = "base-query"  # the variable for a query that came with the base URL
# From the best attested to what is only inferred. N: normative, of no vendor's traffic: the bytes follow from
# the section of an RFC.
NORMATIVE = "N"
GRADES = (NORMATIVE, "A", "B", "C", "D")

Rule = Callable[..., Json]


@dataclass(frozen=True)
class Template:
    """One .http file: its provenance (source, grade), and the message with its variables.

    A variable is filled in percent-encoded in the request target, JSON-escaped in the body, and unchanged in
    a header. `{{=name}}` in a body is replaced by the compact JSON that the rule of that name computes.
    `{{%name}}` is percent-encoded and nothing else, `{{!name}}` is filled in as it is, with variables of its
    own. `encoding` is that of values in the query (ENCODINGS). The variable `base-query`, a query that came
    with the base URL, follows the request's own.
    """

    path: str
    operation: str
    grade: str
    source: str
    date: str
    shows: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str
    encoding: Encoding = "percent"

    @cached_property
    def blanks(self) -> frozenset[str]:
        """The names of all variables of the template, but for rules."""
        text = "\n".join([self.target, *(value for _, value in self.headers), self.body])
        return blanks_in(text)

    @cached_property
    def rules(self) -> frozenset[str]:
        """The names of the rules that compute parts of the body."""
        return frozenset(name[1:] for name in BLANK.findall(self.body) if name.startswith("="))

    def fill(
        self, blanks: Mapping[str, str], rules: Mapping[str, Callable[[], Json]] | None = None
    ) -> Request:
        """The request with all variables filled in; raises KeyError with the name of one without a value."""

        def in_body(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("="):
                return compact((rules or {})[name[1:]]())
            return _marked(name, blanks) if name[0] in MARKS else _escaped(blanks[name])

        body = BLANK.sub(in_body, self.body).encode()
        path, mark, query = self.target.partition("?")
        target = BLANK.sub(lambda m: _in_path(m[1], blanks), path)
        # The value in a filter is a JSON string (RFC 7644 section 3.4.2.2): escaped first, then encoded.
        encode = ENCODINGS[self.encoding]
        query = BLANK.sub(
            lambda m: _marked(m[1], blanks) if m[1][0] in MARKS else encode(_escaped(blanks[m[1]])), query
        )
        target += with_base_query(mark + query, blanks.get(BASE_QUERY, ""))
        length = {"content-length": str(len(body))}
        filled = (
            (name, BLANK.sub(lambda m: length.get(m[1]) or blanks[m[1]], value))
            for name, value in self.headers
        )
        # A header with an empty value is left out, as Authorization of a request without credentials.
        headers = tuple((name, value) for name, value in filled if value)
        return Request(self.method, target, headers, body)


MARKS = "%!"


def blanks_in(text: str) -> frozenset[str]:
    """The names of the template variables in a text, but for rules."""
    return frozenset(name.lstrip(MARKS) for name in BLANK.findall(text) if not name.startswith("="))


def _in_path(name: str, blanks: Mapping[str, str]) -> str:
    if name[0] in MARKS:
        return _marked(name, blanks)
    return blanks[name] if name in PATHS else quoted(blanks[name])


def _marked(name: str, blanks: Mapping[str, str]) -> str:
    """The value of a variable that says itself how it is filled in."""
    value = blanks[name[1:]]
    return quoted(value) if name.startswith("%") else value


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """A text with its variables filled in: JSON-escaped, or as their marks say; raises KeyError."""

    def one(match: re.Match[str]) -> str:
        name = match[1]
        return _marked(name, blanks) if name[0] in MARKS else _escaped(blanks[name])

    return BLANK.sub(one, text)


class Nested(dict[str, str]):
    """Template variables of which some are texts with variables of their own, filled in when used."""

    def __init__(self, known: Mapping[str, str], texts: Mapping[str, str]) -> None:
        super().__init__(known)
        self._texts = dict(texts)

    def __getitem__(self, name: str) -> str:
        if name in self._texts:
            self[name] = filled(self._texts.pop(name), self)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        return name in self._texts or super().__contains__(name)


def with_base_query(query: str, base_query: str) -> str:
    """The query of a request, `?` included, followed by the query that came with the base URL."""
    return f"{query}{'&' if query else '?'}{base_query}" if base_query else query


def quoted(text: str) -> str:
    """The text percent-encoded, slashes included, as one path segment or one query value."""
    return quote(text, safe="")


def _lower(text: str) -> str:
    """The text form-encoded, with the hexadecimal digits in lower case."""
    return HEX.sub(lambda match: match[0].lower(), quote_plus(text))


# How a sender encodes a value in a query, by the name in its sender.toml.
ENCODINGS: Mapping[Encoding, Callable[[str], str]] = {
    "percent": quoted,
    "form": quote_plus,
    "form-lower": _lower,
}


def _escaped(text: str) -> str:
    """The text as the inside of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def compact(value: Json) -> str:
    """JSON as the sender serialises it: no spaces, UTF-8 unescaped (wire-facts section 2)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_template(path: Path, name: str) -> Template:
    """Read one .http file; `name` is its path inside fixtures/. Raises CatalogError with file and line."""
    return template_of(path.read_text(encoding="utf-8"), name)


def template_of(text: str, name: str) -> Template:
    """The template that a text is, as `read_template` reads it from a file."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = next((i for i, line in enumerate(lines) if line and not line.startswith("#")), len(lines))
    provenance = _provenance(lines[:start], name)
    message = "\n".join(lines[start:]).removesuffix("\n")
    head, _, body = message.partition("\n\n")
    request_line, *header_lines = head.removesuffix("\n").split("\n")
    parts = request_line.split(" ")
    if len(parts) != 3 or parts[2] != "HTTP/1.1":
        raise CatalogError(f"{name}:{start + 1}: expected 'METHOD target HTTP/1.1', found {request_line!r}")
    headers = tuple(_header(line, name, start + 2 + i) for i, line in enumerate(header_lines))
    return Template(path=name, method=parts[0], target=parts[1], headers=headers, body=body, **provenance)


def _provenance(lines: list[str], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in lines:
        key, colon, value = line.lstrip("# ").partition(":")
        if colon and key in PROVENANCE:
            found[key] = value.strip()
    missing = [key for key in PROVENANCE if not found.get(key)]
    if missing:
        raise CatalogError(f"{name}: the provenance above the request lacks {', '.join(missing)}")
    if found["grade"] not in GRADES:
        raise CatalogError(f"{name}: grade {found['grade']!r} is none of {', '.join(GRADES)}")
    return found


def _header(line: str, name: str, number: int) -> tuple[str, str]:
    key, colon, value = line.partition(": ")
    if not colon or not key:
        raise CatalogError(f"{name}:{number}: expected 'Header: value', found {line!r}")
    return key, value
