"""State of one execution of a sequence: test users, template variables, and the exchanges so far by step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote, urljoin, urlsplit

from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.paging import total_results
from scimproof.core.results import CheckResult
from scimproof.core.scim import carries, resources, usable_id, value_at


class StateComparison(Protocol):
    """What holds answers to the state that the writes of the run promised (state.expected_store)."""

    def verdict(self, exchanges: Collection[Exchange]) -> CheckResult:
        """Whether what these answers show is what was written."""
        ...


def _tag(found: Json, *, other: bool) -> Json:
    """A tag as it was shown, or with W/ added or taken away."""
    if not other or not isinstance(found, str):
        return found
    return found[2:] if found.startswith("W/") else f"W/{found}"


def path_of(url: str | None, target: str) -> str:
    """The path of a URL, or of a relative one behind that request target; empty for none."""
    try:
        path = urlsplit(urljoin(target, url or "")).path if url else ""
    except ValueError:
        return ""
    return quote(path, safe="/%:@!$&'()*+,;=~-._")


def below_base(base: str, reference: Json) -> str:
    """The path below the base URL, such as `/Users/17`, to which a reference leads; empty where it does not.

    A relative one is below the base, however many steps up it begins with; scheme and host may be those of a
    proxy, and the version segment may be left out.
    """
    if not isinstance(reference, str):
        return ""
    try:
        found = urlsplit(reference)
    except ValueError:
        return ""
    parent, _, last = base.rpartition("/")
    bases = (base, parent) if last[:1] == "v" and last[1:].isdigit() else (base,)
    if found.scheme or found.netloc or found.path.startswith("/"):
        path = next((found.path.removeprefix(one) for one in bases if found.path.startswith(f"{one}/")), "")
    else:
        path = "/" + re.sub(r"^(\.{1,2}/)+", "", found.path)
    return quote(path, safe="/%:@!$&'()*+,;=~-._") if path.strip("/") else ""


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the shared population: its id at the target and its userName."""

    id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Page:
    """What checks need of one page of a list, so that a list of any length can be walked.

    `total` is totalResults as a number, also if sent as a string (another requirement is about that). `ids`
    are those of all resources of the page in order, `ours` the resources of this run.
    """

    number: int
    status: int
    ok: bool
    summary: str
    total: int | None
    ids: tuple[str, ...]
    ours: tuple[Json, ...]

    @classmethod
    def of(cls, exchange: Exchange, scene: ExecutionContext) -> Page:
        """The page of a list answer; the prefix and the ids of the context tell the run's own resources."""
        body = exchange.json if exchange.ok else None
        rows, total = resources(body), total_results(body)
        ids = tuple(str(value_at(row, "id")) for row in rows)
        known = {member.id for member in scene.population}
        known |= {value for name, value in scene.blanks.items() if name.endswith(".id")}
        prefix = scene.blanks.get("prefix", "")
        mine = tuple(r for r, id in zip(rows, ids, strict=True) if id in known or carries(r, prefix))
        return cls(exchange.number, exchange.status, exchange.ok, exchange.summary(), total, ids, mine)


@dataclass
class ExecutionContext:
    """Mutable context of one sequence execution.

    `blanks` are the values for the .http files: `base`, `host`, `prefix`, `authorization`, the cast's
    (`user.userName`) and what steps saved (`user.id`). `exchanges` holds every exchange by step id, in
    order: one for most steps, one a page where a step walks a list; then `pages` has what the questions need.
    `made` is how many resources the run has made of the kind that a list is walked for; `undisturbed` says
    whether a timed request was measured with nothing else under way. `began` is when it was made, in UTC.
    `state` is what whole resources are compared with, None where nobody keeps it (sampled checks of a load).
    `concluded` are the conclusions of dialogues, by step id.
    `texts` are template variables of the case that is executed, with variables of their own, `facts` what
    its checks know; `discovery` is what the target says of itself, None where
    nothing of the run depends on it.
    """

    sequence: str
    blanks: dict[str, str]
    population: tuple[Member, ...] = ()
    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    pages: dict[str, list[Page]] = field(default_factory=dict)
    concluded: dict[str, CheckResult] = field(default_factory=dict)
    made: int = 0
    undisturbed: bool = True
    state: StateComparison | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    discovery: Discovery | None = None
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def learn(
        self,
        creates: str,
        id: str,
        save: Mapping[str, str],
        body: Json,
        header: Callable[[str], str | None] = lambda _: None,
        target: str = "",
    ) -> None:
        """Take from an answer what later steps need: the `id` of the role it `creates`, and what they `save`.

        A role keeps the id that it was given first. `save` has paths in the body, or `header:ETag`, or
        `path:Location` for the path of a URL in a header, resolved against the request's `target`, or
        `reference:` with a path in the body, for the path below the base to which the reference there leads,
        or `json:` with a path, for the value there as JSON (of the whole body without one), or `etag:` for
        the tag of the resource, which the header or meta.version tells; `etag:other` is that tag with W/
        added or taken away.
        """
        if creates and id:
            self.blanks.setdefault(f"{creates}.id", id)
        for blank, path in save.items():
            kind, colon, name = path.partition(":")
            if kind == "json" and colon:
                if body is not None:
                    self.blanks[blank] = json.dumps(value_at(body, name) if name else body)
                continue
            value: Json = header(name) if colon and kind in ("header", "path") else value_at(body, path)
            value = path_of(value, target) if colon and kind == "path" else value
            if colon and kind == "etag":
                value = _tag(header("ETag") or value_at(body, "meta.version"), other=name == "other")
            if colon and kind == "reference":
                value = below_base(self.blanks.get("base", ""), value_at(body, name))
            if isinstance(value, str) and usable_id(value):
                self.blanks[blank] = value

    def exchange(self, step: str) -> Exchange | None:
        """The last exchange of that step, None when nothing was sent."""
        found = self.exchanges.get(step)
        return found[-1] if found else None

    def sent(self, step: str) -> Json:
        """The JSON body of the last request of that step, None when there was none."""
        exchange = self.exchange(step)
        return exchange.request.json if exchange else None

    def answer(self, step: str) -> Json:
        """The JSON body of the last answer of that step, None when there was none."""
        exchange = self.exchange(step)
        return exchange.json if exchange else None
