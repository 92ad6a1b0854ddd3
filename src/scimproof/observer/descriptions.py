"""Descriptions of HTTP observers (suites/observers/*.toml): where an API is, what to read, what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import read_toml
from scimproof.core.definitions import QUESTIONS
from scimproof.core.errors import CatalogError
from scimproof.core.http_message import Json
from scimproof.core.scim import value_at


@dataclass(frozen=True, kw_only=True)
class Read:
    """One GET; `take` maps words to dotted paths in the answer (`.` is all of it).

    In `get`, `{id}` is the id of the user or group. In the values of `query`, `{since}` is the time of the
    event in question by the API's clock, and `{until}` a time after its end, to keep the answer short.

    With `each`, the path of a list, a word is the list of the values of all entries; `only` selects entries
    by attributes. `next` is the query parameter for the next page, by the attribute of the answer that has
    its value, for at most `most` pages. The list may be `late` by so many seconds; `empty` is the sentence
    for a list without any entry, even without the query.
    """

    get: str
    take: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    each: str = ""
    only: Mapping[str, str] = field(default_factory=dict)
    next: str = ""
    most: int = 100
    late: float = 0.0
    empty: str = ""


@dataclass(frozen=True, kw_only=True)
class Act:
    """An action of people that a stand-in plays: a POST of `body`, `{id}` is the user who acts.

    `offered` is a key of the JSON object at `people`: without it the action is not played.
    """

    post: str
    offered: str
    body: str = "{}"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The URLs of the API for a SCIM base URL that matches; they may use groups of the match.

    `people` is the URL at which a stand-in plays actions of people, empty for a real API.
    """

    scim: re.Pattern[str]
    token: str
    api: str
    people: str = ""


@dataclass(frozen=True, kw_only=True)
class Description:
    """The description of one HTTP API.

    `meaning` maps values of a word to words (`{"status": {"0": "invited"}}`); `derive` makes a word that is
    true when another word has one of these values. `per_minute` is the rate limit. `refused` has hints by
    error code of the token endpoint; `acts` are actions of people.
    """

    id: str
    title: str
    scope: str
    per_minute: int
    places: tuple[Place, ...]
    questions: Mapping[str, tuple[Read, ...]]
    meaning: Mapping[str, Mapping[str, str]]
    derive: Mapping[str, Mapping[str, Any]]
    refused: Mapping[str, str] = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)

    def place(self, scim: str) -> tuple[str, str] | None:
        """The URLs of the token endpoint and the API for that SCIM base URL, None when unknown."""
        found = self._place(scim)
        return found and (found[0].expand(found[1].token), found[0].expand(found[1].api))

    def people(self, scim: str) -> str:
        """Where a stand-in plays actions of people for that SCIM base URL; empty where none does."""
        found = self._place(scim)
        return found[0].expand(found[1].people) if found else ""

    def late(self, about: str) -> float:
        """By how many seconds the answer to that question may be behind."""
        return max((read.late for read in self.questions[about]), default=0.0)

    def _place(self, scim: str) -> tuple[re.Match[str], Place] | None:
        matches = ((place.scim.fullmatch(scim), place) for place in self.places)
        return next(((match, place) for match, place in matches if match), None)

    def words(self, taken: Mapping[str, Json]) -> dict[str, Json]:
        """What was read, in words, with the words derived from it."""
        words = {word: self._mean(word, value) for word, value in taken.items()}
        for word, rule in self.derive.items():
            if rule["from"] in words:
                words[word] = words[rule["from"]] in rule["when"]
        return words

    def _mean(self, word: str, value: Json) -> Json:
        known = self.meaning.get(word, {})
        if isinstance(value, list):
            return [known.get(str(one), one) for one in value]
        return known.get(str(value), value)


def extract_words(read: Read, body: Json, id: str) -> dict[str, Json]:
    """The words in one answer; lists where the read has `each`."""
    if not read.each:
        return {word: body if path == "." else value_at(body, path) for word, path in read.take.items()}
    entries = value_at(body, read.each)
    entries = [
        entry
        for entry in (entries if isinstance(entries, list) else [])
        if all(value_at(entry, name) == value.replace("{id}", id) for name, value in read.only.items())
    ]
    return {word: [value_at(entry, path) for entry in entries] for word, path in read.take.items()}


def descriptions(root: Path) -> dict[str, Description]:
    """All descriptions by name; CatalogError names the file that is wrong."""
    return {path.stem: _description(path) for path in sorted((root / "suites" / "observers").glob("*.toml"))}


def _description(path: Path) -> Description:
    data = read_toml(path)
    try:
        places = tuple(_place(row) for row in data.pop("where"))
        asked = {name: tuple(Read(**row) for row in data.pop(name, ())) for name in QUESTIONS}
        meaning, derive = data.pop("meaning", {}), data.pop("derive", {})
        acts = {name: Act(**row) for name, row in data.pop("people", {}).items()}
        return Description(
            id=path.stem, places=places, questions=asked, meaning=meaning, derive=derive, acts=acts, **data
        )
    except (KeyError, TypeError, re.error) as problem:
        raise CatalogError(f"observers/{path.name}: {problem}") from None


def _place(row: Mapping[str, str]) -> Place:
    return Place(
        scim=re.compile(row["scim"]), token=row["token"], api=row["api"], people=row.get("people", "")
    )
