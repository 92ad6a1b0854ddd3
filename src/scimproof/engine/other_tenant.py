"""Other credentials than the run's own: which requests go out with them, and what they may not touch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote

from scimproof.core.definitions import CUT_TOKEN, OTHER_TOKEN, SMALL_SCHEME, Sequence
from scimproof.core.http_message import Exchange, Request
from scimproof.core.scim import GONE, shows
from scimproof.target.credentials import Credentials

NONE_GIVEN = "no token of another tenant was given (--other-token-env)"
UNSEEN = frozenset({401, 403, *GONE})


def needs_other_token(sequence: Sequence) -> bool:
    """Whether a sequence sends requests with the other token."""
    return any(step.authorization == OTHER_TOKEN for step in sequence.steps)


@dataclass(frozen=True)
class OtherTenant:
    """What is sent with the token of another tenant.

    Its requests are known by OTHER_TOKEN in Authorization. The token takes its place on the way out only: no
    exchange that is kept has it.
    """

    credentials: Credentials
    prefix: str

    def dressed(self, request: Request) -> Request:
        """The request as it goes out."""
        return _with(request, self.credentials.authorization())

    def refusal(self, request: Request, read: Callable[[Request], Exchange]) -> str:
        """Why this write must not be sent with the other token; empty when it may be.

        Another tenant may have a resource of the same id: only an id that is nobody's there, or that shows
        this run's resource, is written to, and nothing is created.
        """
        if request.method == "GET":
            return ""
        if request.method == "POST":
            return "not sent: nothing is created with the other token"
        headers = tuple(pair for pair in request.headers if not pair[0].lower().startswith("content-"))
        path = request.target.partition("?")[0]
        seen = read(Request("GET", request.target, headers))
        if seen.status in UNSEEN and not seen.error:
            return ""
        if seen.ok and shows(seen.json, unquote(path.rpartition("/")[2]), self.prefix):
            return ""
        return f"not sent: with the other token {path} may be somebody else's ({seen.summary()})"


def is_of_other_tenant(request: Request) -> bool:
    """Whether that request is to go out with the other token."""
    return any(name.lower() == "authorization" and value == OTHER_TOKEN for name, value in request.headers)


def with_stand_in(request: Request, authorization: Callable[[], str]) -> Request | None:
    """The request with what its Authorization stands for, made of the run's own; None for any other request.

    As with the other token, no exchange that is kept has it.
    """
    given = next((value for name, value in request.headers if name.lower() == "authorization"), "")
    if given == CUT_TOKEN:
        return _with(request, authorization()[:-1])
    if given == SMALL_SCHEME:
        scheme, blank, token = authorization().partition(" ")
        return _with(request, f"{scheme.lower()}{blank}{token}")
    return None


def as_own(request: Request, authorization: str) -> Request:
    """The same request with the run's own credentials."""
    return _with(request, authorization)


def _with(request: Request, authorization: str) -> Request:
    return replace(request, headers=tuple(_replaced(request.headers, authorization)))


def _replaced(headers: Iterable[tuple[str, str]], authorization: str) -> Iterable[tuple[str, str]]:
    for name, value in headers:
        yield name, authorization if name.lower() == "authorization" else value
