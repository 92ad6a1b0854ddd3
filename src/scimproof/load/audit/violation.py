"""Violations that an audit can find: seven kinds of lost or wrong state, and races wrongly decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

from scimproof.core.http_message import Exchange
from scimproof.core.scim import Kind

Sort = Literal["lost", "unlisted", "phantom", "duplicate", "stale", "membership", "undead", "race"]
SORTS: tuple[Sort, ...] = get_args(Sort)
SHOWN = 20  # violations of a sort that are kept with their evidence; of more, only their number


@dataclass(frozen=True)
class Violation:
    """Violation: one resource that is not as its writes left it.

    `resource` is its kind and id, `attribute` what of it is wrong, `expected` and `observed` sentences,
    `exchanges` prove it: the writes first, the read that contradicts them last. `times` counts how often
    the same was seen.
    """

    sort: Sort
    kind: Kind
    resource: str
    name: str
    attribute: str
    expected: str
    observed: str
    exchanges: tuple[Exchange, ...]
    times: int = 1

    @property
    def about(self) -> tuple[Kind, str, str]:
        """Kind, id and attribute."""
        return self.kind, self.resource, self.attribute


@dataclass
class Result:
    """Result of an audit: violations by kind, and how much was compared.

    `counts` has every violation, `shown` the first of each sort with evidence. `unknown` is the number of
    writes whose outcome nobody knows, `unjudged` that of resources that could not be read back by id. Of
    groups whose members SCIM does not show, `observed` were read by an observer and `unseen` by nobody.
    `unread` says why what could not be read could not, each reason once. `answered` counts creates that are
    there though their answers said that they had failed, by status.
    """

    counts: dict[Sort, int] = field(default_factory=lambda: dict.fromkeys(SORTS, 0))
    shown: dict[Sort, list[Violation]] = field(default_factory=lambda: {sort: [] for sort in SORTS})
    users: int = 0
    groups: int = 0
    writes: int = 0
    unknown: int = 0
    unjudged: int = 0
    unseen: int = 0
    observed: int = 0
    unread: list[str] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)

    def add(self, violations: Iterable[Violation]) -> None:
        """Count them, and keep the first with their evidence."""
        for violation in violations:
            self.counts[violation.sort] += 1
            if len(self.shown[violation.sort]) < SHOWN:
                self.shown[violation.sort].append(violation)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not any(self.counts.values())
