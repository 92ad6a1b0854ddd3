"""What one playing of a sequence knows: its cast, its blanks, what was sent and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from scimproof.core.definitions import Exchange, Json, Kind

LONGEST_ID = 1024  # characters


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the shared population: its id at the target and its userName."""

    id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the questions about a walked list need of one page: a list may have any length.

    `total` is totalResults as a number, also where it is wrongly text (which has a requirement of its own).
    `ids` are those of all its resources in order, `ours` the resources of this run.
    """

    number: int
    status: int
    ok: bool
    summary: str
    total: int | None
    ids: tuple[str, ...]
    ours: tuple[Json, ...]

    @classmethod
    def of(cls, exchange: Exchange, scene: Scene) -> Page:
        """The page that this answer is."""
        body = exchange.json if exchange.ok else None
        rows, total = resources(body), str(look(body, "totalResults"))
        ids = tuple(str(look(row, "id")) for row in rows)
        known = {member.id for member in scene.population}
        known |= {value for name, value in scene.blanks.items() if name.endswith(".id")}
        prefix = scene.blanks.get("prefix", "")
        mine = tuple(r for r, id in zip(rows, ids, strict=True) if id in known or carries(r, prefix))
        number = int(total) if total.isdigit() and len(total) < 10 else None
        return cls(exchange.number, exchange.status, exchange.ok, exchange.summary(), number, ids, mine)


@dataclass
class Scene:
    """The memory of one playing.

    `blanks` are the values for the .http files: `base`, `host`, `prefix`, `authorization`, the cast's
    (`user.userName`) and what steps saved (`user.id`). `exchanges` holds every exchange by step id, in
    order: one for most steps, one a page where a step walks a list; then `pages` has what the questions need.
    `began` is when it was made, in UTC.
    """

    sequence: str
    blanks: dict[str, str]
    population: tuple[Member, ...] = ()
    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    pages: dict[str, list[Page]] = field(default_factory=dict)
    store_was_empty: bool | None = None
    facts: dict[str, Json] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def exchange(self, step: str) -> Exchange | None:
        """The last exchange of that step, None when it was not sent."""
        found = self.exchanges.get(step)
        return found[-1] if found else None

    def sent(self, step: str) -> Json:
        """The JSON body that was sent at that step, None when there was none."""
        exchange = self.exchange(step)
        return exchange.request.json if exchange else None

    def answer(self, step: str) -> Json:
        """The JSON body that came back at that step, None when there was none."""
        exchange = self.exchange(step)
        return exchange.json if exchange else None


def look(body: Json, path: str) -> Json:
    """The value at a dotted path (`name.familyName`, `emails.0.value`), None when it is not there.

    Attribute names match in any letter case (RFC 7643 section 2.1). A first part that is a schema URN
    ends at its last colon-free key, so `urn:…:2.0:User/department` separates with a slash.
    """
    parts = path.split("/") if path.startswith("urn:") else path.split(".")
    value = body
    for part in parts:
        if isinstance(value, list) and part.lstrip("-").isdigit():
            index = int(part)
            value = value[index] if -len(value) <= index < len(value) else None
        elif isinstance(value, Mapping):
            value = _member(value, part)
        else:
            return None
    return value


def _member(value: Mapping[str, Json], name: str) -> Json:
    if name in value:
        return value[name]
    lower = name.lower()
    return next((found for key, found in value.items() if key.lower() == lower), None)


def has(body: Json, path: str) -> bool:
    """Whether an attribute has a value: absent, null and an empty list are one (RFC 7643 section 2.5)."""
    return look(body, path) not in (None, [], {})


def usable_id(value: Json) -> str:
    """An `id` as the text that paths and members carry; empty for what no client can address a resource by.

    RFC 7643 section 3.1 wants a string; a number is taken as servers that send one mean it. A dot segment
    would be resolved to another resource (RFC 3986 section 5.2.4), and what is longer than LONGEST_ID fits
    into no request line.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    if not text.strip() or text in (".", "..") or len(text) > LONGEST_ID:
        return ""
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return ""
    return text


def kind_of(target: str) -> Kind:
    """Whether a request target is about users or groups."""
    path = target.partition("?")[0]
    return "Group" if path.rfind("/Groups") > path.rfind("/Users") else "User"


def carries(resource: Json, prefix: str) -> bool:
    """Whether a resource is shown under a name of the run with that prefix."""
    names = (look(resource, "userName"), look(resource, "displayName"))
    return bool(prefix) and any(isinstance(name, str) and prefix in name.casefold() for name in names)


def resources(body: Json) -> list[Json]:
    """The resources of a list answer; an empty list for anything that is not one."""
    found = look(body, "Resources")
    return found if isinstance(found, list) else []


def primary_email(body: Json) -> Json:
    """The primary e-mail's value; the first one's where none says it is primary; else None."""
    emails = look(body, "emails")
    if not isinstance(emails, list):
        return None
    entries = [entry for entry in emails if isinstance(entry, Mapping)]
    primary = [entry for entry in entries if entry.get("primary") is True] or entries
    return primary[0].get("value") if primary else None


def member_ids(body: Json) -> set[str]:
    """The ids of a group's members as a set; empty when the attribute is absent, null or empty."""
    members = look(body, "members")
    if not isinstance(members, list):
        return set()
    return {str(entry.get("value")) for entry in members if isinstance(entry, Mapping)}
