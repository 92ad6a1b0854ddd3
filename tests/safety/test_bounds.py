"""S08, S09: whatever a list or an answer holds, a run ends in its time and with little memory."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.http_message import MOST_VALUES, crowded, parse_json
from scimproof.core.paging import REPEATS, LoopDetector, walk
from tests.engine.kit import command, environment, play
from tests.safety.bent import Call, Said, bent, past

MEGABYTES = 150
STRANGER = (
    '{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"s{0:07d}","userName":"u{0}@corp.example",'
    '"name":{{"givenName":"G{0}","familyName":"F{0}"}},"emails":[{{"value":"u{0}@corp.example","primary":true}}],'
    '"active":true,"meta":{{"resourceType":"User","created":"2026-01-01T00:00:00Z"}}}}'
)


def everybody(count: int) -> Any:
    """A list of users that ignores startIndex and count and shows that many strangers beside the run's."""
    strangers = ",".join(STRANGER.format(number) for number in range(count))

    def bend(call: Call) -> Said | None:
        if call.method != "GET" or call.kind != "Users" or call.id or "filter=" in call.query:
            return None
        ours: list[Any] = []
        while True:
            page = call.ask(QUERY_STRING=f"startIndex={len(ours) + 1}&count=200").body
            ours += page["Resources"]
            if not page["Resources"] or len(ours) >= page["totalResults"]:
                break
        rows = ",".join([strangers, *map(json.dumps, ours)])
        schemas = '"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]'
        total = count + len(ours)
        counters = f'"totalResults":{total},"startIndex":1,"itemsPerPage":{total}'
        return Said(200, f'{{{schemas},{counters},"Resources":[{rows}]}}'.encode())

    return bend


def peak(folder: Path, *arguments: str) -> tuple[int, int, str]:
    """Exit code, megabytes at most, and what was printed.

    Its own high-water mark: that of `wait4` begins with the memory of the process that forked it.
    """
    most = 0
    with (folder / "out").open("w+") as out:
        started = subprocess.Popen(
            command(*arguments), cwd=folder, env=environment(folder), stdout=out, stderr=out, text=True
        )
        while started.poll() is None:
            with contextlib.suppress(OSError):
                told = Path(f"/proc/{started.pid}/status").read_text()
                most = max(most, *(int(line.split()[1]) for line in told.splitlines() if "VmHWM" in line), 0)
            time.sleep(0.05)
        out.seek(0)
        return started.returncode, most // 1024, out.read()


@pytest.mark.parametrize("count", [600, pytest.param(20_000, marks=pytest.mark.nightly)])
def test_s08_a_list_that_ignores_start_index_and_count(count: int, tmp_path: Path) -> None:
    with bent(everybody(count)) as target:
        code, megabytes, said = peak(
            tmp_path, "run", "okta.oin.user.import", "--target", target.url, "--budget", "60"
        )
        lists = [raw for raw in target.arrived if b"/Users?startIndex" in raw or b"/Users?count" in raw]
        left = past(target).everything()
    assert code == 1, said
    assert left == {"Users": [], "Groups": []}
    assert len(lists) < 30
    assert megabytes < MEGABYTES, said


def test_s08_a_walk_ends_when_pages_repeat_and_not_before() -> None:
    progress = LoopDetector()
    assert progress.turn(["a", "b"])
    assert progress.turn(["b", "c"])  # one of them is news
    assert [progress.turn(["a"]) for _ in range(REPEATS)] == [True] * (REPEATS - 1) + [False]


def test_s08_what_cleans_up_notices_a_list_that_goes_round_in_circles() -> None:
    asked: list[int | str] = []

    def page(start: int | str) -> Any:
        from scimproof.core.http_message import Exchange, Request  # noqa: PLC0415

        asked.append(start)
        row = {"id": "1", "userName": "scimproof-00abcdef.0a1b2c.x@example.com"}
        body = {"totalResults": 9000, "Resources": [row]}
        return Exchange(1, Request("GET", "/Users", ()), 200, body=json.dumps(body).encode())

    walked = walk(page, "User", "scimproof-00abcdef")
    assert len(asked) == 1 + REPEATS
    assert walked.ours == [("1", "scimproof-00abcdef.0a1b2c.x@example.com")]
    assert "again and again" in walked.trouble


def test_s09_sixteen_megabytes_of_nothing_are_not_taken_apart(tmp_path: Path) -> None:
    rows = b"{}," * (5 * 1024 * 1024) + b"{}"
    flood = b'{"totalResults":5242881,"Resources":[' + rows + b"]}"
    assert crowded(flood)
    assert parse_json(flood) is None

    def bend(call: Call) -> Said | None:
        listed = call.method == "GET" and not call.id and "count=2" not in call.query
        return Said(200, flood) if listed else None

    with bent(bend) as target:
        code, megabytes, said = peak(
            tmp_path,
            "run",
            "okta.oin.user.import",
            "okta.oin.user.create",
            "--target",
            target.url,
            "--budget",
            "30",
        )
    assert code in (1, 3), said
    assert f"over {MOST_VALUES:,} values" in said
    assert megabytes < MEGABYTES + 50, said  # three buffers of 16 MiB on the way in


def test_s09_an_id_of_ten_megabytes_is_none() -> None:
    def bend(call: Call) -> Said | None:
        said = call.ask()
        if call.method == "POST" and said.status == 201:
            said.body["id"] = "x" * (10 << 20)
        return said

    with bent(bend) as target:
        _, report = play(target.url, "okta.oin.user.create", "okta.oin.group.push")
        longest = max(len(raw) for raw in target.arrived)
        left = past(target).everything()
    assert longest < 64 * 1024
    assert left == {"Users": [], "Groups": []}
    assert report["ledger"]["left"] == []
