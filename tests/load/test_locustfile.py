"""`locust -f load/locustfile.py` as people run it: headless, alone and with workers."""

from __future__ import annotations

import os
import socket
import socketserver
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from scimproof.embedded.server import Served
from scimproof.report.reader import LOAD, read
from tests.engine.kit import read_request, serving
from tests.load.locusts import differences, rows
from tests.waiting import HANG

pytestmark = pytest.mark.xdist_group("locustfile")

ROOT = Path(__file__).resolve().parents[2]
MIX = "okta.oin.user.create okta.oin.group.rename"
EMPTY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: 90\r\n\r\n"
    b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}       '
)
NAMES = {"search", "create", "read-back", "find-back", "create-group", "before", "rename"}


@pytest.fixture(scope="module")
def target() -> Iterator[Served]:
    with Served() as served:
        yield served


class Away(NamedTuple):
    """A server that is not the embedded one."""

    base_url: str
    token: str


def locust(target: Served | Away, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command, known = _command(target, folder, *options)
    return subprocess.run(command, env=known, capture_output=True, text=True, timeout=HANG, check=False)


def _command(target: Served | Away, folder: Path, *options: str) -> tuple[list[str], dict[str, str]]:
    """The command that starts Locust without its page, and its environment."""
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "load" / "locustfile.py"), "--headless"]
    command += ["--host", target.base_url, "--csv", str(folder / "out"), "--only-summary", "--scim-mix", MIX]
    command += ["--scim-audit", "no", "--scim-out", str(folder / "reports")]
    known = {"SCIMPROOF_TOKEN": target.token, "SCIMPROOF_LEDGERS": str(folder / "ledgers")}
    return [*command, *options], {**os.environ, **known}


def requests(folder: Path) -> dict[str, tuple[int, int]]:
    """Per name: how many, and how many failed."""
    table = rows((folder / "out_stats.csv").read_text(encoding="utf-8"))
    return {
        name: (int(row["Request Count"]), int(row["Failure Count"]))
        for name, row in table.items()
        if name != "Aggregated"
    }


def report(folder: Path) -> dict[str, Any]:
    """load.json as it was written, held to its schema and to Locust's own table."""
    document = read(folder / "reports" / "load.json", LOAD)
    assert differences(document, (folder / "out_stats.csv").read_text(encoding="utf-8")) == []
    assert "<html" in (folder / "reports" / "load.html").read_text(encoding="utf-8")
    return document


def left_at(target: Served) -> int:
    headers = {"Authorization": f"Bearer {target.token}"}
    totals = [httpx2.get(f"{target.base_url}/{kind}", headers=headers).json() for kind in ("Users", "Groups")]
    return sum(int(total["totalResults"]) for total in totals)


def check(target: Served, folder: Path, ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode == 0, ran.stderr
    found = requests(folder)
    assert {name.partition("/")[2] for name in found} == NAMES
    assert {failed for _, failed in found.values()} == {0}
    assert found["okta.oin.user.create/create"][0] + found["okta.oin.group.rename/create-group"][0] == 20
    assert left_at(target) == 0
    assert list((folder / "ledgers").glob("*.jsonl")) == []
    document = report(folder)
    assert document["arrivals"]["finished"] == 20
    assert document["ledger"]["removed"] == document["ledger"]["created"] > 20
    assert (document["partial"], document["audit"]["why"]) == (False, "not asked for")


def test_alone(target: Served, tmp_path: Path) -> None:
    options = ("--scim-rate", "10", "--scim-duration", "2", "--scim-arrivals", "constant")
    check(target, tmp_path, locust(target, tmp_path, *options))


def test_two_workers_share_one_schedule(target: Served, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    options = ("--scim-rate", "10", "--scim-duration", "2", "--scim-arrivals", "constant")
    distributed = ("--processes", "2", "--master-bind-port", port, "--master-port", port)
    check(target, tmp_path, locust(target, tmp_path, *options, *distributed))


def test_a_sequence_that_does_not_exist_is_said_before_anything_is_sent(
    target: Served, tmp_path: Path
) -> None:
    ran = locust(target, tmp_path, "--scim-mix", "okta.oin.user.creat")
    assert ran.returncode != 0
    assert "did you mean 'okta.oin.user.create'" in ran.stderr + ran.stdout


def test_a_plan_decides_audits_and_says_failures_in_sentences(tmp_path: Path) -> None:
    with Served(faults=["patch-active-ignored"]) as faulty:
        options = ["--scim-plan", "smoke", "--scim-mix", "okta.oin.user.create okta.oin.user.deactivate"]
        options += ["--scim-stages", "1s:4,1s:4-8", "--scim-audit", "yes", "--scim-prefill", "5"]
        ran = locust(faulty, tmp_path, *options)
        assert ran.returncode == 1, ran.stderr
        assert left_at(faulty) == 0
    document = report(tmp_path)
    assert (document["result"], document["audit"]["done"]) == ("fail", True)
    assert document["audit"]["counts"]["undead"] > 0
    assert document["plan"]["name"] == "smoke"
    assert {row["verdict"] for row in document["thresholds"]} >= {"broken", "held"}
    failures = rows((tmp_path / "out_failures.csv").read_text(encoding="utf-8"), "Error")
    assert "the answer shows another `active` than was asked for" in failures
    assert "undead" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_sigterm_ends_it_with_everything_removed_and_told(target: Served, tmp_path: Path) -> None:
    command, known = _command(target, tmp_path, "--scim-rate", "10", "--scim-duration", "300")
    with (tmp_path / "log").open("w") as log, subprocess.Popen(
        command, env=known, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    ) as process:  # fmt: skip
        try:
            ends = time.monotonic() + HANG
            while left_at(target) < 5 and time.monotonic() < ends:
                time.sleep(0.2)
            process.terminate()
            assert process.wait(HANG) == 0, (tmp_path / "log").read_text()
        finally:
            process.kill()
    assert left_at(target) == 0
    document = report(tmp_path)
    assert (document["result"], document["partial"]) == ("invalid", True)
    assert "stopped before the end of its schedule" in document["why"]


@pytest.mark.nightly  # agreement of the figures is looked at above, on each commit
def test_requests_without_an_answer_count_in_both_and_are_in_no_percentile(tmp_path: Path) -> None:
    class Gone(socketserver.StreamRequestHandler):
        """Answers the first request, as the look before the load has it, and closes on the others."""

        def handle(self) -> None:
            if read_request(self.rfile) and not answered:
                answered.append(True)
                self.wfile.write(EMPTY)

    answered: list[bool] = []
    with serving(Gone) as port:
        away = Away(f"http://127.0.0.1:{port}/scim/v2", "secret")
        ran = locust(away, tmp_path, "--scim-mix", "okta.oin.user.create", "--scim-rate", "20",
                     "--scim-duration", "30", "--scim-abort-on", "errors=0.5")  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    document = report(tmp_path)
    assert document["overall"]["errors_by_kind"].keys() == {"closed"}
    assert document["overall"]["response_ms"]["p95"] is None
    assert "all requests: errors at most 0.5" in document["stop"]
    failures = rows((tmp_path / "out_failures.csv").read_text(encoding="utf-8"), "Error")
    assert failures.keys() == {"the connection was closed before the answer was complete"}


def test_a_profile_has_its_senders_mix_in_its_dialect(target: Served, tmp_path: Path) -> None:
    options = ("--scim-rate", "10", "--scim-duration", "2", "--scim-arrivals", "constant", "--scim-mix", "")
    ran = locust(target, tmp_path, *options, "--scim-profile", "entra-flag")
    assert ran.returncode == 0, ran.stderr
    found = requests(tmp_path)
    assert {name.rpartition(".")[0] for name in found} == {"entra.both.user", "entra.flag.user"}
    assert {failed for _, failed in found.values()} == {0}
    assert left_at(target) == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--scim-profile", "entar"), "no profile is called 'entar'; did you mean 'entra'"),
        (("--scim-profile", "entra"), "is what Okta sends, and profile entra is Microsoft Entra ID's"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(
    options: tuple[str, ...], says: str, target: Served, tmp_path: Path
) -> None:
    ran = locust(target, tmp_path, *options)
    assert ran.returncode == 2
    assert says in ran.stderr + ran.stdout
