"""The target's half of Okta's CRUD suite: engine traffic where the suite talks to Okta, then its reads."""

from __future__ import annotations

from scimproof.core.definitions import Check, Sequence, Step

from .bundles import CREATE, FIND, GET, IDENTITY, OTHERWISE, given
from .spec import equal, status, step
from .users.lifecycle_oin import DEACTIVATE, REACTIVATE


def read(id: str, *checks: Check) -> Step:
    """One of the suite's reads by id."""
    return step(id, "crud-read", status(200), *checks)


SEQUENCES = (
    Sequence(
        id="okta.crud",
        title="Okta's CRUD suite, the target's half",
        source="spec-test-steps section 4",
        about="Assign, update, deactivate, activate and assign again, unassign: the suite looks after each.",
        people={"user": "plain"},
        steps=(
            Step(
                id="search",
                request=FIND,
                given=True,
                checks=given("x", FIND, "okta-search-answered", 200, 404).checks,
            ),
            Step(
                id="assign",
                request=CREATE,
                otherwise=OTHERWISE[CREATE],
                given=True,
                creates="user",
                checks=given("x", CREATE, "okta-create-answered", 201, 200).checks,
            ),
            step(
                "find-assigned",
                "crud-find",
                status(200),
                Check("crud-first-username", equal("Resources.0.userName", blank="user.email")),
                Check("crud-first-email", equal("Resources.0.emails.0.value", blank="user.email")),
                Check(
                    "crud-first-family-name", equal("Resources.0.name.familyName", blank="user.familyName")
                ),
                Check("crud-first-given-name", equal("Resources.0.name.givenName", blank="user.givenName")),
            ),
            Step(id="read-for-update", request=GET, given=True, checks=IDENTITY),
            given("update", "okta/both/user-put-given-name.http", "okta-update-answered", 200, 204),
            read(
                "read-updated",
                Check("crud-given-name-updated", equal("name.givenName", blank="user.newGivenName")),
            ),
            given("deactivate", DEACTIVATE, "okta-deactivate-answered", 200, 204),
            read("read-deactivated", Check("spec-active-false", equal("active", "false"))),
            given("assign-again", REACTIVATE, "okta-reactivate-answered", 200, 204),
            read("read-assigned-again", Check("spec-active-true", equal("active", "true"))),
            given("unassign", DEACTIVATE, "okta-deactivate-answered", 200, 204),
            read("read-unassigned", Check("spec-active-false", equal("active", "false"))),
        ),
    ),
)
