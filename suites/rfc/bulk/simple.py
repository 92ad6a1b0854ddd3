"""A bulk job: what is done, what fails, and where it stops."""

from __future__ import annotations

from dataclasses import replace

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, grave, held
from scimproof.core.scim import value_at

from ..asks import ours, shows
from ..people import create_user
from .results import (
    NOBODY,
    delete,
    each,
    error_in_response,
    job,
    no_bulk_id,
    no_location,
    no_result,
    number_as_status,
    other_status,
    patch,
    post,
    put,
    results,
    send,
    statuses,
    user,
    worked_off,
)

ANSWERED = Check("rfc7644-3.7-answered", worked_off, gate=True)
TAKEN = (409, 400)
NEW = "{{prefix}} by a job"


def done(step: str, bulk_id: str, wanted: Ask) -> Ask:
    """What the result of that operation says was done is done; where it says that it failed, it is not."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent = scene.exchange(step)
        pairs = results(sent) if sent else []
        for operation, result in pairs:
            if bulk_id in (value_at(operation, "bulkId"), value_at(operation, "method")):
                if result.done:
                    return wanted(scene, exchange)
                return does_not_apply(f"{bulk_id} was not done: {show(result.told)}")
        return does_not_apply(f"{step} has no operation {bulk_id}")

    return ask


def if_worked_off(wanted: Ask) -> Ask:
    """What the results are of a job that was worked off; that it was not is told by another check."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok:
            return cannot_tell("a job that was worked off", exchange.summary())
        return wanted(scene, exchange)

    return ask


def read(id: str, role: str, check: Check) -> Step:
    """A read of a user, by its role."""
    return Step(id=id, request="rfc/user-get.http", cast={"user": role}, independent=True, checks=(check,))


def named(role: str) -> Ask:
    """The user has the userName of that role."""
    return shows({"userName": f"{{{{{role}.userName}}}}"})


def _gone(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "nobody any more (404)"
    return (held if exchange.status in (404, 410) else broken)(expected, exchange.summary())


def only_these(*there: str, among: tuple[str, ...]) -> Ask:
    """Of these people, by their roles, exactly those are found."""
    expected = f"of {', '.join(among)}: {', '.join(there) or 'nobody'}"

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok:
            return cannot_tell(expected, exchange.summary())
        names = {str(value_at(row, "userName")).casefold() for row in ours(scene, exchange)}
        found = [role for role in among if scene.blanks[f"{role}.userName"].casefold() in names]
        told = ", ".join(found) or "nobody"
        return held(expected, told) if found == list(there) else grave(expected, told)

    return ask


def search(id: str, among: tuple[str, ...], *checks: Check) -> Step:
    """A search for these people, by their roles."""
    return Step(
        id=id,
        request="rfc/users-filter.http",
        blanks={"filter": " or ".join(f'userName eq "{{{{{role}.userName}}}}"' for role in among)},
        pages="follow",
        independent=True,
        needs=("filter",),
        checks=checks,
    )


def _all_attempted(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Every operation has a result, and those that can be done are done."""
    expected = "taken and nobody failed, free and later done"
    if not exchange.ok:
        return cannot_tell(expected, f"the job was not worked off: {exchange.summary()}")
    pairs = results(exchange)
    told = ", ".join(str(result.status or "none") for _, result in pairs)
    right = [result.done for _, result in pairs] == [False, True, False, True]
    return held(expected) if right else broken(expected, f"statuses {told}")


def _stops_after(tried: int) -> Ask:
    """After so many operations nothing is tried any more."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"nothing done after operation {tried}"
        if not exchange.ok:
            return cannot_tell(expected, f"the job was not worked off: {exchange.summary()}")
        late = [(place, result) for place, (_, result) in enumerate(results(exchange), 1) if place > tried]
        wrong = [f"operation {place}: {show(result.told)}" for place, result in late if result.done]
        return grave(expected, "; ".join(wrong)) if wrong else held(expected)

    return ask


def _no_echo(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    found = value_at(exchange.json, "failOnErrors")
    expected = "an answer without failOnErrors"
    if not exchange.ok:
        return cannot_tell(expected, f"the job was not worked off: {exchange.summary()}")
    return held(expected) if found is None else broken(expected, f"failOnErrors = {show(found)}")


def _version(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Whether a stale version was refused, as a stale If-Match is."""
    expected = "412 for an operation with a stale version"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    status = next((result.status for _, result in results(exchange)), 0)
    return held(expected) if status == 412 else broken(expected, f"status {status or 'none'}")


def _create(role: str, *, save: bool = False) -> Step:
    step = create_user(f"create-{role}", role)
    return replace(step, save={f"{role}.version": "etag:"}) if save else step


SEQUENCES = (
    Sequence(
        id="rfc.bulk.simple",
        title="A bulk job",
        source="RFC 7644 section 3.7",
        needs=("bulk",),
        people=dict.fromkeys(("put", "patched", "deleted", "a", "b", "c", "e", "f", "g", "h"), "plain"),
        steps=(
            _create("put", save=True),
            _create("patched"),
            _create("deleted"),
            send(
                "job",
                job(
                    post("a", user("a")),
                    post("b", user("b")),
                    put("put", user("put", displayName=NEW)),
                    patch("/Users/{{patched.id}}", {"op": "replace", "path": "displayName", "value": NEW}),
                    delete("/Users/{{deleted.id}}"),
                ),
                save={"a.id": "bulk:a", "b.id": "bulk:b"},
                checks=(
                    ANSWERED,
                    Check("rfc7644-3.7-each-result", each("a result for each operation", no_result)),
                    Check("rfc7644-3.7-location", each("a location in each result", no_location)),
                    Check("rfc7644-3.7-bulk-id", each("the bulkId of each POST", no_bulk_id)),
                    Check(
                        "rfc7644-3.7-status",
                        each("201, 200, 200 or 204, and 204", other_status, mild=number_as_status),
                    ),
                ),
            ),
            read(
                "read-a",
                "a",
                Check("rfc7644-3.7-done", done("job", "a", named("a"))),
            ),
            read(
                "read-b",
                "b",
                Check("rfc7644-3.7-done", done("job", "b", named("b"))),
            ),
            replace(
                read(
                    "read-put",
                    "put",
                    Check("rfc7644-3.7-done", done("job", "PUT", shows({"displayName": NEW}))),
                ),
                needs=("attr:displayName",),
            ),
            replace(
                read(
                    "read-patched",
                    "patched",
                    Check("rfc7644-3.7-done", done("job", "PATCH", shows({"displayName": NEW}))),
                ),
                needs=("attr:displayName",),
            ),
            read("read-deleted", "deleted", Check("rfc7644-3.7-done", done("job", "DELETE", _gone))),
            send(
                "some-fail",
                job(
                    post("taken", user("put")),
                    post("c", user("c")),
                    delete(NOBODY),
                    post("e", user("e")),
                ),
                save={"c.id": "bulk:c", "e.id": "bulk:e"},
                independent=True,
                checks=(
                    ANSWERED,
                    Check("rfc7644-3.7-all-attempted", _all_attempted),
                    Check("rfc7644-3.7-status", if_worked_off(statuses(TAKEN, (201,), (404,), (201,)))),
                    Check("rfc7644-3.7-location", each("a location, but of a failed POST", no_location)),
                    Check(
                        "rfc7644-3.7-failed-response",
                        each("an Error with detail in response", error_in_response),
                    ),
                ),
            ),
            read("read-c", "c", Check("rfc7644-3.7-all-attempted", done("some-fail", "c", named("c")))),
            read("read-e", "e", Check("rfc7644-3.7-all-attempted", done("some-fail", "e", named("e")))),
            send(
                "stop",
                job(post("taken", user("put")), post("f", user("f")), failOnErrors=1),
                checks=(
                    ANSWERED,
                    Check("rfc7644-3.7-fail-on-errors", _stops_after(1)),
                    Check("rfc7644-3.7-no-echo", _no_echo),
                ),
                save={"f.id": "bulk:f"},
                independent=True,
            ),
            send(
                "stop-later",
                job(
                    post("taken", user("put")),
                    post("g", user("g")),
                    post("again", user("put")),
                    post("h", user("h")),
                    failOnErrors=2,
                ),
                checks=(
                    ANSWERED,
                    Check("rfc7644-3.7-fail-on-errors", _stops_after(3)),
                    Check("rfc7644-3.7-no-echo", _no_echo),
                ),
                save={"g.id": "bulk:g", "h.id": "bulk:h"},
                independent=True,
            ),
            read("read-g", "g", Check("rfc7644-3.7-fail-on-errors", done("stop-later", "g", named("g")))),
            search(
                "stop-search",
                ("f", "h"),
                Check("rfc7644-3.7-fail-on-errors", only_these(among=("f", "h"))),
            ),
            send(
                "version",
                job(put("put", user("put", displayName="{{prefix}} too late"), version="{{put.version}}")),
                checks=(Check("rfc7644-3.7-version", _version),),
                independent=True,
                needs=("etag",),
            ),
        ),
    ),
)
