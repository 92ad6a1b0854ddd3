"""SCIM bodies in a report: values by path, e-mail, members.

They are copies of those of core/scim.py for reports, in which a list is never walked by index.
"""

from __future__ import annotations

from typing import Any


def look(body: Any, path: str) -> Any:
    """The value at a path (`name.familyName`, `urn:...:User/manager`) in any letter case, None for none."""
    value = body
    for part in path.split("/") if path.startswith("urn:") else path.split("."):
        if not isinstance(value, dict):
            return None
        exact = value.get(part)
        value = exact if part in value else _other_case(value, part)
    return value


def _other_case(value: dict[str, Any], name: str) -> Any:
    lower = name.lower()
    return next((found for key, found in value.items() if str(key).lower() == lower), None)


def primary_email(body: Any) -> Any:
    """The primary e-mail's value; the first one's where none says it is primary; else None."""
    emails = look(body, "emails")
    entries = [entry for entry in emails if isinstance(entry, dict)] if isinstance(emails, list) else []
    primary = [entry for entry in entries if entry.get("primary") is True] or entries
    return primary[0].get("value") if primary else None


def member_ids(body: Any) -> frozenset[str]:
    """The ids of a group's members."""
    members = look(body, "members")
    entries = members if isinstance(members, list) else []
    return frozenset(str(entry.get("value")) for entry in entries if isinstance(entry, dict))


def is_integer(value: Any) -> bool:
    """A JSON integer; true and "1" are none."""
    return isinstance(value, int) and not isinstance(value, bool)
