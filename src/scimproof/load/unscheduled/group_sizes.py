"""Groups of growing size, pushed in batches as the sender does; every batch is timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.catalog.senders import Sender
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.http_message import Request
from scimproof.load.client.response import Response
from scimproof.load.metrics.growth import growth

Send = Callable[[Request], Response]


@dataclass
class GroupSizes:
    """Group sizes, one row a group: how long the first and the last batch took, all, and reading it back.

    `send` sends one request, `blanks` are the run's, `group` makes an empty group of ours.
    """

    catalog: Catalog
    provider: Sender
    send: Send
    blanks: Callable[[], dict[str, str]]
    group: Callable[[], Member]
    samples: list[tuple[float, float]]

    def push(self, members: Sequence[Member]) -> dict[str, Any]:
        """Push one group with these members."""
        blanks = self.blanks() | {"group.id": self.group().id}
        took, errors = [], 0
        size = self.provider.batch
        for start in range(0, len(members), size):
            answer = self._batch(blanks, tuple(members[start : start + size]))
            took.append(answer.service)
            errors += bool(answer.error) or not 200 <= answer.status < 300
            self.samples.append((float(start), answer.service))
        read = self.send(self.catalog.templates[self.provider.request("read_group")].fill(blanks))
        return {
            "members": len(members),
            "batches": len(took),
            "errors": errors,
            "first_ms": _ms(took[0]),
            "last_ms": _ms(took[-1]),
            "total_ms": _ms(sum(took)),
            "read_ms": _ms(read.service),
        }

    def per_thousand(self) -> float | None:
        """Milliseconds that a batch takes longer for each thousand members; None: too few to tell."""
        found = growth(self.samples)
        return None if found is None else round(found.per_thousand * 1000, 3)

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
    return {
        "rows": [sizes.push(members[:count]) for count in possible if not stopped()],
        "ms_per_thousand": sizes.per_thousand(),
        "left_out": [count for count in counts if count not in possible],
    }
