"""The verdicts on real third-party servers are the ones that a person gave: no miss, no wrong alarm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from tests.engine.kit import scimproof
from tests.real.fleet import FLEET, TOKEN, started
from tests.real.play import Played, play
from tests.real.truth import complaints, load_facts

pytestmark = pytest.mark.real

CONFORMANT = {"scim2-server"}
# What scimmy-routers lacks (externalId) is a recommendation, so that no history is wrong.
EXPLORED = ("scim2-server", "scimmy-routers")
# They answer 204 to every DELETE of a user and keep the user, so they cannot be left as they were found.
KEEPS_DELETED = {"django-scim2-server", "mitol-django-scim"}
STILL_THERE = "DELETE answered 204, yet it can still be read"


@pytest.fixture(scope="module", params=FLEET)
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Played]]:
    name = str(request.param)
    folder: Path = tmp_path_factory.mktemp(name)
    with started(name) as server:
        yield name, play(server, folder / "report", folder / "state")


def test_the_verdicts_agree_with_the_ground_truth(run: tuple[str, Played]) -> None:
    name, played = run
    disagreements = complaints(name, played.verdicts, load_facts(), played.because)
    assert not disagreements, "\n".join(disagreements)


def test_the_exit_code_and_the_result_say_whether_okta_works_with_it(run: tuple[str, Played]) -> None:
    name, played = run
    wanted = (0, "conformant") if name in CONFORMANT else (1, "nonconformant")
    assert (played.exit, played.report["result"]) == wanted, played.said


def test_a_run_costs_at_most_one_request_per_finding(run: tuple[str, Played]) -> None:
    _, played = run
    assert played.report["summary"]["requests"] <= played.report["summary"]["findings"]


def test_what_was_created_is_removed_or_told_to_be_left(run: tuple[str, Played]) -> None:
    name, played = run
    ledger = played.report["ledger"]
    assert ledger["created"] > 250
    assert ledger["removed"] + len(ledger["left"]) == ledger["created"]
    if name in KEEPS_DELETED:
        assert {(one["kind"], one["why"]) for one in ledger["left"]} == {("User", STILL_THERE)}
    else:
        assert ledger["left"] == []


@pytest.mark.parametrize("name", EXPLORED)
def test_a_right_server_shows_no_failure_to_who_explores_it(name: str, tmp_path: Path) -> None:
    with started(name) as server:
        words = ("explore", "--target", server.url, "--seed", "3", "--actions", "120")
        ran = scimproof(tmp_path, *words, more={"SCIMPROOF_TOKEN": TOKEN})
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert "120 actions explored" in ran.stdout
