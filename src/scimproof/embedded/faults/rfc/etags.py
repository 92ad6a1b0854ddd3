"""Faults of versions and conditions."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import RawResponse, encode, resources

GROUP = "rfc"


def _has(call: InterceptedRequest, header: str) -> bool:
    return bool(call.request.header(header))


def _patch_unconditional(call: InterceptedRequest) -> ScimResponse:
    if call.on("Users", "patch") and _has(call, "If-Match"):
        return call.ask("PATCH", call.request.path, call.body)
    return call.proceed()


def _body_with_304(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    if answer.status != HTTPStatus.NOT_MODIFIED:
        return answer
    return RawResponse(answer.status, None, answer.headers, raw=encode(call.current()))


def _retag(answer: ScimResponse, tag: str) -> None:
    answer.headers = {**answer.headers, "ETag": tag}
    for resource in resources(answer):
        resource["meta"]["version"] = tag


def _kept_by_patch(call: InterceptedRequest) -> ScimResponse:
    """The tag of a user is the one before its last PATCH, until something else changes it."""
    if call.kind != "Users" or not call.id or _has(call, "If-Match"):
        return call.proceed()
    before = (call.current() or {}).get("meta", {}).get("version")
    answer = call.proceed()
    with call.kept("tags", dict[str, str]) as tags:
        if call.action == "patch" and ok(answer) and before:
            tags.setdefault(call.id, before)
        elif call.action != "read":
            tags.pop(call.id, None)
        if ok(answer) and call.id in tags:
            _retag(answer, tags[call.id])
    return answer


def _moves_by_itself(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    if call.on("Users", "read") and ok(answer):
        _retag(answer, f'W/"{call.tick()}-{call.id}"')
    return answer


FAULTS = (
    Fault(
        "rfc-etag-patch-unconditional", "3.14", GROUP, "If-Match is not looked at in a PATCH",
        _patch_unconditional, ("rfc7644-3.14-stale", "rfc9110-13.1.1-not-done"),
    ),
    Fault(
        "rfc-etag-304-body", "3.14", GROUP, "a 304 has a body",
        _body_with_304, ("rfc7644-3.14-not-modified",), ("rfc9110-13.1.2-weak",),
    ),
    Fault(
        "rfc-etag-same", "3.14", GROUP, "the tag is the same after a PATCH",
        _kept_by_patch, ("rfc7644-3.14-changes",), ("rfc7644-3.14-not-modified", "rfc9110-13.1.2-weak"),
    ),
    Fault(
        "rfc-etag-restless", "3.14", GROUP, "the tag changes with every read",
        _moves_by_itself, ("rfc7644-3.14-changes", "rfc7644-3.14-not-modified"),
        (
            "rfc9110-13.1.2-weak", "rfc9110-13.1.1-not-done", "rfc9110-13.1.1-first",
            "rfc9110-13.2.2-none-match",
        ),
    ),
)  # fmt: skip
