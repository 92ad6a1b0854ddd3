"""Our own traffic over the real commands: recorded, learnt, shared, and played again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.reader import Capture
from scimproof.core.errors import Exit
from scimproof.embedded.server import Served
from tests.canary.leaks import leaks, leaks_in
from tests.engine.kit import scimproof
from tests.recording.record_command import RecordCommand, recording_command

TOKEN = "cAnaryPlainT0ken8Xq2Lw7"
SENT = {"SCIMPROOF_TOKEN": TOKEN}
# Some of what an administrator does: people and groups are made, changed, deactivated, deleted.
SEQUENCES = {
    "okta": (
        "okta.oin.connect",
        "okta.oin.user.create",
        "okta.oin.user.rename",
        "okta.oin.user.password",
        "okta.oin.user.reactivate",
        "okta.oin.group.push",
        "okta.oin.group.remove-and-add",
    ),
    "entra": (
        "entra.both.connect",
        "entra.both.user.german",
        "entra.default.user.delete",
        "entra.flag.user.manager",
        "entra.default.group.life",
    ),
}
WHOLE = [
    pytest.param((profile, ()), id=f"whole-{profile}", marks=pytest.mark.nightly) for profile in SEQUENCES
]

pytestmark = pytest.mark.xdist_group("whole path")


@dataclass(frozen=True)
class OwnTraffic:
    """A run of ours through `scimproof record`: its report, and what was recorded of it."""

    profile: str
    folder: Path
    report: dict[str, Any]
    command: RecordCommand

    @property
    def exchanges(self) -> list[CapturedExchange]:
        """All that was recorded."""
        return list(Capture(self.command.out))


@pytest.fixture(
    scope="module", params=[*(pytest.param(each, id=each[0]) for each in SEQUENCES.items()), *WHOLE]
)
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> OwnTraffic:
    profile, sequences = request.param
    folder = tmp_path_factory.mktemp(profile)
    with (
        Served(token=TOKEN) as served,
        recording_command(served.base_url, folder / "recording") as command,
    ):
        words = ("run", *sequences, "--profile", profile, "--include-inferred")
        ran = scimproof(folder, *words, "--target", command.url, more=SENT)
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert command.exit == Exit.HOLDS, command.said
    report = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    return OwnTraffic(profile, folder, report, command)


def test_every_request_of_the_run_is_recorded(own: OwnTraffic) -> None:
    recorded = own.exchanges
    assert len(recorded) >= own.report["summary"]["requests"] > 40
    assert all(one.answer and not one.error and not one.withheld for one in recorded)
    assert f"{len(recorded)} exchanges" in own.command.said


def test_no_secret_is_in_what_was_recorded_or_said(own: OwnTraffic) -> None:
    passwords = {
        one["password"] for one in (_json(each) for each in own.exchanges) if one and "password" in one
    }
    assert passwords == set() or all(set(one) == {"*"} for one in passwords)
    assert leaks(own.command.said, [TOKEN]) == []
    assert leaks_in(own.command.out, [TOKEN]) == {}


def test_it_is_learnt_as_we_send_it(own: OwnTraffic, tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "learn", str(own.command.out), "--strict", "--out", "learnt", more={})
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert "as we send it" in ran.stdout
    learnt = json.loads((tmp_path / "learnt" / "learn.json").read_text(encoding="utf-8"))
    assert learnt["result"] == "as-sent"
    assert learnt["traffic"]["sender"] == own.profile
    assert leaks(ran.stdout + ran.stderr, [TOKEN]) == []
    assert leaks_in(tmp_path, [TOKEN]) == {}


def test_what_is_shared_is_learnt_the_same(own: OwnTraffic, tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "learn", str(own.command.out), "--share", "shared", more={})
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    learnt = []
    for capture in (str(own.command.out), "shared"):
        scimproof(tmp_path, "learn", capture, "--out", "learnt", more={})
        document = json.loads((tmp_path / "learnt" / "learn.json").read_text(encoding="utf-8"))
        learnt.append([(row["id"], row["seen"], row["differs"]) for row in document["operations"]])
    assert learnt[0] == learnt[1] != []
    prefix = own.report["prefix"]
    assert [path for path in (tmp_path / "shared").iterdir() if prefix in path.read_text("utf-8")] == []
    assert leaks_in(tmp_path / "shared", [TOKEN]) == {}


def test_it_replays_with_the_same_outcome_and_leaves_nothing(own: OwnTraffic, tmp_path: Path) -> None:
    with Served() as served:
        words = ("replay", str(own.command.out), "--target", served.base_url)
        ran = scimproof(tmp_path, *words)
        left = _everything(served)
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert left == {"Users": 0, "Groups": 0}
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["sender"]["id"] == own.profile
    assert leaks_in(tmp_path, [TOKEN]) == {}


def _json(exchange: CapturedExchange) -> dict[str, Any]:
    content = exchange.request.json
    return content if isinstance(content, dict) else {}


def _everything(served: Served) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {served.token}"}
    return {
        kind: httpx2.get(f"{served.base_url}/{kind}", headers=headers, trust_env=False).json()["totalResults"]
        for kind in ("Users", "Groups")
    }
