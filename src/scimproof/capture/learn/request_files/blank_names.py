"""Blank names of one captured request: which variable of which role stands for which of its values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scimproof.capture.learn.request_files.known_resources import KnownResource, KnownResources
from scimproof.capture.learn.request_files.vocabulary import Vocabulary, new

REVIEW = "review."  # how the names of blanks begin that nobody could place
ROLES = {"users": ("user", "other", "third"), "groups": ("group", "inner")}
ENTRY = re.compile(r"\[[^\]]*\]")
NAME = re.compile(r"[\w.:$-]*")
UNSAFE = re.compile(r"[^\w.-]+")


def is_groups(endpoint: str) -> bool:
    """Whether that endpoint is the one of groups."""
    return endpoint.lower() == "groups"


@dataclass
class BlankNames:
    """The blanks of one request: `values` by name, as `user.userName`; a name has one value.

    `roles` are the names of those whom the request is about, by id or, where no id is known, by another of
    their texts.
    """

    known: KnownResources
    vocabulary: Vocabulary
    values: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, value: str) -> str:
        """The blank of that name for that value; empty where the name stands for another value already."""
        return _blank(name) if self.values.setdefault(name, value) == value else ""

    def of_value(self, value: str) -> str:
        """The blank of a role that stands for that value already; empty for none."""
        return next((_blank(name) for name, one in self.values.items() if one == value and "." in name), "")

    def review(self, where: str, value: str, *, raw: bool = False) -> str:
        """A blank for a value that is nobody's known one, which somebody has to look at.

        It is named for where the value stands, unless that tells something of anybody itself.
        """
        name = REVIEW + (UNSAFE.sub("-", self._told(where)).strip("-.") or "value")
        number = 1
        while self.values.setdefault(name if number == 1 else f"{name}-{number}", value) != value:
            number += 1
        return _blank(("!" if raw else "") + (name if number == 1 else f"{name}-{number}"))

    @property
    def to_review(self) -> list[str]:
        """The names of the blanks that nobody could place."""
        return [name for name in self.values if name.startswith(REVIEW)]

    def role(self, key: str, endpoint: str, wanted: str = "") -> str:
        """The role of the resource with that id (or other text): the one that it has, or the next one."""
        if key not in self.roles:
            names = ROLES["groups" if is_groups(endpoint) else "users"]
            taken = set(self.roles.values())
            free = (name for name in (*filter(None, [wanted]), *names) if name not in taken)
            another = "inner" if names[0] == "group" else "member"
            more = (f"{another}{number}" for number in range(len(names) + 1, len(taken) + len(names) + 2))
            self.roles[key] = next(name for name in (*free, *more) if name not in taken)
        return self.roles[key]

    def id(self, value: str, endpoint: str, wanted: str = "") -> str:
        """The blank for the id of a resource."""
        owner = self.known.by_id.get(value)
        return self.take(f"{self.role(value, owner.endpoint if owner else endpoint, wanted)}.id", value)

    def attribute(self, role: str, endpoint: str, path: str, value: str, *, update: bool) -> str:
        """The blank for an attribute of that role: its variable, or that of a new value; empty for none."""
        first = self._first(role, path)
        newer = update if first is None else value != first
        variables = self.vocabulary.variables(endpoint, path)
        there = self.vocabulary.group if is_groups(endpoint) else self.vocabulary.person
        names = [
            name for one in variables for name in ((new(one), one) if newer else (one,)) if name in there
        ]
        return next((blank for name in names if (blank := self.take(f"{role}.{name}", value))), "")

    def of_owner(self, value: str) -> str:
        """The blank for a text that a known resource has; empty where nobody has it."""
        found = self.known.owner(value)
        if found is None:
            return ""
        owner, path = found
        role = self.role(owner.id, owner.endpoint)
        if path == "id":
            return self.take(f"{role}.id", value)
        if owner.values.get(path) != value:  # the same in another letter case: another value
            return ""
        return self.attribute(role, owner.endpoint, path, value, update=False)

    def _told(self, where: str) -> str:
        """The place of a value as a name may tell it: which entry of a list it is in is left out."""
        bare = ENTRY.sub("", where)
        pieces = {bare, *re.findall(r"\w+", bare), *bare.split(".")}
        known = any(self.known.is_data(one) and one not in self.vocabulary.words for one in pieces)
        return "" if known or not NAME.fullmatch(bare) else bare

    def _first(self, role: str, path: str) -> str | None:
        """The first value that the capture shows of that attribute, None where it shows none."""
        key = next((key for key, name in self.roles.items() if name == role), "")
        resource: KnownResource | None = self.known.by_id.get(key)
        return resource.values.get(path) if resource else None


def _blank(name: str) -> str:
    return f"{{{{{name}}}}}"
