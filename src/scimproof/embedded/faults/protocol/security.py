"""Security faults that show in answers."""

import copy
import hashlib
from collections.abc import Callable
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON, is_error, resources

GROUP = "security"


def _password_shown(form: Callable[[str], str], *, where: str = "") -> Behave:
    """A behaviour that stores passwords and shows them in this form."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if call.kind != "Users":
            return response
        sent = _password_of(call)
        with call.kept("passwords", dict[str, str]) as known:
            for user in resources(response):
                if sent and call.action != "list":
                    known[user["id"]] = form(sent)
                if user["id"] in known and where in {"", call.action}:
                    user["password"] = known[user["id"]]
        return response

    return behave


def _password_of(call: InterceptedRequest) -> str:
    values = [op["value"] for op in call.operations if isinstance(op.get("value"), dict)] or [call.body]
    return next((str(value["password"]) for value in values if value.get("password")), "")


def _hashed(password: str) -> str:
    return "{SHA256}" + hashlib.sha256(password.encode()).hexdigest()


@when("Users", "create")
def _chosen_id(call: InterceptedRequest) -> ScimResponse:
    user = call.fetch("Users", str(call.body.get("id", ""))) if call.body.get("id") else None
    if user is None:
        return call.proceed()
    response = call.ask("PUT", f"/Users/{user['id']}", call.body)
    if ok(response):
        response.status = HTTPStatus.CREATED
    return response


def _assigned(call: InterceptedRequest) -> ScimResponse:
    """Store and show any attribute that a client sends, privileges included."""
    taken = _take_privileges(call)
    response = call.send() if taken else call.proceed()
    if call.kind == "Users":
        with call.kept("extra", dict[str, JSON]) as extra:
            for user in resources(response):
                if taken and call.action != "list":
                    extra.setdefault(user["id"], {}).update(taken)
                user.update(copy.deepcopy(extra.get(user["id"], {})))
    return response


def _take_privileges(call: InterceptedRequest) -> JSON:
    holders = [op["value"] for op in call.operations if isinstance(op.get("value"), dict)] or [call.body]
    names = {"isAdmin", "isSuperuser", "is_admin", "role", "admin", "superuser"}
    return {name: holder.pop(name) for holder in holders for name in names & set(holder)}


def _injected(call: InterceptedRequest) -> ScimResponse:
    text = call.request.query.get("filter", "").lower()
    return listing(call, call.all(call.kind)) if "' or '" in text else call.proceed()


def _authorization_header(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    response.headers["X-Debug-Authorization"] = call.request.header("Authorization") or ""
    return response


def _token_in_error(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if is_error(response) and response.body:
        sent = call.request.header("Authorization") or "nothing"
        response.body["detail"] = f"{response.body.get('detail')} (authorization was {sent})"
    return response


@when("Users", "create", "replace")
def _body_in_error(call: InterceptedRequest) -> ScimResponse:
    sent = call.request.body.decode("utf-8", "replace")
    response = call.proceed()
    if is_error(response) and response.body:
        response.body["detail"] = f"{response.body.get('detail')}: {sent}"
    return response


FAULTS = (
    Fault("password-returned", "D-327", GROUP, "Passwords are returned.", _password_shown(str)),
    Fault(
        "password-hash-returned",
        "D-327",
        GROUP,
        "Hashes of passwords are returned.",
        _password_shown(_hashed),
    ),
    Fault(
        "password-listed",
        "D-327",
        GROUP,
        "Lists and lookups show passwords.",
        _password_shown(str, where="list"),
    ),
    Fault(
        "client-chooses-id",
        "D-313",
        GROUP,
        "A create with an id that exists overwrites that user.",
        _chosen_id,
    ),
    Fault("mass-assignment", "D-314", GROUP, "Privileges can be set as attributes.", _assigned),
    Fault(
        "filter-injection",
        "D-320",
        GROUP,
        "A quote in a filter changes the query: all are returned.",
        _injected,
    ),
    Fault(
        "token-in-header", "D-322", GROUP, "Answers repeat the Authorization header.", _authorization_header
    ),
    Fault("token-in-error", "D-322", GROUP, "Errors repeat the token.", _token_in_error, edge=True),
    Fault("password-in-error", "D-322", GROUP, "Errors repeat the body with the password.", _body_in_error),
)
