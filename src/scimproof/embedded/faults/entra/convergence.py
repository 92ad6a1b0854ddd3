"""Faults of what is shown otherwise than it was sent: Entra sends it again in every cycle."""

import re
from collections.abc import Callable
from typing import Any

from scimproof.embedded.fault import Behave, Fault, shown
from scimproof.embedded.faults.entra.reading import ENTERPRISE
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON

GROUP = "Entra: what is shown"


def _values(name: str, change: Callable[[str], str]) -> Behave:
    """A behaviour that shows the value of each element of an attribute in another form."""

    def edit(user: JSON) -> None:
        for one in user.get(name) or []:
            if isinstance(one.get("value"), str):
                one["value"] = change(one["value"])

    return shown("Users", edit)


def _formatted(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return f"+1 ({digits[:3]}) {digits[3:]}"


def _capitalised(user: JSON) -> None:
    name = user.get("name") or {}
    for part in ("givenName", "familyName"):
        if isinstance(name.get(part), str):
            name[part] = name[part].upper()


def _without(*names: str, within: str = "") -> Callable[[JSON], None]:
    """Take attributes out of a resource, or out of one of its attributes."""

    def edit(resource: JSON) -> None:
        held: Any = resource.get(within) if within else resource
        for name in names if isinstance(held, dict) else ():
            held.pop(name, None)

    return edit


def _schemas_array(call: InterceptedRequest) -> Any:
    response = call.proceed()
    if call.kind == "Schemas" and response.body and "Resources" in response.body:
        response.body = response.body["Resources"]
    return response


def _no_group_schema(call: InterceptedRequest) -> Any:
    response = call.proceed()
    if call.kind == "Schemas" and response.body and "Resources" in response.body:
        kept = [one for one in response.body["Resources"] if not str(one.get("id")).endswith(":Group")]
        response.body |= {"Resources": kept, "totalResults": len(kept), "itemsPerPage": len(kept)}
    return response


FAULTS = (
    Fault(
        "entra-phone-formatted",
        "EN-90",
        GROUP,
        "Phone numbers are shown in another form than they were sent in.",
        _values("phoneNumbers", _formatted),
    ),
    Fault(
        "entra-name-upper-case",
        "EN-90",
        GROUP,
        "Given and family names are shown in capitals.",
        shown("Users", _capitalised),
    ),
    Fault(
        "entra-name-parts-not-shown",
        "EN-91",
        GROUP,
        "givenName and familyName do not come back.",
        shown("Users", _without("givenName", "familyName", within="name")),
    ),
    Fault(
        "entra-department-not-shown",
        "EN-91",
        GROUP,
        "The department does not come back.",
        shown("Users", _without("department", within=ENTERPRISE)),
    ),
    Fault(
        "entra-group-external-id-not-shown",
        "EN-91",
        GROUP,
        "The externalId of a group does not come back.",
        shown("Groups", _without("externalId")),
    ),
    Fault(
        "entra-title-not-shown",
        "EN-91",
        GROUP,
        "The title does not come back.",
        shown("Users", _without("title")),
    ),
    Fault(
        "entra-phones-not-shown",
        "EN-91",
        GROUP,
        "Phone numbers do not come back.",
        shown("Users", _without("phoneNumbers")),
    ),
    Fault(
        "entra-schemas-bare-array",
        "EN-92",
        GROUP,
        "/Schemas is a bare array.",
        _schemas_array,
    ),
    Fault(
        "entra-group-schema-missing",
        "EN-92",
        GROUP,
        "/Schemas has no schema of groups.",
        _no_group_schema,
    ),
)
