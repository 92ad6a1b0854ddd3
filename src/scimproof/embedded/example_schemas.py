"""Schemas of the embedded target beyond RFC 7643's: custom attributes, one of each kind, and rooms."""

from typing import Any

CUSTOM_URN = "urn:scimproof:custom:2.0:User"
WORKSITE_URN = "urn:ietf:params:scim:schemas:extension:custom:2.0:User"
EXAMPLE_URN = "urn:scimproof:params:scim:schemas:extension:example:2.0:User"
ROOM_URN = "urn:scimproof:params:scim:schemas:example:2.0:Room"
EXAMPLE_NAME = "ExampleUser"

_SCHEMA_URN = "urn:ietf:params:scim:schemas:core:2.0:Schema"


def _attribute(name: str, description: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    known = {"name": name, "type": kind, "multiValued": False, "description": description}
    return {**known, "required": False, "mutability": "readWrite", "returned": "default", **more}


# Okta sends custom profile attributes under a URN of the administrator's choosing, in exactly these
# four types. The library refuses a URN it does not know with 400, so one is registered for the suites.
CUSTOM = {
    "schemas": [_SCHEMA_URN],
    "id": CUSTOM_URN,
    "name": "CustomUser",
    "description": "Custom attributes, one for each type Okta's profile editor offers.",
    "attributes": [
        {"name": "badge", "type": "string", "multiValued": False, "description": "A string."},
        {"name": "floor", "type": "integer", "multiValued": False, "description": "An integer."},
        {"name": "contractor", "type": "boolean", "multiValued": False, "description": "A boolean."},
        {"name": "skills", "type": "string", "multiValued": True, "description": "An array of strings."},
    ],
}

# The form of a URN that Entra's documentation shows for attributes of one's own (ENTRA-17).
WORKSITE = {
    "schemas": [_SCHEMA_URN],
    "id": WORKSITE_URN,
    "name": "WorksiteUser",
    "description": "Where somebody works.",
    "attributes": [
        {"name": "employeeNumber", "type": "string", "multiValued": False, "description": "A string."},
        {"name": "worksiteId", "type": "string", "multiValued": False, "description": "A string."},
    ],
}

# The core schemas have no decimal or dateTime of the client's, nothing immutable outside members and nothing
# that is returned on request: here is one of each, so that questions about them have something to ask.
EXAMPLE = {
    "schemas": [_SCHEMA_URN],
    "id": EXAMPLE_URN,
    "name": EXAMPLE_NAME,
    "description": "One attribute of each type and of each characteristic.",
    "attributes": [
        _attribute("deskNumber", "The number of the desk.", "integer"),
        _attribute("workload", "The share of full time.", "decimal"),
        _attribute("remote", "Whether the person works from elsewhere.", "boolean"),
        _attribute("hiredAt", "When the contract began.", "dateTime"),
        _attribute("fingerprint", "The fingerprint of a key.", "binary", caseExact=True),
        _attribute(
            "homepage", "A page about the person.", "reference", referenceTypes=["external"], caseExact=True
        ),
        _attribute("policy", "The policy that applies.", "reference", referenceTypes=["uri"], caseExact=True),
        _attribute(
            "parking",
            "The parking space.",
            "complex",
            subAttributes=[
                _attribute("lot", "The name of the car park."),
                _attribute("level", "The level in it.", "integer"),
            ],
        ),
        _attribute(
            "languages",
            "The languages that the person speaks.",
            "complex",
            multiValued=True,
            subAttributes=[
                _attribute("value", "The name of the language."),
                _attribute("display", "The name for people."),
                _attribute("type", "How well.", canonicalValues=["native", "fluent", "basic"]),
                _attribute("primary", "Whether it is the preferred one.", "boolean"),
            ],
        ),
        _attribute("shirtSize", "The size of shirts.", canonicalValues=["S", "M", "L", "XL"]),
        _attribute("costKey", "Set once.", mutability="immutable", caseExact=True),
        _attribute("biography", "Shown to those who ask for it.", returned="request"),
        _attribute("staffCode", "Shown in every answer.", returned="always"),
        _attribute("serial", "Given by the server.", mutability="readOnly", caseExact=True),
        _attribute("pin", "Shown to nobody.", mutability="writeOnly", returned="never", caseExact=True),
        _attribute("loginAlias", "A name in which letter case counts.", caseExact=True),
        _attribute("deskPhone", "A number that one person has.", uniqueness="server"),
    ],
}

ROOM = {
    "schemas": [_SCHEMA_URN],
    "id": ROOM_URN,
    "name": "Room",
    "description": "Room",
    "attributes": [
        _attribute("name", "What the room is called.", required=True),
        _attribute("building", "The building it is in."),
        _attribute("floor", "The floor it is on.", "integer"),
        _attribute("capacity", "How many people it holds.", "integer"),
        _attribute("accessible", "Whether it is reached without stairs.", "boolean"),
        _attribute("opened", "Since when it is in use.", "dateTime"),
        _attribute("equipment", "What is in it.", multiValued=True),
    ],
}

ROOM_TYPE = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "id": "Room",
    "name": "Room",
    "endpoint": "/Rooms",
    "description": "Meeting rooms",
    "schema": ROOM_URN,
}
