"""Definition of a fault of the simulated Bitwarden, and builders of its behaviour."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from scimproof.embedded.bitwarden.http import JSON, ServiceAnswer, ServiceRequest
from scimproof.embedded.bitwarden.vault import Vault


class Proceed(Protocol):
    """Calls the unchanged service with this or another request."""

    def __call__(self, sent: ServiceRequest = ...) -> ServiceAnswer: ...


@dataclass(frozen=True)
class ServiceCall:
    """A request passing through a fault; `memory` is the fault's state, kept as long as the server."""

    request: ServiceRequest
    vault: Vault
    memory: dict[str, Any]
    proceed: Proceed

    @property
    def kind(self) -> str:
        """`users` or `groups`, empty for other paths."""
        pieces = self.request.path.lower().split("/")
        return pieces[3] if len(pieces) > 3 and pieces[3] in ("users", "groups") else ""

    @property
    def id(self) -> str:
        """The id in the path."""
        pieces = self.request.path.lower().rstrip("/").split("/")
        return pieces[4] if len(pieces) > 4 else ""

    @property
    def body(self) -> JSON:
        """The JSON object in the request, or an empty one."""
        try:
            found = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def on(self, method: str, kind: str) -> bool:
        return self.request.method == method and self.kind == kind

    def send(self, body: JSON) -> ServiceAnswer:
        """Proceed with another body."""
        return self.proceed(dataclasses.replace(self.request, body=json.dumps(body).encode()))


Behave = Callable[[ServiceCall], ServiceAnswer]


@dataclass(frozen=True)
class ServiceFault:
    """One fault; `mends` is the documented deviation that it removes, if any."""

    name: str
    summary: str
    behave: Behave
    mends: str = ""


def resources(answer: ServiceAnswer) -> list[JSON]:
    """The resources in an answer: those of a list, or the one."""
    body = answer.body
    if not isinstance(body, dict) or answer.status >= 400:
        return []
    listed = body.get("resources", body.get("Resources"))
    return listed if isinstance(listed, list) else [body]


def shown(kind: str, edit: Callable[[ServiceCall, JSON], None]) -> Behave:
    """A behaviour that edits every resource of a kind in every answer."""

    def behave(call: ServiceCall) -> ServiceAnswer:
        answer = call.proceed()
        if call.kind == kind:
            for resource in resources(answer):
                edit(call, resource)
        return answer

    return behave
