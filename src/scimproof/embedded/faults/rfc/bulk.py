"""Faults of bulk jobs."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "rfc"
MOST = 1000  # as the target's configuration says


def _jobs(behave: Behave) -> Behave:
    """Apply the fault to bulk jobs only."""

    def guarded(call: InterceptedRequest) -> ScimResponse:
        return behave(call) if call.on("Bulk") else call.proceed()

    return guarded


def _operations(body: JSON | None) -> list[JSON]:
    found = (body or {}).get("Operations")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _failed(result: JSON) -> bool:
    return not str(result.get("status")).startswith("2")


@_jobs
def _whole_fails(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    wrong = ok(answer) and any(_failed(one) for one in _operations(answer.body))
    return error(HTTPStatus.BAD_REQUEST, "An operation of the job failed.") if wrong else answer


def _edited(edit: Callable[[JSON], Any]) -> Behave:
    @_jobs
    def behave(call: InterceptedRequest) -> ScimResponse:
        answer = call.proceed()
        for result in _operations(answer.body):
            edit(result)
        return answer

    return behave


@_jobs
def _goes_on(call: InterceptedRequest) -> ScimResponse:
    if "failOnErrors" not in call.body:
        return call.proceed()
    return call.send({key: value for key, value in call.body.items() if key != "failOnErrors"})


def _references(operation: JSON) -> list[JSON]:
    data = operation.get("data")
    members = data.get("members") if isinstance(data, dict) else None
    return [one for one in members or () if str(one.get("value")).startswith("bulkId:")]


def _as_text(call: InterceptedRequest) -> ScimResponse:
    """References stay what they are; the group is shown with them."""
    with call.kept("texts", dict[str, list[JSON]]) as texts:
        answer = call.proceed()
        if call.on("Bulk"):
            made = {one.get("bulkId"): str(one.get("location")) for one in _operations(answer.body)}
            for one in _operations(call.body):
                if _references(one):
                    texts[made.get(one.get("bulkId"), "").rpartition("/")[2]] = _references(one)
        for resource in resources(answer) if call.on("Groups", "read") else ():
            if resource["id"] in texts:
                resource["members"] = texts[resource["id"]]
    return answer


@_jobs
def _later_unknown(call: InterceptedRequest) -> ScimResponse:
    if not any(_references(one) for one in _operations(call.body)):
        return call.proceed()
    known: set[str] = set()
    for one in _operations(call.body):
        for member in _references(one):
            if member["value"].removeprefix("bulkId:") not in known:
                member["value"] = "bulkId:of-a-later-one"
        known.add(str(one.get("bulkId")))
    return call.send()


@_jobs
def _unlimited(call: InterceptedRequest) -> ScimResponse:
    operations = _operations(call.body)
    if len(operations) <= MOST:
        return call.proceed()
    parts = [operations[start : start + MOST] for start in range(0, len(operations), MOST)]
    answers = [call.ask("POST", "/Bulk", {**call.body, "Operations": part}) for part in parts]
    assert answers[0].body is not None
    answers[0].body["Operations"] = [one for answer in answers for one in _operations(answer.body)]
    return answers[0]


FAULTS = (
    Fault(
        "rfc-bulk-all-or-400", "3.7", GROUP, "a failed operation makes the whole job 400",
        _whole_fails, ("rfc7644-3.7-answered",),
    ),
    Fault(
        "rfc-bulk-no-location", "3.7", GROUP, "results have no location",
        _edited(lambda result: result.pop("location", None)), ("rfc7644-3.7-location",),
    ),
    Fault(
        "rfc-bulk-goes-on", "3.7", GROUP, "failOnErrors is ignored",
        _goes_on, ("rfc7644-3.7-fail-on-errors",),
    ),
    Fault(
        "rfc-bulk-reference-kept", "3.7.2", GROUP, "a reference stays the text bulkId:...",
        _as_text, ("rfc7644-3.7.2-resolved", "rfc7644-3.7-order"), ("rfc7644-3.7.1-circle",),
    ),
    Fault(
        "rfc-bulk-no-later", "3.7", GROUP, "a reference to a later operation is answered 409",
        _later_unknown, ("rfc7644-3.7-order",),
    ),
    Fault(
        "rfc-bulk-unlimited", "3.7.4", GROUP, "maxOperations is declared and not kept",
        _unlimited, ("rfc7644-3.7.4-too-much",),
    ),
)  # fmt: skip
