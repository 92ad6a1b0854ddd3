"""Error texts that an administrator sees for a failed operation (templates in suites/operations.toml)."""

from __future__ import annotations

import json
import re
from typing import Any

from scimproof.core.escaping import line

Row = dict[str, Any]


def error_text(operation: Row | None, exchange: Row | None) -> str:
    """The text that the provider shows for this answer; "" where it is no error, or the text is unknown."""
    if not operation or not exchange or exchange["status"] < 400:
        return ""
    filled = {"reason": exchange["reason"], "detail": _detail(exchange["body"], operation)}
    return re.sub(r"\{(reason|detail)\}", lambda match: line(filled[match[1]], 300), operation["error"])


def _detail(body: str, operation: Row) -> str:
    """The detail of an error answer, read as the provider reads it."""
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return str(operation["not_json"])
    detail = found.get("detail") if isinstance(found, dict) else None
    return detail if isinstance(detail, str) else ""
