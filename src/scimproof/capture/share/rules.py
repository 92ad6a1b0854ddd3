"""What of a capture says nothing of anybody: suites/sharing.toml, and what templates have verbatim."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from itertools import chain
from typing import Any, Literal, get_args
from urllib.parse import unquote, unquote_plus

from scimproof.capture.learn.shapes.body_shape import Merged
from scimproof.capture.learn.shapes.made_bodies import MadeBodies
from scimproof.capture.learn.shapes.text_pattern import TextPattern
from scimproof.capture.share.attribute_paths import last_name
from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import Template
from scimproof.core.errors import CatalogError
from scimproof.core.http_message import Json, parse_json

FILE = "sharing.toml"
# How the value of an attribute is read.
ValueKind = Literal["words", "person", "address", "phone", "text", "url", "urn", "path", "filter", "http"]
# How the value of a header is read.
HeaderKind = Literal["plain", "product", "opaque", "host", "url", "date", "length"]
INHERITED = ("person", "phone", "address")  # kinds of which parts are what the whole is
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
SEVERAL = re.compile(r"\W|\d")


@dataclass(frozen=True)
class SharingRules:
    """What stays as it is, all in lower case.

    `literals` are whole values that templates have verbatim, in their own letter case: by the attribute in
    lower case, `header NAME` for a header, and each by itself under "". `endings` are
    what templates have behind a variable, by attribute.
    """

    values: Mapping[str, re.Pattern[str]]
    kinds: Mapping[str, ValueKind]
    names: frozenset[str]
    segments: frozenset[str]
    hosts: frozenset[str]
    parameters: frozenset[str]
    id_starts: tuple[str, ...]
    headers: Mapping[str, HeaderKind]
    products: frozenset[str]
    urn_words: frozenset[str]
    http_words: frozenset[str]
    text_words: frozenset[str]
    literals: frozenset[tuple[str, str]]
    endings: frozenset[tuple[str, str]]

    def kind(self, attribute: str, parent: str = "") -> ValueKind:
        """How the value of an attribute is read; `parent` is the one of which it is a part."""
        within = self.kinds.get(f"{parent}.{attribute}")
        of_parent = self.kinds.get(parent)
        if of_parent not in INHERITED:
            of_parent = None
        if attribute in ("value", "display", "formatted") and of_parent:
            return of_parent
        return within or self.kinds.get(attribute) or of_parent or "words"

    def ending(self, value: str, attribute: str) -> str:
        """The end of a value that is in a template, behind a variable; empty where it has none."""
        return next((end for name, end in self.endings if name == attribute and value.endswith(end)), "")

    def is_harmless(self, value: str, attribute: str = "", kind: ValueKind = "words") -> bool:
        """Whether a whole value of an attribute says nothing of anybody."""
        if value.lower() in ("", "true", "false", "null") or (attribute, value) in self.literals:
            return True
        pattern = self.values.get(attribute)
        if pattern and pattern.fullmatch(value):
            return True
        # What is one word of a language may be a name, too.
        return ("", value) in self.literals and (kind != "person" or bool(SEVERAL.search(value)))

    @cached_property
    def header_words(self) -> frozenset[str]:
        """Words of headers, and products."""
        return self.http_words | self.products

    @cached_property
    def public_words(self) -> frozenset[str]:
        """All words that may show though somebody is called so."""
        return frozenset().union(
            self.names, self.segments, self.hosts, self.parameters, self.products, self.urn_words,
            self.http_words, self.text_words, self.kinds, self.values,
            (word for status in HTTPStatus for word in status.phrase.lower().split()),
            (word for name in self.headers for word in name.split("-")),
            *(re.findall(r"[a-z]+", pattern.pattern.lower()) for pattern in self.values.values()),
            *(re.findall(r"[^\W_]+", value.lower()) for _, value in self.literals),
        )  # fmt: skip


def read_sharing_rules(catalog: Catalog) -> SharingRules:
    """The rules of suites/sharing.toml; CatalogError with the place where it is wrong."""
    made = MadeBodies(catalog)
    templates = catalog.templates.values()
    bodies = [*map(_body, templates), *(made.node(rule) for each in templates for rule in each.rules)]
    written = {pair for pair in chain(*map(_literals, templates), *map(_values, bodies)) if pair[1]}
    try:
        data = tomllib.loads((catalog.root / "suites" / FILE).read_text(encoding="utf-8"))
        values = {name: re.compile(pattern) for name, pattern in data["values"].items()}
        return SharingRules(
            values,
            dict(_by_word(data["kinds"], get_args(ValueKind))),
            frozenset(data["names"]["known"]) | _names(catalog, bodies),
            frozenset(data["segments"]["known"]),
            frozenset(data["segments"]["hosts"]),
            frozenset(data["parameters"]["known"]),
            tuple(data["ids"]["starts"]),
            dict(_by_word(data["headers"], get_args(HeaderKind))),
            frozenset(data["products"]["known"]),
            frozenset(data["words"]["urn"]),
            frozenset(data["words"]["http"]),
            frozenset(data["words"]["text"]),
            frozenset(pair for pair in written if "{{" not in pair[1]),
            frozenset(
                (name, ending)
                for name, value in written
                if name and "{{" in value and (ending := value.rpartition("}}")[2]).strip('"]')
            ),
        )
    except (OSError, tomllib.TOMLDecodeError, re.error) as problem:
        raise CatalogError(f"{FILE}: {problem}") from None
    except KeyError as missing:
        raise CatalogError(f"{FILE}: it lacks {missing}") from None


def _names(catalog: Catalog, bodies: Iterable[Json]) -> frozenset[str]:
    """The names of attributes that RFC 7643 and the templates have, in lower case."""
    found = {last_name(key) for body in bodies for key in _keys(body)}
    for schema in catalog.standard_schemas.values():
        found |= {
            part.name.lower() for attribute in schema for part in (attribute, *attribute.sub_attributes)
        }
    return frozenset(found)


def _by_word(table: Mapping[str, list[str]], kinds: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    for kind, words in table.items():
        if kind not in kinds:
            raise CatalogError(f"{FILE}: {kind!r} is none of {', '.join(kinds)}")
        yield from ((word, kind) for word in words)


def _literals(template: Template) -> Iterator[tuple[str, str]]:
    """The whole values that a template has without a variable in them."""
    path, _, query = template.target.partition("?")
    yield from (("", unquote(part)) for part in path.split("/") if part)
    for part in query.split("&"):
        value = unquote_plus(part.partition("=")[2])
        yield from (("", found[1]) for found in QUOTED.finditer(value))
    yield from ((f"header {name.lower()}", value) for name, value in template.headers)


def _body(template: Template) -> Json:
    """The body of a template as JSON: rules and variables outside strings are texts in it."""
    text = re.sub(r"(?<=[:\[,])\s*\{\{[^{}]*\}\}(?=\s*[,\]}])", '"{{}}"', template.body)
    return parse_json(text.encode())


def _values(body: Json) -> Iterator[tuple[str, str]]:
    """The texts and numbers in a body, with the last names of their attributes and without."""
    for attribute, text in _scalars(body, ""):
        yield from (("", text), (attribute, text))


def _scalars(value: Json, attribute: str) -> Iterator[tuple[str, str]]:
    """All texts and numbers with the last name of their attributes."""
    if isinstance(value, str | TextPattern):
        yield attribute, value if isinstance(value, str) else value.source
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield attribute, str(value)
    elif isinstance(value, list):
        for each in value:
            yield from _scalars(each, attribute)
    else:
        for key, each in _members(value):
            yield from _scalars(each, last_name(key))


def _keys(value: Json) -> Iterator[str]:
    for each in value if isinstance(value, list) else ():
        yield from _keys(each)
    for key, each in _members(value):
        yield key
        yield from _keys(each)


def _members(value: Json) -> Iterator[tuple[str, Json]]:
    fields = value.fields if isinstance(value, Merged) else value
    yield from fields.items() if isinstance(fields, Mapping) else ()
