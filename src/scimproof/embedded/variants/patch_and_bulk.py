"""Variants of PATCH and of bulk jobs."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant


def _always_silent(service: Service, _: Store) -> None:
    service.is_silent = lambda _: True


def _missing_is_refused(service: Service, _: Store) -> None:
    service.missing_is_refused = True


def _no_circles(service: Service, _: Store) -> None:
    service.circles = False


def _results(call: InterceptedRequest, response: ScimResponse) -> list[JSON]:
    found = (response.body or {}).get("Operations") if call.kind == "Bulk" else None
    return found or []


def _status_objects(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    for result in _results(call, response):
        result["status"] = {"code": result["status"]}
    return response


def _reordered(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    _results(call, response).reverse()
    return response


VARIANTS = (
    Variant("patch-204", "PATCH is answered 204 without body.", arrange=_always_silent),
    Variant(
        "no-match-noTarget",
        "A remove of what is not there is answered 400 noTarget.",
        arrange=_missing_is_refused,
    ),
    Variant(
        "circle-409", "Resources of a job that refer to each other are answered 409.", arrange=_no_circles
    ),
    Variant("bulk-status-object", 'The status of a result is {"code": "201"}.', behave=_status_objects),
    Variant("bulk-results-reordered", "The results of a job come in another order.", behave=_reordered),
)
