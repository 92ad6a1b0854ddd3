"""Fast JSON parser for answers under load."""

from __future__ import annotations

import orjson

from scimproof.core.http_message import Json, crowded, parse_json


def load_json(body: bytes) -> Json:
    """JSON parsed fast; what only the slower parser takes is left to it. None for anything else."""
    if crowded(body):
        return None
    try:
        return orjson.loads(body)
    except ValueError:
        return parse_json(body)
