"""Matching people who are in the target already (ENTRA-04 to ENTRA-06, ENTRA-09, ENTRA-10)."""

from __future__ import annotations

from scimproof.checks import answers, finds_one, is_boolean, value_is
from scimproof.checks.lists import first, is_list_body
from scimproof.checks.status import where_accepted
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import where_found
from ..bundles import (
    A_LIST,
    BEFORE,
    DIALECTS,
    READ,
    as_sent,
    given_disabled,
    given_user,
    keeps,
    next_cycle,
    of,
    patch,
    persists,
    read_back,
    search_hits,
)

LOCAL = "entra/both/user-create-local.http"
FIND_BY_EXTERNAL_ID = Step(
    id="find-by-external-id",
    request="entra/both/user-find-external-id.http",
    checks=(
        Check("entra-search-external-id-answered", answers(200)),
        A_LIST,
        Check("entra-search-external-id", finds_one("externalId", "user.externalId"), gate=True),
        Check("entra-search-hit-id", first("id", "user.id")),
    ),
)
FIND_BY_EMAIL = Step(
    id="find-by-email",
    request="entra/both/user-find-email.http",
    checks=(
        # A target may refuse it, or find nobody by it: then all that is missing is this kind of search.
        Check("entra-search-email-answered", answers(200)),
        Check("entra-list-is-json", where_accepted(is_list_body()), gate=True),
        Check("entra-search-email", finds_one("emails.0.value", "user.email")),
        Check("entra-search-hit-id", where_found(first("id", "user.id"))),
    ),
)


def match(dialect: str) -> Sequence:
    """Somebody an administrator of the target made is found, and gets what is missing."""
    return Sequence(
        id=f"entra.{dialect}.user.match",
        title="Match a user who was in the app before",
        source="wire-facts section 5, 4",
        people={"user": "plain"},
        steps=(
            given_user(request=LOCAL),
            search_hits("search"),
            BEFORE,
            patch("fill", of(dialect, "user-fill"), "entra-match-answered"),
            read_back(
                persists("fill", "entra-match-persists"),
                keeps("externalId", "title", requirement="entra-match-keeps"),
            ),
            next_cycle(persists("fill", "entra-match-persists")),
        ),
    )


def match_inactive(dialect: str) -> Sequence:
    """Somebody who was disabled is found, and enabled."""
    return Sequence(
        id=f"entra.{dialect}.user.match-inactive",
        title="Match a user who was disabled, and enable",
        source="wire-facts section 5, 5",
        people={"user": "plain"},
        steps=(
            given_user(),
            given_disabled(dialect),
            search_hits("search", requirement="entra-search-finds-inactive"),
            patch("enable", of(dialect, "user-enable"), "entra-enable-answered"),
            read_back(
                Check("entra-enable-persists", value_is("active", value=True)),
                Check("entra-active-shown", is_boolean("active")),
            ),
            next_cycle(Check("entra-enable-persists", value_is("active", value=True))),
        ),
    )


SEQUENCES = (
    *(made(dialect) for dialect in DIALECTS for made in (match, match_inactive)),
    Sequence(
        id="entra.both.user.match-external-id",
        title="Match a user by externalId",
        source="wire-facts section 5, 6; ENTRA-05",
        about="Nobody is created: the one who is found is read.",
        people={"user": "plain", "other": "plain"},
        steps=(
            given_user(),
            given_user("other"),
            FIND_BY_EXTERNAL_ID,
            READ,
            next_cycle(*as_sent("create-user")),
        ),
    ),
    Sequence(
        id="entra.both.user.match-email",
        title="Match a user by e-mail address",
        source="wire-facts section 5, 6; ENTRA-06",
        about="The RFC's grammar of filters has no part behind a filter; Entra sends it.",
        people={"user": "plain", "other": "plain"},
        steps=(
            given_user(),
            given_user("other"),
            FIND_BY_EMAIL,
            READ,
            next_cycle(*as_sent("create-user")),
        ),
    ),
)
