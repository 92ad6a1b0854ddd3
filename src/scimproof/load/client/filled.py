"""Filled request: the bytes that go on the wire beside the parts that were put into them."""

from __future__ import annotations

from typing import NamedTuple, Self

from scimproof.core.http_message import Request


class Filled(NamedTuple):
    """One request: all its bytes as they go on the wire, and its parts, so that nobody has to parse them."""

    wire: bytes
    method: str
    target: str
    body: bytes

    @classmethod
    def of(cls, request: Request) -> Self:
        """A request of the model."""
        return cls(request.wire(), request.method, request.target, request.body)
