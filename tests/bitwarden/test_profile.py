"""The profile bitwarden: what is waived and what is not, and that it notices when Bitwarden changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scimproof.embedded.bitwarden import CLIENT_ID, CLIENT_SECRET, ORGANIZATION
from scimproof.embedded.bitwarden.app import Bitwarden
from scimproof.observer.factory import Choice
from scimproof.observer.http_observer import ID, SECRET
from scimproof.render.conformance.features import features
from scimproof.render.conformance.terminal import lines, text
from scimproof.report.document import exit_code
from scimproof.report.waivers import deviations
from tests.bitwarden.demo import unexplained
from tests.bitwarden.playing import KEY, catalog
from tests.engine.kit import ENVIRONMENT, play, recording, scimproof

PATH = f"/v2/{ORGANIZATION}"


@pytest.fixture(autouse=True)
def _ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIMPROOF_LEDGERS", str(tmp_path))
    for name, value in {ID: CLIENT_ID, SECRET: CLIENT_SECRET}.items():
        monkeypatch.setitem(ENVIRONMENT, name, value)


@contextmanager
def bitwarden(*faults: str) -> Iterator[str]:
    """The SCIM base URL of a fresh one on a loopback port."""
    with ExitStack() as stack:
        served = stack.enter_context(recording(Bitwarden(key=KEY, faults=faults)))
        yield served.url.rpartition("/scim")[0] + PATH


@cache
def report(
    *faults: str, profile: str = "bitwarden", observed: bool = False, wanted: str = ""
) -> dict[str, Any]:
    with bitwarden(*faults) as url:
        chosen = Choice(name="bitwarden") if observed else None
        _, document = play(url, *([wanted] if wanted else []), profile=profile, observer=chosen)
    return document


def test_the_embedded_one_conforms_with_waivers_and_all_bw_names_are_told() -> None:
    document = report()
    assert (document["result"], exit_code(document)) == ("conformant-with-waivers", 0)
    states = {row["name"]: row["state"] for row in document["waivers"]}
    assert list(states) == [f"BW-{number:02}" for number in range(1, 29)]
    assert set(states.values()) == {"used", "note"}
    assert all(row["reason"] and row["source"] for row in document["waivers"])
    waived = [finding for finding in document["findings"] if finding["verdict"] == "waived"]
    assert {finding["known"] for finding in waived} == {
        name for name, state in states.items() if state == "used"
    }
    assert document["ledger"]["left"] == []


def test_with_the_observer_nothing_is_left_unverified() -> None:
    document = report(observed=True)
    assert (document["result"], exit_code(document)) == ("conformant-with-waivers", 0)
    assert document["observer"]["kind"] == "bitwarden"
    asked = [exchange for exchange in document["exchanges"] if exchange.get("by") == "observer"]
    assert asked
    assert all("GET /public/" in line for exchange in asked for _, line in exchange["headers"])
    done = [exchange for exchange in asked if exchange["request"]["method"] == "PEOPLE"]
    assert [exchange["request"]["target"].partition("/")[0] for exchange in done] == [
        "invite",
        "accept",
        "confirm",
    ]
    assert "accepted, not verifiable" not in {row["observer"] for row in features(document)}
    pushed = next(f for f in document["findings"] if f["id"].endswith("truth#bitwarden-invited"))
    assert "provisioned, onboarding pending" in pushed["observed"]
    assert CLIENT_SECRET not in str(document)


@pytest.mark.parametrize(
    ("fault", "name"), [("list-key-fixed", "BW-01"), ("challenge-401", "BW-03"), ("members-shown", "BW-10")]
)
def test_a_deviation_that_is_none_any_more_is_reported_and_costs_nothing(fault: str, name: str) -> None:
    document = report(fault)
    states = {row["name"]: row["state"] for row in document["waivers"]}
    assert [other for other, state in states.items() if state == "unused"] == [name]
    assert exit_code(document) == 0
    assert f"{name} was not seen, though it is documented" in lines(text(document))


@pytest.mark.parametrize("fault", ["deactivate-ignored", "reactivate-ignored", "duplicates-created"])
def test_a_waiver_does_not_hide_another_defect(fault: str) -> None:
    assert exit_code(report(fault)) == 1


@pytest.mark.parametrize("fault", ["members-ignored", "revoked-in-name-only", "members-dropped-on-rename"])
def test_what_scim_hides_only_the_observer_sees(fault: str) -> None:
    assert exit_code(report(fault, wanted="bitwarden")) == 0
    seen = report(fault, wanted="bitwarden", observed=True)
    assert exit_code(seen) == 1
    failed = {f["sequence"] for f in seen["findings"] if f["verdict"] == "fail" and f["gates"]}
    assert all(sequence.startswith("bitwarden.observed") for sequence in failed)


def test_the_okta_profile_does_not_hold_and_names_the_deviations() -> None:
    document = report(profile="okta", wanted="okta.oin.user.create")
    assert (document["result"], exit_code(document)) == ("nonconformant", 1)
    assert document["product"]["id"] == "bitwarden"
    assert ORGANIZATION in document["product"]["because"]
    known = {f["requirement"]: f["known"] for f in document["findings"] if f["verdict"] == "fail"}
    assert known["okta-given-name-kept"] == "BW-04"
    shown = lines(text(document))
    assert "deviation BW-04 of Bitwarden: The names that Okta sends are never kept" in shown
    assert "The target looks like Bitwarden" in shown


def test_a_wrong_name_is_not_an_absent_one() -> None:
    named = next(waiver for waiver in deviations("bitwarden", catalog()) if waiver.name == "BW-04")
    finding = "okta.oin.user.create/read-back#okta-given-name-kept"
    assert named.fits(finding, "absent")
    assert not named.fits(finding, '"Somebody"')


def test_row_2_the_features_say_who_verified_what() -> None:
    alone = {row["title"]: row for row in features(report())}
    assert list(alone) == [
        "Test API credentials",
        "Assignments",
        "Push users",
        "Deactivate users",
        "Reactivate",
        "Push groups",
        "Invite, accept, confirm",
    ]
    assert alone["Push groups"]["state"] == "works, with waivers; in part accepted, not verifiable"
    assert "(BW-10)" in alone["Push groups"]["scim"]
    assert alone["Invite, accept, confirm"]["state"] == "accepted, not verifiable"
    assert alone["Test API credentials"]["observer"] == ""
    seen = {row["title"]: row for row in features(report(observed=True))}
    assert seen["Push groups"]["observer"] == "11 checks: 11 hold"
    joined = seen["Invite, accept, confirm"]
    assert joined["state"] == "works"
    assert (joined["scim"], joined["observer"]) == ("8 checks: 8 hold", "9 checks: 9 hold")
    broken = {row["title"]: row["state"] for row in features(report("members-ignored", observed=True))}
    assert broken["Push groups"] == "partly"


def test_row_1_8_no_rule_is_broken_that_no_deviation_explains() -> None:
    document = report(profile="okta")
    assert unexplained(document) == []
    known = {f["requirement"]: f["known"] for f in document["findings"] if f["known"]}
    assert known["rfc7643-3.1-external-id-as-sent"] == "BW-07"


def test_doctor_explains_the_one_401(tmp_path: Path) -> None:
    with bitwarden() as url:
        ran = scimproof(tmp_path, "doctor", "--target", url[:-1] + "0")
    said = ran.stdout + ran.stderr
    assert ran.returncode == 3
    assert "The URL looks like Bitwarden's:" in said
    assert "Directory Connector" in said
