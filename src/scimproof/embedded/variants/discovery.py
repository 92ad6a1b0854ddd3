"""Variants of the discovery documents and of who may read them."""

from typing import Any

from scim2_models import Resource
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation

from scimproof.embedded.discovery import Documents
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.protocol.assignment import assign
from scimproof.embedded.responses import JSON, is_error
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant

_VENDOR_URN = "urn:example:vendor:2.0:User"
_VENDOR_NAME = "VendorUser"
_CONFIG = "ServiceProviderConfig"
_DISCOVERED = (Operation.schemas, Operation.schema, Operation.resource_types, Operation.resource_type)
_DEFAULTS = {
    "required": False,
    "caseExact": False,
    "mutability": "readWrite",
    "returned": "default",
    "uniqueness": "none",
}


def _open(service: Service, _: Store) -> None:
    service.open_operations.update(_DISCOVERED)


def _closed(service: Service, _: Store) -> None:
    service.open_operations.clear()


def _without_meta(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.kind == _CONFIG and response.body and not is_error(response):
        response.body.pop("meta", None)
    return response


def _without_defaults(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.kind == "Schemas" and response.body and not is_error(response):
        for schema in response.body.get("Resources", [response.body]):
            for attribute in schema["attributes"]:
                for each in (attribute, *attribute.get("subAttributes", [])):
                    _strip(each)
    return response


def _strip(attribute: JSON) -> None:
    for name, value in _DEFAULTS.items():
        if attribute.get(name) == value:
            del attribute[name]


def _vendor_extension(documents: Documents) -> None:
    tenant = {
        "name": "tenant",
        "type": "string",
        "multiValued": False,
        "description": "The tenant that the user belongs to.",
        "mutability": "readOnly",
    }
    documents.schemas.append(
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": _VENDOR_URN,
            "name": _VENDOR_NAME,
            "description": "What the vendor adds to every user.",
            "attributes": [tenant],
        }
    )
    documents.types[0]["schemaExtensions"].append({"schema": _VENDOR_URN, "required": False})


def _in_a_tenant(_: Service, store: Store) -> None:
    def adjust(kind: str, resource: Resource[Any]) -> None:
        if kind == "User":
            model: Any = type(resource).get_extension_model(_VENDOR_URN)
            assign(resource, _VENDOR_NAME, model(tenant="north"))

    store.adjust.append(adjust)


def _vendor_members(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    body = response.body
    message = body is not None and (is_error(response) or "Resources" in body or "id" not in body)
    if body is not None and message:
        body["vendorTrace"] = {"node": 7}
    return response


VARIANTS = (
    Variant("discovery-open", "All discovery documents are readable without credentials.", arrange=_open),
    Variant(
        "discovery-closed",
        "No discovery document is readable without credentials.",
        ("rfc7643-5-open",),
        arrange=_closed,
    ),
    Variant("spc-without-meta", "The configuration has no meta.", behave=_without_meta, edge=True),
    Variant(
        "schemas-without-defaults",
        "Schemas leave out characteristics that have the default value.",
        behave=_without_defaults,
        edge=True,
    ),
    Variant(
        "extra-members",
        "Lists, errors and the configuration have members of the vendor, users an extension.",
        describe=_vendor_extension,
        arrange=_in_a_tenant,
        behave=_vendor_members,
        edge=True,
    ),
)
