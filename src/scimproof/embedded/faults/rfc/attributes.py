"""Faults of attributes: not kept, written by those who may not, shown when they should not be."""

from collections.abc import Callable, Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.example_schemas import EXAMPLE_URN
from scimproof.embedded.fault import Behave, Fault, ok, sent, shown, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, encode, error, resources

GROUP = "rfc"
_WRITES = ("create", "replace")


def _nickname_dropped(call: InterceptedRequest) -> ScimResponse:
    if call.kind != "Users" or call.action not in (*_WRITES, "patch"):
        return call.proceed()
    call.body.pop("nickName", None)
    if call.action != "patch":
        return call.send()
    left = [op for op in call.operations if op.get("path") != "nickName"]
    return call.send({**call.body, "Operations": left}) if left else call.unchanged()


def _second_dropped(body: JSON) -> None:
    for name in ("emails", "phoneNumbers"):
        if isinstance(body.get(name), list):
            body[name] = body[name][:1]


@when("Users", "replace")
def _put_merges(call: InterceptedRequest) -> ScimResponse:
    before = (call.current() or {}).get("name") or {}
    if isinstance(call.body.get("name"), dict):
        call.body["name"] = {**before, **call.body["name"]}
    return call.send()


def _remembered(learn: Callable[[InterceptedRequest], Any], show: Callable[[JSON, Any], None]) -> Behave:
    """A behaviour that learns from a write what it then shows of that resource in every answer."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        learnt = learn(call)
        response = call.proceed()
        with call.kept("learnt", dict[str, Any]) as known:
            if learnt is not None and ok(response):
                known[call.id] = learnt
            for resource in resources(response):
                if resource.get("id") in known:
                    show(resource, known[resource["id"]])
        return response

    return behave


def _made_again(call: InterceptedRequest) -> Any:
    meta = call.body.get("meta") if call.action == "replace" else None
    return meta.get("created") if isinstance(meta, dict) else None


def _show_made(resource: JSON, made: Any) -> None:
    resource["meta"]["created"] = made


@when("Users", "patch")
def _joined(call: InterceptedRequest) -> ScimResponse:
    wanted = [op for op in call.operations if op.get("path") == "groups" and op.get("op") != "remove"]
    if not wanted:
        return call.proceed()
    for operation in wanted:
        for group in operation["value"]:
            add = {"op": "add", "path": "members", "value": [{"value": call.id}]}
            message = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
            call.ask("PATCH", f"/Groups/{group['value']}", {"schemas": [message], "Operations": [add]})
    return ScimResponse(HTTPStatus.OK, call.current())


def _cost_key(body: JSON | None) -> Any:
    return ((body or {}).get(EXAMPLE_URN) or {}).get("costKey")


def _new_key(call: InterceptedRequest) -> Any:
    """The immutable value that a PUT changes, which the conforming target is not shown."""
    if not call.on("Users", "replace"):
        return None
    wanted, before = _cost_key(call.body), _cost_key(call.current())
    if not wanted or not before or wanted == before:
        return None
    call.body[EXAMPLE_URN]["costKey"] = before
    call.request.body = encode(call.body)
    return wanted


def _show_key(resource: JSON, key: Any) -> None:
    resource.setdefault(EXAMPLE_URN, {})["costKey"] = key


@when("Users", "replace")
def _same_refused(call: InterceptedRequest) -> ScimResponse:
    same = _cost_key(call.body) is not None and _cost_key(call.body) == _cost_key(call.current())
    return error(400, "costKey is immutable", "mutability") if same else call.proceed()


def _always_excluded(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if "staffCode" in call.request.query.get("excludedAttributes", ""):
        for resource in resources(response):
            resource.get(EXAMPLE_URN, {}).pop("staffCode", None)
    return response


@when("Users", "read")
def _request_in_all(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    path = f"{EXAMPLE_URN}:biography"
    whole = call.ask("GET", call.request.path, query={"attributes": path}).body or {}
    found = (whole.get(EXAMPLE_URN) or {}).get("biography")
    if ok(response) and response.body and found:
        response.body.setdefault(EXAMPLE_URN, {})["biography"] = found
    return response


def _booleans_as_text(resource: JSON) -> None:
    held = resource.get(EXAMPLE_URN) or {}
    if "remote" in held:
        held["remote"] = str(held["remote"]).lower()


def _instants_as_seconds(resource: JSON) -> None:
    held = resource.get(EXAMPLE_URN) or {}
    if "hiredAt" in held:
        held["hiredAt"] = int(datetime.fromisoformat(held["hiredAt"]).timestamp())


def _home_is_work(body: JSON) -> None:
    for one in body.get("emails") or ():
        if isinstance(one, dict) and one.get("type") == "home":
            one["type"] = "work"


def _elsewhere(resource: JSON) -> None:
    for member in resource.get("members") or ():
        member["$ref"] = f"https://directory.example.org/people/{member['value']}"


def _makes_primary(operations: Iterable[JSON]) -> bool:
    """Whether a PATCH makes an e-mail the primary one."""
    for operation in operations:
        path, value = str(operation.get("path")), operation.get("value")
        if path.startswith("emails[") and path.endswith(".primary"):
            return True
        some = value if isinstance(value, list) else [value]
        if path == "emails" and any(isinstance(one, dict) and one.get("primary") for one in some):
            return True
    return False


def _new_primary(call: InterceptedRequest) -> Any:
    return True if call.on("Users", "patch") and _makes_primary(call.operations) else None


def _show_primaries(resource: JSON, _: Any) -> None:
    for one in resource.get("emails") or ():
        one["primary"] = True


@when("Users", "patch")
def _old_primary_removed(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    found = call.current()
    if not ok(response) or not _makes_primary(call.operations) or found is None:
        return response
    left = [one for one in found.get("emails", ()) if one.get("primary")]
    answer = call.ask("PUT", call.request.path, {**found, "emails": left})
    return ScimResponse(response.status, answer.body, response.headers)


FAULTS = (
    Fault(
        "rfc-attribute-dropped",
        "kept-1",
        GROUP,
        "nickName, which the schema lists, is accepted and not stored.",
        _nickname_dropped,
        trips=("rfc7643-4.1.1-kept",),
    ),
    Fault(
        "rfc-second-value-dropped",
        "kept-2",
        GROUP,
        "Of several e-mail addresses or telephone numbers the first is stored.",
        sent("Users", _WRITES, _second_dropped),
        trips=("rfc7643-4.1.1-kept",),
        also=("rfc7643-2.3.1-listed", "rfc7643-2.3-typed"),
    ),
    Fault(
        "rfc-put-merges-name",
        "kept-3",
        GROUP,
        "A PUT leaves in name what it does not name.",
        _put_merges,
        trips=("rfc7644-3.5.1-replaces",),
    ),
    Fault(
        "rfc-created-written",
        "read-only-1",
        GROUP,
        "A PUT with meta.created changes it.",
        _remembered(_made_again, _show_made),
        trips=("rfc7643-7-read-only", "rfc7643-7-read-only-stays"),
        also=("rfc7643-3.1-created",),
    ),
    Fault(
        "rfc-groups-joined",
        "read-only-2",
        GROUP,
        "A PATCH of a user's groups makes the user a member.",
        _joined,
        trips=("rfc7644-3.5.2-read-only-refused", "rfc7643-7-read-only-stays"),
        also=("rfc7644-3.5.2.2-read-only-stays",),
    ),
    Fault(
        "rfc-immutable-replaced",
        "immutable-1",
        GROUP,
        "A PUT changes an immutable attribute.",
        _remembered(_new_key, _show_key),
        trips=("rfc7643-7-immutable", "rfc7644-3.5.1-immutable-other"),
    ),
    Fault(
        "rfc-immutable-same-refused",
        "immutable-2",
        GROUP,
        "A PUT that repeats an immutable value is refused.",
        _same_refused,
        trips=("rfc7644-3.5.1-immutable-same",),
    ),
    Fault(
        "rfc-always-excluded",
        "returned-1",
        GROUP,
        "excludedAttributes takes away what is returned always.",
        _always_excluded,
        trips=("rfc7643-7-always",),
    ),
    Fault(
        "rfc-request-always-shown",
        "returned-2",
        GROUP,
        "What is returned on request is in every read.",
        _request_in_all,
        trips=("rfc7643-7-request",),
    ),
    Fault(
        "rfc-boolean-as-text",
        "typed-1",
        GROUP,
        "A boolean is shown as text.",
        shown("Users", _booleans_as_text),
        trips=("rfc7643-2.3-typed",),
        also=("rfc7643-4.1.1-kept", "rfc7643-2.3.2-boolean", "rfc7643-7-conforms"),
    ),
    Fault(
        "rfc-instant-as-seconds",
        "typed-2",
        GROUP,
        "A dateTime is shown as a number of seconds.",
        shown("Users", _instants_as_seconds),
        trips=("rfc7643-2.3-typed",),
        also=("rfc7643-4.1.1-kept", "rfc7643-2.3.5-date-time", "rfc7643-7-conforms"),
    ),
    Fault(
        "rfc-home-is-work",
        "canonical-1",
        GROUP,
        "An e-mail address of type home is stored as one of type work.",
        sent("Users", _WRITES, _home_is_work),
        trips=("rfc7643-2.3.1-listed",),
        also=("rfc7643-4.1.1-kept",),
    ),
    Fault(
        "rfc-members-elsewhere",
        "reference-1",
        GROUP,
        "The $ref of members leads to another server.",
        shown("Groups", _elsewhere),
        trips=("rfc7643-2.3.7-leads",),
        also=("rfc7643-4.2-member-ref",),
    ),
    Fault(
        "rfc-two-primaries",
        "primary-1",
        GROUP,
        "A PATCH that makes an e-mail address primary leaves two primary ones.",
        _remembered(_new_primary, _show_primaries),
        trips=("rfc7644-3.5.2-primary-moves",),
        also=("rfc7643-2.4-one-primary",),
    ),
    Fault(
        "rfc-old-primary-removed",
        "primary-2",
        GROUP,
        "A PATCH that makes an e-mail address primary removes the one that was.",
        _old_primary_removed,
        trips=("rfc7644-3.5.2-primary-moves",),
        also=("rfc7644-3.5.2-patch-status",),
    ),
)
