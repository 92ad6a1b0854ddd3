"""Reads the discovery documents of a target once, and tells which needs of sequences it has."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from scimproof.catalog.loader import Catalog
from scimproof.core.discovery import Discovery, discovery_of
from scimproof.core.http_message import Exchange, Json
from scimproof.core.scim import CORE_GROUP
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target

CONFIG = "harness/service-provider-config.http"
SCHEMAS = "harness/schemas.http"
TYPES = "harness/resource-types.http"


@dataclass
class DiscoveryReader:
    """What one target says of itself; `ask` sends one of the harness's own reads. Thread-safe."""

    catalog: Catalog
    target: Target
    ask: Callable[[str], Exchange]
    found: Discovery | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def read(self) -> Discovery:
        """The Discovery, read on the first call; raises RunStopped where nothing may be sent any more."""
        with self._lock:
            if self.found is None:
                found = discovery_of(
                    self._document(CONFIG),
                    self._document(SCHEMAS),
                    self._document(TYPES),
                    self.catalog.standard_schemas,
                    frozenset(self._settings()),
                    self.target.base,
                )
                self.found = found.without(CORE_GROUP) if self.target.groups is False else found
            return self.found

    def _document(self, file: str) -> Json:
        seen = self.ask(file)
        return seen.json if seen.ok else None

    def _settings(self) -> list[str]:
        """The needs that do not come from the target but from what the user gave."""
        last = self.target.base.rpartition("/")[2]
        given = {
            "auth:bearer": isinstance(self.target.credentials, Bearer),
            "config:second-credential": self.target.other is not None,
            "tls": self.target.scheme == "https",
            "base:versioned": last[:1] == "v" and last[1:2].isdigit(),
        }
        return [name for name, held in given.items() if held]
