"""Faults of any answer: what resources say of themselves, how messages are made."""

from datetime import datetime, timedelta
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed, ok, shown
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, is_error, resources

GROUP = "rfc"


def _no_schemas(call: InterceptedRequest, body: JSON) -> None:
    if call.kind in {"Users", "Groups"}:
        for row in body["Resources"]:
            row.pop("schemas", None)


def _created_moves(call: InterceptedRequest) -> ScimResponse:
    with call.kept("patched", dict[str, int]) as patched:
        if call.action == "patch":
            patched[call.id] = patched.get(call.id, 0) + 1
    response = call.proceed()
    for row in resources(response):
        created, times = row.get("meta", {}).get("created"), patched.get(str(row.get("id")), 0)
        if created and times:
            moved = datetime.fromisoformat(created) + timedelta(hours=times)
            row["meta"]["created"] = moved.isoformat().replace("+00:00", "Z")
    return response


def _single(row: JSON) -> None:
    if len(row.get("emails", ())) == 1:
        row["emails"] = row["emails"][0]


def _strange(row: JSON) -> None:
    row["favouriteColour"] = "blue"


def _foreign_schema(row: JSON) -> None:
    row["schemas"] = [*row.get("schemas", ()), "urn:ietf:params:scim:schemas:core:2.0:Group"]


def _unlisted_schema(row: JSON) -> None:
    row["schemas"] = [*row.get("schemas", ()), "urn:example:nowhere:2.0:User"]


def _twice(row: JSON) -> None:
    row["schemas"] = [*row.get("schemas", ()), *row.get("schemas", ())[:1]]


def _boolean_text(row: JSON) -> None:
    if "active" in row:
        row["active"] = str(row["active"]).lower()


def _date_only(row: JSON) -> None:
    if "created" in row.get("meta", {}):
        row["meta"]["created"] = row["meta"]["created"][:10]


def _other_type(row: JSON) -> None:
    if "meta" in row:
        row["meta"]["resourceType"] = "user"


def _elsewhere(row: JSON) -> None:
    if "location" in row.get("meta", {}):
        row["meta"]["location"] = row["meta"]["location"].replace("/Users/", "/People/")


def _bare_reference(row: JSON) -> None:
    for member in row.get("members", ()):
        member["$ref"] = member["value"]


def _writable_secret(call: InterceptedRequest) -> ScimResponse:
    """What is written as a password is shown by the answer to that."""
    password = call.body.get("password") if call.on("Users", "replace") else None
    response = call.proceed()
    if password and ok(response) and response.body:
        response.body["password"] = password
    return response


def _same_ids(call: InterceptedRequest) -> ScimResponse:
    """Every new room has the id of the first user."""
    response = call.proceed()
    if call.on("Rooms") and ok(response):
        users = call.all("Users")
        for row in resources(response) if users else ():
            row["id"] = users[0]["id"]
    return response


def _id_of_job(row: JSON) -> None:
    row["id"] = f"bulkId:{row['id']}"


def _bare_tag(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    for row in resources(response):
        if "version" in row.get("meta", {}):
            row["meta"]["version"] = row["meta"]["version"].strip('W/"')
    if "ETag" in response.headers:
        response.headers["ETag"] = response.headers["ETag"].strip('W/"')
    return response


def _two_tags(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if "ETag" in response.headers:
        response.headers["ETag"] = '"another"'
    return response


def _nameless_list(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and response.body and "Operations" in response.body:
        response.body["schemas"] = ["urn:example:BulkResponse"]
    return response


def _trace(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if is_error(response) and response.body:
        response.body["detail"] = 'Traceback (most recent call last):\n  File "/srv/app/scim.py", line 7'
    return response


def _redirected(call: InterceptedRequest) -> ScimResponse:
    if call.kind == "Me":
        return ScimResponse(HTTPStatus.FOUND, None, {"Location": f"{call.request.base_url}/Users"})
    return call.proceed()


def _no_allow(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    response.headers.pop("Allow", None)
    return response


def _echo(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.status == HTTPStatus.UNAUTHORIZED and response.body:
        response.body["detail"] = f"{call.request.header('Authorization')} is not valid."
    return response


def _html(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.on("Users", "list"):
        response.headers["Content-Type"] = "text/html"
    return response


def _users(
    name: str, summary: str, edit: object, *trips: str, also: tuple[str, ...] = (), kind: str = "Users"
) -> Fault:
    return _fault(name, summary, shown(kind, edit), *trips, also=also)  # type: ignore[arg-type]


def _fault(
    name: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = (), edge: bool = False
) -> Fault:
    return Fault(name, "RFC 7643, RFC 7644", GROUP, summary, behave, trips, also, edge=edge)


FAULTS = (
    _fault(
        "rfc-elements-without-schemas",
        "The resources of a list do not name their schemas.",
        listed(_no_schemas),
        "rfc7643-3-schemas",
        also=("rfc7643-3-schemas-complete", "rfc7643-3.1-types"),
    ),
    _fault(
        "rfc-created-moves", "meta.created moves with every PATCH.", _created_moves, "rfc7643-3.1-created"
    ),
    _users(
        "rfc-single-value",
        "A list of one e-mail is shown as that one.",
        _single,
        "rfc7643-7-conforms",
        "rfc7643-2.4-multi-valued",
    ),
    _users(
        "rfc-unknown-attribute",
        "A user shows an attribute that its schema does not have.",
        _strange,
        "rfc7643-7-conforms",
    ),
    _users(
        "rfc-foreign-schema",
        "A user names the schema of groups too.",
        _foreign_schema,
        "rfc7643-3-schemas-of-type",
    ),
    _users(
        "rfc-unlisted-schema",
        "A user names a schema that /Schemas does not list.",
        _unlisted_schema,
        "rfc7643-7-schema-listed",
        also=("rfc7643-3-schemas-of-type",),
    ),
    _users("rfc-schema-twice", "A user names its schema twice.", _twice, "rfc7643-3-schemas-once"),
    _users(
        "rfc-active-as-text",
        'active is the text "true".',
        _boolean_text,
        "rfc7643-2.3.2-boolean",
        "rfc7643-7-conforms",
        also=("rfc7643-4.1.1-active-boolean",),
    ),
    _users(
        "rfc-date-without-time",
        "meta.created is a date.",
        _date_only,
        "rfc7643-2.3.5-date-time",
        also=("rfc7643-3.1-types",),
    ),
    _users(
        "rfc-type-in-small-letters",
        "meta.resourceType is user.",
        _other_type,
        "rfc7643-3.1-resource-type",
    ),
    _users(
        "rfc-location-elsewhere",
        "meta.location is not where the resource is.",
        _elsewhere,
        "rfc7643-2.4-version-segment",
        also=("rfc7644-3.3-location-is-meta",),
    ),
    _users(
        "rfc-bare-reference",
        "$ref of a member is its id.",
        _bare_reference,
        "rfc7643-2.3.7-uri",
        kind="Groups",
    ),
    _fault(
        "rfc-password-shown",
        "The answer to a PUT shows the password.",
        _writable_secret,
        "rfc7643-7-never",
        also=("rfc7643-4.1.1-password-never",),
    ),
    _fault(
        "rfc-id-of-two",
        "A room has the id of a user.",
        _same_ids,
        "rfc7643-3.1-id-unique",
        also=(
            "rfc7644-3.3-location-names-id",
            "rfc7643-2.4-version-segment",
            "rfc7643-3.1-location-absolute",
            "rfc7644-3.4.1-resource-itself",
            "rfc7644-3.1-write-shows-stored",
        ),
    ),
    _users(
        "rfc-id-bulkid",
        "Ids begin with bulkId.",
        _id_of_job,
        "rfc7643-3.1-id-bulkid",
        also=(
            "rfc7644-3.3-location-names-id",
            "rfc7643-3.1-location-absolute",
            "rfc7644-3.4.1-resource-itself",
            "rfc7644-3.1-write-shows-stored",
        ),
        kind="Rooms",
    ),
    _fault(
        "rfc-bare-tag",
        "ETag and meta.version have no quotes.",
        _bare_tag,
        "rfc9110-8.8.3-form",
    ),
    _fault("rfc-two-tags", "ETag is another than meta.version.", _two_tags, "rfc7643-3.1-version-is-etag"),
    _fault(
        "rfc-job-without-schema",
        "The answer to a bulk job does not name its schema.",
        _nameless_list,
        "rfc7644-3.1-message-schemas",
    ),
    _fault("rfc-trace-in-detail", "detail has the trace of an exception.", _trace, "rfc7644-3.12-detail"),
    _fault(
        "rfc-redirect-302",
        "/Me redirects with 302.",
        _redirected,
        "rfc7644-3.12-redirect",
    ),
    _fault(
        "rfc-405-without-allow", "A 405 comes without Allow.", _no_allow, "rfc9110-15.5.6-allow", edge=True
    ),
    _fault(
        "rfc-token-echoed",
        "A 401 repeats the credentials.",
        _echo,
        "rfc7644-7-no-token-echo",
        edge=True,
    ),
    _fault(
        "rfc-list-as-html",
        "Lists are labelled text/html.",
        _html,
        "rfc7644-3.8-media-type",
        also=("rfc7644-3.8-accept-scim", "rfc7644-3.8-accept-json", "rfc7644-3.8-default"),
    ),
)
