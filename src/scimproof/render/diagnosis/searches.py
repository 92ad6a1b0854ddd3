"""Searches in a report, compared with what was created: whether a target finds anything by filter."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from urllib.parse import unquote_plus

from scimproof.render.diagnosis.scim import look
from scimproof.render.diagnosis.traffic import Conversation, Traffic

FILTER = re.compile(r'(?:^|&)filter=(\w+)\s+eq\s+"(.*?)"(?:&|$)')
NAMES = {"Users": "userName", "Groups": "displayName"}
MISSES, OTHERS = "misses", "finds others"


class Searches:
    """The result of each search by name, and whether all searches of its kind end so."""

    def __init__(self, traffic: Traffic) -> None:
        self._wrong: dict[int, list[str]] = {}
        self._seen: Counter[tuple[str, str]] = Counter()
        self._often: Counter[tuple[str, str]] = Counter()
        for talks in traffic.by_sequence.values():
            names: dict[str, str] = {}
            for talk in talks:
                if talk.searches and talk.ok:
                    self._look(talk, names)
                else:
                    _learn(talk, names)

    def wrong(self, talk: Conversation) -> list[str]:
        """The error of that search, MISSES or OTHERS, if all searches like it have it."""
        return [word for word in self._wrong.get(talk.number, ()) if self._always(talk.resource, word)]

    def missed(self, talk: Conversation) -> bool:
        """Whether that search missed a resource that its sequence created."""
        return MISSES in self._wrong.get(talk.number, ())

    def _always(self, resource: str, word: str) -> bool:
        return self._seen[resource, word] == self._often[resource, word]

    def _look(self, talk: Conversation, names: dict[str, str]) -> None:
        asked = FILTER.search(unquote_plus(talk.query))
        attribute = NAMES.get(talk.resource, "")
        if not asked or asked[1] != attribute:
            return
        if talk.row.get("truncated") or talk.row.get("left_out"):  # more than one name can be
            self._note(talk, OTHERS, self._wrong.setdefault(talk.number, []), it_is=True)
            return
        if not isinstance(talk.came, dict):
            return
        wanted = asked[2].replace("\\", "").casefold()
        found = [str(look(row, attribute)).casefold() for row in talk.resources()]
        wrong = self._wrong.setdefault(talk.number, [])
        if wanted in names.values():
            self._note(talk, MISSES, wrong, it_is=wanted not in found)
        if found:
            self._note(talk, OTHERS, wrong, it_is=any(name != wanted for name in found))

    def _note(self, talk: Conversation, word: str, wrong: list[str], *, it_is: bool) -> None:
        self._seen[talk.resource, word] += 1
        self._often[talk.resource, word] += it_is
        if it_is:
            wrong.append(word)


def _learn(talk: Conversation, names: dict[str, str]) -> None:
    """Record the name that a resource has after that request."""
    if not talk.ok or not talk.writes:
        return
    id = talk.id or str(look(talk.came, "id") or "")
    bodies: list[Any] = [talk.sent, *(operation.get("value") for operation in talk.operations)]
    name = next((look(body, NAMES.get(talk.resource, "")) for body in bodies if isinstance(body, dict)), None)
    if talk.method == "DELETE":
        names.pop(id, None)
    elif isinstance(name, str) and name:
        names[id] = name.replace("\\", "").casefold()
