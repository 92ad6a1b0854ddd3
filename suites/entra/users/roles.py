"""App roles: a document inside a string, an assertion of all, a path that compares with a text (ENTRA-16)."""

from __future__ import annotations

from scimproof.core.definitions import Check, Sequence

from ..asks import no_role_text, roles_are
from ..bundles import BEFORE, given_user, keeps, next_cycle, patch, read_back

WITH_ROLE = "entra/both/user-create-roles.http"
WITH_ROLES = "entra/both/user-create-several-roles.http"
READABLE = Check("entra-role-text", no_role_text())
ASSERTED = Check("entra-roles-asserted", roles_are("User"))

SEQUENCES = (
    Sequence(
        id="entra.default.user.role",
        title="Give a user an app role by PATCH: a JSON document inside a string",
        source="wire-facts section 5, 20; ENTRA-16 (M6, L8#50772)",
        about='A target may unpack the document, or refuse it; a role that is called {"id": …} helps nobody.',
        people={"user": "plain"},
        steps=(
            given_user(request=WITH_ROLE),
            BEFORE,
            patch("give", "entra/default/user-role-text.http", "entra-role-answered"),
            read_back(READABLE, keeps()),
            next_cycle(READABLE),
        ),
    ),
    Sequence(
        id="entra.flag.user.role",
        title="Give a user an app role by PATCH, in the form of a create",
        source="ENTRA-16 (M6)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("give", "entra/flag/user-roles.http", "entra-role-answered"),
            read_back(READABLE, keeps()),
            next_cycle(READABLE),
        ),
    ),
    Sequence(
        id="entra.default.user.roles-asserted",
        title="Assert all app roles of a user",
        source="ENTRA-16 (AssertiveAppRoleAssignmentsComplex, M6)",
        people={"user": "plain"},
        steps=(
            given_user(request=WITH_ROLES),
            BEFORE,
            patch("assert", "entra/default/user-roles-assertive.http", "entra-role-answered"),
            read_back(ASSERTED, keeps()),
            next_cycle(ASSERTED),
        ),
    ),
    Sequence(
        id="entra.default.user.role-path",
        title="Set the primary role by a path that compares with the text True",
        source="ENTRA-16 (M6, a mapping's target)",
        people={"user": "plain"},
        steps=(
            given_user(request=WITH_ROLE),
            BEFORE,
            patch("set", "entra/default/user-role-path.http", "entra-role-path"),
            read_back(keeps()),
            next_cycle(keeps()),
        ),
    ),
)
