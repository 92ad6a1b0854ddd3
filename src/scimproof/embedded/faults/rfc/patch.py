"""Faults of PATCH in all its forms."""

import re
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, resources

GROUP = "rfc"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_OPS = {"add", "remove", "replace"}
_FILTERED = re.compile(r'(\w+)\[type eq "([^"]+)"\](\.\w+)')
_users = when("Users", "patch")
_groups = when("Groups", "patch")


def _path(operation: JSON) -> str:
    return str(operation.get("path", ""))


def _is(operation: JSON, op: str) -> bool:
    return str(operation.get("op")).lower() == op


def _then(call: InterceptedRequest, *operations: JSON) -> ScimResponse:
    """The conforming answer to a PATCH of the same resource with these operations."""
    schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    return call.ask("PATCH", call.request.path, {"schemas": schemas, "Operations": list(operations)})


@_users
def _unknown_op(call: InterceptedRequest) -> ScimResponse:
    known = all(str(one.get("op")).lower() in _OPS for one in call.operations)
    return call.proceed() if known else ScimResponse(HTTPStatus.NO_CONTENT)


@_users
def _no_operations(call: InterceptedRequest) -> ScimResponse:
    return call.unchanged() if call.body.get("Operations") == [] else call.proceed()


@_users
def _middle_name_clears(call: InterceptedRequest) -> ScimResponse:
    named = any(_is(one, "add") and _path(one) == "name.middleName" for one in call.operations)
    answer = call.proceed()
    return _then(call, {"op": "remove", "path": "name.familyName"}) if named and ok(answer) else answer


@_groups
def _member_again(call: InterceptedRequest) -> ScimResponse:
    group = call.current() or {}
    members = {member["value"] for member in group.get("members", [])}
    again = [member["value"] in members for member in call.members]
    answer = call.proceed()
    if ok(answer) and again and all(again):
        _then(call, {"op": "replace", "path": "displayName", "value": f"{group['displayName']}."})
        return _then(call, {"op": "replace", "path": "displayName", "value": group["displayName"]})
    return answer


def _urn_left_out(call: InterceptedRequest) -> ScimResponse:
    with call.kept("extended", set[str]) as extended:
        if call.on("Users", "patch") and any(ENTERPRISE in str(one) for one in call.operations):
            extended.add(call.id)
    answer = call.proceed()
    for resource in resources(answer) if call.kind == "Users" else ():
        if resource["id"] in extended:
            resource["schemas"] = [urn for urn in resource["schemas"] if urn != ENTERPRISE]
    return answer


@_users
def _name_replaced(call: InterceptedRequest) -> ScimResponse:
    changed: list[JSON] = []
    for one in call.operations:
        if _is(one, "replace") and _path(one) == "name":
            changed.append({"op": "remove", "path": "name"})
        changed.append(one)
    return (
        call.send({**call.body, "Operations": changed})
        if len(changed) > len(call.operations)
        else call.proceed()
    )


@_users
def _first_match(call: InterceptedRequest) -> ScimResponse:
    for one in call.operations:
        found = _FILTERED.fullmatch(_path(one))
        if found and _is(one, "replace"):
            rows = (call.current() or {}).get(found[1], [])
            first = next((row["value"] for row in rows if row.get("type") == found[2]), None)
            if first is None:
                return call.proceed()
            one["path"] = f'{found[1]}[type eq "{found[2]}" and value eq "{first}"]{found[3]}'
    return call.send() if call.operations else call.proceed()


@_users
def _no_match(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    silent = (answer.body or {}).get("scimType") == "noTarget" and all(
        _is(one, "replace") for one in call.operations
    )
    return ScimResponse(HTTPStatus.NO_CONTENT) if silent else answer


@_users
def _first_condition(call: InterceptedRequest) -> ScimResponse:
    for one in call.operations:
        if _is(one, "remove") and " and " in _path(one):
            one["path"] = _path(one).partition(" and ")[0] + "]"
    return call.send() if call.operations else call.proceed()


def _null_member(call: InterceptedRequest) -> ScimResponse:
    with call.kept("emptied", set[str]) as emptied:
        if call.on("Groups", "patch") and any(
            _is(one, "remove") and _path(one).startswith("members[") for one in call.operations
        ):
            emptied.add(call.id)
    answer = call.proceed()
    for resource in resources(answer) if call.on("Groups", "read") else ():
        if resource["id"] in emptied and not resource.get("members"):
            resource["members"] = [None]
    return answer


def _one_by_one(call: InterceptedRequest) -> ScimResponse:
    if len(call.operations) < 2 or call.kind != "Users":
        return call.proceed()
    for one in call.operations:
        answer = _then(call, one)
        if not ok(answer):
            break
    return answer


def _on_the_old(call: InterceptedRequest) -> ScimResponse:
    """Each operation has the resource as it was before the first: the last one alone has an effect."""
    if len(call.operations) < 2:
        return call.proceed()
    return call.send({**call.body, "Operations": call.operations[-1:]})


def _fault(
    name: str, defect: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()
) -> Fault:
    return Fault(f"rfc-patch-{name}", defect, GROUP, summary, behave, trips, also)


FAULTS = (
    _fault(
        "op-ignored", "3.5.2", "a PATCH with an unknown op is answered 204", _unknown_op, "rfc7644-3.5.2-op"
    ),
    _fault(
        "nothing-accepted",
        "3.5.2",
        "a PATCH without operations is answered 200",
        _no_operations,
        "rfc7644-3.5.2-operations",
    ),
    _fault(
        "sub-clears",
        "3.5.2.1",
        "an add of name.middleName clears familyName",
        _middle_name_clears,
        "rfc7644-3.5.2.1-complex",
    ),
    _fault(
        "again-moves",
        "3.5.2.1",
        "an add of a member who is one moves lastModified",
        _member_again,
        "rfc7644-3.5.2.1-present-not-modified",
    ),
    _fault(
        "urn-left-out",
        "3.5.2",
        "an extension that a PATCH sets is not in schemas",
        _urn_left_out,
        "rfc7644-3.5.2-extension",
    ),
    _fault(
        "name-drops",
        "3.5.2.3",
        "a replace of name drops what it does not name",
        _name_replaced,
        "rfc7644-3.5.2.3-complex-rest",
        "rfc7644-3.5.2.3-rest",
    ),
    _fault(
        "first-match",
        "3.5.2.3",
        "a replace changes the first element that matches only",
        _first_match,
        "rfc7644-3.5.2.3-element-sub",
    ),
    _fault(
        "no-match-silent",
        "3.5.2.3",
        "a replace that nothing matches is answered 204",
        _no_match,
        "rfc7644-3.5.2.3-no-match",
    ),
    _fault(
        "first-condition",
        "3.5.2.2",
        "a remove looks at the first condition only",
        _first_condition,
        "rfc7644-3.5.2.2-matching",
    ),
    _fault(
        "null-member", "3.5.2.2", "after the last member a null is left", _null_member, "rfc7644-3.5.2.2-last"
    ),
    _fault(
        "half-done",
        "3.5.2",
        "what was done before an operation failed stays",
        _one_by_one,
        "rfc7644-3.5.2-atomic",
    ),
    _fault(
        "on-the-old",
        "3.5.2",
        "all operations have the resource as it was",
        _on_the_old,
        "rfc7644-3.5.2-in-order",
        also=("rfc7644-3.5.2-patch-status",),
    ),
)
