"""Creating users: with what is mapped by default, with less, with more (ENTRA-04, 07, 16, 17)."""

from __future__ import annotations

from scimproof.checks import answers, is_text, refuses
from scimproof.checks.convergence import converges
from scimproof.checks.status import accepts_or_declines, where_accepted
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import (
    CUSTOM,
    accepted_or_refused,
    manager_is,
    no_role_text,
    where_enterprise,
)
from ..bundles import (
    CREATE,
    CREATED,
    GET,
    WHOLE,
    as_sent,
    given_user,
    next_cycle,
    optional_as_sent,
    read_back,
    search_hits,
    search_misses,
)

MINIMAL = "entra/both/user-create-minimal.http"
MORE = ("addresses", "nickName", "phoneNumbers", "preferredLanguage", "timezone", "userType")
ODD = {
    "german": "umlauts and a sharp s",
    "japanese": "Japanese characters",
    "apostrophe": "an apostrophe in the address",
    "plus": "a plus sign in the address",
}


def create(request: str, requirement: str = "", beside: str = CREATE) -> Step:
    """The create under test; of one that `beside` an ordinary one is unusual."""
    if not requirement:
        return Step(id="create", request=request, creates="user", checks=CREATED)
    accepted = Check(requirement, answers(201, 200), beside=beside)
    return Step(id="create", request=request, creates="user", checks=(accepted, *CREATED[1:]))


def unusual(id: str, title: str, source: str, request: str, requirement: str, *shown: Check) -> Sequence:
    """Create somebody of whom more, or less, is known than usual; read back what every user has."""
    return Sequence(
        id=f"entra.both.user.{id}",
        title=title,
        source=source,
        people={"user": "plain"},
        steps=(
            search_misses(),
            create(request, requirement),
            read_back(*as_sent(), *shown),
            next_cycle(*as_sent()),
        ),
    )


def odd(kind: str, what: str) -> Sequence:
    """Create somebody with such a name, read back, and find them by it."""
    return Sequence(
        id=f"entra.both.user.{kind}",
        title=f"Create a user with {what}",
        source="ENTRA-04, ENTRA-07; wire-facts section 3",
        people={"user": kind},
        steps=(
            search_misses(),
            create(CREATE, "entra-odd-name-accepted"),
            read_back(*as_sent()),
            search_hits("find-back", requirement="entra-search-odd-name"),
            next_cycle(*as_sent()),
        ),
    )


SEQUENCES = (
    Sequence(
        id="entra.both.user.create",
        title="Create a user",
        source="wire-facts section 5, 2",
        people={"user": "mixed-case"},
        steps=(
            search_misses(),
            create(CREATE),
            read_back(*as_sent(), optional_as_sent()),
            search_hits("find-back"),
            next_cycle(*as_sent()),
        ),
    ),
    unusual(
        "create-minimal",
        "Create a user of whom little is known",
        "ENTRA-07",
        MINIMAL,
        "entra-create-minimal",
    ),
    unusual(
        "create-whole",
        "Create a user with all that is mapped by default",
        "ENTRA-07 (M12a, M6)",
        WHOLE,
        "entra-create-whole",
        optional_as_sent(),
        Check("entra-whole-kept", converges("create", *MORE)),
    ),
    unusual(
        "create-no-email",
        "Create a user without an e-mail address",
        "ENTRA-07 (M5, M6)",
        "entra/both/user-create-no-email.http",
        "entra-create-no-email",
    ),
    unusual(
        "create-empty-roles",
        "Create a user with an empty list of roles",
        "ENTRA-07 (M1)",
        "entra/both/user-create-no-roles.http",
        "entra-create-empty-roles",
    ),
    unusual(
        "create-role",
        "Create a user with an app role",
        "wire-facts section 5, 20; ENTRA-16",
        "entra/both/user-create-roles.http",
        "entra-create-roles",
        Check("entra-role-text", no_role_text()),
    ),
    unusual(
        "create-roles",
        "Create a user with several app roles",
        "ENTRA-16 (M6)",
        "entra/both/user-create-several-roles.http",
        "entra-create-roles",
        Check("entra-role-text", no_role_text()),
    ),
    Sequence(
        id="entra.both.user.create-custom",
        title="Create a user with a custom extension that schemas does not name",
        source="ENTRA-07, ENTRA-17",
        about="A target that does not know the extension may decline it with 400: nothing is asked then.",
        people={"user": "plain"},
        steps=(
            search_misses(),
            Step(
                id="create",
                request="entra/both/user-create-custom.http",
                creates="user",
                checks=(
                    Check("entra-create-custom", accepts_or_declines("a custom extension")),
                    Check("entra-create-id", where_accepted(is_text("id")), gate=True),
                ),
            ),
            read_back(*as_sent(), Check("entra-custom-kept", converges("create", CUSTOM))),
            next_cycle(*as_sent()),
        ),
    ),
    Sequence(
        id="entra.both.user.create-manager",
        title="Create a user whose manager is there already",
        source="ENTRA-07 (apache/directory-scimple#1242)",
        about="One report has it so; by RFC 7643 a manager is an object, and a target may refuse the text.",
        people={"user": "plain", "manager": "plain"},
        steps=(
            given_user("manager"),
            search_misses(),
            Step(
                id="create",
                request="entra/both/user-create-manager.http",
                creates="user",
                checks=(
                    Check("entra-create-manager", accepted_or_refused(201, 200)),
                    Check("entra-create-id", where_accepted(is_text("id")), gate=True),
                ),
            ),
            read_back(
                *as_sent(),
                Check("entra-manager-persists", where_enterprise(manager_is("manager.id"), "read-back")),
            ),
            next_cycle(*as_sent()),
        ),
    ),
    *(odd(kind, what) for kind, what in ODD.items()),
    Sequence(
        id="entra.both.user.conflict",
        title="Create somebody under a userName that is taken",
        source="ENTRA-07; wire-facts section 6 (409)",
        people={"user": "plain"},
        steps=(
            given_user(),
            Step(id="before", request=GET, given=True, checks=(Check("entra-read-answered", answers(200)),)),
            Step(
                id="create-again",
                request="entra/both/user-create-again.http",
                creates="twin",
                checks=(Check("entra-create-conflict", refuses()),),
            ),
            read_back(*as_sent("create-user"), id="read-back"),
        ),
    ),
)
