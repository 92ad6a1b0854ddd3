"""A load run on three machines: a master with the target, and two workers, each in a network of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.load.hosts import Host, NotAllowed, hosts
from tests.waiting import HANG

TOKEN = "a-token-of-each-machine"
SECRET = "a-secret-of-master-and-workers"
HAS = {"SCIMPROOF_TOKEN": TOKEN, "SCIMPROOF_WORKER_SECRET": SECRET}
SCIMPROOF = [sys.executable, "-m", "scimproof"]
# The embedded target itself serves loopback only; here it has to be met from the other machines.
TARGET = """
import sys, waitress
from scimproof.embedded.app import build
waitress.serve(build(token=sys.argv[2]), host=sys.argv[1], port=8080, threads=8, _quiet=True)
"""
PLAN = """\
question = "Is a run on three machines one run?"
rate = {rate}
arrivals = "constant"
seconds = {seconds}
prefill = 5
max_schedule_lag_ms = 60000
drain = 60

[mix]
"okta.oin.user.create" = 1

[thresholds]
"*" = {{ errors = 0 }}
"okta.oin.user.create" = {{ achieved = 1 }}
"""


@pytest.fixture
def network() -> Iterator[list[Host]]:
    try:
        made = hosts(3)
        found = made.__enter__()
    except NotAllowed as why:
        told = f"three machines need network namespaces, which this test may not make: {why}"
        if os.environ.get("CI"):
            pytest.fail(told)  # .ci/run promises that this was tried
        pytest.skip(told)
    try:
        yield found
    finally:
        made.__exit__(None, None, None)


class Machines:
    """Master and workers of one run, and the target on the master's machine."""

    def __init__(self, network: list[Host], folder: Path, seconds: float, rate: int) -> None:
        (folder / "plan.toml").write_text(PLAN.format(seconds=seconds, rate=rate), encoding="utf-8")
        self.master, self.workers = network[0], network[1:]
        url = f"http://{self.master.address}:8080/scim/v2"
        python = [sys.executable, "-c", TARGET, self.master.address, TOKEN]
        self.target = self.master.start(python, folder / "target")
        spread = ["--master", "--expect-workers", "2", "--bind", self.master.address]
        command = [*SCIMPROOF, "load", str(folder / "plan.toml"), "--target", url, "--yes", *spread]
        self._reached()
        self.run = self.master.start(command, folder / "master", **HAS)
        self.hands = [self.hand(number, folder / f"worker{number}") for number in range(len(self.workers))]
        self.report = folder / "master" / "report" / "load.json"

    def hand(self, number: int, folder: Path, **other: str) -> subprocess.Popen[str]:
        """One more worker on that machine."""
        command = [*SCIMPROOF, "load", "--worker", "--master-host", self.master.address]
        return self.workers[number].start(command, folder, **HAS | other)

    def _reached(self) -> None:
        """Wait until the target takes connections, asked from its own machine."""
        ask = f"import socket; socket.create_connection(({self.master.address!r}, 8080))"
        for _ in range(100):
            command = ["ip", "netns", "exec", self.master.name, sys.executable, "-S", "-c", ask]
            if subprocess.run(command, check=False, capture_output=True).returncode == 0:
                return
            time.sleep(0.2)

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.report.read_text(encoding="utf-8"))
        return found

    def end(self) -> None:
        for process in (self.run, *self.hands, self.target):
            process.kill()
            process.communicate()


@pytest.fixture
def ended() -> Iterator[list[Machines]]:
    """What is put in here is ended with the test."""
    some: list[Machines] = []
    yield some
    for machines in some:
        machines.end()


@pytest.mark.nightly  # on each commit of two processes, in test_share and test_locustfile
def test_three_machines_are_one_run_and_nobody_is_simulated_twice(
    network: list[Host], ended: list[Machines], tmp_path: Path
) -> None:
    machines = Machines(network, tmp_path, seconds=3, rate=20)
    ended.append(machines)
    out, complaint = machines.run.communicate(timeout=HANG)
    assert machines.run.returncode == 0, out + complaint
    told = [hand.communicate(timeout=HANG)[0] for hand in machines.hands]
    assert [hand.returncode for hand in machines.hands] == [0, 0], told
    assert all("Created 30 and removed 30; left 0" in words for words in told), told
    found = machines.document()
    assert found["result"] == "pass"
    assert found["generator"]["processes"] == 2
    assert found["generator"]["workers_lost"] == []
    assert found["arrivals"]["started"] == found["arrivals"]["finished"] == 60
    (create,) = [row for row in found["operations"] if row["id"] == "okta.oin.user.create/create"]
    assert (create["due"], create["answered"], create["errors"]) == (60, 60, 0)
    # Every name once: a second create of one would be a 409, and one that was lost would be in the audit.
    assert found["audit"]["checked"]["users"] == 65
    assert found["ledger"].pop("seconds") >= 0
    assert found["ledger"] == {
        "created": 65,
        "removed": 5,
        "left": [],
        "unknown": [],
        "elsewhere": 60,
        "removed_by": "workers",
    }


def test_a_worker_that_dies_makes_the_result_say_so(
    network: list[Host], ended: list[Machines], tmp_path: Path
) -> None:
    machines = Machines(network, tmp_path, seconds=40, rate=2)
    ended.append(machines)
    ledgers = tmp_path / "worker0" / "ledgers"
    until = time.monotonic() + HANG
    while not list(ledgers.glob("*.jsonl")) and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(1)
    _kill_all_in(machines.workers[0])
    stranger = machines.hand(1, tmp_path / "stranger", SCIMPROOF_WORKER_SECRET="the-secret-of-another-run")
    late = machines.hand(1, tmp_path / "late")
    told = [process.communicate(timeout=HANG)[1] for process in (stranger, late)]
    assert [stranger.returncode, late.returncode] == [3, 3], told
    assert "refused this worker: is its SCIMPROOF_WORKER_SECRET the master's" in told[0]
    assert "refused this worker: it came too late: the run has begun" in told[1]
    out, complaint = machines.run.communicate(timeout=HANG)
    assert machines.run.returncode == 3, out + complaint
    assert machines.report.exists(), out + complaint
    found = machines.document()
    assert (found["result"], found["partial"]) == ("invalid", True)
    assert "a worker died during the run" in found["why"]
    (lost,) = found["generator"]["workers_lost"]
    assert lost.startswith(("worker 1 of 2 on ", "worker 2 of 2 on "))
    assert lost in found["why"]
    assert complaint.count("Refused ") >= 2
    for what in (SECRET, TOKEN):
        assert what not in out + complaint + "".join(told)
    assert f"Lost {lost}" in complaint
    for path in machines.report.parent.iterdir():
        assert SECRET not in path.read_text(encoding="utf-8")
    assert lost in (machines.report.parent / "load.html").read_text(encoding="utf-8")
    assert "died" in found["audit"]["why"]
    assert 0 < found["arrivals"]["started"] < 80


@pytest.mark.nightly  # a master is missed after a minute
def test_a_worker_whose_master_dies_removes_what_it_created_and_says_so(
    network: list[Host], ended: list[Machines], tmp_path: Path
) -> None:
    machines = Machines(network, tmp_path, seconds=30, rate=4)
    ended.append(machines)
    until = time.monotonic() + HANG
    while not list((tmp_path / "worker0" / "ledgers").glob("*.jsonl")) and time.monotonic() < until:
        time.sleep(0.2)
    time.sleep(5)
    children = Path(f"/proc/{machines.run.pid}/task/{machines.run.pid}/children").read_text().split()
    for pid in (*map(int, children), machines.run.pid):
        os.kill(pid, signal.SIGKILL)
    told = [hand.communicate(timeout=HANG) for hand in machines.hands]
    assert [hand.returncode for hand in machines.hands] == [3, 3], told
    assert all("the master is gone, and with it the run" in complaint for _, complaint in told), told
    for number in range(2):
        assert list((tmp_path / f"worker{number}" / "ledgers").glob("*")) == []


def _kill_all_in(host: Host) -> None:
    """As when a machine loses its power: nothing on it says goodbye."""
    listed = subprocess.run(["ip", "netns", "pids", host.name], check=True, capture_output=True, text=True)
    for pid in listed.stdout.split():
        subprocess.run(["kill", f"-{signal.SIGKILL:d}", pid], check=False)
