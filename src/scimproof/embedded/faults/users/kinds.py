"""Faults that only some people meet: logins, shared addresses, whole profiles, roles, several groups."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, refused, sent, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "kinds of people"
_CREATE, _PUT = ("create",), ("replace",)


def _address(user: JSON) -> str:
    """The first e-mail address."""
    emails = user.get("emails") or [{}]
    return str(emails[0].get("value") or "").casefold()


def _name(user: JSON) -> str:
    return str(user.get("userName") or "").casefold()


def _is_login(call: InterceptedRequest) -> bool:
    return "@" not in _name(call.body)


def _other_domain(call: InterceptedRequest) -> bool:
    """Whether userName and e-mail are addresses at two domains."""
    domains = {text.partition("@")[2] for text in (_name(call.body), _address(call.body))}
    return len(domains - {""}) > 1


def _who_has_it(call: InterceptedRequest) -> JSON | None:
    """Somebody else who has the address that a create brings."""
    wanted, name = _address(call.body), _name(call.body)
    if not wanted:
        return None
    found = call.ask("GET", "/Users", query={"filter": f'emails.value eq "{wanted}"'}).body or {}
    return next((user for user in found.get("Resources", []) if _name(user) != name), None)


@when("Users", "create")
def _address_taken(call: InterceptedRequest) -> ScimResponse:
    return error(409, "The address is taken", "uniqueness") if _who_has_it(call) else call.proceed()


@when("Users", "create")
def _address_linked(call: InterceptedRequest) -> ScimResponse:
    known = _who_has_it(call)
    if known is None:
        return call.proceed()
    return call.ask("PUT", f"/Users/{known['id']}", {**known, "userName": call.body["userName"]})


def _defaulted(name: str) -> Behave:
    """A behaviour in which a new user for whom such values are sent gets the default one."""

    def edit(body: JSON) -> None:
        if body.get(name):
            body[name] = [{"value": "default", "display": "Default"}]

    return sent("Users", _CREATE, edit)


@when("Users", "replace")
def _roles_forgotten(call: InterceptedRequest) -> ScimResponse:
    current = call.current() or {}
    for name in ("roles", "entitlements"):
        if name in call.body:
            call.body[name] = current.get(name) or []
    return call.send()


def _new_roles(call: InterceptedRequest) -> bool:
    return bool(call.body.get("roles")) and call.body["roles"] != (call.current() or {}).get("roles")


@when("Users", "patch", "replace")
def _others_go_too(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if ok(response) and call.active is False:
        groups = (call.current() or {}).get("groups") or []
        for group in groups if len(groups) > 1 else ():
            known = call.fetch("Groups", group["value"])
            if known:
                call.ask("PUT", f"/Groups/{group['value']}", {**known, "members": []})
    return response


FAULTS = (
    Fault(
        "create-login-refused",
        "D-070",
        GROUP,
        "A userName without an @ is refused.",
        refused("Users", _CREATE, 400, "userName has to be an e-mail address", where=_is_login),
    ),
    Fault(
        "create-other-domain-refused",
        "D-070",
        GROUP,
        "A userName at another domain than the e-mail is refused.",
        refused("Users", _CREATE, 400, "userName has to be the e-mail address", where=_other_domain),
    ),
    Fault(
        "create-address-taken-refused",
        "OKTA-07",
        GROUP,
        "A second user with the same e-mail address is refused.",
        _address_taken,
    ),
    Fault(
        "create-address-taken-linked",
        "OKTA-07",
        GROUP,
        "A create with an e-mail address that a user has renames that user.",
        _address_linked,
    ),
    Fault(
        "create-nick-name-refused",
        "D-244",
        GROUP,
        "A create with a nickName is refused.",
        refused("Users", _CREATE, 400, "Unknown attribute nickName", where=lambda c: "nickName" in c.body),
    ),
    Fault(
        "put-nick-name-refused",
        "D-244",
        GROUP,
        "A PUT with a nickName is refused.",
        refused(
            "Users", _PUT, 400, "Unknown attribute nickName", where=lambda c: bool(c.body.get("nickName"))
        ),
    ),
    Fault(
        "create-roles-500",
        "OKTA-27",
        GROUP,
        "A create with roles gets 500.",
        refused("Users", _CREATE, 500, "Internal server error", where=lambda c: bool(c.body.get("roles"))),
    ),
    Fault(
        "create-roles-defaulted",
        "OKTA-27",
        GROUP,
        "A new user has the default role, whichever is sent.",
        _defaulted("roles"),
    ),
    Fault(
        "create-entitlements-defaulted",
        "OKTA-27",
        GROUP,
        "A new user has the default entitlement, whichever is sent.",
        _defaulted("entitlements"),
    ),
    Fault(
        "put-roles-refused",
        "OKTA-27",
        GROUP,
        "A PUT with other roles is refused.",
        refused("Users", _PUT, 403, "roles cannot be changed", where=_new_roles),
    ),
    Fault(
        "put-roles-forgotten",
        "OKTA-27",
        GROUP,
        "Roles and entitlements in a PUT are ignored.",
        _roles_forgotten,
    ),
    Fault(
        "deactivate-empties-groups",
        "OKTA-11",
        GROUP,
        "The deactivation of a member of several groups empties them.",
        _others_go_too,
    ),
)
