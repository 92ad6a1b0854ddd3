"""The checks and the preparing steps that many of Entra's sequences share."""

from __future__ import annotations

from scimproof.checks import answers, finds_nothing, finds_one, is_boolean, is_text, same_id, value_is
from scimproof.checks.attributes import all_stay, blank_kept, has_id
from scimproof.checks.convergence import converges
from scimproof.checks.groups import ids_of, joined, members_are, members_exclude, members_include
from scimproof.checks.lists import first, is_list_body
from scimproof.core.definitions import Ask, Check, Step
from scimproof.core.scim import ENTERPRISE_USER

from .asks import accepted, hides_members, work_email_kept

DIALECTS = ("default", "flag")
CREATE = "entra/both/user-create.http"
WHOLE = "entra/both/user-create-whole.http"
GET = "entra/both/user-get.http"
FIND = "entra/both/user-find.http"
GROUP_CREATE = "entra/both/group-create.http"
GROUP_FIND = "entra/both/group-find.http"
GROUP_GET = "entra/both/group-get.http"
GROUP_MEMBERS = "entra/both/group-get-members.http"
GROUP = {"group": "plain"}

# What of a user is looked at where a write must not change it.
PROFILE = ("userName", "name.givenName", "name.familyName", "displayName", "emails", "title", "externalId")

A_LIST = Check("entra-list-is-json", is_list_body(), gate=True)
ID_TOLD = Check("entra-create-id", has_id(), gate=True)
GROUP_ID_TOLD = Check("entra-group-create-id", has_id(), gate=True)
IDENTITY = (
    Check("entra-read-answered", answers(200)),
    Check("entra-read-is-the-user", same_id("user.id"), gate=True),
)
STILL_READABLE = (
    Check("entra-disable-readable", answers(200)),
    Check("entra-read-is-the-user", same_id("user.id"), gate=True),
)
THE_GROUP = (
    Check("entra-group-read-answered", answers(200)),
    Check("entra-group-is-the-group", same_id("group.id"), gate=True),
)
CREATED = (
    Check("entra-create-answered", answers(201, 200)),
    Check("entra-create-id", is_text("id"), gate=True),
)
FINDS_NOTHING = (
    Check("entra-search-answered", answers(200)),
    A_LIST,
    Check("entra-search-miss-empty", finds_nothing()),
)
NO_GROUP = (*FINDS_NOTHING, Check("entra-group-without-members", hides_members()))


def of(dialect: str, name: str) -> str:
    """The request file of that name in a dialect."""
    return f"entra/{dialect}/{name}.http"


def search_misses(id: str = "search", request: str = FIND) -> Step:
    """A search that finds nothing."""
    return Step(id=id, request=request, checks=FINDS_NOTHING)


def search_hits(
    id: str, *, request: str = FIND, requirement: str = "entra-search-hit", name: str = "user.userName"
) -> Step:
    """A search that finds the one user of that name, under the id by which it is read."""
    checks = (
        Check("entra-search-answered", answers(200)),
        A_LIST,
        Check(requirement, finds_one("userName", name), gate=True),
        Check("entra-search-hit-id", first("id", "user.id")),
    )
    return Step(id=id, request=request, checks=checks)


def given(id: str, request: str, requirement: str, *statuses: int, effect: tuple[Check, ...] = ()) -> Step:
    """Prepare: a request that has to succeed, and to have its effect."""
    accepted = Check(requirement, answers(*(statuses or (200, 204))))
    return Step(id=id, request=request, given=True, checks=(accepted,), effect=effect)


def given_user(name: str = "user", request: str = CREATE) -> Step:
    """Prepare: a user that exists."""
    otherwise = "entra/both/user-create-minimal.http"
    return Step(
        id=f"create-{name}",
        request=request,
        otherwise="" if request == otherwise else otherwise,
        given=True,
        creates=name,
        cast={} if name == "user" else {"user": name},
        checks=(Check("entra-create-answered", answers(201, 200)), ID_TOLD),
    )


def given_group(name: str = "group", request: str = GROUP_CREATE) -> Step:
    """Prepare: a group that exists, without members."""
    return Step(
        id=f"create-{name}",
        request=request,
        given=True,
        creates=name,
        cast={} if name == "group" else {"group": name},
        checks=(Check("entra-group-create-answered", answers(201, 200)), GROUP_ID_TOLD),
    )


def given_members(dialect: str, name: str = "group-add-members", *blanks: str) -> Step:
    """Prepare: users added to the group, in which they are then."""
    effect = (Check("entra-group-add-persists", joined(*(blanks or ("user.id", "other.id")))),)
    return given("prepare-members", of(dialect, name), "entra-group-add-answered", effect=effect)


def given_disabled(dialect: str) -> Step:
    """Prepare: a user who was disabled, and reads back so."""
    effect = (
        Check("entra-disable-readable", answers(200)),
        Check("entra-disable-persists", value_is("active", value=False)),
    )
    return given("prepare-disabled", of(dialect, "user-disable"), "entra-disable-answered", effect=effect)


BEFORE = Step(id="before", request=GET, given=True, checks=IDENTITY)
READ = Step(id="read", request=GET, checks=IDENTITY)


def patch(id: str, request: str, requirement: str = "entra-update-answered", *more: Check) -> Step:
    """A PATCH of a user, answered 200 or 204."""
    return Step(id=id, request=request, checks=(Check(requirement, accepted(200, 204)), *more))


def read_back(*checks: Check, id: str = "read-back", cast: dict[str, str] | None = None) -> Step:
    """A read by id after a write, as Entra compares before the next one."""
    return Step(id=id, request=GET, checks=(*IDENTITY, *checks), cast=cast or {})


def next_cycle(*checks: Check) -> Step:
    """The same read in the next cycle: what does not show then would be sent again."""
    return read_back(*checks, id="next-cycle")


def as_sent(step: str = "create") -> tuple[Check, ...]:
    """A read by id that shows the user as that step created it."""
    return (
        Check("entra-username-kept", converges(step, "userName")),
        Check("entra-name-kept", converges(step, "name.givenName", "name.familyName")),
        Check("entra-email-kept", work_email_kept(step)),
        Check("entra-external-id-kept", converges(step, "externalId")),
        Check("entra-active-shown", is_boolean("active")),
    )


def optional_as_sent(step: str = "create") -> Check:
    """Attributes whose mapping an administrator can remove."""
    return Check("entra-optional-kept", converges(step, "displayName", "title", ENTERPRISE_USER))


def persists(step: str, requirement: str = "entra-update-persists") -> Check:
    """What that step wrote reads back.

    Not the formatted name: a target may show the parts alone (RFC 7643 section 4.1.1).
    """
    return Check(requirement, converges(step, but=("name.formatted",)))


def keeps(*changed: str, requirement: str = "entra-update-keeps-rest") -> Check:
    """All else of the user is as it was before."""
    return Check(requirement, all_stay("before", *(path for path in PROFILE if path not in changed)))


def members(*blanks: str, requirement: str = "entra-group-add-persists", id: str = "members") -> Step:
    """The harness's own look at the members, which Entra never reads: exactly these."""
    checks = (*THE_GROUP, Check(requirement, members_are(ids_of(*blanks))))
    return Step(id=id, request=GROUP_MEMBERS, checks=checks, own=True)


def joined_to(blank: str, *before: str, id: str = "members") -> Step:
    """The members after somebody was added: he is one, and so are those who were there before."""
    checks = (
        *THE_GROUP,
        Check("entra-group-add-keeps-others", members_include(ids_of(*before)), gate=True),
        Check("entra-group-add-persists", members_include(ids_of(blank))),
    )
    return Step(id=id, request=GROUP_MEMBERS, checks=checks, own=True)


def left(
    *blanks: str, gone: tuple[str, ...] = ("user.id",), id: str = "one-left", gate: bool = False
) -> Step:
    """The members after somebody was removed: the others are there, and he is not.

    As a `gate` it ends what stands on that.
    """
    checks = (
        *THE_GROUP,
        Check("entra-group-remove-keeps-others", members_include(ids_of(*blanks)), gate=gate),
        Check("entra-group-remove-persists", members_exclude(ids_of(*gone)), gate=gate),
    )
    return Step(id=id, request=GROUP_MEMBERS, checks=checks, own=True)


def group_read(*checks: Check, id: str = "read", name: str = "group.displayName") -> Step:
    """A read of a group without its members, as Entra compares."""
    named = Check(
        "entra-group-rename-persists" if name == "group.newDisplayName" else "entra-group-name-kept",
        blank_kept("displayName", name),
    )
    hidden = Check("entra-group-without-members", hides_members())
    return Step(id=id, request=GROUP_GET, checks=(*THE_GROUP, named, hidden, *checks))


def group_hits(
    id: str,
    *,
    request: str = GROUP_FIND,
    name: str = "group.displayName",
    requirement: str = "entra-search-hit",
) -> Step:
    """A search that finds the one group of that name, without its members."""
    checks = (
        Check("entra-search-answered", answers(200)),
        A_LIST,
        Check(requirement, finds_one("displayName", name), gate=True),
        Check("entra-search-hit-id", first("id", "group.id")),
        Check("entra-group-without-members", hides_members()),
    )
    return Step(id=id, request=request, checks=checks)


def change_group(id: str, request: str, requirement: str, *more: Check) -> Step:
    """A PATCH of the group, answered 200 or 204, better without a body."""
    short = Check("entra-group-patch-no-body", answered_without_body())
    return Step(id=id, request=request, checks=(Check(requirement, answers(200, 204)), short, *more))


def answered_without_body() -> Ask:
    """204, where it is a success at all: an answer with all members makes changes of large groups slow."""
    return answers(204)
