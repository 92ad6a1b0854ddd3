"""Concurrency faults: they show when requests overlap, or follow each other closely."""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest, puts_members, removed_member
from scimproof.embedded.responses import JSON, error

GROUP = "concurrency"
_OVERLAP = 0.05  # seconds a request is held, so that parallel ones do meet
_LAG = 1.0


@contextmanager
def _alone(call: InterceptedRequest) -> Iterator[bool]:
    """Count the threads inside; yields whether this is the only one."""
    with call.kept("inside", list[None]) as inside:
        inside.append(None)
        alone = len(inside) == 1
    try:
        yield alone
    finally:
        with call.kept("inside", list[None]) as inside:
            inside.pop()


def _overlap_500(kind: str, action: str) -> Behave:
    @when(kind, action)
    def behave(call: InterceptedRequest) -> ScimResponse:
        with _alone(call) as alone:
            time.sleep(_OVERLAP)
            return call.proceed() if alone else error(500, "database is locked")

    return behave


@when("Users", "create")
def _crosstalk(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if not ok(response):
        return response
    with call.kept("latest", list[ScimResponse]) as latest:
        latest[:] = [response]  # what a global variable for the current user does
    time.sleep(_OVERLAP)
    with call.kept("latest", list[ScimResponse]) as latest:
        mixed = latest[0]
    return ScimResponse(HTTPStatus.CREATED, copy.deepcopy(mixed.body), dict(mixed.headers))


@when("Groups", "patch")
def _stale_replica(call: InterceptedRequest) -> ScimResponse:
    if not any(puts_members(op) or removed_member(op) for op in call.operations):
        return call.proceed()
    now, members = time.monotonic(), (call.current() or {}).get("members", [])
    with call.kept("replica", dict[str, tuple[float, list[JSON]]]) as replica:
        written, before = replica.get(call.id, (0.0, members))
        stale = now - written < _LAG
        if not stale:
            replica[call.id] = (now, members)
    if stale:
        call.store_members(before)
    return call.proceed()


def _not_atomic(call: InterceptedRequest) -> ScimResponse:
    if call.action != "patch" or len(call.operations) < 2:
        return call.proceed()
    response = error(400, "No operations")
    body: JSON = call.body
    for op in list(call.operations):
        response = call.send({**body, "Operations": [op]})
        if not ok(response):
            break
    return response


FAULTS = (
    Fault(
        "parallel-creates-500",
        "D-273",
        GROUP,
        "Creates that overlap get 500.",
        _overlap_500("Users", "create"),
    ),
    Fault(
        "parallel-creates-crosstalk",
        "D-270",
        GROUP,
        "Creates that overlap are answered with one user.",
        _crosstalk,
    ),
    Fault(
        "parallel-group-patches-500",
        "D-273",
        GROUP,
        "PATCHes of groups that overlap get 500.",
        _overlap_500("Groups", "patch"),
    ),
    Fault(
        "group-patch-from-stale-replica",
        "D-272",
        GROUP,
        "A membership PATCH within a second of another works on the list before that one.",
        _stale_replica,
    ),
    Fault(
        "patch-not-atomic",
        "D-274",
        GROUP,
        "A failing PATCH keeps the operations before the failure.",
        _not_atomic,
    ),
)
