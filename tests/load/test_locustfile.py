"""`locust -f load/locustfile.py` as people run it: headless, alone and with workers."""

from __future__ import annotations

import csv
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.embedded.server import Served
from tests.waiting import HANG

pytestmark = pytest.mark.xdist_group("locustfile")

ROOT = Path(__file__).resolve().parents[2]
MIX = "okta.oin.user.create okta.oin.group.rename"
NAMES = {"search", "create", "read-back", "find-back", "create-group", "before", "rename"}


@pytest.fixture(scope="module")
def target() -> Iterator[Served]:
    with Served() as served:
        yield served


def locust(target: Served, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "load" / "locustfile.py"), "--headless"]
    command += ["--host", target.base_url, "--csv", str(folder / "out"), "--only-summary", "--scim-mix", MIX]
    environment = os.environ | {"SCIMPROOF_TOKEN": target.token, "SCIMPROOF_LEDGERS": str(folder / "ledgers")}
    return subprocess.run(
        [*command, *options], env=environment, capture_output=True, text=True, timeout=HANG, check=False
    )


def requests(folder: Path) -> dict[str, tuple[int, int]]:
    """Per name: how many, and how many failed."""
    with (folder / "out_stats.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Name"] != "Aggregated"]
    return {row["Name"]: (int(row["Request Count"]), int(row["Failure Count"])) for row in rows}


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


def test_a_profile_has_its_senders_mix_in_its_dialect(target: Served, tmp_path: Path) -> None:
    mix = load_catalog().sender(None).mix  # as when nobody says another
    options = ("--scim-rate", "10", "--scim-duration", "2", "--scim-arrivals", "constant", "--scim-mix", mix)
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
