"""A run of several processes is one run: races between them, growing groups, a closed model of all users."""

from __future__ import annotations

from pathlib import Path

from scimproof.embedded.server import Served
from tests.cli.commands.load.test_load import TOKEN
from tests.engine.kit import scimproof
from tests.load.launch.test_session import HAS, resources
from tests.load.launch.test_session_abort import document
from tests.waiting import HANG

PLAN = """\
question = "Is it one run?"
rate = 12
arrivals = "constant"
warm_up = 1
seconds = 3
prefill = 12
max_schedule_lag_ms = 60000
drain = 60
races = true
group_sizes = [4, 12]

[mix]
"okta.oin.user.create" = 1
"""


def test_two_processes_race_and_share_out_the_users_of_a_closed_model(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAN, encoding="utf-8")
    words = ["load", "mine.toml", "--out", "out", "--processes", "2", "--closed", "--users", "3"]
    with Served(token=TOKEN, faults=["duplicate-under-race"]) as served:
        ran = scimproof(tmp_path, *words, "--target", served.base_url, more=HAS, seconds=HANG)
        assert resources(served) == 0
    assert ran.returncode == 1, ran.stdout + ran.stderr
    found = document(tmp_path)
    # Each of the two processes sends one of the creates: they meet although neither knows of the other.
    assert found["audit"]["counts"]["duplicate"] > 0
    assert found["audit"]["races"][0]["attribute"] == "two creates of one userName"
    kept = {sort: count for sort, count in found["audit"]["counts"].items() if count}
    assert set(kept) == {"duplicate", "races"}
    assert [row["members"] for row in found["group_sizes"]["rows"]] == [4, 12]
    arrivals = found["arrivals"]
    assert arrivals["started"] == arrivals["finished"]
    assert arrivals["started"] + arrivals["never_sent"] == arrivals["expected"] == 48
    assert arrivals["started"] > 24
    assert arrivals["most_in_flight"] <= 2  # of one process: the first has users 0 and 2
    assert found["generator"]["processes"] == 2
    outside = {row["purpose"]: row for row in found["unscheduled"]}
    assert outside["prefill"]["made"] == 12
    assert outside["races"]["requests"] > 200
