"""A Bitwarden that is right stays quiet however it is set up, with its Public API as the observer."""

from __future__ import annotations

import pytest

from scimproof.core.results import Finding, Verdict
from scimproof.embedded.bitwarden.app import Bitwarden
from scimproof.embedded.bitwarden.options import ServerOptions
from scimproof.engine.executor import NOT_PLAYED
from scimproof.observer.descriptions import descriptions
from scimproof.report.waivers import deviations
from tests.bitwarden.playing import KEY, catalog, outcomes, public_api

SETTINGS = (
    "staged=yes",
    "fail-fast=yes",
    "two-step=yes",
    "single-organization=yes",
    "provider=yes owners=0",
    "owners=3",
    "database=mysql",
    "plan=teams",
    "seats=500",
    "seats=20 autoscale=no staged=yes",
    "events=no",
    "era=pre2025",
    "era=preDec2025",
    "era=preFeb2026",
    "era=preMay2026",
)
BAD = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE)


def findings(settings: str, *wanted: str) -> list[Finding]:
    """All findings against one that is set up so."""
    knobs = ServerOptions()
    for setting in settings.split():
        knobs.turn(*setting.split("=", 1))
    app = Bitwarden(key=KEY, knobs=knobs)
    return [one for outcome in outcomes(app, *wanted, observer=public_api(app)) for one in outcome.findings]


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_right_one_stays_quiet(settings: str) -> None:
    documented, gates = deviations("bitwarden", catalog()), catalog().profile("bitwarden").gates
    bad = [
        f"{one.id}: {one.observed}"
        for one in findings(settings)
        if one.verdict in BAD
        and catalog().requirements[one.requirement].authority in gates
        and not any(waiver.fits(one.id, one.observed) for waiver in documented)
    ]
    assert bad == []


def test_row_1_4_a_staged_member_has_another_event_than_an_invited_one() -> None:
    found = {one.requirement: one for one in findings("staged=yes", "bitwarden.observed.user.push")}
    assert found["bitwarden-event-invited"].verdict is Verdict.PASS
    assert "staged" in found["bitwarden-invited"].observed


def test_row_2_at_a_real_one_the_report_says_that_people_do_it() -> None:
    app = Bitwarden(key=KEY)
    observer = public_api(app)
    observer.people = None  # type: ignore[attr-defined]
    told = [
        one
        for outcome in outcomes(app, "bitwarden.observed.user.onboard", observer=observer)
        for one in outcome.findings
        if one.sequence == "bitwarden.observed.user.onboard"
    ]
    assert {one.verdict for one in told} == {Verdict.NOT_APPLICABLE}
    assert all(one.observed.startswith(NOT_PLAYED.partition("(")[0]) for one in told)


@pytest.mark.parametrize(
    ("url", "played"),
    [
        ("http://127.0.0.1:8404/v2/x", "http://127.0.0.1:8404/hooks"),
        ("http://localhost:8404/scim/v2/x", "http://localhost:8404/hooks"),
        ("https://scim.bitwarden.com/v2/x", ""),
        ("https://vault.example/scim/v2/x", ""),
        ("http://127.0.0.1.example/v2/x", ""),
    ],
)
def test_row_2_people_are_played_on_this_machine_only(url: str, played: str) -> None:
    assert descriptions(catalog().root)["bitwarden"].people(url) == played
