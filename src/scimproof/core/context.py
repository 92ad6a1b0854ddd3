"""State of one execution of a sequence: test users, template variables, and the exchanges so far by step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from scimproof.core.http_message import Exchange, Json
from scimproof.core.scim import carries, resources, value_at


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
        rows, total = resources(body), str(value_at(body, "totalResults"))
        ids = tuple(str(value_at(row, "id")) for row in rows)
        known = {member.id for member in scene.population}
        known |= {value for name, value in scene.blanks.items() if name.endswith(".id")}
        prefix = scene.blanks.get("prefix", "")
        mine = tuple(r for r, id in zip(rows, ids, strict=True) if id in known or carries(r, prefix))
        number = int(total) if total.isdigit() and len(total) < 10 else None
        return cls(exchange.number, exchange.status, exchange.ok, exchange.summary(), number, ids, mine)


@dataclass
class ExecutionContext:
    """Mutable context of one sequence execution.

    `blanks` are the template variables: `base`, `host`, `prefix`, `authorization`, those of the test users
    (`user.userName`) and those that steps saved (`user.id`). `exchanges` are all exchanges by step id, in
    order: one for most steps, one a page for a list, whose checks use `pages`. `began` is the time of
    creation in UTC.
    """

    sequence: str
    blanks: dict[str, str]
    population: tuple[Member, ...] = ()
    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    pages: dict[str, list[Page]] = field(default_factory=dict)
    facts: dict[str, Json] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

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
