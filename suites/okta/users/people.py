"""People as they are: userNames that are no e-mail address, shared addresses, all of Okta's default profile.

Each of these has sequences of its own, so that a target that stumbles over it is reported for it.
"""

from __future__ import annotations

from scimproof.checks import answers, is_text, same_id
from scimproof.checks.attributes import blank_kept, read, show
from scimproof.checks.status import accepts_or_declines, where_accepted
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import value_at

from ..bundles import (
    CREATE,
    GET,
    IDENTITY,
    answered,
    created,
    given_user,
    search_hits,
    search_misses,
)
from .create import MINIMAL
from .lifecycle_oin import OLD_NAME_GONE, READ, RENAME, RENAMED_FOUND, UPDATE

DIALECTS = ("oin", "aiw")
ACCEPTED = "okta-profile-accepted"
CREATES = {"oin": CREATE, "aiw": MINIMAL}


def unless_refused(requirement: str, beside: str) -> tuple[Check, ...]:
    """A create that a product may refuse, if it says so; what follows is asked where it is accepted."""
    return (
        Check(requirement, answers(201, 200), beside=beside),
        Check("okta-create-id", where_accepted(is_text("id")), gate=True),
        *created()[2:],
    )


def values_are(step: str, path: str) -> Ask:
    """The values of that list are those that the step sent; `kept` says that they were shown before."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted, found = (_values(body, path) for body in (scene.sent(step), exchange.json))
        expected = f"{path}: {show(sorted(wanted))}"
        return (
            held(expected)
            if wanted == found
            else broken(expected, show(read(exchange.json, path)), wrong=(path,))
        )

    return ask


def takes_them(step: str, path: str) -> Ask:
    """The values of that list as the step sent them; a target that shows none of them does not have them."""
    same = values_are(step, path)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not _values(exchange.json, path):
            return does_not_apply(f"the target keeps no {path}")
        return same(scene, exchange)

    return ask


def kept_before(step: str, path: str, asked: Ask) -> Ask:
    """The question, where the read at that step showed such values."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not _values(scene.answer(step), path):
            return does_not_apply(f"the target keeps no {path}")
        return asked(scene, exchange)

    return ask


def _values(body: object, path: str) -> set[str]:
    entries = value_at(body, path)
    return {str(value_at(entry, "value")) for entry in entries} if isinstance(entries, list) else set()


def user_name(dialect: str, kind: str, title: str, requirement: str) -> Sequence:
    """Create somebody whose userName is not the e-mail address, look for both, update, look again."""
    return Sequence(
        id=f"okta.{dialect}.user.{kind}",
        title=title,
        source="OKTA-05, OKTA-07, OKTA-09; wire-facts section 3 (the value is what the mapping yields)",
        people={"user": kind},
        steps=(
            search_misses(),
            Step(
                id="create",
                request=CREATES[dialect],
                creates="user",
                checks=unless_refused(requirement, CREATES[dialect]),
            ),
            Step(id="read-back", request=GET, checks=(*IDENTITY, NAME_KEPT)),
            search_hits("find-back"),
            search_misses(
                "search-address",
                "okta/both/user-find-address.http",
                "Nobody has that userName: it is somebody's e-mail address only.",
            ),
            UPDATE,
            Step(id="read-updated", request=GET, checks=(*IDENTITY, NAME_KEPT)),
            search_hits("find-updated"),
        ),
    )


NAME_KEPT = Check("okta-username-kept", blank_kept("userName", "user.userName"))


def rename_login(dialect: str) -> Sequence:
    """Change a userName that is no e-mail address, while the address stays."""
    return Sequence(
        id=f"okta.{dialect}.user.login-rename",
        title="Change a userName that is a login, while the e-mail address stays",
        source="OKTA-05, OKTA-09",
        people={"user": "login"},
        steps=(
            Step(
                id="create",
                request=CREATES[dialect],
                creates="user",
                checks=unless_refused("okta-login-accepted", CREATES[dialect]),
            ),
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
            RENAMED_FOUND,
            OLD_NAME_GONE,
        ),
    )


def shared_address(dialect: str) -> Sequence:
    """Create somebody with the e-mail address that another one has."""
    return Sequence(
        id=f"okta.{dialect}.user.shared-address",
        title="Create a second user with the same e-mail address",
        source="OKTA-07; Okta lets several people have one address, as a household or a help desk has",
        people={"user": "plain", "other": "plain"},
        steps=(
            given_user("other"),
            Step(
                id="create",
                request="okta/both/user-create-shared-email.http",
                creates="user",
                checks=(
                    *unless_refused("okta-shared-address-accepted", CREATE),
                    Check("okta-create-new-account", another_account()),
                ),
            ),
            Step(id="read-back", request=GET, checks=(*IDENTITY, NAME_KEPT)),
            search_hits("find-back"),
            Step(
                id="read-other",
                request=GET,
                cast={"user": "other"},
                checks=(
                    Check("okta-read-answered", answers(200)),
                    Check("okta-read-is-the-user", same_id("other.id"), gate=True),
                    Check("okta-username-kept", blank_kept("userName", "other.userName")),
                ),
            ),
        ),
    )


def another_account() -> Ask:
    """The new user has another id than the one who has the address already."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        old = scene.blanks.get("other.id")
        if exchange.ok and str(value_at(exchange.json, "id")) == old:
            return broken("an account of their own", f"the id of the other user: {old}")
        return held("an account of their own")

    return ask


# What a create carries beside the ordinary, by the name of its sequence: title, and rule.
CARRIED = {
    "name-parts": ("a middle name, a prefix and a suffix", ACCEPTED),
    "two-emails": ("a second e-mail address", ACCEPTED),
    "two-phones": ("telephone and mobile number", ACCEPTED),
    "address": ("a postal address", ACCEPTED),
    "nick-name": ("a nickname", ACCEPTED),
    "profile-url": ("a profile URL", ACCEPTED),
    "user-type": ("a user type", ACCEPTED),
    "preferred-language": ("a preferred language", ACCEPTED),
    "timezone": ("a time zone", ACCEPTED),
    "whole-profile": ("all of Okta's default profile", ACCEPTED),
    "manager-by-id": ("a manager who is known by value only", "okta-create-extension"),
}


def carrying(dialect: str, what: str) -> Sequence:
    """Create somebody who has that too, and read them back."""
    words, requirement = CARRIED[what]
    return Sequence(
        id=f"okta.{dialect}.user.create-{what}",
        title=f"Create a user with {words}",
        source="OKTA-25 (L8, L13, S9)",
        people={"user": "plain"},
        steps=(
            Step(
                id="create",
                request=f"okta/both/user-create-{what}.http",
                creates="user",
                checks=created(requirement, beside=CREATE),
            ),
            Step(id="read-back", request=GET, checks=IDENTITY),
        ),
    )


LISTS = ("roles", "entitlements")


def roles(dialect: str) -> Sequence:
    """Create somebody with a role and an entitlement, and grant others instead."""
    return Sequence(
        id=f"okta.{dialect}.user.roles",
        title="Grant a role and an entitlement, then others",
        source="OKTA-27 (S8, S12)",
        about="A target without roles may decline them with 400, or show none: nothing is asked then.",
        people={"user": "plain"},
        steps=(
            Step(
                id="create",
                request="okta/both/user-create-roles.http",
                creates="user",
                checks=(
                    Check(
                        "okta-roles-accepted", accepts_or_declines("roles and entitlements"), beside=CREATE
                    ),
                    Check("okta-create-id", is_text("id"), gate=True),
                ),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("okta-roles-kept", takes_them("create", "roles")),
                    Check("okta-entitlements-kept", takes_them("create", "entitlements")),
                ),
            ),
            Step(
                id="grant",
                request="okta/both/user-put-roles.http",
                checks=answered("okta-roles-changed"),
            ),
            Step(
                id="read-granted",
                request=GET,
                checks=(
                    *IDENTITY,
                    *(
                        Check(
                            f"okta-{path}-changed-persists",
                            kept_before("read-back", path, values_are("grant", path)),
                        )
                        for path in LISTS
                    ),
                ),
            ),
        ),
    )


SEQUENCES = tuple(
    sequence
    for dialect in DIALECTS
    for sequence in (
        user_name(dialect, "login", "A user whose userName is a login", "okta-login-accepted"),
        user_name(
            dialect, "employee-number", "A user whose userName is an employee number", "okta-login-accepted"
        ),
        user_name(
            dialect,
            "other-domain",
            "A user whose userName is another address than the e-mail",
            "okta-other-address-accepted",
        ),
        rename_login(dialect),
        shared_address(dialect),
        *(carrying(dialect, what) for what in CARRIED),
        roles(dialect),
    )
)
