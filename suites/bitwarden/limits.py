"""What Bitwarden's documentation says it does not do, or does in its own way, over SCIM."""

from __future__ import annotations

from scimproof.checks import answers, finds_nothing, finds_one, is_boolean, kept, value_is
from scimproof.checks.lists import is_list_body
from scimproof.core.definitions import Check, Sequence, Step

from ..okta.bundles import CREATE, FIND, GET, IDENTITY, answered, given, given_user
from ..okta.imports.imports import USERS, walk
from ..okta.imports.pages import pages_show
from ..okta.users.lifecycle_oin import DEACTIVATE, REACTIVATE
from .asks import email_is, in_order_of_email, is_guid, no_names, one_email, user_name_is_email

FIND_OTHER = "okta/both/user-find-renamed.http"
SAME_EMAIL = (
    *IDENTITY,
    Check("bitwarden-email-fixed", email_is("user.email")),
    Check("bitwarden-username-is-email", user_name_is_email("user.email")),
    Check("bitwarden-still-active", value_is("active", value=True)),
)


def create(file: str) -> Step:
    """A create that is accepted."""
    return Step(
        id="create",
        request=f"bitwarden/{file}.http",
        creates="user",
        checks=(Check("bitwarden-create-answered", answers(201)),),
    )


def refused(id: str, file: str, requirement: str, *statuses: int, about: str = "") -> Step:
    """A create that is refused; if it is not, what it made belongs to the run all the same."""
    return Step(
        id=id,
        request=f"bitwarden/{file}.http",
        creates="other",
        regardless=True,
        about=about,
        checks=(Check(requirement, answers(*statuses)),),
    )


def nobody(id: str, request: str = FIND, requirement: str = "bitwarden-refused-makes-nobody") -> Step:
    """A search that finds nobody, since the create before it was refused."""
    return Step(
        id=id,
        request=request,
        regardless=True,
        checks=(
            Check("bitwarden-search-answered", answers(200)),
            Check(requirement, finds_nothing()),
        ),
    )


def email_stays(file: str, title: str, what: str) -> Sequence:
    """One way of asking for another address, and the address that stays."""
    return Sequence(
        id=f"bitwarden.limits.email-{what}",
        title=title,
        source="B1, B2; BW-07, BW-19",
        people={"user": "plain"},
        steps=(
            given_user(),
            Step(id="before", request=GET, given=True, checks=IDENTITY),
            Step(
                id="change",
                request=f"bitwarden/{file}.http",
                checks=(Check("bitwarden-email-change-answered", answers(200, 204)),),
            ),
            Step(id="read-back", request=GET, regardless=True, checks=SAME_EMAIL),
            nobody("find-other", FIND_OTHER, "bitwarden-email-not-taken"),
        ),
    )


SEQUENCES = (
    Sequence(
        id="bitwarden.limits.create",
        title="What becomes of a pushed user's attributes",
        source="B1, B2, B3; BW-04, BW-05",
        people={"user": "mixed-case"},
        steps=(
            Step(
                id="create",
                request=CREATE,
                creates="user",
                checks=(
                    Check("bitwarden-create-answered", answers(201)),
                    Check("bitwarden-id-is-guid", is_guid()),
                    Check("bitwarden-username-is-email", user_name_is_email("user.email")),
                    Check("bitwarden-email-one", one_email("user.email")),
                    Check("bitwarden-external-id-kept", kept("create", "externalId")),
                    Check("bitwarden-names-unknown", no_names()),
                ),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("bitwarden-username-is-email", user_name_is_email("user.email")),
                    Check("bitwarden-email-one", one_email("user.email")),
                    Check("bitwarden-external-id-kept", kept("create", "externalId")),
                    Check("bitwarden-names-unknown", no_names()),
                    Check("bitwarden-active-shown", is_boolean("active")),
                ),
            ),
        ),
    ),
    email_stays("user-put-other-email", "Change the e-mail of a pushed user by PUT", "by-put"),
    email_stays("user-patch-other-email", "Change the e-mail of a pushed user by PATCH", "by-patch"),
    Sequence(
        id="bitwarden.limits.email-primary",
        title="Of two addresses the primary one is taken",
        source="B1, B3",
        people={"user": "plain"},
        steps=(
            create("user-create-two-emails"),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("bitwarden-email-primary", email_is("user.email")),
                    Check("bitwarden-email-one", one_email("user.email")),
                ),
            ),
        ),
    ),
    Sequence(
        id="bitwarden.limits.email-work",
        title="Where none is primary, the work address is taken",
        source="B3",
        people={"user": "plain"},
        steps=(
            create("user-create-work-email"),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("bitwarden-email-work", email_is("user.email")),
                    Check("bitwarden-email-one", one_email("user.email")),
                ),
            ),
        ),
    ),
    Sequence(
        id="bitwarden.limits.email-needed",
        title="A userName is no e-mail",
        source="B3",
        about="Without an entry in emails nobody is created, even if the userName is an address.",
        people={"user": "plain"},
        steps=(
            refused("create", "user-create-no-email", "bitwarden-email-needed", 400),
            nobody("find"),
        ),
    ),
    Sequence(
        id="bitwarden.limits.username-other",
        title="A userName that is not the e-mail is not kept",
        source="B1, B3; BW-05",
        about="Such a user is found by the e-mail only: Okta looks for the userName, misses, and is refused.",
        people={"user": "plain"},
        steps=(
            create("user-create-other-username"),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("bitwarden-username-is-email", user_name_is_email("user.email")),
                ),
            ),
            Step(
                id="find-by-email",
                request=FIND,
                checks=(
                    Check("bitwarden-search-answered", answers(200)),
                    Check("okta-list-is-json", is_list_body(), gate=True),
                    Check("bitwarden-search-by-email", finds_one("userName", "user.userName")),
                ),
            ),
        ),
    ),
    Sequence(
        id="bitwarden.limits.active-needed",
        title="active has to be sent, and be true, when a user is created",
        source="B3; BW-08",
        people={"user": "plain"},
        steps=(
            refused("create-without", "user-create-no-active", "bitwarden-active-needed", 400),
            refused("create-inactive", "user-create-inactive", "bitwarden-active-needed", 400),
            nobody("find"),
        ),
    ),
    Sequence(
        id="bitwarden.limits.external-id-taken",
        title="An externalId belongs to one member",
        source="B3",
        people={"user": "plain"},
        steps=(
            given_user(),
            refused("create-other", "user-create-same-external-id", "bitwarden-external-id-unique", 409),
            nobody("find-other", FIND_OTHER),
        ),
    ),
    Sequence(
        id="bitwarden.limits.reassign",
        title="A revoked member who is created again is refused, and reactivated by PATCH",
        source="B3; BW-09",
        people={"user": "plain"},
        steps=(
            given_user(),
            given("prepare-inactive", DEACTIVATE, "okta-deactivate-answered", 200, 204),
            Step(
                id="create-again",
                request="okta/both/user-create-again.http",
                creates="other",
                checks=(Check("bitwarden-revoked-conflict", answers(409)),),
            ),
            Step(
                id="read",
                request=GET,
                regardless=True,
                checks=(
                    *IDENTITY,
                    Check("bitwarden-conflict-keeps-revoked", value_is("active", value=False)),
                ),
            ),
            Step(
                id="reactivate",
                request=REACTIVATE,
                regardless=True,
                checks=answered("bitwarden-reactivate-after-conflict", 204, 200),
            ),
            Step(
                id="read-back",
                request=GET,
                regardless=True,
                checks=(
                    *IDENTITY,
                    Check("bitwarden-reactivate-after-conflict", value_is("active", value=True)),
                ),
            ),
        ),
    ),
    Sequence(
        id="bitwarden.limits.list",
        title="The list of users, page by page",
        source="B3",
        about="Okta offers no import from Bitwarden; the credentials test reads the same list.",
        people={"user": "plain", "other": "plain"},
        alone=True,
        steps=(
            given_user(),
            given_user("other"),
            Step(
                id="pages",
                request=USERS,
                pages=True,
                checks=walk(
                    Check(
                        "okta-import-shows-ours",
                        pages_show(lambda scene: [scene.blanks["user.id"], scene.blanks["other.id"]]),
                    ),
                    Check("bitwarden-list-by-email", in_order_of_email()),
                ),
            ),
        ),
    ),
    Sequence(
        id="bitwarden.limits.other-organization",
        title="The connector test at another organization",
        source="B3",
        last=True,
        steps=(
            Step(
                id="test",
                request="bitwarden/users-test-other-organization.http",
                checks=(Check("bitwarden-other-organization", answers(401)),),
            ),
        ),
    ),
)
