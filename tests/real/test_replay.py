"""Recorded on a real server through the proxy, and replayed on a fresh start of it: the same outcome.

What the embedded server's capture shows on each is judged by hand: what a person sees in the answers of that
server, compared with the ground truth of its profile.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scimproof.capture.proxy.recording import RecordingProxy
from scimproof.capture.replay.replay import Replay
from scimproof.core.results import Verdict
from scimproof.session.session import Options, Session
from scimproof.target.options import TargetOptions
from tests.engine.kit import recording
from tests.real.fleet import TOKEN, started

pytestmark = pytest.mark.real

SERVERS = ("scim2-server", "scimmy-routers", "django-scim2-server")
WANTED = (
    "okta.oin.user.create", "okta.oin.user.create-existing", "okta.oin.user.update",
    "okta.oin.user.deactivate", "okta.oin.user.reactivate", "okta.oin.user.emoji",
    "okta.oin.group.push", "okta.oin.group.add-member",
    "okta.oin.group.remove-member", "okta.oin.group.rename", "okta.oin.group.delete",
)  # fmt: skip
# Seen by hand in the answers, and facts of ground_truth.toml: django-scim2-server answers 204 to every DELETE
# of a user and shows the user as before (KEEPS_DELETED in test_real_servers), and refuses a PATCH of a group
# whose value has the id beside the name.
JUDGED: dict[str, set[tuple[str, str]]] = {
    "scim2-server": set(),
    "scimmy-routers": set(),
    "django-scim2-server": {
        ("replay.okta-08", "replay-status-as-recorded"),
        ("replay.okta-08", "replay-state-as-written"),
        ("replay.okta-17", "replay-status-as-recorded"),
        ("replay.okta-23", "replay-written-as-recorded"),
    },
}
ENVIRONMENT = {"SCIMPROOF_TOKEN": TOKEN}


def recorded(url: str, folder: Path) -> Path:
    """A run of some sequences against that server, recorded on its way."""
    with RecordingProxy(url, folder) as proxy:
        access = TargetOptions(url=proxy.base_url)
        with Session(Options(wanted=WANTED, access=access, parallel=1), environment=ENVIRONMENT) as run:
            run.preflight()
            for _ in run.play():
                pass
    return proxy.path


def replayed(url: str, capture: Path) -> dict[str, Any]:
    """The report of a replay on that server."""
    replay = Replay(capture)
    with Session(Options(access=TargetOptions(url=url), replay=replay), environment=ENVIRONMENT) as run:
        replay.read()
        run.preflight()
        for _ in run.replay_capture():
            pass
        run.tidy()
        return run.report()


def failing(report: dict[str, Any]) -> dict[str, str]:
    wrong = {Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE}
    return {one["id"]: one["observed"] for one in report["findings"] if one["verdict"] in wrong}


@pytest.mark.parametrize("name", SERVERS)
def test_a_fresh_start_of_the_same_server_answers_as_it_did(name: str, tmp_path: Path) -> None:
    with started(name) as server:
        capture = recorded(server.url, tmp_path)
    with started(name) as server:
        report = replayed(server.url, capture)
    assert failing(report) == {}
    assert report["summary"]["verdicts"]["pass"] > 100
    assert report["ledger"]["created"] > 10


@pytest.mark.parametrize("name", SERVERS)
def test_what_fails_of_the_embedded_servers_capture_is_what_that_server_lacks(
    name: str, tmp_path: Path
) -> None:
    with recording() as embedded:
        capture = recorded(embedded.url, tmp_path)
    with started(name) as server:
        report = replayed(server.url, capture)
    wrong = {(one.partition("/")[0], one.rpartition("#")[2]) for one in failing(report)}
    assert wrong == JUDGED[name]
    warned = {one["observed"] for one in report["findings"] if one["verdict"] == "warning"}
    assert all("displayName" in one or "locale" in one for one in warned)  # which it neither keeps nor lists
