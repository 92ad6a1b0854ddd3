"""Consistency faults: reads that are behind writes."""

import copy
import time
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, unlisted, when
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON, error, resources

GROUP = "eventual consistency"
_LAG = 1.5  # seconds


def _noting_creates(behave: Behave) -> Behave:
    """A behaviour that knows, by `_young`, when each resource was created."""

    def noting(call: InterceptedRequest) -> ScimResponse:
        response = behave(call)
        if call.action == "create" and ok(response):
            with call.kept("born", dict[str, float]) as born:
                born.update((resource["id"], time.monotonic()) for resource in resources(response))
        return response

    return noting


def _young(call: InterceptedRequest, resource_id: str) -> bool:
    with call.kept("born", dict[str, float]) as born:
        return time.monotonic() - born.get(resource_id, 0.0) < _LAG


def _young_listed(call: InterceptedRequest, resource: JSON) -> bool:
    return call.kind == "Users" and _young(call, resource["id"])


@when("Users", "read")
def _read_404(call: InterceptedRequest) -> ScimResponse:
    return error(404, "User not found") if _young(call, call.id) else call.proceed()


def _member_unknown(call: InterceptedRequest) -> ScimResponse:
    unknown = any(_young(call, str(member.get("value"))) for member in call.members)
    return error(400, "No such member", "invalidValue") if unknown else call.proceed()


def _lookup_stale(call: InterceptedRequest) -> ScimResponse:
    """Find users by the userName at creation only, also after a rename."""
    if call.on("Users", "list") and call.equality and call.equality[0].lower() == "username":
        wanted = call.equality[1].lower()
        with call.kept("index", dict[str, str]) as index:
            keys = [key for key, name in index.items() if name == wanted]
        return listing(call, _present(call, keys))
    response = call.proceed()
    if call.on("Users", "create") and ok(response):
        with call.kept("index", dict[str, str]) as index:
            index.update((user["id"], user["userName"].lower()) for user in resources(response))
    return response


def _present(call: InterceptedRequest, keys: list[str]) -> list[JSON]:
    return [user for user in (call.fetch("Users", key) for key in keys) if user]


def _read_stale(kind: str, *, writes: tuple[str, ...]) -> Behave:
    """A behaviour in which a read shows the state before a recent write."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on(kind, "read"):
            before = recent(call, _LAG)
            return ScimResponse(HTTPStatus.OK, before) if before else call.proceed()
        if not call.on(kind, *writes):
            return call.proceed()
        before, response = call.current(), call.proceed()
        if ok(response):
            remember(call, before)
        return response

    return behave


def remember(call: InterceptedRequest, before: JSON | None) -> None:
    """Store the resource in the path as it is before a write."""
    with call.kept("before", dict[str, tuple[float, JSON | None]]) as seen:
        seen[call.id] = (time.monotonic(), before)


def recent(call: InterceptedRequest, seconds: float) -> JSON | None:
    """The resource before its last write, if that was recent enough; the caller may change it."""
    with call.kept("before", dict[str, tuple[float, JSON | None]]) as seen:
        written, before = seen.get(call.id, (0.0, None))
    return copy.deepcopy(before) if time.monotonic() - written < seconds else None


def _lookup_both(call: InterceptedRequest) -> ScimResponse:
    """Find users by every userName they ever had."""
    if call.on("Users", "list") and call.equality and call.equality[0].lower() == "username":
        with call.kept("index", dict[str, set[str]]) as index:
            keys = list(index.get(call.equality[1].lower(), ()))
        return listing(call, _present(call, keys))
    response = call.proceed()
    if call.on("Users", "create", "replace") and ok(response):
        with call.kept("index", dict[str, set[str]]) as index:
            for user in resources(response):
                index.setdefault(user["userName"].lower(), set()).add(user["id"])
    return response


FAULTS = (
    Fault(
        "new-user-404", "D-332", GROUP, "A new user is 404 by id for a moment.", _noting_creates(_read_404)
    ),
    Fault(
        "new-user-no-member",
        "D-332",
        GROUP,
        "A new user cannot be put into a group for a moment.",
        _noting_creates(_member_unknown),
    ),
    Fault(
        "new-user-not-found-by-name",
        "D-335",
        GROUP,
        "A lookup does not find a new user for a moment.",
        _noting_creates(unlisted(_young_listed, filtered=True)),
    ),
    Fault(
        "new-user-not-listed",
        "D-335",
        GROUP,
        "The list lacks new users for a moment.",
        _noting_creates(unlisted(_young_listed, filtered=False)),
    ),
    Fault(
        "lookup-keeps-old-name",
        "D-334",
        GROUP,
        "After a rename the lookup knows the old name only.",
        _lookup_stale,
    ),
    Fault(
        "read-after-put-stale",
        "D-335",
        GROUP,
        "After a PUT a read shows the old user for a moment.",
        _read_stale("Users", writes=("replace",)),
    ),
    Fault(
        "read-after-patch-stale",
        "D-335",
        GROUP,
        "After a PATCH a read shows the old user for a moment.",
        _read_stale("Users", writes=("patch",)),
    ),
    Fault(
        "group-read-stale",
        "D-272",
        GROUP,
        "After a change a read shows the old group for a moment.",
        _read_stale("Groups", writes=("patch", "replace")),
    ),
    Fault(
        "lookup-finds-old-name", "D-334", GROUP, "After a rename the old name is still found.", _lookup_both
    ),
)
