"""Steps and checks that several tests of the gallery workflow share."""

from __future__ import annotations

from scimproof.checks import answers, is_text, same_id
from scimproof.core.definitions import Check, Step

from ..validator.asks import shows

ACCEPTED = (200, 204)
G = "entra-gallery-"


def file(name: str) -> str:
    """The request file of that name."""
    return f"entra/gallery/{name}.http"


def create(kind: str, name: str = "", *, given: bool = True) -> Step:
    """The create of a user or group: a preparation, or what is tested."""
    role, rule = name or kind, "" if kind == "user" else "group-"
    return Step(
        id=f"create-{role}" if given else "create",
        request=file(f"{kind}-create"),
        given=given,
        creates=role,
        cast={} if role == kind else {kind: role},
        checks=(
            Check(f"{G}{rule}create-answered", answers(200, 201)),
            Check(f"{G}{rule}create-id", is_text("id"), gate=True),
            *(() if given else (Check(f"{G}{rule}create-answer", shows("create")),)),
        ),
    )


def read(kind: str, id: str, *checks: Check) -> Step:
    """A read of the user or group by id."""
    return Step(
        id=id,
        request=file(f"{kind}-get"),
        checks=(
            Check(f"{G}read-answered", answers(200)),
            Check(f"{G}read-is-the-one", same_id(f"{kind}.id"), gate=True),
            *checks,
        ),
    )


def patch(id: str, request: str, requirement: str) -> Step:
    """A PATCH that has to be accepted."""
    return Step(id=id, request=file(request), checks=(Check(f"{G}{requirement}", answers(*ACCEPTED)),))
