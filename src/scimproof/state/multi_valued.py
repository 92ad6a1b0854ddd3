"""Edits of a multi-valued attribute by PATCH: entries added, removed or changed by a value filter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scimproof.core.http_message import Json
from scimproof.core.scim import value_at
from scimproof.state.register import ANY, Value

# emails[type eq "work"].value, roles[primary eq true], addresses[type eq "home"]
FILTERED = re.compile(
    r"(?P<attribute>[^\[\]]+)\[\s*(?P<key>[\w$.]+)\s+eq\s+(?P<wanted>\"(?:[^\"\\]|\\.)*\"|\w+)\s*\](?:\.(?P<part>[\w$]+))?",
    re.IGNORECASE,
)
WORDS: dict[str, Json] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Edit:
    """Change of some entries of a multi-valued attribute, of which the request does not tell the whole list.

    `key` and `wanted` select the entries, all of them where `key` is empty; `part` is the sub-attribute that
    is changed, the whole entry where it is empty. `first` is an edit that the same request makes before.
    """

    op: str
    attribute: str
    key: str
    wanted: Json
    part: str
    value: Json
    first: Value = None

    @classmethod
    def of(cls, op: str, path: str, value: Json) -> Edit | None:
        """The edit that an operation makes; None for one that gives the whole attribute."""
        found = FILTERED.fullmatch(path)
        if found:
            wanted = found["wanted"]
            text = wanted[1:-1].replace('\\"', '"').replace("\\\\", "\\") if wanted.startswith('"') else None
            known = WORDS.get(wanted.lower(), wanted) if text is None else text
            return cls(op, found["attribute"], found["key"], known, found["part"] or "", value)
        if isinstance(value, list) and op in ("add", "remove"):
            return cls(op, path, "", None, "", value)
        return None

    def after(self, earlier: Value) -> Value:
        """The edit that follows another change of the same attribute in one request."""
        if isinstance(earlier, Edit):
            return Edit(self.op, self.attribute, self.key, self.wanted, self.part, self.value, earlier)
        return self.applied(earlier)

    def applied(self, entries: Value) -> Value:
        """The entries after it; anything where those before it are not known, or no entry is meant."""
        if isinstance(self.first, Edit):
            entries = self.first.applied(entries)
        if entries is None:
            entries = []
        if entries is ANY or not isinstance(entries, list):
            return ANY
        return self._by_filter(entries) if self.key else self._by_list(entries)

    def _by_list(self, entries: list[Json]) -> Value:
        named = self.value if isinstance(self.value, list) else []
        others = [entry for entry in entries if not any(_same(entry, one) for one in named)]
        return [*others, *named] if self.op == "add" else others

    def _by_filter(self, entries: list[Json]) -> Value:
        meant = [entry for entry in entries if value_at(entry, self.key) == self.wanted]
        if not meant:
            # A path that selects nothing adds an entry at some targets and is refused by others.
            return ANY
        return list(self._changed(entries, meant)) or ANY

    def _changed(self, entries: list[Json], meant: list[Json]) -> Iterator[Json]:
        for entry in entries:
            if not any(entry is one for one in meant):
                yield entry
            elif self.op == "remove":
                if self.part:
                    yield {key: value for key, value in entry.items() if key.lower() != self.part.lower()}
            elif self.part:
                yield _with(entry, self.part, self.value)
            else:
                yield entry | self.value if isinstance(self.value, dict) else entry


def _with(entry: dict[str, Any], part: str, value: Json) -> dict[str, Any]:
    spelled = next((key for key in entry if key.lower() == part.lower()), part)
    return entry | {spelled: value}


def _same(entry: Json, other: Json) -> bool:
    value = value_at(entry, "value")
    return entry == other or (value is not None and value == value_at(other, "value"))
