"""Asks an OAuth2 token endpoint for an access token (RFC 6749 section 4.4) and repeats nothing secret."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx2

from scimproof.core.errors import CannotTell, UsageError
from scimproof.core.http_message import Exchange, Request
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

SECONDS = 15.0
# The error codes of RFC 6749 section 5.2: words that cannot carry a secret.
ERRORS = re.compile(
    r"invalid_request|invalid_client|invalid_grant|unauthorized_client|unsupported_grant_type|invalid_scope"
)
HINTS = {
    "invalid_client": "check --client-id and SCIMPROOF_CLIENT_SECRET",
    "invalid_scope": "check --scope",
    "unauthorized_client": "allow this client the client-credentials grant",
    "unsupported_grant_type": "the server does not offer the client-credentials grant",
}


@dataclass
class TokenEndpoint:
    """Where tokens come from: call it with a form, get the answer's JSON object; raises CannotTell.

    The client shows who it is by Basic authentication, and where that is refused by fields in the form
    (RFC 6749 section 2.3.1). TLS is that of the target; redirects are not followed.
    `hints` say what to do about an error code; `over` is what stands in for the network.
    """

    url: str
    client_id: str
    client_secret: str
    like: Target
    over: httpx2.BaseTransport | None = None
    hints: Mapping[str, str] = field(default_factory=lambda: HINTS)
    _in_form: bool = False

    def __call__(self, form: dict[str, str]) -> dict[str, object]:
        with HttpTransport(replace(self.like, url=self.url, headers=()), over=self.over) as client:
            exchange = self._ask(client, form)
            if not self._in_form and _refused(exchange):
                self._in_form = True
                second = self._ask(client, form)
                self._in_form = second.ok
                exchange = second if second.ok else exchange
        if not exchange.ok:
            told = f"no access token from {self._where()}: {_why(exchange, self.hints)}"
            raise CannotTell(told, setup=0 < exchange.status < 500)
        if not isinstance(exchange.json, dict):
            raise CannotTell(f"no access token from {self._where()}: its answer is not a JSON object")
        return exchange.json

    @property
    def pair(self) -> str:
        """The client's id and secret as Basic authentication sends them: as secret as the secret."""
        return base64.b64encode(":".join(self._quoted()).encode()).decode()

    def _quoted(self) -> tuple[str, str]:
        return quote_plus(self.client_id), quote_plus(self.client_secret)

    def _where(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    def _ask(self, client: HttpTransport, form: dict[str, str]) -> Exchange:
        basic, shown = [("Authorization", "")], httpx2.BasicAuth(*self._quoted())
        if self._in_form:
            basic, form = [], form | {"client_id": self.client_id, "client_secret": self.client_secret}
        body = urlencode(form).encode()
        headers = (
            ("Host", replace(self.like, url=self.url).host_header),
            ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            *basic,
            ("Content-Length", str(len(body))),
        )
        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return client.send(Request("POST", path, headers, body), SECONDS, shown if basic else None)


def token_url(text: str) -> str:
    """The endpoint's URL; UsageError when it is none, or would carry the secret in the clear."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not text.isascii():
        raise UsageError(f"--token-url {text!r} is not a URL; it should look like https://host/oauth2/token")
    if parts.scheme == "http" and not Target(text).is_loopback:
        raise UsageError("--token-url must be https: the client secret would travel in the clear")
    return text.strip()


def _refused(exchange: Exchange) -> bool:
    return exchange.status in (400, 401, 403)


def _why(exchange: Exchange, hints: Mapping[str, str]) -> str:
    if exchange.error:
        return exchange.error
    if 300 <= exchange.status < 400:
        return f"it answered {exchange.status}, a redirect, which is not followed; give the final --token-url"
    told = exchange.json.get("error") if isinstance(exchange.json, dict) else None
    if isinstance(told, str) and ERRORS.fullmatch(told):
        return f"it answered {exchange.status} {told}" + (f"; {hints[told]}" if told in hints else "")
    return f"it answered {exchange.status}"
