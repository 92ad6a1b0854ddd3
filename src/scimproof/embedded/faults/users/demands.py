"""Faults of creates that are refused for what Okta sends, or does not send, by default."""

from scimproof.embedded.accepted_write import ENTERPRISE
from scimproof.embedded.fault import Fault, refused
from scimproof.embedded.intercepted_request import InterceptedRequest

GROUP = "create"
_CREATE = ("create",)
_UNUSUAL = ("addresses", "nickName", "timezone", "preferredLanguage", "profileUrl")


def _no_address(call: InterceptedRequest) -> bool:
    return "@" not in str(call.body.get("userName", "@"))


def _several_addresses(call: InterceptedRequest) -> bool:
    mails = call.body.get("emails")
    return isinstance(mails, list) and len(mails) > 1


def _department_alone(call: InterceptedRequest) -> bool:
    extension = call.body.get(ENTERPRISE) or {}
    return "department" in extension and "manager" not in extension


FAULTS = (
    Fault(
        "create-address-username-demanded",
        "OKTA-07",
        GROUP,
        "A userName that is no e-mail address is refused.",
        refused(
            "Users", _CREATE, 400, "userName must be an email", scim_type="invalidValue", where=_no_address
        ),
    ),
    Fault(
        "create-unusual-attributes-refused",
        "D-244",
        GROUP,
        "A create with an address, nickName, timezone, preferredLanguage or profileUrl is refused.",
        refused(
            "Users",
            _CREATE,
            400,
            "Unknown attribute",
            scim_type="invalidSyntax",
            where=lambda call: any(call.body.get(name) for name in _UNUSUAL),
        ),
    ),
    Fault(
        "create-second-email-refused",
        "D-250",
        GROUP,
        "A create with two e-mails is refused.",
        refused("Users", _CREATE, 400, "Only one email is supported", where=_several_addresses),
    ),
    Fault(
        "create-department-needs-manager",
        "D-244",
        GROUP,
        "A create with a department and no manager is refused.",
        refused("Users", _CREATE, 400, "manager is required", where=_department_alone),
    ),
)
