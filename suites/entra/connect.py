"""Test Connection, which Entra repeats before each cycle (ENTRA-01 to ENTRA-03)."""

from __future__ import annotations

from scimproof.checks import answers, finds_nothing, is_list
from scimproof.core.definitions import Check, Sequence, Step

from .bundles import A_LIST

USERS = "entra/both/users-test.http"
NOBODY = (
    Check("entra-connect-answered", answers(200)),
    A_LIST,
    Check("entra-connect-empty", finds_nothing()),
)

SEQUENCES = (
    Sequence(
        id="entra.both.connect",
        title="Test the connection, and again before a cycle",
        source="wire-facts section 5, 1; ENTRA-01",
        steps=(
            Step(id="test", request=USERS, checks=NOBODY),
            Step(id="cycle", request=USERS, checks=NOBODY),
        ),
    ),
    Sequence(
        id="entra.both.connect-groups",
        title="Test the connection with groups mapped",
        source="wire-facts section 5, 1; ENTRA-01, ENTRA-02",
        steps=(
            Step(id="test", request=USERS, checks=NOBODY),
            Step(
                id="test-groups",
                request="entra/both/groups-test.http",
                checks=(
                    Check("entra-connect-groups-answered", answers(200)),
                    A_LIST,
                    Check("entra-connect-empty", finds_nothing()),
                ),
            ),
        ),
    ),
    Sequence(
        id="entra.both.connect-external-id",
        title="Test the connection where people are matched by externalId",
        source="ENTRA-01 (L8#21660)",
        steps=(
            Step(
                id="test",
                request="entra/both/users-test-external-id.http",
                checks=(
                    Check("entra-search-external-id-answered", answers(200)),
                    A_LIST,
                    Check("entra-search-external-id-miss", finds_nothing()),
                ),
            ),
        ),
    ),
    Sequence(
        id="entra.both.connect-2026",
        title="Test the connection with the version header of 2026",
        source="ENTRA-01; wire-facts section 2 (L12)",
        about="The same request; ADSCIMVersion has the form that was seen in 2026.",
        steps=(Step(id="test", request="entra/both/users-test-2026.http", checks=NOBODY),),
    ),
    Sequence(
        id="entra.both.connect-gallery",
        title="Save the configuration of a gallery app",
        source="wire-facts section 5, 1; ENTRA-03",
        about="Only apps of the gallery are asked for their schemas.",
        steps=(
            Step(
                id="schemas",
                request="entra/both/schemas.http",
                checks=(Check("entra-schemas-listed", is_list()),),
            ),
        ),
    ),
)
