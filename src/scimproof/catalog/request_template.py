"""Reads .http files: a request byte for byte, with blanks, under its provenance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from scimproof.core.errors import CatalogError
from scimproof.core.http_message import Json, Request

BLANK = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
PROVENANCE = ("operation", "grade", "source", "date", "shows")
PATHS = ("base", "parent")  # percent-encoded by whoever typed them, slashes and all
BASE_QUERY = "base-query"  # the blank of a query that came with the base URL
GRADES = ("A", "B", "C", "D")

Rule = Callable[..., Json]


@dataclass(frozen=True)
class Template:
    """One .http file: where it is attested, and the message with its blanks.

    A blank is filled percent-encoded in the request target, JSON-escaped inside the body, as it is in
    a header. `{{=name}}` in a body is replaced by the compact JSON that the named rule gives. With
    `form_query` values in the query are form-encoded: `+` for a blank. The blank `base-query`, a query that
    came with the base URL, goes behind the request's own.
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
    form_query: bool = False

    @cached_property
    def blanks(self) -> frozenset[str]:
        """The names of the ordinary blanks, wherever they stand."""
        text = "\n".join([self.target, *(value for _, value in self.headers), self.body])
        return frozenset(name for name in BLANK.findall(text) if not name.startswith("="))

    @cached_property
    def rules(self) -> frozenset[str]:
        """The names of the rules that the body asks for."""
        return frozenset(name[1:] for name in BLANK.findall(self.body) if name.startswith("="))

    def fill(
        self, blanks: Mapping[str, str], rules: Mapping[str, Callable[[], Json]] | None = None
    ) -> Request:
        """The request as it goes on the wire; raises KeyError naming a blank that has no value."""

        def in_body(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("="):
                return compact((rules or {})[name[1:]]())
            return _escaped(blanks[name])

        body = BLANK.sub(in_body, self.body).encode()
        path, mark, query = self.target.partition("?")
        target = BLANK.sub(lambda m: blanks[m[1]] if m[1] in PATHS else quoted(blanks[m[1]]), path)
        # The value in a filter is a JSON string (RFC 7644 section 3.4.2.2): escaped first, then encoded.
        encode = quote_plus if self.form_query else quoted
        query = BLANK.sub(lambda m: encode(_escaped(blanks[m[1]])), query)
        target += with_base_query(mark + query, blanks.get(BASE_QUERY, ""))
        known = {**blanks, "content-length": str(len(body))}
        filled = ((name, BLANK.sub(lambda m: known[m[1]], value)) for name, value in self.headers)
        # A header that is filled with nothing is left out: what is sent without credentials has no such line.
        headers = tuple((name, value) for name, value in filled if value)
        return Request(self.method, target, headers, body)


def with_base_query(query: str, base_query: str) -> str:
    """A request's own query, `?` and all, with the one that came with the base URL behind it."""
    return f"{query}{'&' if query else '?'}{base_query}" if base_query else query


def quoted(text: str) -> str:
    """Percent-encoded, slashes and all, so that it is one segment of a path or one value of a query."""
    return quote(text, safe="")


def _escaped(text: str) -> str:
    """The inside of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def compact(value: Json) -> str:
    """JSON as Okta serialises it: no spaces, UTF-8 unescaped (wire-facts section 2)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_template(path: Path, name: str) -> Template:
    """Read one .http file; `name` is its path inside fixtures/. Raises CatalogError with file and line."""
    lines = path.read_text(encoding="utf-8").split("\n")
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
