"""Running counts: what a load run has counted so far, added up of what its generator tells each second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scimproof.load.export.definitions import DEFINITIONS, Counted, Definition, Point
from scimproof.load.metrics.counters import Packed

Made = TypeVar("Made")


@dataclass
class RunningCounts:
    """Running counts of a run; the thread of the command adds to them, those of the exports read them."""

    _counted: Counted = field(default_factory=Counted)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, packed: Packed, in_flight: int) -> None:
        """Add what one process of the generator counted."""
        with self._lock:
            self._counted.metrics.add(packed)
            self._counted.in_flight = in_flight

    def each(self, make: Callable[[Definition, list[Point]], Made]) -> list[Made]:
        """What `make` gives of each metric that has any value; nothing is added meanwhile."""
        with self._lock:
            read = ((one, list(one.points(self._counted))) for one in DEFINITIONS)
            return [make(one, points) for one, points in read if points]


@dataclass(frozen=True)
class RunAttributes:
    """Attributes of a whole run: what distinguishes it from others in a store of metrics; no secret."""

    plan: str
    sender: str
    prefix: str
    version: str
    host: str
    port: int

    def resource(self) -> dict[str, Any]:
        """Resource attributes, in the conventions of OpenTelemetry where they have a name for it."""
        return {
            "service.name": "scimproof",
            "service.version": self.version,
            "service.instance.id": self.prefix,
            "server.address": self.host,
            "server.port": self.port,
            "scimproof.plan": self.plan,
            "scimproof.sender": self.sender,
        }
