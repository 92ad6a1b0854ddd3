"""The verdicts on real third-party servers are the ones that a person gave: no miss, no wrong alarm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from tests.engine.kit import scimproof
from tests.real.fleet import FLEET, TOKEN, started
from tests.real.play import Played, play
from tests.real.truth import complaints, load_facts

pytestmark = pytest.mark.real

CONFORMANT = {"okta": {"scim2-server"}, "entra": set[str](), "rfc": set[str]()}
# Requests for a finding, at most; and created resources, at least.
PROFILES = {"okta": (1.0, 250), "entra": (1.0, 60), "rfc": (1.2, 80)}
# What scimmy-routers lacks (externalId) is a recommendation, so that no history is wrong.
EXPLORED = ("scim2-server", "scimmy-routers")
# They answer 204 to every DELETE of a user and keep the user, so they cannot be left as they were found.
KEEPS_DELETED = {"django-scim2-server", "mitol-django-scim"}
STILL_THERE = "DELETE answered 204, yet it can still be read"
# A user without any name, whom mitol-django-scim makes of an empty userName: nothing shows whose it is.
NAMELESS = ".nameless."


@dataclass(frozen=True)
class Run:
    """A profile played against a server."""

    server: str
    profile: str
    played: Played


@pytest.fixture(
    scope="module",
    params=[(profile, name) for profile in PROFILES for name in FLEET],
    ids="-".join,
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    profile, name = request.param
    folder: Path = tmp_path_factory.mktemp(name)
    with started(name) as server:
        yield Run(name, profile, play(server, folder / "report", folder / "state", profile=profile))


def test_the_verdicts_agree_with_the_ground_truth(run: Run) -> None:
    facts = load_facts(run.profile)
    disagreements = complaints(run.server, run.played.verdicts, facts, run.played.because)
    assert not disagreements, "\n".join(disagreements)


def test_the_exit_code_and_the_result_say_whether_it_is_right(run: Run) -> None:
    right = run.server in CONFORMANT[run.profile]
    wanted = (0, "conformant") if right else (1, "nonconformant")
    assert (run.played.exit, run.played.report["result"]) == wanted, run.played.said


def test_a_run_costs_few_requests_for_a_finding(run: Run) -> None:
    summary, (most, _) = run.played.report["summary"], PROFILES[run.profile]
    assert summary["requests"] <= most * summary["findings"]


def test_what_was_created_is_removed_or_told_to_be_left(run: Run) -> None:
    ledger, (_, least) = run.played.report["ledger"], PROFILES[run.profile]
    left = [one for one in ledger["left"] if not one["name"].endswith(NAMELESS)]
    assert ledger["created"] > least
    assert ledger["removed"] + len(left) == ledger["created"]
    if run.server in KEEPS_DELETED:
        assert {(one["kind"], one["why"]) for one in left} == {("User", STILL_THERE)}
        assert len(ledger["left"]) - len(left) <= 1
    else:
        assert ledger["left"] == []


@pytest.mark.parametrize("name", EXPLORED)
def test_a_right_server_shows_no_failure_to_who_explores_it(name: str, tmp_path: Path) -> None:
    with started(name) as server:
        words = ("explore", "--target", server.url, "--seed", "3", "--actions", "120")
        ran = scimproof(tmp_path, *words, more={"SCIMPROOF_TOKEN": TOKEN})
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert "120 actions explored" in ran.stdout
