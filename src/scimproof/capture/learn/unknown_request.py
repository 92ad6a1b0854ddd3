"""Describes a request that is no known operation: its method, the form of its path, what it asks for."""

from __future__ import annotations

import re

from scimproof.capture.learn.shapes.request_shape import SeenRequest
from scimproof.capture.learn.shapes.similarity import asks
from scimproof.capture.learn.shapes.target_shape import decoded, filter_of
from scimproof.core.http_message import short

LONGEST = 160  # characters
_WORD = re.compile(r"\.?[A-Za-z][A-Za-z._~-]{0,40}")


def asked(seen: SeenRequest) -> str:
    """One line without values: `PATCH /Users/{id}: replace nickname`, `GET /Users?filter=emails.value eq`."""
    target = seen.target
    segments = [
        part if _WORD.fullmatch(part) and not place % 2 else "{id}" if part else ""
        for place, part in enumerate(target.segments[target.base :])
    ]
    line = f"{seen.method} /{'/'.join(segments)}"
    names = []
    for name, value in map(decoded, target.parameters):
        attribute = " ".join(filter(None, filter_of(value))) if name.lower() == "filter" else ""
        names.append(f"{name}={attribute}" if attribute else name)
    line += f"?{'&'.join(names)}" if names else ""
    if seen.method in ("POST", "PUT", "PATCH") and seen.json is not None:
        line += f": {', '.join(sorted(asks(seen.json)))}"
    return short(line, LONGEST)
