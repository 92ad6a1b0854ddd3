"""The body of a profile update with all that is mapped for a user (OKTA-09, OKTA-25)."""

from __future__ import annotations

from typing import Any

from scimproof.core.context import ExecutionContext
from scimproof.core.scim import ENTERPRISE_USER, value_at

from .merge import profile


def mapped(scene: ExecutionContext) -> dict[str, Any]:
    """The merge of a profile update; telephone and department only of those who have them in Okta."""
    body, blanks = profile(scene), scene.blanks
    if phone := blanks.get("user.mappedPhone"):
        body["phoneNumbers"] = [{"primary": True, "value": phone, "type": "work"}]
    if department := blanks.get("user.mappedDepartment"):
        found, named = body.get(ENTERPRISE_USER), value_at(body, "schemas")
        schemas = named if isinstance(named, list) else []
        body["schemas"] = schemas if ENTERPRISE_USER in schemas else [*schemas, ENTERPRISE_USER]
        extension = dict(found) if isinstance(found, dict) else {}
        body[ENTERPRISE_USER] = extension | {"department": department}
    return body


RULES = {"mapped": mapped}
