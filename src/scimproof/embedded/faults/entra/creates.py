"""Faults of creates, and of reads of what was created."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Fault, refused, when
from scimproof.embedded.faults.entra.reading import CORE, ENTERPRISE
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error

GROUP = "Entra: creates"
_OF_THE_RFC = ("urn:ietf:params:scim:schemas:core:", "urn:ietf:params:scim:schemas:extension:enterprise:")


def _named_and_absent(call: InterceptedRequest) -> bool:
    return ENTERPRISE in (call.body.get("schemas") or []) and ENTERPRISE not in call.body


def _without_email(call: InterceptedRequest) -> bool:
    return not call.body.get("emails")


def _empty_roles(call: InterceptedRequest) -> bool:
    return call.body.get("roles") == []


@when("Users", "create")
def _custom_extension_lost(call: InterceptedRequest) -> ScimResponse:
    """What is no schema of the RFCs is accepted, and gone."""
    for name in [name for name in call.body if name.startswith("urn:") and name != ENTERPRISE]:
        del call.body[name]
    known = {CORE, ENTERPRISE}
    return call.send({**call.body, "schemas": [urn for urn in call.body["schemas"] if urn in known]})


def _custom_extension_undeclared(call: InterceptedRequest) -> ScimResponse:
    """The same, and /Schemas lists none that is not the RFCs'."""
    if call.on("Users", "create"):
        return _custom_extension_lost(call)
    response = call.proceed()
    if call.kind == "Schemas" and response.body and "Resources" in response.body:
        kept = [one for one in response.body["Resources"] if one.get("id", "").startswith(_OF_THE_RFC)]
        response.body |= {"Resources": kept, "totalResults": len(kept), "itemsPerPage": len(kept)}
    return response


@when("Users", "read")
def _not_readable(_: InterceptedRequest) -> ScimResponse:
    return error(405, "Users are found by a filter")


def _custom_extension(call: InterceptedRequest) -> bool:
    return any(name.startswith("urn:") and name != ENTERPRISE for name in call.body)


FAULTS = (
    Fault(
        "entra-extension-demanded",
        "ENTRA-07",
        GROUP,
        "A create whose schemas name an extension that it does not have is refused.",
        refused("Users", ("create",), 400, "The extension is missing", where=_named_and_absent),
    ),
    Fault(
        "entra-email-demanded",
        "ENTRA-07",
        GROUP,
        "A create without an e-mail address is refused.",
        refused("Users", ("create",), 400, "emails is required", where=_without_email),
    ),
    Fault(
        "entra-empty-roles-refused",
        "ENTRA-07",
        GROUP,
        "A create with an empty list of roles is refused.",
        refused("Users", ("create",), 400, "roles must not be empty", where=_empty_roles),
    ),
    Fault(
        "entra-custom-extension-lost",
        "EN-24",
        GROUP,
        "A custom extension in a create is accepted and not stored.",
        _custom_extension_lost,
    ),
    Fault(
        "entra-custom-extension-undeclared",
        "EN-24",
        GROUP,
        "A custom extension is accepted and not stored, and /Schemas does not list it.",
        _custom_extension_undeclared,
    ),
    Fault(
        "entra-custom-extension-500",
        "EN-24",
        GROUP,
        "A create with a custom extension gets 500.",
        refused("Users", ("create",), 500, "Internal server error", where=_custom_extension),
    ),
    Fault(
        "entra-read-405",
        "ENTRA-08",
        GROUP,
        "A read of a user by id gets 405.",
        _not_readable,
    ),
)
