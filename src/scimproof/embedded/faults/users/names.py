"""Faults of unique names: names that are taken, and names that became free."""

from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON, error, resources

GROUP = "names"
_NAME = {"Users": "userName", "Groups": "displayName"}


def _named(call: InterceptedRequest) -> str:
    return str(call.body.get(_NAME[call.kind]))


def _taken(call: InterceptedRequest) -> bool:
    """Whether a user has exactly this userName, in this letter case."""
    return _named(call) in call.store.names("Users").values()


def _others_with(call: InterceptedRequest, *paths: str) -> bool:
    """Whether another user has one of these values of the body."""
    sent = {path: _value(call.body, path) for path in paths}
    others = (user for user in call.all("Users") if user["id"] != call.id)
    return any(sent[path] and _value(user, path) == sent[path] for user in others for path in paths)


def _value(user: JSON, path: str) -> object:
    return user[path] if path != "emails" and path in user else [m.get("value") for m in user.get(path) or []]


@when("Users", "create")
def _unique_by_external_id(call: InterceptedRequest) -> ScimResponse:
    """Treat a user with another externalId and another address as new, whatever the userName."""
    response = call.proceed()
    conflict = response.status == HTTPStatus.CONFLICT
    return (
        call.without_uniqueness() if conflict and not _others_with(call, "externalId", "emails") else response
    )


@when("Users", "create")
def _unique_by_letters(call: InterceptedRequest) -> ScimResponse:
    """Refuse only an equal userName with the same externalId."""
    response = call.proceed()
    conflict = response.status == HTTPStatus.CONFLICT
    same = _taken(call) or _others_with(call, "externalId")
    return call.without_uniqueness() if conflict and not same else response


def _put_takes_over(*, only_other_case: bool) -> Behave:
    """A behaviour in which a PUT may give a user the name of another."""

    @when("Users", "replace")
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if response.status != HTTPStatus.CONFLICT or (only_other_case and _taken(call)):
            return response
        return call.sharing_its_name()

    return behave


@when("Users", "replace")
def _refused_and_other_changed(call: InterceptedRequest) -> ScimResponse:
    """Refuse the taken userName, and write the other attributes to the user who has it."""
    response = call.proceed()
    if response.status == HTTPStatus.CONFLICT:
        wanted = _named(call).lower()
        for user in call.named(lambda name: name.lower() == wanted):
            call.ask("PUT", f"/Users/{user['id']}", {**user, "name": call.body.get("name")})
    return response


def _for_ever(kind: str, *, own: bool = True) -> Behave:
    """A behaviour in which a former name stays taken, for its former user too unless not `own`."""

    @when(kind, "create", "replace", "patch")
    def behave(call: InterceptedRequest) -> ScimResponse:
        before = str((call.current() or {}).get(_NAME[kind])) if call.id else ""
        with call.kept("names", dict[str, str]) as given_up:
            owner = given_up.get(_named(call).lower())
        changes = call.action == "create" or _named(call) != before
        if owner and changes and (own or owner != call.id) and call.action != "patch":
            return error(409, f"{_NAME[kind]} is taken", "uniqueness")
        response = call.proceed()
        now = str((call.current() or {}).get(_NAME[kind])) if call.id else ""
        if ok(response) and before and now != before:
            with call.kept("names", dict[str, str]) as given_up:
                given_up[before.lower()] = call.id
        return response

    return behave


def _group_found_by_old_name(call: InterceptedRequest) -> ScimResponse:
    """Find groups by every name they ever had."""
    if call.on("Groups", "list") and call.equality and call.equality[0].lower() == "displayname":
        with call.kept("index", dict[str, set[str]]) as index:
            keys = list(index.get(call.equality[1].lower(), ()))
        found = (call.fetch("Groups", key) for key in keys)
        return listing(call, [group for group in found if group])
    response = call.proceed()
    if call.on("Groups", "create", "replace", "patch") and ok(response):
        written = [call.current() or {}] if call.id else list(resources(response))
        with call.kept("index", dict[str, set[str]]) as index:
            for group in written:
                index.setdefault(str(group.get("displayName")).lower(), set()).add(str(group.get("id")))
    return response


FAULTS = (
    Fault(
        "create-unique-by-external-id",
        "OKTA-07",
        GROUP,
        "A taken userName is accepted with another externalId and another address.",
        _unique_by_external_id,
    ),
    Fault(
        "create-unique-by-letters",
        "OKTA-07",
        GROUP,
        "A taken userName is accepted in other letters with another externalId.",
        _unique_by_letters,
    ),
    Fault(
        "put-taken-accepted",
        "OKTA-09",
        GROUP,
        "PUT gives a user the userName of another.",
        _put_takes_over(only_other_case=False),
    ),
    Fault(
        "put-taken-other-case-accepted",
        "OKTA-09",
        GROUP,
        "PUT gives a user the userName of another in other letters.",
        _put_takes_over(only_other_case=True),
    ),
    Fault(
        "put-taken-changes-other",
        "D-097",
        GROUP,
        "PUT with a taken userName gets 409 and changes the user who has it.",
        _refused_and_other_changed,
    ),
    Fault(
        "old-username-stays-taken",
        "D-334",
        GROUP,
        "A userName that was given up can never be given again.",
        _for_ever("Users"),
    ),
    Fault(
        "old-username-stays-its-own",
        "D-334",
        GROUP,
        "A userName that was given up can only be given back to who had it.",
        _for_ever("Users", own=False),
    ),
    Fault(
        "old-group-name-stays-taken",
        "D-334",
        GROUP,
        "A group name that was given up can never be given again.",
        _for_ever("Groups"),
    ),
    Fault(
        "group-lookup-finds-old-name",
        "D-334",
        GROUP,
        "After a rename a group is still found by its old name.",
        _group_found_by_old_name,
    ),
)
