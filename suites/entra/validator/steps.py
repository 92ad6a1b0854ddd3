"""Steps and checks that many tests of the SCIM Validator share."""

from __future__ import annotations

from scimproof.checks import answers, finds_nothing, is_list, is_text, same_id
from scimproof.core.definitions import Check, Step

from .asks import DISCOVER, found, shows

ACCEPTED = (200, 204)
V = "entra-validator-"


def file(name: str) -> str:
    """The request file of that name."""
    return f"entra/validator/{name}.http"


# Read before anything else, as with "discover schema": attributes that it does not have are not asked about.
DISCOVERS = Step(
    id=DISCOVER,
    request=file("schemas"),
    independent=True,
    checks=(Check(f"{V}schemas-answered", answers(200)),),
)


def create_user(request: str = "user-create-plain", name: str = "user", *, given: bool = True) -> Step:
    """The create of a user: a preparation, or what is tested."""
    return Step(
        id="create" if name == "user" else f"create-{name}",
        request=file(request),
        given=given,
        creates=name,
        cast={} if name == "user" else {"user": name},
        checks=(
            Check(f"{V}create-answered", answers(201)),
            Check(f"{V}create-id", is_text("id"), gate=True),
            *(() if given else (Check(f"{V}create-answer", shows("create")),)),
        ),
    )


def create_group(name: str = "group", *, given: bool = True) -> Step:
    """The create of a group: a preparation, or what is tested."""
    return Step(
        id="create-group" if given else "create",
        request=file("group-create"),
        given=given,
        creates=name,
        checks=(
            Check(f"{V}group-create-answered", answers(201)),
            Check(f"{V}group-create-id", is_text("id"), gate=True),
            *(() if given else (Check(f"{V}group-create-answer", shows("create")),)),
        ),
    )


def read_user(id: str, *checks: Check) -> Step:
    """A read of the user by id."""
    return Step(
        id=id,
        request=file("user-get"),
        checks=(
            Check(f"{V}read-answered", answers(200)),
            Check(f"{V}read-is-the-user", same_id("user.id"), gate=True),
            *checks,
        ),
    )


def read_group(id: str, *checks: Check, request: str = "group-get") -> Step:
    """A read of the group by id."""
    return Step(
        id=id,
        request=file(request),
        checks=(
            Check(f"{V}group-read-answered", answers(200)),
            Check(f"{V}group-is-the-group", same_id("group.id"), gate=True),
            *checks,
        ),
    )


def find(id: str, request: str, requirement: str, blank: str, *checks: Check) -> Step:
    """A search that has to find one resource by its name."""
    path = "userName" if request.startswith("user") else "displayName"
    return Step(
        id=id,
        request=file(request),
        checks=(
            Check(f"{V}filter-answered", answers(200)),
            Check(f"{V}filter-list", is_list()),
            Check(requirement, found(blank, path), gate=True),
            *checks,
        ),
    )


def find_nothing(id: str, request: str) -> Step:
    """A search that has to be answered 200 with an empty list."""
    return Step(
        id=id,
        request=file(request),
        checks=(
            Check(f"{V}filter-answered", answers(200)),
            Check(f"{V}filter-list", is_list()),
            Check(f"{V}filter-none", finds_nothing()),
        ),
    )


def patch(id: str, request: str, requirement: str = "patch-answered") -> Step:
    """A PATCH that has to be accepted."""
    return Step(id=id, request=file(request), checks=(Check(f"{V}{requirement}", answers(*ACCEPTED)),))
