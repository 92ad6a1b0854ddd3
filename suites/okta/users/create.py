"""Assigning a user whom the target does not have yet, or has already (OKTA-05, OKTA-07, OKTA-25)."""

from __future__ import annotations

from dataclasses import replace

from scimproof.checks import kept
from scimproof.checks.attributes import all_stay, has_id
from scimproof.checks.lists import found
from scimproof.checks.status import accepts_or_declines
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import CUSTOM, extension_kept, manager_kept
from ..bundles import (
    CREATE,
    FOUND_ACTIVE,
    GET,
    IDENTITY,
    answered,
    created,
    given_user,
    optional_as_sent,
    search_hits,
    search_misses,
    user_as_sent,
)

UNCHANGED = ("userName", "name.givenName", "name.familyName", "emails", "displayName", "externalId", "active")
MINIMAL = "okta/both/user-create-minimal.http"


def lookalike(id: str, sign: str, title: str, first: Step, about: str = "") -> Sequence:
    """Create somebody with that sign in the userName, then one whom it would match, and search."""
    return Sequence(
        id=id,
        title=title,
        source="OKTA-05; D-053, D-266",
        about=about,
        people={"user": sign},
        steps=(
            first,
            Step(
                id=f"create-lookalike-{sign}",
                request=f"okta/both/user-create-lookalike-{sign}.http",
                given=True,
                creates="lookalike",
                checks=answered("okta-create-answered", 201, 200),
            ),
            search_hits("search", requirement="okta-search-literal"),
        ),
    )


def create_department(dialect: str) -> Sequence:
    """Create somebody with a department, which the live captures have."""
    return Sequence(
        id=f"okta.{dialect}.user.create-department",
        title="Create a user with a department",
        source="OKTA-25 (L1, six live creates)",
        people={"user": "plain"},
        steps=(
            search_misses(),
            Step(
                id="create",
                request="okta/both/user-create-department.http",
                creates="user",
                checks=created("okta-create-extension", beside=CREATE),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*user_as_sent(), Check("okta-extension-kept", extension_kept("create"))),
            ),
        ),
    )


def create_custom(dialect: str) -> Sequence:
    """Create somebody with custom attributes, which a target may decline."""
    return Sequence(
        id=f"okta.{dialect}.user.create-custom",
        title="Create a user with custom attributes of four types",
        source="OKTA-25",
        about="A target that does not know the extension may decline it with 400: nothing is asked then.",
        people={"user": "plain"},
        steps=(
            search_misses(),
            Step(
                id="create",
                request="okta/both/user-create-custom.http",
                creates="user",
                checks=(Check("okta-custom-attributes", accepts_or_declines("a custom extension")),),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*user_as_sent(), Check("okta-custom-attributes", extension_kept("create", CUSTOM))),
            ),
        ),
    )


SEQUENCES = (
    Sequence(
        id="okta.oin.user.create",
        title="Create a user",
        source="wire-facts section 5, OIN-CREATE",
        people={"user": "mixed-case"},
        steps=(
            search_misses(),
            Step(id="create", request=CREATE, creates="user", checks=created()),
            Step(id="read-back", request=GET, checks=(*user_as_sent(), *optional_as_sent())),
            search_hits("find-back", extra=FOUND_ACTIVE),
        ),
    ),
    Sequence(
        id="okta.aiw.user.create",
        title="Create a user with the minimal live body",
        source="wire-facts section 5, AIW-CREATE (L1)",
        people={"user": "plain"},
        steps=(
            search_misses(),
            Step(id="create", request=MINIMAL, creates="user", checks=created("okta-create-minimal")),
            Step(id="read-back", request=GET, checks=user_as_sent()),
            search_hits("find-back", extra=FOUND_ACTIVE),
        ),
    ),
    Sequence(
        id="okta.oin.user.create-minimal",
        title="Create a user without displayName, locale and e-mail type",
        source="OKTA-07 (L1)",
        people={"user": "plain"},
        steps=(
            search_misses(),
            Step(id="create", request=MINIMAL, creates="user", checks=created("okta-create-minimal")),
            Step(id="read-back", request=GET, checks=user_as_sent()),
        ),
    ),
    Sequence(
        id="okta.aiw.user.create-full",
        title="Create a user with displayName, locale and e-mail type",
        source="OKTA-07 (S1)",
        people={"user": "plain"},
        steps=(
            search_misses(),
            Step(id="create", request=CREATE, creates="user", checks=created()),
            Step(id="read-back", request=GET, checks=(*user_as_sent(), *optional_as_sent())),
        ),
    ),
    create_department("oin"),
    create_department("aiw"),
    Sequence(
        id="okta.oin.user.create-enterprise",
        title="Create a user with title, telephone and the enterprise extension",
        source="OKTA-25",
        people={"user": "plain"},
        steps=(
            search_misses(),
            Step(
                id="create",
                request="okta/both/user-create-enterprise.http",
                creates="user",
                checks=created("okta-create-extension", beside=CREATE),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *user_as_sent(),
                    *optional_as_sent(),
                    Check("okta-title-kept", kept("create", "title")),
                    Check("okta-phone-kept", kept("create", "phoneNumbers.0.value")),
                    Check("okta-extension-kept", extension_kept("create")),
                    Check("okta-extension-manager-kept", manager_kept("create")),
                ),
            ),
        ),
    ),
    create_custom("oin"),
    create_custom("aiw"),
    Sequence(
        id="okta.oin.user.create-existing",
        title="Create a user who exists already",
        source="OKTA-07; wire-facts section 6 (409)",
        people={"user": "plain"},
        steps=(
            given_user(),
            Step(id="before", request=GET, given=True, checks=IDENTITY),
            Step(
                id="create-again",
                request="okta/both/user-create-again.http",
                creates="user",
                checks=answered("okta-create-conflict", 409, beside=CREATE),
            ),
            Step(
                id="read-back",
                request=GET,
                regardless=True,
                checks=(
                    *IDENTITY,
                    Check("okta-conflict-changes-nothing", all_stay("before", *UNCHANGED)),
                ),
            ),
            search_hits("find-back"),
        ),
    ),
    Sequence(
        id="okta.oin.user.seven-at-once",
        title="Seven users provisioned at the same time",
        source="OKTA-24 (L1)",
        people={"user": "plain"},
        chains=7,
        steps=(
            search_misses(),
            Step(
                id="create",
                request=CREATE,
                creates="user",
                checks=answered("okta-parallel-chains", 201, 200, beside=CREATE),
            ),
            Step(id="read-back", request=GET, checks=user_as_sent()),
            search_hits("find-back"),
        ),
    ),
    Sequence(
        id="okta.oin.user.create-other-case",
        title="Create a user whose userName exists in other letters",
        source="OKTA-07; RFC 7643 section 4.1.1",
        people={"user": "mixed-case"},
        steps=(
            given_user(),
            Step(
                id="create-again",
                request="okta/both/user-create-other-case.http",
                creates="user",
                checks=answered("rfc7643-4.1.1-username-unique", 409, beside=CREATE),
            ),
        ),
    ),
    lookalike(
        "okta.oin.user.wildcards",
        "underscore",
        "Search for a userName with an underscore, a wildcard elsewhere",
        given_user(),
    ),
    lookalike(
        "okta.oin.user.wildcard-asterisk",
        "asterisk",
        "Search for a userName with an asterisk, a wildcard elsewhere",
        replace(
            given_user(),
            checks=(
                Check("okta-create-answered", accepts_or_declines("an address with an asterisk")),
                Check("okta-create-id", has_id(), gate=True),
            ),
        ),
        "No real address has an asterisk: a target may decline it with 400, and nothing is asked then.",
    ),
    Sequence(
        id="okta.oin.user.find-other-case",
        title="Search for a user in capitals",
        source="OKTA-05; wire-facts section 6",
        people={"user": "mixed-case"},
        steps=(
            given_user(),
            Step(
                id="search-capitals",
                request="okta/both/user-find-other-case.http",
                checks=(
                    *answered("okta-search-answered", 200),
                    Check("okta-search-ignores-case", found("user.userName")),
                ),
            ),
        ),
    ),
    Sequence(
        id="okta.oin.user.find-form-encoded",
        title="Search for a user, blanks written as plus signs",
        source="OKTA-05 (S3)",
        people={"user": "plain"},
        steps=(
            given_user(),
            Step(
                id="search-plus",
                request="okta/both/user-find-form-encoded.http",
                checks=(Check("okta-search-form-encoded", found("user.userName")),),
            ),
        ),
    ),
)
