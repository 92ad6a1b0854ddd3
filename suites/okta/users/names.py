"""Names that are taken, and names that became free again (OKTA-07, OKTA-09, OKTA-15 to OKTA-17, OKTA-20)."""

from __future__ import annotations

from scimproof.catalog.identities import RESIDENT
from scimproof.checks import answers, finds_one, same_id
from scimproof.checks.attributes import all_stay, blank_kept, show
from scimproof.checks.lists import first, is_list_body, nobody_named
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import resources, value_at

from ..asks import unless_404
from ..bundles import (
    A_LIST,
    FIND,
    GET,
    GROUP_CREATE_FULL,
    GROUP_FIND,
    GROUP_GET,
    GROUP_ID_TOLD,
    ID_TOLD,
    IDENTITY,
    answered,
    given,
    given_group,
    given_user,
    search_hits,
)
from .create import UNCHANGED
from .lifecycle_oin import BEFORE, READ, RENAME

SAME_NAME = "okta/both/user-create-same-name.http"
SAME_NAME_OTHER_CASE = "okta/both/user-create-same-name-other-case.http"
RENAME_GROUP = {"oin": "okta/oin/group-rename.http", "aiw": "okta/aiw/group-put-renamed.http"}
REFUSALS = (400, 403, 409, 422)  # to a PUT; RFC 7643 section 7 says 400, RFC 7644 section 3.3 says 409
TWO_PEOPLE = {"user": "mixed-case", "other": "plain"}
OTHER = (
    Check("okta-read-answered", answers(200)),
    Check("okta-read-is-the-user", same_id("other.id"), gate=True),
)


def no_twin() -> Ask:
    """409 to the create; one who was given another userName than was sent is nobody's twin."""
    refused = answers(409)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent, shown = value_at(exchange.request.json, "userName"), value_at(exchange.json, "userName")
        if exchange.ok and isinstance(shown, str) and shown.casefold() != str(sent).casefold():
            return does_not_apply(f"the target gave the new user another userName: {show(shown)}")
        return refused(scene, exchange)

    return ask


def name_not_taken_over() -> Ask:
    """A refusal of the PUT; a target that answers with the userName as it was keeps every userName."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        own, shown = scene.blanks.get("user.userName", ""), value_at(exchange.json, "userName")
        if exchange.ok and isinstance(shown, str) and shown.casefold() == own.casefold():
            return does_not_apply("answered with the userName as it was: it cannot be changed")
        right = not exchange.error and exchange.status in REFUSALS
        expected = "status 409, or another refusal"
        return held(expected, str(exchange.status)) if right else broken(expected, exchange.summary())

    return ask


def another(blank: str) -> Ask:
    """201 (or 200) with another id than the one of that blank."""
    created = answers(201, 200)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        old = scene.blanks.get(blank)
        if exchange.ok and old and value_at(exchange.json, "id") == old:
            return broken("a new resource", f"the id of the one that was renamed: {old}")
        return created(scene, exchange)

    return ask


def old_name_gone() -> Ask:
    """No group of the old name is found; a search that brings others besides looks at no name at all."""
    gone = nobody_named("group.displayName", "displayName", "group.id")

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        own, name = scene.blanks["group.id"], scene.blanks["group.displayName"].casefold()
        for resource in resources(exchange.json):
            if value_at(resource, "id") != own and str(value_at(resource, "displayName")).casefold() != name:
                return does_not_apply("the search brings groups of other names too: it ignores the filter")
        return gone(scene, exchange)

    return ask


def create_taken(dialect: str) -> Sequence:
    """Somebody else is to get the userName of a user, with an externalId and an address of their own."""
    return Sequence(
        id=f"okta.{dialect}.user.create-taken",
        title="Create somebody else with a userName that is taken",
        source="OKTA-07; wire-facts section 6 (409; userName matching ignores case); RFC 7643 section 4.1.1",
        about="Only the userName is the same: a 409 for externalId or address would say nothing of it.",
        people=TWO_PEOPLE,
        steps=(
            given_user(),
            BEFORE,
            Step(
                id="create-again",
                request="okta/both/user-create-again.http",
                creates="other",
                checks=answered("okta-create-conflict", 409),
            ),
            Step(
                id="create-same-name",
                request=SAME_NAME,
                creates="other",
                checks=(Check("okta-username-unique", no_twin()),),
            ),
            Step(
                id="create-other-case",
                request=SAME_NAME_OTHER_CASE,
                creates="other",
                checks=(Check("okta-username-unique-in-any-case", no_twin()),),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY, Check("okta-conflict-changes-nothing", all_stay("before", *UNCHANGED))),
            ),
            search_hits("find-back"),
        ),
    )


def rename_taken(dialect: str) -> Sequence:
    """A user is to get the userName that another one has."""
    return Sequence(
        id=f"okta.{dialect}.user.rename-taken",
        title="Change a userName to one that is taken",
        source="OKTA-09; RFC 7643 sections 4.1.1 and 7; D-097",
        people={"user": "plain", "other": "mixed-case"},
        steps=(
            given_user(),
            given_user("other"),
            Step(id="before-other", request=GET, given=True, cast={"user": "other"}, checks=OTHER),
            READ,
            Step(
                id="rename",
                request="okta/both/user-put-taken.http",
                checks=(Check("okta-rename-to-taken-refused", name_not_taken_over()),),
            ),
            Step(
                id="rename-other-case",
                request="okta/both/user-put-taken-other-case.http",
                checks=(Check("okta-username-unique-in-any-case", name_not_taken_over()),),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY,),
            ),
            Step(
                id="read-other",
                request=GET,
                cast={"user": "other"},
                checks=(*OTHER,),
            ),
        ),
    )


RENAMED = (
    given_user(),
    READ,
    RENAME,
    Step(
        id="read-renamed",
        request=GET,
        checks=(
            *IDENTITY,
            Check("okta-rename-persists", blank_kept("userName", "user.newUserName"), gate=True),
        ),
    ),
)


def rename_reuse(dialect: str) -> Sequence:
    """A newcomer gets the userName that somebody gave up."""
    return Sequence(
        id=f"okta.{dialect}.user.rename-reuse",
        title="Give a userName that became free to a newcomer",
        source="OKTA-05, OKTA-07, OKTA-09; D-334",
        people=TWO_PEOPLE,
        steps=(
            *RENAMED,
            Step(
                id="search",
                request=FIND,
                checks=(
                    Check("okta-search-answered", answers(200, 404)),
                    Check("okta-list-is-json", unless_404(is_list_body()), gate=True),
                    Check(
                        "okta-search-forgets-old-name",
                        nobody_named("user.userName", id="user.id"),
                        gate=True,
                    ),
                ),
            ),
            Step(
                id="create-newcomer",
                request=SAME_NAME,
                creates="other",
                checks=(
                    Check("okta-rename-frees-name", another("user.id")),
                    ID_TOLD,
                ),
            ),
            Step(
                id="read-newcomer",
                request=GET,
                cast={"user": "other"},
                checks=(*OTHER, Check("okta-username-kept", blank_kept("userName", "user.userName"))),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY, Check("okta-rename-persists", blank_kept("userName", "user.newUserName"))),
            ),
            Step(
                id="find-newcomer",
                request=FIND,
                checks=(
                    Check("okta-search-answered", answers(200)),
                    *A_LIST,
                    Check("okta-search-hit", finds_one("userName", "user.userName"), gate=True),
                    Check("okta-search-hit-id", first("id", "other.id")),
                ),
            ),
        ),
    )


def rename_back(dialect: str) -> Sequence:
    """A user gets the userName back that it had before."""
    return Sequence(
        id=f"okta.{dialect}.user.rename-back",
        title="Change a userName, and back again",
        source="OKTA-09; D-334",
        people={"user": "plain"},
        steps=(
            *RENAMED,
            Step(
                id="rename-back",
                request="okta/both/user-put-renamed-back.http",
                checks=answered("okta-rename-frees-name"),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY, Check("okta-rename-persists", blank_kept("userName", "user.userName"))),
            ),
        ),
    )


def group_rename_reuse(dialect: str) -> Sequence:
    """A new group gets the name that another one gave up."""
    return Sequence(
        id=f"okta.{dialect}.group.rename-reuse",
        title="Push a new group under a name that became free",
        source="OKTA-15, OKTA-16, OKTA-17 (OIN), OKTA-20 (AIW); D-334",
        people={"user": RESIDENT, "other": RESIDENT},
        population=2,
        groups={"group": "plain"},
        steps=(
            given_group(GROUP_CREATE_FULL),
            given("before", GROUP_GET, "okta-group-read-answered", 200),
            Step(
                id="rename",
                request=RENAME_GROUP[dialect],
                checks=answered("okta-group-rename-answered"),
            ),
            Step(
                id="read-renamed",
                request=GROUP_GET,
                checks=(
                    Check("okta-group-read-answered", answers(200)),
                    Check("okta-group-is-the-group", same_id("group.id"), gate=True),
                    Check(
                        "okta-group-rename-persists",
                        blank_kept("displayName", "group.newDisplayName"),
                        gate=True,
                    ),
                ),
            ),
            Step(
                id="find-new-name",
                request="okta/both/group-find-renamed.http",
                checks=(
                    Check("okta-search-answered", answers(200)),
                    *A_LIST,
                    Check("okta-search-hit", finds_one("displayName", "group.newDisplayName"), gate=True),
                    Check("okta-search-hit-id", first("id", "group.id")),
                ),
            ),
            Step(
                id="find-old-name",
                request=GROUP_FIND,
                checks=(
                    Check("okta-search-answered", answers(200, 404)),
                    Check("okta-list-is-json", unless_404(is_list_body()), gate=True),
                    Check("okta-group-search-forgets-old-name", old_name_gone(), gate=True),
                ),
            ),
            Step(
                id="create-newcomer",
                request=GROUP_CREATE_FULL,
                creates="newcomer",
                checks=(
                    Check("okta-group-rename-frees-name", another("group.id")),
                    GROUP_ID_TOLD,
                ),
            ),
            Step(
                id="read-newcomer",
                request=GROUP_GET,
                cast={"group": "newcomer"},
                checks=(
                    Check("okta-group-read-answered", answers(200)),
                    Check("okta-group-is-the-group", same_id("newcomer.id"), gate=True),
                    Check("okta-group-name-kept", blank_kept("displayName", "group.displayName")),
                ),
            ),
        ),
    )


SEQUENCES = tuple(
    made(dialect)
    for dialect in ("oin", "aiw")
    for made in (create_taken, rename_taken, rename_reuse, rename_back, group_rename_reuse)
)
