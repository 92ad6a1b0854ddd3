"""The embedded target as a WSGI application: scim2-server's SCIM core, corrected, behind faults."""

import hmac
import re
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from scim2_models import NotFoundException, UnauthorizedException
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from scimproof.embedded import BASE_PATH
from scimproof.embedded.discovery import provider
from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import FAULTS, UNSEEN
from scimproof.embedded.faults.entra import OWN_FAULTS as ENTRA_FAULTS
from scimproof.embedded.faults.entra.validator import TOOL_FAULTS
from scimproof.embedded.faults.rfc import RFC_FAULTS
from scimproof.embedded.intercepted_request import InterceptedRequest, WireRequest
from scimproof.embedded.protocol.handler import Handler
from scimproof.embedded.responses import RawResponse, encode
from scimproof.embedded.service import Service, TwoCredentialsException, WrongTokenException
from scimproof.embedded.store import Store
from scimproof.embedded.variants import VARIANTS
from scimproof.embedded.variants.definition import Variant

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from _typeshed.wsgi import WSGIApplication as WSGICallable

_MOUNT = BASE_PATH.removesuffix("/v2")  # the library adds /v2 itself
# RFC 7644 section 3.13: without a version the newest is meant, and another one is refused.
_SERVED = re.compile(rf"{BASE_PATH}(/|$)|{_MOUNT}/(?!v\d+(/|$))[^/]")

_Serve = Callable[[ScimRequest], ScimResponse]
_Chain = list[tuple[Fault, dict[str, Any]]]


def build(
    *,
    token: str = "secret-token",
    faults: Sequence[str] = (),
    delay: float = 0.0,
    variants: Sequence[str] = (),
) -> "WSGICallable":
    """A new, empty target; `delay` is in seconds and is added to every answer.

    `faults` are names of `FAULTS`, `UNSEEN`, `RFC_FAULTS`, `ENTRA_FAULTS` or `TOOL_FAULTS`; the first named
    sees a request first. `variants` are names of `VARIANTS`. Raises KeyError for an unknown one.
    """
    known = {**FAULTS, **UNSEEN, **RFC_FAULTS, **ENTRA_FAULTS, **TOOL_FAULTS}
    return Application(token, [known[name] for name in faults], delay, [VARIANTS[name] for name in variants])


class Application(WSGIApplication):
    """One target: its store, its token, its faults, and in which legal ways it is unusual."""

    def __init__(
        self, token: str, faults: Sequence[Fault], delay: float, variants: Sequence[Variant] = ()
    ) -> None:
        self.store = Store()
        described = provider(tuple(each.describe for each in variants if each.describe))
        service = Service(described)
        super().__init__(self.store, described, service)
        self.handler = Handler(service, self.store)
        self._open_operations = service.open_operations
        self._token = token.encode()
        self._delay = delay
        for variant in variants:
            if variant.arrange is not None:
                variant.arrange(service, self.store)
        chain = [*faults, *(variant.as_fault() for variant in variants if variant.behave)]
        self._outside: _Chain = [(fault, {}) for fault in chain if fault.outside]
        self._edge: _Chain = [(fault, {}) for fault in chain if fault.edge]
        self._core: _Chain = [(fault, {}) for fault in chain if not (fault.edge or fault.outside)]

    def check_auth(self, request: ScimRequest) -> None:
        """Accept only the one bearer token, in the header."""
        header = request.header("Authorization") or ""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise UnauthorizedException
        if "access_token" in request.query:
            raise TwoCredentialsException
        if not hmac.compare_digest(token.strip().encode(), self._token):
            raise WrongTokenException

    def needs_auth(self, request: ScimRequest) -> bool:
        """Whether a request needs credentials: not the configuration, which RFC 7643 section 5 has open."""
        return self.service.match(request).operation not in self._open_operations

    def read_request(self, environ: "WSGIEnvironment") -> ScimRequest:
        """Read the request, with the query string undecoded: some faults are about decoding it."""
        return WireRequest(**vars(super().read_request(environ)), raw_query=environ.get("QUERY_STRING", ""))

    def serve(self, request: ScimRequest) -> ScimResponse:
        """Answer a request through the faults before and behind authentication."""
        return self._through(self._edge, request, self._authenticated)

    def _authenticated(self, request: ScimRequest) -> ScimResponse:
        try:
            if self.needs_auth(request):
                self.check_auth(request)
        except Exception as exception:  # noqa: BLE001  (the library turns each into a SCIM error)
            return self.handle_exception(request, exception)
        return self._through(self._core, request, self._honest)

    def _honest(self, request: ScimRequest) -> ScimResponse:
        try:
            return self.handler.handle(request)
        except Exception as exception:  # noqa: BLE001
            return self.handle_exception(request, exception)

    def _nothing(self, _: ScimRequest | None = None) -> ScimResponse:
        detail = f"Nothing is served here. The base path is {BASE_PATH}."
        return self.service.error_response(NotFoundException(detail=detail))

    def _through(self, faults: _Chain, request: ScimRequest, last: _Serve) -> ScimResponse:
        if not faults:
            return last(request)
        (fault, memory), rest = faults[0], faults[1:]

        def proceed() -> ScimResponse:
            return self._through(rest, request, last)

        return fault.behave(InterceptedRequest(request, self.store, memory, proceed, self._honest))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve a WSGI request below `BASE_PATH`. HEAD is GET, without the body."""
        if self._delay:
            time.sleep(self._delay)
        path = environ.get("PATH_INFO", "")
        head = environ.get("REQUEST_METHOD") == "HEAD"
        if _SERVED.match(path):
            # WSGI hands the path over as Latin-1; without this, a non-ASCII id comes back garbled.
            path = path.encode("latin-1").decode("utf-8", "replace")
            method = "GET" if head else environ["REQUEST_METHOD"]
            wsgi = {"SCRIPT_NAME": _MOUNT, "PATH_INFO": path.removeprefix(_MOUNT), "REQUEST_METHOD": method}
            response = self.serve(self.read_request({**environ, **wsgi}))
        elif not self._outside:
            response = self._nothing()
        else:
            wsgi = {"SCRIPT_NAME": _MOUNT, "PATH_INFO": f"/v2{path.removeprefix(_MOUNT)}"}
            response = self._through(self._outside, self.read_request({**environ, **wsgi}), self._nothing)
        body = _write(response, start_response)
        return [] if head else body


def _write(response: ScimResponse, start_response: "StartResponse") -> list[bytes]:
    headers = {"Cache-Control": "no-cache", **response.headers}
    if isinstance(response, RawResponse):
        body = response.raw
    elif response.body is None:
        body = b""
        headers.pop("Content-Type", None)
    else:
        body = encode(response.body)
    if response.status != HTTPStatus.NO_CONTENT:
        headers.setdefault("Content-Length", str(len(body)))
    start_response(f"{response.status.value} {response.status.phrase}", list(headers.items()))
    return [body]
