"""Definition of a fault: one named misbehaviour of an otherwise conforming target."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

Behave = Callable[[InterceptedRequest], ScimResponse]


@dataclass(frozen=True)
class Fault:
    """One misbehaviour of the target.

    `defect` is the D-number of the catalogue of defects (or the Okta operation it breaks, where that has
    none), `trips` the requirements that must fail because of it, `also` those that may. An `edge` fault
    stands before authentication and sees every answer; the others see authenticated requests only. One that
    is `outside` sees what is asked outside of the base path.
    A `history` fault shows only after several writes: never in one create, reads, one update of the profile,
    one deactivation and one reactivation of one user.
    """

    name: str
    defect: str
    group: str
    summary: str
    behave: Behave
    trips: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    edge: bool = False
    history: bool = False
    outside: bool = False


def when(kind: str, *actions: str) -> Callable[[Behave], Behave]:
    """Decorator: apply the fault only to these resource types and actions."""

    def wrap(behave: Behave) -> Behave:
        def guarded(call: InterceptedRequest) -> ScimResponse:
            return behave(call) if call.on(kind, *actions) else call.proceed()

        return guarded

    return wrap


def shown(kind: str, edit: Callable[[JSON], None]) -> Behave:
    """A behaviour that edits every resource of a kind in answers; the store is unchanged."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if call.kind == kind:
            for resource in resources(response):
                edit(resource)
        return response

    return behave


def sent(kind: str, actions: tuple[str, ...], edit: Callable[[JSON], None]) -> Behave:
    """A behaviour that edits the body of these requests before the conforming target gets it."""

    @when(kind, *actions)
    def behave(call: InterceptedRequest) -> ScimResponse:
        edit(call.body)
        return call.send()

    return behave


def listed(edit: Callable[[InterceptedRequest, JSON], None], *, filtered: bool | None = None) -> Behave:
    """A behaviour that edits answers to lists; only filtered or only unfiltered ones, if given."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        wanted = filtered is None or filtered == ("filter" in call.request.query)
        if call.action == "list" and wanted and ok(response) and response.body:
            edit(call, response.body)
        return response

    return behave


def unlisted(hidden: Callable[[InterceptedRequest, JSON], bool], *, filtered: bool | None = None) -> Behave:
    """A behaviour that leaves resources out of lists, totals included."""

    def edit(call: InterceptedRequest, body: JSON) -> None:
        kept = [resource for resource in body["Resources"] if not hidden(call, resource)]
        body["totalResults"] -= len(body["Resources"]) - len(kept)
        body["Resources"] = kept
        body["itemsPerPage"] = len(kept)

    return listed(edit, filtered=filtered)


def refused(
    kind: str,
    actions: tuple[str, ...],
    status: int,
    detail: str,
    *,
    scim_type: str | None = None,
    where: Callable[[InterceptedRequest], bool] = lambda _: True,
) -> Behave:
    """A behaviour that refuses these requests with an error, where a condition holds."""

    @when(kind, *actions)
    def behave(call: InterceptedRequest) -> ScimResponse:
        return error(status, detail, scim_type) if where(call) else call.proceed()

    return behave


def ok(response: ScimResponse) -> bool:
    """Whether the answer has a 2xx status."""
    return response.status < HTTPStatus.BAD_REQUEST
