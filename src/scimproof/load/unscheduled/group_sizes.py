"""Groups of growing size, pushed in batches of a hundred as Okta does; every batch is timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scimproof.catalog.loader import Catalog
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.http_message import Request
from scimproof.load.client.response import Response
from scimproof.load.metrics.growth import growth

BATCH = 100  # OKTA-24
BATCH_FILE, BATCH_RULE, READ_FILE = "okta/oin/group-add-batch-1.http", "batch-1", "okta/both/group-get.http"
Send = Callable[[Request], Response]


@dataclass
class GroupSizes:
    """Group sizes, one row a group: how long the first and the last batch took, all, and reading it back.

    `send` sends one request, `blanks` are the run's, `group` makes an empty group of ours.
    """

    catalog: Catalog
    send: Send
    blanks: Callable[[], dict[str, str]]
    group: Callable[[], Member]
    samples: list[tuple[float, float]]

    def push(self, members: Sequence[Member]) -> dict[str, Any]:
        """Push one group with these members."""
        blanks = self.blanks() | {"group.id": self.group().id}
        took, errors = [], 0
        for start in range(0, len(members), BATCH):
            answer = self._batch(blanks, tuple(members[start : start + BATCH]))
            took.append(answer.service)
            errors += bool(answer.error) or not 200 <= answer.status < 300
            self.samples.append((float(start), answer.service))
        read = self.send(self.catalog.templates[READ_FILE].fill(blanks))
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
        rule = self.catalog.rules[BATCH_RULE]
        scene = ExecutionContext("group-sizes", blanks, members)
        template = self.catalog.templates[BATCH_FILE]
        return self.send(template.fill(blanks, {BATCH_RULE: lambda: rule(scene)}))


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
