"""Growing groups: batches of the size asked for, and what grows with the members is said with figures."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Request
from scimproof.core.scim import value_at
from scimproof.embedded.app import build
from scimproof.load.client.response import Response
from scimproof.load.unscheduled.group_sizes import GroupSizes, pushed
from scimproof.load.unscheduled.prefill import Prefill
from scimproof.render.load.sizes import grown
from tests.load.audit.bench import PREFIX, TOKEN, Bench, catalog

MS = 0.001  # seconds that a batch takes here, whatever a busy machine needs


def grows(folder: Path, shows: str = "", size: int = 8, per_member: float = 0.0) -> dict[str, Any]:
    """What is told of groups of 10, 80 and 160 members; a batch takes so long more for each that is there.

    The answer to a batch `shows` nothing, the group without its members, or all of it.
    """
    with_size = catalog().pushing(catalog().senders["okta"], size)
    ledger = Ledger(folder / "ledger.jsonl", "http://scim.example.com", PREFIX)
    load = Bench(build(token=TOKEN), ledger)
    there: dict[str, int] = {}

    def send(request: Request) -> Response:
        exchange = load.send(request)
        answer = Response(time.monotonic())
        answer.status, answer.body = exchange.status, exchange.body
        if request.method == "PATCH":
            if shows:
                query = "" if shows == "everybody" else "?excludedAttributes=members"
                answer.body = load.send(
                    replace(request, method="GET", body=b"", target=request.target + query)
                ).body
            group = request.target.rpartition("/")[2]
            answer.done = answer.sent + MS + per_member * there.get(group, 0)
            (operation,) = value_at(json.loads(request.body), "Operations")
            there[group] = there.get(group, 0) + len(operation["value"])
            assert len(operation["value"]) <= size
        return answer

    groups = Prefill(load.booked, load.names("c", "sizes"), load.provider)
    sizes = GroupSizes(with_size, with_size.senders["okta"], send, load.blanks, lambda: groups.groups(1)[0])
    people = load.prefill(160)
    try:
        return pushed(sizes, (10, 80, 160, 170), people, lambda: "")
    finally:
        ledger.close()


@pytest.mark.parametrize("shows", ["", "the group"])
def test_nothing_is_said_where_the_answer_to_a_batch_has_no_members(tmp_path: Path, shows: str) -> None:
    found = grows(tmp_path, shows)
    assert found["growth"] == []
    assert [row["batches"] for row in found["rows"]] == [2, 10, 20]
    assert (found["left_out"], found["batch"]) == ([170], 8)
    small, _, large = found["rows"]
    assert small["first_bytes"] == large["last_bytes"]
    assert large["read_bytes"] > small["read_bytes"] * 10
    assert (small["errors"], large["errors"]) == (0, 0)


def test_an_answer_with_all_members_is_told_with_figures(tmp_path: Path) -> None:
    found = grows(tmp_path, "everybody")
    (row,) = found["growth"]
    assert "ms" not in row
    member = (found["rows"][2]["read_bytes"] - found["rows"][0]["read_bytes"]) / 150
    assert row["bytes_per_thousand"] == pytest.approx(member * 1000, rel=0.05)
    (said,) = grown({"growth": [row]})
    assert said.startswith("Each batch of a group push: each 1,000 members of the group more cost ")
    assert said.endswith("a 204, or the group without its members, is as right and stays small.")


def test_a_batch_that_takes_longer_the_more_there_are_is_told_with_figures(tmp_path: Path) -> None:
    (row,) = grows(tmp_path, per_member=MS / 10)["growth"]
    assert "bytes" not in row
    assert row["ms_per_thousand"] == pytest.approx(100, rel=0.1)
    (said,) = grown({"growth": [row]})
    assert f"each 1,000 members of the group more cost {row['ms_per_thousand']:.3g} ms (" in said
    assert said.endswith("members).")


def test_a_batch_is_as_large_as_it_was_asked_for(tmp_path: Path) -> None:
    found = grows(tmp_path, size=100)
    assert [row["batches"] for row in found["rows"]] == [1, 1, 2]
