"""Faults that show in what Microsoft's test tools send, the SCIM Validator and the gallery's workflow.

Neither is Entra's provisioning service. What each trips stands here, under the profile entra-gallery.
"""

from collections.abc import Callable
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed, ok, shown, when
from scimproof.embedded.faults.entra.reading import ENTERPRISE, dropped, only, op_of, path_of, rejected, users
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "Entra: Microsoft's test tools"
KINDS = ("Users", "Groups")
V, G = "entra-validator-", "entra-gallery-"


def _both(behave: Behave, *actions: str) -> Behave:
    """The behaviour, for users and for groups."""

    def guarded(call: InterceptedRequest) -> ScimResponse:
        return behave(call) if any(call.on(kind, *actions) for kind in KINDS) else call.proceed()

    return guarded


def _named(validator: str = "", gallery: str = "") -> tuple[str, ...]:
    """The requirements of both tools by their short names."""
    return (*(V + name for name in validator.split()), *(G + name for name in gallery.split()))


def _schema(edit: Callable[[JSON], None]) -> Behave:
    """A behaviour that edits each schema that is listed."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if call.kind == "Schemas" and response.body:
            for schema in response.body.get("Resources", []):
                edit(schema)
        return response

    return behave


def _no_schemas(call: InterceptedRequest) -> ScimResponse:
    return error(404, "Not found") if call.kind == "Schemas" else call.proceed()


def _without_attributes(schema: JSON) -> None:
    if schema["name"] == "User":
        schema["attributes"] = []


def _without_department(schema: JSON) -> None:
    if schema["id"] == ENTERPRISE:
        schema["attributes"] = [one for one in schema["attributes"] if one["name"] != "department"]


def _status(now: HTTPStatus) -> Behave:
    """A behaviour that answers with success of another status."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if ok(response):
            response.status = now
        return response

    return behave


def _number_as_id(call: InterceptedRequest) -> ScimResponse:
    """The answer to a create has a number as id."""
    response = call.proceed()
    if ok(response) and response.body:
        response.body["id"] = int.from_bytes(str(response.body["id"]).encode()[:6])
    return response


def _short_answer(call: InterceptedRequest) -> ScimResponse:
    """A create is answered with id and name only."""
    response = call.proceed()
    if ok(response) and response.body:
        kept = {"schemas", "id", "meta", "userName" if call.kind == "Users" else "members"}
        response.body = {key: value for key, value in response.body.items() if key in kept}
    return response


def _other_id(call: InterceptedRequest) -> ScimResponse:
    """A read shows the id in capital letters, with another beginning."""
    response = call.proceed()
    if ok(response) and response.body:
        response.body["id"] = f"X-{response.body['id']}"
    return response


def _no_list_schema(_: InterceptedRequest, body: JSON) -> None:
    body["schemas"] = ["urn:ietf:params:scim:schemas:core:2.0:ListResponse"]


def _still_there(call: InterceptedRequest) -> ScimResponse:
    """What was deleted is read as it was, and is not found any more."""
    with call.kept("deleted", dict[str, JSON]) as gone:
        if call.action == "delete" and (before := call.current()):
            gone[call.id] = before
        if call.action == "read" and call.id in gone:
            return ScimResponse(HTTPStatus.OK, dict(gone[call.id]))
    return call.proceed()


def _first_page_again(call: InterceptedRequest) -> ScimResponse:
    """Every page is the first one, under the startIndex that was asked for."""
    start = call.request.query.get("startIndex", "")
    if call.action != "list" or not start.isdigit():
        return call.proceed()
    response = call.query(startIndex="1")
    if ok(response) and response.body:
        response.body["startIndex"] = int(start)
    return response


def _half_pages(call: InterceptedRequest, body: JSON) -> None:
    if "startIndex" in call.request.query:
        body["Resources"] = body["Resources"][:2]
        body["itemsPerPage"] = len(body["Resources"])


def _replaces_members(operation: JSON) -> bool:
    return op_of(operation) == "replace" and path_of(operation) == "members"


def _removes_by_filter(operation: JSON) -> bool:
    return op_of(operation) == "remove" and path_of(operation).startswith("members[")


def _brings(operation: JSON, name: str) -> bool:
    """Whether a value without a path has that attribute."""
    value = operation.get("value")
    return not path_of(operation) and isinstance(value, dict) and name in value


@users
def _remove_beside_lost(call: InterceptedRequest) -> ScimResponse:
    kept = [one for one in call.operations if op_of(one) != "remove"]
    return only(call, kept) if kept else call.proceed()


def _empties(operation: JSON) -> bool:
    value = operation.get("value", "x")
    inner = value.values() if isinstance(value, dict) and not path_of(operation) else [value]
    return not path_of(operation).endswith(":manager") and any(one in ("", None) for one in inner)


def _is_null(operation: JSON) -> bool:
    return "value" in operation and operation["value"] is None


def _in_letters(call: InterceptedRequest) -> ScimResponse:
    """A search for a group finds one of exactly that name only."""
    response, asked = call.proceed(), call.equality
    if call.on("Groups", "list") and asked and ok(response) and response.body:
        rows = [row for row in resources(response) if row.get(asked[0]) == asked[1]]
        response.body |= {"Resources": rows, "totalResults": len(rows), "itemsPerPage": len(rows)}
    return response


def _phone_twice(call: InterceptedRequest) -> ScimResponse:
    """Who was given another telephone number by a path with a filter has it beside a copy."""
    response = call.proceed()
    with call.kept("phones", set[str]) as changed:
        if call.on("Users", "patch") and any(
            path_of(one).startswith("phoneNumbers[") for one in call.operations
        ):
            changed.add(call.id)
        for user in resources(response) if call.kind == "Users" else ():
            if user.get("id") in changed and user.get("phoneNumbers"):
                first = {key: value for key, value in user["phoneNumbers"][0].items() if key != "primary"}
                user["phoneNumbers"] = [*user["phoneNumbers"], first]
    return response


def _no_title(user: JSON) -> None:
    user.pop("title", None)


FAULTS = (
    Fault(
        "tools-no-schemas",
        "EN-92",
        GROUP,
        "/Schemas is not there.",
        _no_schemas,
        trips=_named("schemas-answered", "schemas-answered"),
        also=_named("schemas-list schemas-user"),
    ),
    Fault(
        "tools-user-schema-empty",
        "EN-92",
        GROUP,
        "The schema of users has no attributes.",
        _schema(_without_attributes),
        trips=_named("schemas-user", "schemas-user schemas-attributes"),
    ),
    Fault(
        "tools-department-undescribed",
        "EN-92",
        GROUP,
        "/Schemas does not describe an attribute that Entra maps.",
        _schema(_without_department),
        trips=_named("", "schemas-attributes"),
    ),
    Fault(
        "tools-create-202",
        "EN-91",
        GROUP,
        "Creates are answered 202.",
        _both(_status(HTTPStatus.ACCEPTED), "create"),
        trips=_named("create-answered group-create-answered", "create-answered group-create-answered"),
    ),
    Fault(
        "tools-id-is-number",
        "EN-91",
        GROUP,
        "The answer to a create has a number as id.",
        _both(_number_as_id, "create"),
        trips=_named("create-id group-create-id", "create-id group-create-id"),
    ),
    Fault(
        "tools-create-answer-short",
        "EN-91",
        GROUP,
        "A create is answered without what was sent.",
        _both(_short_answer, "create"),
        trips=_named("create-answer group-create-answer", "create-answer group-create-answer"),
    ),
    Fault(
        "tools-read-203",
        "EN-91",
        GROUP,
        "Reads are answered 203.",
        _both(_status(HTTPStatus.NON_AUTHORITATIVE_INFORMATION), "read"),
        trips=_named("read-answered group-read-answered", "read-answered"),
    ),
    Fault(
        "tools-read-other-id",
        "EN-91",
        GROUP,
        "A read shows another id.",
        _both(_other_id, "read"),
        trips=_named("read-is-the-user group-is-the-group", "read-is-the-one"),
    ),
    Fault(
        "tools-group-names-repeat",
        "EN-72",
        GROUP,
        "A second group of one name is made.",
        when("Groups", "create")(lambda call: call.without_uniqueness()),
        trips=_named("group-duplicate-409"),
    ),
    Fault(
        "tools-list-schema-wrong",
        "EN-92",
        GROUP,
        "Lists name a schema that there is not.",
        listed(_no_list_schema),
        trips=_named("filter-list", "page-list groups-page-list"),
        also=_named("schemas-list"),
    ),
    Fault(
        "tools-deleted-still-read",
        "EN-51",
        GROUP,
        "What was deleted is still read.",
        _both(_still_there),
        trips=_named("deleted-404 group-deleted-404"),
    ),
    Fault(
        "tools-members-not-replaced",
        "EN-70",
        GROUP,
        "A list of members in a replace is ignored.",
        dropped("Groups", _replaces_members),
        trips=_named("member-added"),
    ),
    Fault(
        "tools-member-filter-ignored",
        "EN-62",
        GROUP,
        "A remove by a path with a filter is ignored.",
        dropped("Groups", _removes_by_filter),
        trips=_named("member-removed member-added-and-removed"),
    ),
    Fault(
        "tools-user-name-kept",
        "EN-05",
        GROUP,
        "A userName in a value without a path is ignored.",
        dropped("Users", lambda one: _brings(one, "userName")),
        trips=_named("user-name-replaced filter-finds"),
    ),
    Fault(
        "tools-group-name-kept",
        "EN-05",
        GROUP,
        "A group's name in a value without a path is ignored.",
        dropped("Groups", lambda one: _brings(one, "displayName")),
        trips=_named("group-name-replaced group-filter-finds"),
    ),
    Fault(
        "tools-remove-beside-lost",
        "EN-19",
        GROUP,
        "A remove among other operations is not done.",
        _remove_beside_lost,
        trips=_named("several-shown"),
    ),
    Fault(
        "tools-group-case-exact",
        "EN-45",
        GROUP,
        "Group names are compared letter by letter.",
        _in_letters,
        trips=_named("group-filter-other-case"),
    ),
    Fault(
        "tools-title-not-shown",
        "EN-91",
        GROUP,
        "A title is stored and never shown.",
        shown("Users", _no_title),
        trips=_named(
            "create-answer create-shown patch-replace-shown patch-add-shown",
            "create-answer create-shown update-shown",
        ),
    ),
    Fault(
        "tools-phone-twice",
        "EN-12",
        GROUP,
        "A path with a filter leaves the entry there a second time.",
        _phone_twice,
        trips=_named("type-once"),
        also=_named("", "emptied"),
    ),
    Fault(
        "tools-empty-text-refused",
        "EN-31",
        GROUP,
        "An empty text as value is refused.",
        rejected("Users", lambda one: _empties(one) and not _is_null(one), "A value is needed"),
        trips=_named("", "empty-answered"),
    ),
    Fault(
        "tools-null-refused",
        "EN-31",
        GROUP,
        "A null as value is refused.",
        rejected("Users", _is_null, "A value is needed"),
        trips=_named("", "null-answered"),
    ),
    Fault(
        "tools-empty-ignored",
        "EN-31",
        GROUP,
        "An empty value leaves the one that was there.",
        dropped("Users", _empties),
        trips=_named("", "emptied"),
    ),
    Fault(
        "tools-list-needs-filter",
        "EN-93",
        GROUP,
        "Lists without a filter are refused.",
        _both(
            lambda call: call.proceed() if "filter" in call.request.query else error(400, "filter is needed"),
            "list",
        ),
        trips=_named("", "page-answered groups-page-answered credentials-accepted"),
        also=_named("", "groups-page-list groups-page-size groups-page-start-index"),
    ),
    Fault(
        "tools-first-page-again",
        "EN-93",
        GROUP,
        "Every page is the first, under another startIndex.",
        _both(_first_page_again, "list"),
        trips=_named("", "page-no-repeat groups-page-no-repeat"),
    ),
    Fault(
        "tools-pages-of-two",
        "EN-93",
        GROUP,
        "Pages have two resources, however many are asked for.",
        listed(_half_pages),
        trips=_named("", "page-size groups-page-size"),
    ),
    Fault(
        "tools-several-refused",
        "EN-19",
        GROUP,
        "A PATCH with two operations on one attribute is refused.",
        when("Users", "patch")(
            lambda call: (
                error(400, "One operation for each attribute", "invalidSyntax")
                if len({path_of(one) for one in call.operations}) < len(call.operations)
                else call.proceed()
            )
        ),
        trips=_named("patch-answered"),
    ),
)
TOOL_FAULTS = {fault.name: fault for fault in FAULTS}
"""All of them by name."""
