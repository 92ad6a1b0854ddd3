"""Faults of lists and lookups that compare or show other values than are stored."""

import copy
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.accepted_write import ENTERPRISE, AcceptedWrite, after
from scimproof.embedded.fault import Fault, listed, ok
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON, resources

GROUP = "filtering"


def _compares_address(call: InterceptedRequest) -> ScimResponse:
    """Compare the value of `userName eq` with the e-mail addresses."""
    asked = call.equality if call.on("Users", "list") else None
    if asked is None or asked[0].lower() != "username":
        return call.proceed()
    wanted = asked[1].lower()
    return listing(call, [user for user in call.all("Users") if wanted in _addresses(user)])


def _addresses(user: JSON) -> list[str]:
    return [str(mail.get("value")).lower() for mail in user.get("emails") or []]


def _contains(call: InterceptedRequest) -> ScimResponse:
    """Find all whose userName or displayName contains the value."""
    asked = call.equality if call.action == "list" else None
    if asked is None or asked[0].lower() not in {"username", "displayname"}:
        return call.proceed()
    wanted = asked[1].lower()
    return listing(call, call.named(lambda name: wanted in name.lower()))


def _without_extension(call: InterceptedRequest, body: JSON) -> None:
    for user in body["Resources"] if call.kind == "Users" else []:
        user.pop(ENTERPRISE, None)
        user["schemas"] = [urn for urn in user.get("schemas") or [] if urn != ENTERPRISE]


def _first_profile(call: InterceptedRequest) -> ScimResponse:
    """Show in lists without a filter the title and the name of the create."""
    response = call.proceed()
    if call.on("Users", "create") and ok(response):
        with call.kept("first", dict[str, JSON]) as first:
            first.update((user["id"], copy.deepcopy(user)) for user in resources(response))
    if call.on("Users", "list") and "filter" not in call.request.query:
        with call.kept("first", dict[str, JSON]) as first:
            found = [(user, first.get(user["id"], user)) for user in resources(response)]
        for user, created in found:
            for name in ("title", "displayName"):
                if name in created:
                    user[name] = created[name]
    return response


def _deleted_listed(call: InterceptedRequest) -> ScimResponse:
    """Go on showing in lists without a filter what was deleted."""
    if call.action == "delete":
        return _noting_deleted(call)
    response = call.proceed()
    if call.action == "list" and response.status == HTTPStatus.OK and "filter" not in call.request.query:
        with call.kept(call.kind, list[JSON]) as gone:
            ghosts = copy.deepcopy(gone)
        return listing(call, [*call.all(call.kind), *ghosts]) if ghosts else response
    return response


def _noting_deleted(call: InterceptedRequest) -> ScimResponse:
    def note(call: InterceptedRequest, write: AcceptedWrite) -> None:
        with call.kept(call.kind, list[JSON]) as gone:
            gone.append(write.before)

    return after(call.kind, "delete")(note)(call)


FAULTS = (
    Fault(
        "lookup-compares-email",
        "D-098",
        GROUP,
        "A lookup by userName compares with the e-mail addresses.",
        _compares_address,
    ),
    Fault("filter-eq-contains", "D-053", GROUP, "`eq` finds every name that contains the value.", _contains),
    Fault(
        "lookup-without-extension",
        "D-335",
        GROUP,
        "A lookup shows users without the enterprise extension.",
        listed(_without_extension, filtered=True),
    ),
    Fault(
        "list-shows-first-profile",
        "D-335",
        GROUP,
        "The list shows title and displayName of the create.",
        _first_profile,
    ),
    Fault("list-shows-deleted", "D-158", GROUP, "The list shows what was deleted.", _deleted_listed),
)
