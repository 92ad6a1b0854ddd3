"""Test API Credentials, and the same probe again when the settings are saved (OKTA-01, OKTA-02)."""

from __future__ import annotations

from scimproof.core.definitions import Sequence, Step

from .bundles import PAGE_OF_2, PAGE_OF_100

USERS = "okta/both/users-test.http"
GROUPS = "okta/both/groups-test.http"

SEQUENCES = (
    Sequence(
        id="okta.oin.connect",
        title="Test API Credentials, then save",
        source="wire-facts section 5, AIW-CONNECT; OKTA-01, OKTA-02",
        steps=(
            Step(id="test", request=USERS, checks=PAGE_OF_2),
            Step(id="save", request=USERS, checks=PAGE_OF_2),
        ),
    ),
    Sequence(
        id="okta.oin.connect-groups",
        title="Test API Credentials with Import Groups",
        source="OKTA-01",
        steps=(
            Step(id="test", request=USERS, checks=PAGE_OF_2),
            Step(id="test-groups", request=GROUPS, checks=PAGE_OF_100),
        ),
    ),
    Sequence(
        id="okta.aiw.connect",
        title="Test Connector Configuration, then save on two pages",
        source="wire-facts section 5, AIW-CONNECT; OKTA-01, OKTA-02 (L1)",
        steps=(
            Step(id="test", request=USERS, checks=PAGE_OF_2),
            Step(id="save-integration", request=USERS, checks=PAGE_OF_2),
            Step(id="save-to-app", request=USERS, checks=PAGE_OF_2),
        ),
    ),
    Sequence(
        id="okta.aiw.connect-groups",
        title="Test Connector Configuration with Import Groups",
        source="OKTA-01",
        steps=(
            Step(id="test", request=USERS, checks=PAGE_OF_2),
            Step(id="test-groups", request=GROUPS, checks=PAGE_OF_100),
        ),
    ),
)
