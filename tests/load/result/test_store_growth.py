"""What grows with the users of a run is told; what is level, or a list that fills its first page, is not."""

from __future__ import annotations

import random
from typing import Any

import pytest

from scimproof.load.metrics.counters import Metrics
from scimproof.load.result.store_growth import store_growth
from tests.load.audit.bench import catalog

CREATE, FIND = "okta.oin.user.create/create", "okta.oin.user.create/search"
PAGES, GROUPS = "okta.oin.user.import/pages", "okta.oin.group.import/pages"
MIX = {"okta.oin.user.create": 4.0, "okta.oin.user.import": 1.0, "okta.oin.group.import": 1.0}
SECONDS, EACH = 60, 10


def told(
    *, before: int = 100, slower: float = 0.0, larger: float = 0.0, seconds: int = SECONDS
) -> list[dict[str, Any]]:
    """What is told of a minute of ten creates a second, whose searches cost so much more for each user."""
    draw, rows = random.Random(5), []
    for second in range(seconds):
        users = before + second * EACH
        row = Metrics()
        for id, size in ((CREATE, 600), (FIND, 300 + larger * users), (PAGES, min(users, 100) * 600)):
            operation = row.operation(id)
            operation.answered = operation.due = EACH
            operation.sizes.fresh[int(size)] = EACH
            for _ in range(EACH):
                extra = slower * users if id == FIND else 0.0
                operation.response.record(0.004 + draw.expovariate(500) + extra)
        row.operation(GROUPS).sizes.fresh[200 + users] = 1  # more groups, too, with every user
        rows.append(row)
    return store_growth(rows, catalog(), MIX, before, 100)


@pytest.mark.parametrize("before", [0, 100, 5000])
def test_a_level_store_and_a_page_that_fills_are_no_growth(before: int) -> None:
    assert told(before=before) == []


def test_a_search_that_takes_longer_the_more_users_there_are() -> None:
    (row,) = told(slower=0.0001)

    assert (row["id"], row["of"]) == (FIND, "users in the store")
    assert row["ms_per_thousand"] == pytest.approx(100, rel=0.15)
    assert "bytes" not in row


def test_a_search_that_answers_everybody() -> None:
    (row,) = told(larger=600)

    assert row["bytes_per_thousand"] == pytest.approx(600_000, rel=0.05)
    assert "ms" not in row


def test_a_short_run_tells_nothing() -> None:
    assert told(slower=0.0001, seconds=8) == []
