"""History: what was done, in rounds of actions; what showed after it; a failure that it proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scimproof.core.http_message import Exchange
from scimproof.core.scim import Kind

# How something showed: in an answer's status, a read by id, a search, or a list.
Shown = Literal["answered", "read", "found", "listed"]
STATUS = "status"  # the path of a look that is not answered as it has to be


@dataclass(frozen=True)
class ActionCall:
    """One action with the actors of its roles; `draw` is the number of the values that it makes up."""

    action: str
    roles: Mapping[str, str] = field(hash=False)
    draw: int

    def json(self) -> dict[str, Any]:
        """The call as it is saved."""
        return {"action": self.action, "roles": dict(self.roles), "draw": self.draw}


Round = tuple[ActionCall, ...]  # what is done at once
Rounds = tuple[Round, ...]


@dataclass(frozen=True)
class Discrepancy:
    """What an answer shows and should not: how it showed, of which kind of resource, and at which paths.

    `subject` is the actor it was seen of, `sender` whose request showed it; `expected` and `observed` are for
    the reader.
    """

    shown: Shown
    kind: Kind
    paths: frozenset[str]
    expected: str
    observed: str
    exchange: Exchange | None = None
    subject: str = ""
    sender: str = ""

    def like(self, other: Discrepancy) -> bool:
        """Whether both show the same thing, of whomever."""
        same = (self.shown, self.kind) == (other.shown, other.kind)
        return same and bool(self.paths & other.paths)


@dataclass(frozen=True)
class Sent:
    """One request of an action or of a look at the cast, with the answer."""

    exchange: Exchange
    about: str = ""


@dataclass
class Performed:
    """One action that was performed: what was sent, whether it was accepted, and what showed."""

    call: ActionCall
    sent: list[Sent] = field(default_factory=list)
    accepted: bool = False
    last_write: str = ""


@dataclass
class Telling:
    """A history as it was played: each action with its requests, then the looks, then what showed."""

    performed: list[Performed] = field(default_factory=list)
    looks: list[Sent] = field(default_factory=list)
    discrepancy: Discrepancy | None = None


@dataclass
class Failure:
    """One cause: the shortest history found that shows it, as it was played last.

    `requirement` is the rule that it breaks, `seen` how often it showed, `requests` how many shrinking took.
    `certain` says that it showed again when it was played again with other people.
    """

    dialect: str
    label: str
    rounds: Rounds
    telling: Telling
    discrepancy: Discrepancy
    requirement: str
    requests: int = 0
    seen: int = 1
    certain: bool = True
    whole: int = 0

    @property
    def action(self) -> str:
        """The last action, which makes it show."""
        return self.rounds[-1][-1].action

    @property
    def length(self) -> int:
        """How many actions it takes."""
        return sum(len(some) for some in self.rounds)

    def same(self, action: str, found: Discrepancy) -> bool:
        """Whether that is the same cause."""
        return action == self.action and self.discrepancy.like(found)
