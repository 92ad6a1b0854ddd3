"""Groups of growing size, pushed in batches as the sender does; every batch is timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.catalog.senders import Sender
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.http_message import Request
from scimproof.load.client.response import Response
from scimproof.load.metrics.growth import growth, growth_row

MEMBER = 8.0  # bytes that one member more is in an answer, at least: {"value":"1"} is 13
OF = "members of the group"
Send = Callable[[Request], Response]


@dataclass
class GroupSizes:
    """Group sizes, one row a group: how long the first and the last batch took, all, and reading it back.

    Beside the times stand the bytes of the answers. `samples` are seconds of each batch and `sizes` bytes of
    its answer, by how many members the group had before. `send` sends one request, `blanks` are the run's,
    `group` makes an empty group of ours.
    """

    catalog: Catalog
    provider: Sender
    send: Send
    blanks: Callable[[], dict[str, str]]
    group: Callable[[], Member]
    samples: list[tuple[float, float]] = field(default_factory=list)
    sizes: list[tuple[float, float]] = field(default_factory=list)

    def push(self, members: Sequence[Member]) -> dict[str, Any]:
        """Push one group with these members."""
        blanks = self.blanks() | {"group.id": self.group().id}
        took, answered, errors = [], [], 0
        size = self.provider.batch
        for start in range(0, len(members), size):
            answer = self._batch(blanks, tuple(members[start : start + size]))
            took.append(answer.service)
            answered.append(len(answer.body))
            wrong = bool(answer.error) or not 200 <= answer.status < 300
            errors += wrong
            self.samples.append((float(start), answer.service))
            if not wrong:
                self.sizes.append((float(start), float(len(answer.body))))
        read = self.send(self.catalog.templates[self.provider.request("read_group")].fill(blanks))
        return {
            "members": len(members),
            "batches": len(took),
            "errors": errors,
            "first_ms": _ms(took[0]),
            "last_ms": _ms(took[-1]),
            "total_ms": _ms(sum(took)),
            "read_ms": _ms(read.service),
            "first_bytes": answered[0],
            "last_bytes": answered[-1],
            "read_bytes": len(read.body),
        }

    def per_thousand(self) -> float | None:
        """Milliseconds that a batch takes longer for each thousand members; None: too few to tell."""
        found = growth(self.samples)
        return None if found is None else round(found.per_thousand * 1000, 3)

    def grown(self) -> dict[str, Any] | None:
        """What of a batch grows with the members that are there; None where nothing does."""
        name = "Each batch of a group push"
        return growth_row(name, OF, self.samples, self.sizes, each=MEMBER)

    def _batch(self, blanks: dict[str, str], members: tuple[Member, ...]) -> Response:
        name = self.provider.batch_rule
        rule = self.catalog.rules[name]
        scene = ExecutionContext("group-sizes", blanks, members)
        template = self.catalog.templates[self.provider.request("add_members")]
        return self.send(template.fill(blanks, {name: lambda: rule(scene)}))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def pushed(
    sizes: GroupSizes, counts: Sequence[int], members: Sequence[Member], stopped: Callable[[], str]
) -> dict[str, Any]:
    """The `group_sizes` of load.json; sizes beyond the users that are there are left out and told."""
    possible = [count for count in counts if count <= len(members)]
    rows = [sizes.push(members[:count]) for count in possible if not stopped()]
    return {
        "rows": rows,
        "ms_per_thousand": sizes.per_thousand(),
        "left_out": [count for count in counts if count not in possible],
        "batch": sizes.provider.batch,
        "growth": [grown] if (grown := sizes.grown()) else [],
    }
