"""How many members one request of a group push carries: as the sender file says, or as a plan does."""

from __future__ import annotations

import pytest

from scimproof.catalog.loader import Catalog
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.definitions import Sequence
from tests.load.audit.bench import catalog

LARGE = {"okta": "okta.oin.group.large", "entra": "entra.default.group.many"}


def batches(known: Catalog, sequence: Sequence, sender: str) -> list[int]:
    """The members in each batch that this sequence sends."""
    rules = known.rules_of_batches[sender](1).keys()
    people = tuple(Member(str(number), f"user-{number}") for number in range(sequence.population))
    scene = ExecutionContext(sequence.id, {"user.id": "0"}, people)
    sent = [known.templates[step.request].rules & rules for step in sequence.sent]
    return [len(known.rules[rule](scene)) for some in sent for rule in some]


@pytest.mark.parametrize(
    ("sender", "size", "sent", "shared"),
    [
        ("okta", 0, [100, 100, 50], 250),
        ("okta", 256, [250], 250),
        ("okta", 200, [200, 50], 250),
        ("okta", 50, [50, 50, 50], 150),
        ("entra", 0, [200], 201),
        ("entra", 256, [200], 201),
        ("entra", 20, [20], 21),
    ],
)
def test_large_groups_go_in_batches_of_that_size(
    sender: str, size: int, sent: list[int], shared: int
) -> None:
    usual = catalog()
    known = usual.pushing(usual.senders[sender], size)
    sequence = known.sequences[LARGE[sender]]
    assert batches(known, sequence, sender) == sent
    assert sequence.population == shared
    assert known.senders[sender].batch == (size or usual.senders[sender].batch)
    other = next(one for one in LARGE if one != sender)
    assert known.sequences[LARGE[other]] == usual.sequences[LARGE[other]]


def test_the_usual_size_changes_nothing() -> None:
    known = catalog()
    assert known.pushing(known.senders["okta"], known.senders["okta"].batch) is known
