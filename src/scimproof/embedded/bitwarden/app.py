"""The simulated Bitwarden as a WSGI application: SCIM, Public API, token endpoint and hooks on one port."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from scimproof.embedded.bitwarden import CLIENT_SECRET, ORGANIZATION, hooks
from scimproof.embedded.bitwarden.faults.behaviour import FAULTS
from scimproof.embedded.bitwarden.faults.definition import ServiceCall, ServiceFault
from scimproof.embedded.bitwarden.http import ServiceAnswer, ServiceRequest, read, write
from scimproof.embedded.bitwarden.options import ServerOptions
from scimproof.embedded.bitwarden.public_api import PublicApi
from scimproof.embedded.bitwarden.scim import service
from scimproof.embedded.bitwarden.vault import Vault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PROXY = "/scim"  # what the proxy of a self-hosted server takes off


def base_path(knobs: ServerOptions, organization: str = ORGANIZATION) -> str:
    """The path of the SCIM base URL."""
    return f"{_PROXY if knobs.hosting == 'self' else ''}/v2/{organization}"


class Bitwarden:
    """One organization's server; `vault` is what it holds.

    `key` is the SCIM key, `secret` that of the Public API, `faults` are names of `FAULTS` (KeyError for an
    unknown one), `delay` is in seconds and is added to every answer of SCIM.
    """

    def __init__(
        self,
        *,
        key: str = "secret-token",
        secret: str = CLIENT_SECRET,
        knobs: ServerOptions | None = None,
        faults: Sequence[str] = (),
        delay: float = 0.0,
    ) -> None:
        self.vault = Vault(knobs or ServerOptions())
        self.public = PublicApi(self.vault, secret)
        self._key = key
        self._delay = delay
        self._faults: list[tuple[ServiceFault, dict[str, object]]] = [(FAULTS[name], {}) for name in faults]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a WSGI request."""
        request = read(environ)
        answer = hooks.answer(self.vault, request) or self.public.answer(request) or self._scim(request)
        return write(answer, start_response)

    def _scim(self, request: ServiceRequest) -> ServiceAnswer:
        if self._delay:
            time.sleep(self._delay)
        if self.vault.knobs.hosting == "self":
            if not request.path.lower().startswith(f"{_PROXY}/"):
                return ServiceAnswer(404)
            request = dataclasses.replace(request, path=request.path[len(_PROXY) :])
        with self.vault.lock:
            return self._through(self._faults, request)

    def _through(
        self, faults: list[tuple[ServiceFault, dict[str, object]]], request: ServiceRequest
    ) -> ServiceAnswer:
        if not faults:
            return service.answer(self.vault, request, self._key)
        (fault, memory), rest = faults[0], faults[1:]
        return fault.behave(
            ServiceCall(request, self.vault, memory, lambda sent=request: self._through(rest, sent))
        )
