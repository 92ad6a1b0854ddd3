"""Vocabulary of the request files: which variable stands for which attribute, and which texts are public."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from scimproof.capture.json_tokens import json_tokens
from scimproof.capture.learn.attribute_paths import attribute_path
from scimproof.catalog.identities import group, person_blanks
from scimproof.catalog.request_template import BLANK, Template
from scimproof.core.http_message import parse_json

COMPUTED = re.compile(r"\{\{[=!][^{}]*\}\}")  # stands for JSON, not for a text in it
PURE = re.compile(r"\{\{([A-Za-z]\w*)\.(\w+)\}\}")
FILTER = re.compile(r"filter=([\w.:]+)(?:%20|\+)(?:eq|co|sw)(?:%20|\+)%22\{\{[A-Za-z]\w*\.(\w+)\}\}%22")
UNUSUAL = re.compile(r"Lookalike|Upper|localPart|guid")  # variables that stand for no attribute by themselves
WORDS = re.compile(r"[\w:.+-]+")


def new(variable: str) -> str:
    """The variable for the value that an update gives: `newTitle` for `title`."""
    return f"new{variable[0].upper()}{variable[1:]}"


@dataclass(frozen=True)
class Vocabulary:
    """What the request files of a catalogue, by path, say of attributes and of texts."""

    templates: Mapping[str, Template]

    @cached_property
    def person(self) -> frozenset[str]:
        """The variables of a person, but for the id."""
        return person_blanks("capture", "plain")

    @cached_property
    def group(self) -> frozenset[str]:
        """The variables of a group, but for the id."""
        return frozenset(group("", ""))

    def variables(self, endpoint: str, path: str) -> tuple[str, ...]:
        """The variables of a person or a group that attributes of that path get, the most frequent first.

        Of an entry of a list that no file has, those of entries of other types.
        """
        place = endpoint.lower()
        return self._variables.get((place, path.lower())) or self._variables.get((place, _bare(path)), ())

    def is_public(self, path: str, text: str) -> bool:
        """Whether a request file has this text at this attribute itself, not in a variable."""
        return (path.lower(), text) in self._literals

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that stand in the request files themselves, variables left out."""
        found: set[str] = set()
        for template in self.templates.values():
            headers = (f"{name} {value}" for name, value in template.headers)
            text = BLANK.sub(" ", "\n".join([template.method, template.target, *headers, template.body]))
            for word in WORDS.findall(text):
                found |= {word, *re.findall(r"\w+", word)}
        return frozenset(found)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The texts that request files have themselves as values of attributes and headers."""
        return frozenset(text for _, text in (*self._literals, *self.header_values))

    @cached_property
    def header_values(self) -> frozenset[tuple[str, str]]:
        """The headers that request files have with a value of their own: name in lower case, value."""
        return frozenset(
            (name.lower(), value)
            for template in self.templates.values()
            for name, value in template.headers
            if not BLANK.search(value)
        )

    @cached_property
    def _variables(self) -> dict[tuple[str, str], tuple[str, ...]]:
        votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for template in self.templates.values():
            endpoint = "groups" if "/Groups" in template.target else "users"
            known = self.group if endpoint == "groups" else self.person
            for path, name in (*self._in_body(template), *FILTER.findall(template.target)):
                base = name[3].lower() + name[4:] if name[:3] == "new" and name[3:4].isupper() else name
                if base in known and not UNUSUAL.search(base):
                    votes[endpoint, path.lower()][base] += 1
                    votes[endpoint, _bare(path)][base] += 1
        return {place: tuple(name for name, _ in found.most_common()) for place, found in votes.items()}

    def _in_body(self, template: Template) -> Iterator[tuple[str, str]]:
        for path, text in _texts(template):
            if (found := PURE.fullmatch(text)) and not path.startswith(("members", "groups")):
                yield path, found[2]

    @cached_property
    def _literals(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (path.lower(), text)
            for template in self.templates.values()
            for path, text in _texts(template)
            if not BLANK.search(text)
        )


def _bare(path: str) -> str:
    """The path without which entry of a list it is, in lower case."""
    return re.sub(r"\[[^\]]*\]", "[]", path.lower())


def _texts(template: Template) -> Iterator[tuple[str, str]]:
    """The texts of a template's body by the path of their attribute; none where it is no JSON."""
    text = COMPUTED.sub("null", template.body)
    body = parse_json(text.encode())
    for token in json_tokens(text) or ():
        if token.kind == "text":
            yield attribute_path(body, token.path), token.value
        elif token.kind == "number":
            yield attribute_path(body, token.path), str(token.value)
