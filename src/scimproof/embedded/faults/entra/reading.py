"""What faults read in the PATCHes of Entra, in either dialect."""

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MANAGER = f"{ENTERPRISE}:manager"
_VALUE_PATH = re.compile(r'(?P<name>\w+)\[(?P<by>\w+) eq "(?P<which>[^"]*)"\]\.(?P<sub>\w+)')

users = when("Users", "patch")
groups = when("Groups", "patch")


def op_of(operation: JSON) -> str:
    """Its op in small letters."""
    return str(operation.get("op")).lower()


def path_of(operation: JSON) -> str:
    """Its path, or an empty string."""
    return str(operation.get("path") or "")


def value_path(operation: JSON) -> re.Match[str] | None:
    """The parts of a path such as emails[type eq "work"].value: name, by, which, sub."""
    return _VALUE_PATH.fullmatch(path_of(operation))


def pathless(call: InterceptedRequest) -> Iterator[JSON]:
    """The values of operations without a path."""
    for operation in call.operations:
        if not operation.get("path") and isinstance(operation.get("value"), dict):
            yield operation["value"]


def elements(operation: JSON) -> list[JSON]:
    """The objects in the value of an operation."""
    value = operation.get("value")
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, dict)]


def any_of(fits: Callable[[JSON], object]) -> Callable[[InterceptedRequest], bool]:
    """A condition on requests: one of the operations fits."""
    return lambda call: any(map(fits, call.operations))


def rejected(
    kind: str, fits: Callable[[JSON], object], detail: str, scim_type: str | None = None, status: int = 400
) -> Behave:
    """A behaviour that refuses a PATCH in which an operation fits."""

    @when(kind, "patch")
    def behave(call: InterceptedRequest) -> ScimResponse:
        return error(status, detail, scim_type) if any(map(fits, call.operations)) else call.proceed()

    return behave


def dropped(kind: str, fits: Callable[[JSON], object]) -> Behave:
    """A behaviour that leaves out the operations that fit, and answers as if they had been done."""

    @when(kind, "patch")
    def behave(call: InterceptedRequest) -> ScimResponse:
        return only(call, [one for one in call.operations if not fits(one)])

    return behave


def only(call: InterceptedRequest, operations: list[JSON]) -> ScimResponse:
    """Proceed with these operations; with none left, only pretend."""
    if operations == call.operations:
        return call.proceed()
    return call.send({**call.body, "Operations": operations}) if operations else call.unchanged()


def then(call: InterceptedRequest, *operations: JSON) -> ScimResponse:
    """The conforming answer to a PATCH of the same resource with these operations."""
    return call.ask("PATCH", call.request.path, {"schemas": [PATCH_SCHEMA], "Operations": list(operations)})


def stored(call: InterceptedRequest, **changes: Any) -> ScimResponse:
    """Store the resource in the path with these changes; attributes that are None are left out."""
    changed = {**(call.current() or {}), **changes}
    return call.ask(
        "PUT", call.request.path, {key: value for key, value in changed.items() if value is not None}
    )


def answer_of(call: InterceptedRequest) -> ScimResponse:
    """The resource in the path as it is now, as the answer to a PATCH of it."""
    if call.kind == "Groups":
        return ScimResponse(HTTPStatus.NO_CONTENT)
    return call.ask("GET", call.request.path)
