"""Packed counters as JSON, for the line in which a generator process tells them to the command line."""

from __future__ import annotations

import base64
from typing import Any

from scimproof.load.metrics.counters import Packed

BYTES = "base64"  # the only key of the object that stands for bytes
LEFT_OUT: Packed = {"judged": {}}  # what answers said is for the report alone, and never for an export


def to_json(packed: Packed) -> dict[str, Any]:
    """What `Metrics.take` gave as plain JSON, without the findings of the sample; bytes are base64."""
    return {name: _plain(part) for name, part in packed.items() if name not in LEFT_OUT}


def from_json(told: dict[str, Any]) -> Packed:
    """What `Metrics.add` takes, of what `to_json` gave."""
    return {name: _packed(part) for name, part in told.items()} | LEFT_OUT


def _plain(part: Any) -> Any:
    if isinstance(part, bytes):
        return {BYTES: base64.b64encode(part).decode("ascii")}
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items()}
    return [_plain(value) for value in part] if isinstance(part, list) else part


def _packed(part: Any) -> Any:
    if isinstance(part, dict):
        if part.keys() == {BYTES}:
            return base64.b64decode(part[BYTES])
        return {name: _packed(value) for name, value in part.items()}
    return [_packed(value) for value in part] if isinstance(part, list) else part
