"""Faults that only a load run can find."""

import time
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok, when
from scimproof.embedded.faults.timing.consistency import recent, remember
from scimproof.embedded.intercepted_request import InterceptedRequest, puts_members, removed_member
from scimproof.embedded.responses import error

GROUP = "load"
_RACE = 0.02  # seconds between reading and writing
_STALE = 3.0
_PER_USER = 0.0001
_PER_MEMBER = 0.001


@when("Users", "create")
def _drop_one_in_fifty(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and response.body and call.tick() % 50 == 0:
        call.ask("DELETE", f"/Users/{response.body['id']}")
    return response


@when("Groups", "patch", "replace")
def _lost_updates(call: InterceptedRequest) -> ScimResponse:
    """Read, wait, write: concurrent changes are lost."""
    changes = [op for op in call.operations if puts_members(op) or removed_member(op)]
    if not changes:
        return call.proceed()
    read = (call.current() or {}).get("members", [])
    time.sleep(_RACE)
    with call.store.lock:
        call.store_members(read)
        return call.proceed()


@when("Users", "create")
def _duplicates(call: InterceptedRequest) -> ScimResponse:
    """Check, wait, insert without a unique index."""
    name = str(call.body.get("userName")).replace("\\", "\\\\").replace('"', '\\"')
    query = {"filter": f'userName eq "{name}"'}
    found = (call.ask("GET", "/Users", query=query).body or {}).get("totalResults", 0)
    time.sleep(_RACE)
    response = call.proceed()
    unseen = response.status == HTTPStatus.CONFLICT and not found
    return call.without_uniqueness() if unseen else response


def _stale_reads(call: InterceptedRequest) -> ScimResponse:
    if call.action == "read":
        before = recent(call, _STALE)
        return ScimResponse(HTTPStatus.OK, before) if before else call.proceed()
    if call.action not in {"replace", "patch"}:
        return call.proceed()
    before, response = call.current(), call.proceed()
    if ok(response):
        remember(call, before)
    return response


@when("Users", "create")
def _race_500(call: InterceptedRequest) -> ScimResponse:
    """Answer 500 to a create while another of the same name is in progress."""
    name = str(call.body.get("userName")).lower()
    with call.kept("busy", set[str]) as busy:
        if name in busy:
            return error(500, "duplicate key value violates unique constraint")
        busy.add(name)
    try:
        time.sleep(_RACE)
        return call.proceed()
    finally:
        with call.kept("busy", set[str]) as busy:
            busy.discard(name)


def _slower_with_store(call: InterceptedRequest) -> ScimResponse:
    if call.on("Users", "list") and "filter" in call.request.query:
        time.sleep(call.store.size("User") * _PER_USER)
    return call.proceed()


@when("Groups", "patch", "replace")
def _slower_with_group(call: InterceptedRequest) -> ScimResponse:
    time.sleep(len((call.current() or {}).get("members", [])) * _PER_MEMBER)
    return call.proceed()


def _one_in_forty(call: InterceptedRequest) -> ScimResponse:
    return error(500, "Internal server error") if call.tick() % 40 == 0 else call.proceed()


FAULTS = (
    Fault(
        "drop-one-create-in-fifty",
        "OKTA-07",
        GROUP,
        "One create in fifty is answered 201 and lost.",
        _drop_one_in_fifty,
    ),
    Fault(
        "lost-membership-updates",
        "D-272",
        GROUP,
        "Overlapping membership PATCHes undo one another.",
        _lost_updates,
    ),
    Fault(
        "duplicate-under-race",
        "D-270",
        GROUP,
        "Overlapping creates of one userName all succeed.",
        _duplicates,
    ),
    Fault(
        "stale-reads-3s",
        "D-335",
        GROUP,
        "For three seconds after a write a read shows the old state.",
        _stale_reads,
    ),
    Fault("race-500", "D-226", GROUP, "Overlapping creates of one userName get 500, not 409.", _race_500),
    Fault(
        "slower-with-store", "D-297", GROUP, "A lookup takes 0.1 ms for each user stored.", _slower_with_store
    ),
    Fault(
        "slower-with-group",
        "D-211",
        GROUP,
        "A change takes 1 ms for each member of the group.",
        _slower_with_group,
    ),
    Fault("one-in-forty-500", "D-226", GROUP, "One request in forty gets 500.", _one_in_forty),
)
