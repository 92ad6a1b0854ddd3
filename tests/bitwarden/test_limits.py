"""Each documented limit of Bitwarden can fail: a fault trips it, and without a fault nothing does."""

from __future__ import annotations

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.bitwarden.faults.behaviour import FAULTS
from scimproof.embedded.bitwarden.faults.limits import LIMITS
from scimproof.engine.executor import NOT_VERIFIABLE
from scimproof.engine.global_checks import STEP
from tests.bitwarden.playing import catalog, findings

BROKEN = (Verdict.FAIL, Verdict.WARNING, Verdict.ERROR)

# What each fault, or several together, has to trip: at least one of these proves each requirement.
TRIPS: dict[tuple[str, ...], set[str]] = {
    ("create-answers-200",): {"create-answered"},
    ("ids-prefixed",): {"id-is-guid"},
    ("case-kept",): {"username-is-email"},
    ("second-email-shown",): {"email-one"},
    ("first-email-taken",): {"email-primary", "email-work"},
    ("username-as-email",): {"email-needed", "refused-makes-nobody"},
    ("email-changed",): {"email-fixed", "email-not-taken"},
    ("email-change-refused",): {"email-change-answered"},
    ("email-change-revokes",): {"still-active"},
    ("active-not-needed",): {"active-needed", "refused-makes-nobody"},
    ("active-as-text",): {"active-shown"},
    ("miss-is-404",): {"search-answered"},
    ("found-by-sent-username",): {"search-by-email"},
    ("external-id-forgotten",): {"external-id-recorded", "external-id-kept"},
    ("external-id-shared",): {"external-id-unique"},
    ("names-stored",): {"names-unknown"},
    ("revoked-restored-by-create",): {"revoked-conflict", "conflict-keeps-revoked"},
    ("reactivate-ignored",): {"reactivate-after-conflict", "restored"},
    ("list-unordered",): {"list-by-email"},
    ("any-organization",): {"other-organization"},
    ("confirmed-at-once",): {"invited", "invited-cannot-log-in"},
    ("revoked-in-name-only",): {"revoked"},
    ("confirmed-at-once", "revoked-in-name-only"): {"revoked-cannot-log-in"},
    ("revoked-again",): {"revoked-once"},
    ("restored-as-confirmed",): {"restored"},
    ("account-name-hidden",): {"name-of-account"},
    ("accepted-let-in",): {"accepted-waits", "accepted-cannot-log-in"},
    ("confirmed-sent-back",): {"confirmed", "confirmed-can-log-in"},
    ("revoke-leaves-groups",): {"revoke-keeps-groups"},
    ("members-ignored",): {"group-members"},
    ("member-remove-ignored",): {"group-members"},
    ("members-dropped-on-rename",): {"group-members"},
    ("rename-ignored",): {"group-name"},
    ("group-deleted-in-name-only",): {"group-gone", "event-group-deleted"},
    ("events-lost",): {
        "event-invited",
        "event-revoked",
        "event-restored",
        "event-group-created",
        "event-group-updated",
        "event-group-deleted",
    },
}


def tripped(*faults: str) -> set[str]:
    return {
        finding.requirement.removeprefix("bitwarden-")
        for finding in findings(*faults)
        if finding.verdict in BROKEN
    }


@pytest.mark.parametrize("faults", TRIPS, ids=" and ".join)
def test_a_fault_trips_what_is_named_for_it(faults: tuple[str, ...]) -> None:
    found = tripped(*faults)
    assert TRIPS[faults] <= found, f"it tripped {sorted(found)}"


def test_every_requirement_of_bitwardens_has_a_fault_and_every_fault_of_a_limit_trips_one() -> None:
    proven = {f"bitwarden-{name}" for names in TRIPS.values() for name in names}
    asked = {id for id, rule in catalog().requirements.items() if rule.authority == "bitwarden"}
    assert proven == asked
    assert {fault.name for fault in LIMITS} <= {name for faults in TRIPS for name in faults} <= set(FAULTS)


def test_without_a_fault_everything_holds_and_is_verified() -> None:
    asked = [finding for finding in findings() if finding.step != STEP]
    assert {finding.verdict for finding in asked} == {Verdict.PASS}


def test_without_an_observer_what_scim_does_not_show_is_accepted_and_never_passes() -> None:
    beside = [f for f in findings(observed=False) if f.sequence.startswith("bitwarden.observed")]
    assert {f.verdict for f in beside} == {Verdict.NOT_APPLICABLE}
    by_people = [f for f in beside if f.sequence == "bitwarden.observed.user.onboard"]
    assert (len(beside), len(by_people)) == (39, 15)
    assert {f.observed for f in beside if f not in by_people} == {NOT_VERIFIABLE}
    assert all(f.observed.startswith("accepted, not verifiable: people do it (") for f in by_people)
    assert NOT_VERIFIABLE.startswith("accepted, not verifiable: ")
