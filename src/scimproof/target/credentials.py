"""Credentials for the Authorization header: bearer, raw value, basic, OAuth2 client credentials."""

from __future__ import annotations

import base64
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import ClassVar

import httpx2

from scimproof.core.auth_modes import BASIC, BEARER, HEADER, OAUTH, AuthMode
from scimproof.core.errors import CannotTell, UsageError
from scimproof.core.redaction import remember

LIFETIME = 3600.0  # of an access token whose answer does not say


class Credentials(httpx2.Auth, ABC):
    """Gives the header value for the next request and all the strings that must never be shown.

    As the client's own kind of authentication it sets that header; where it stands in a request that is
    attested byte for byte, a template asks for the value.
    """

    mode: ClassVar[AuthMode | None] = None

    @abstractmethod
    def authorization(self) -> str:
        """The whole value of the Authorization header."""

    @abstractmethod
    def secrets(self) -> list[str]:
        """Every secret this holds or was given so far."""

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Set the header, in its place where the request has one."""
        request.headers["Authorization"] = self.authorization()
        yield request


def header_value(text: str, what: str) -> str:
    """The text without the line end a file brings; UsageError when no HTTP header could carry it.

    Every credential passes here, and is remembered for what may be told when there is no run to redact it.
    """
    value = text.rstrip("\r\n")
    remember(value)
    if not value.strip():
        raise UsageError(f"{what} is empty")
    if any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise UsageError(f"{what} contains a line break or another control character: no header can carry it")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise UsageError(f"{what} contains characters beyond Latin-1: no header can carry it") from None
    if value != value.strip():
        raise UsageError(f"{what} begins or ends with a blank: a header would lose it")
    return value


@dataclass(frozen=True, repr=False)
class Bearer(Credentials):
    """`Bearer <token>` (wire-facts section 2)."""

    mode = BEARER

    token: str

    def authorization(self) -> str:
        return f"Bearer {self.token}"

    def secrets(self) -> list[str]:
        return [self.token]


@dataclass(frozen=True, repr=False)
class HeaderValue(Credentials):
    """The header's value as typed, without a scheme (the Header mode of wire-facts section 2)."""

    mode = HEADER

    value: str

    def authorization(self) -> str:
        return self.value

    def secrets(self) -> list[str]:
        return [self.value, self.value.partition(" ")[2]]


@dataclass(frozen=True, repr=False)
class Basic(Credentials):
    """`Basic base64(user:password)`."""

    mode = BASIC

    user: str
    password: str

    def authorization(self) -> str:
        return "Basic " + self._encoded()

    def _encoded(self) -> str:
        return base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def secrets(self) -> list[str]:
        return [self.password, self._encoded()]


@dataclass(repr=False)
class ClientCredentials(Credentials):
    """A bearer token from a token endpoint (RFC 6749 section 4.4), renewed before it expires.

    `fetch(form)` posts the form with client authentication and returns the parsed JSON answer; it
    raises CannotTell with a sentence when the endpoint gives none. `pair` is what shows the client's secret
    on the way there. Safe to call from several threads.
    """

    mode = OAUTH

    fetch: Callable[[dict[str, str]], dict[str, object]]
    client_secret: str
    scope: str = ""
    pair: str = ""
    clock: Callable[[], float] = time.monotonic
    _token: str = ""
    _renew_at: float = 0.0
    _seen: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def authorization(self) -> str:
        with self._lock:
            if not self._token or self.clock() >= self._renew_at:
                self._renew()
            return f"Bearer {self._token}"

    def secrets(self) -> list[str]:
        return [self.client_secret, self.pair, *self._seen]

    def _renew(self) -> None:
        form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
        answer = self.fetch(form)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            told = "the token endpoint's answer has no access_token; check --token-url and --scope"
            raise CannotTell(told, setup=True)
        self._seen.append(token)
        try:
            self._token = header_value(token, "the access token")
        except UsageError as problem:
            raise CannotTell(f"the token endpoint's answer is of no use: {problem}") from None
        seconds = _seconds(answer.get("expires_in"))
        # A tenth of the lifetime, a minute at the most, is kept in hand: no request carries a dead token.
        self._renew_at = self.clock() + seconds - min(60.0, seconds / 10)


def _seconds(told: object) -> float:
    """A lifetime as the endpoint tells it: a number, or one in quotes."""
    try:
        seconds = float(told) if isinstance(told, int | float | str) else LIFETIME
    except (ValueError, OverflowError):
        return LIFETIME
    return seconds if 0 < seconds < 10**9 else LIFETIME
