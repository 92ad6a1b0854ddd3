"""OAuth2 token endpoint: gets access tokens by client credentials (RFC 6749 section 4.4)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote_plus, urlencode, urlsplit

from scimproof.core.errors import CannotTell, UsageError
from scimproof.core.http_message import Exchange, Request
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport, Transport

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
    `hints` say what to do about an error code.
    """

    url: str
    client_id: str
    client_secret: str
    like: Target
    connect: Callable[[Target], Transport] = HttpTransport
    hints: Mapping[str, str] = field(default_factory=lambda: HINTS)
    _in_form: bool = False

    def __call__(self, form: dict[str, str]) -> dict[str, object]:
        target = replace(self.like, url=self.url, headers=())
        transport = self.connect(target)
        exchange = transport.send(self._request(target, form), SECONDS)
        if not self._in_form and _refused(exchange):
            self._in_form = True
            second = transport.send(self._request(target, form), SECONDS)
            self._in_form = second.ok
            exchange = second if second.ok else exchange
        if isinstance(transport, HttpTransport):
            transport.close()
        if not exchange.ok:
            told = f"no access token from {self._where()}: {_why(exchange, self.hints)}"
            raise CannotTell(told, setup=0 < exchange.status < 500)
        if not isinstance(exchange.json, dict):
            raise CannotTell(f"no access token from {self._where()}: its answer is not a JSON object")
        return exchange.json

    @property
    def pair(self) -> str:
        """The client's id and secret as Basic authentication sends them: as secret as the secret."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
        return base64.b64encode(pair.encode()).decode()

    def _where(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    def _request(self, target: Target, form: dict[str, str]) -> Request:
        fields = dict(form)
        headers = [
            ("Host", target.host_header),
            ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        if self._in_form:
            fields |= {"client_id": self.client_id, "client_secret": self.client_secret}
        else:
            headers.append(("Authorization", f"Basic {self.pair}"))
        body = urlencode(fields).encode()
        headers.append(("Content-Length", str(len(body))))
        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Request("POST", path, tuple(headers), body)


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
