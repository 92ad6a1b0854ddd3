"""A server that says back every secret it is told, wherever an answer can carry text."""

from __future__ import annotations

import base64
import contextlib
import html
import itertools
import json
import re
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs, quote, unquote_plus

from scimproof.core.http_message import Exchange, Request
from scimproof.core.redaction import passwords
from scimproof.embedded import BASE_PATH
from scimproof.embedded.app import build
from scimproof.target.target import WRONG_VALUE
from tests.engine.kit import answer, read_request, serving
from tests.matrix.inprocess import InProcess

INNER = "the-token-inside"
LATE = 600
WRONG = ("wrong-token", WRONG_VALUE)  # what is sent to be refused is nobody's secret


def spelled(secret: str) -> list[str]:
    """The secret in every spelling that a server may put into an answer."""
    raw = secret.encode()
    return [
        secret,
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        quote(secret, safe=""),
        re.sub("%..", lambda found: found[0].lower(), quote(secret, safe="")),
        *(base64.b64encode(before + raw).decode() for before in (b"", b"Bearer ", b"user:")),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
        base64.b64encode(base64.b64encode(raw)).decode(),
    ]


@dataclass
class Echo:
    """An honest server inside, and around it one that repeats what it was told.

    `mode`: "some" lets two of three requests through and adds to their answers, "late" begins so after
    the first few hundred, "errors" refuses all but the connector's test, "refuse" answers 401, "redirect"
    302, "broken" no HTTP.
    """

    mode: str
    url: str = ""
    told: set[str] = field(default_factory=set)
    issued: str = "isSu3d-acc3ss-t0ken-9Q"
    inner: InProcess = field(default_factory=lambda: InProcess(build(token=INNER)))
    _count: Iterator[int] = field(default_factory=itertools.count)

    def answer(self, request: Request) -> bytes:
        """The bytes that answer it."""
        self._listen(request)
        canary = " ".join(form for secret in sorted(self.told) for form in spelled(secret))
        if request.target.endswith("/token"):
            return self._token(request, canary)
        refused = {"refuse": 401, "redirect": 302}.get(self.mode, 500)
        if self.mode == "broken":
            return f"HTTP/1.1 {canary}\r\n\r\n".encode()
        first = "count=2" in request.target or "count=1&" in request.target
        if self.mode in ("some", "late"):
            number = next(self._count)
            through = number % 3 != 2 or (self.mode == "late" and number < LATE)
        else:
            through = self.mode == "errors" and first
        return self._through(request, canary) if through else self._refusal(request, refused, canary)

    def _listen(self, request: Request) -> None:
        for name, value in request.headers:
            if name.lower() in ("authorization", "x-api-key") and not any(w in value for w in WRONG):
                scheme, blank, rest = value.partition(" ")
                self.told |= {value, rest} if blank and scheme in ("Bearer", "Basic") else {value}
                if scheme == "Basic":
                    with contextlib.suppress(ValueError):
                        secret = base64.b64decode(rest).decode("utf-8", "replace").partition(":")[2]
                        self.told.add(unquote_plus(secret) if request.target.endswith("/token") else secret)
        self.told |= set(passwords(request))
        for value in parse_qs(request.body.decode("latin-1")).get("client_secret", []):
            self.told.add(value)

    def _token(self, request: Request, canary: str) -> bytes:
        if self.mode == "refuse":
            return self._refusal(request, 401, canary)
        self.told.add(self.issued)
        body = {"access_token": self.issued, "token_type": "Bearer", "about": canary}
        return answer(Exchange(1, request, 200, "OK", (), json.dumps(body).encode()))

    def _refusal(self, request: Request, status: int, canary: str) -> bytes:
        escaped = "".join(f"\\u{ord(char):04x}" for char in max(self.told, key=len))
        wide = "x" * (64 * 1024 - len(canary) // 2)  # the cut of a long body goes through the middle of it
        body = f'{{"detail":{json.dumps(canary)},"escaped":"{escaped}","wide":{json.dumps(wide + canary)}}}'
        headers = self._headers(canary)
        return answer(Exchange(1, request, status, canary, headers, body.encode()))

    def _through(self, request: Request, canary: str) -> bytes:
        pairs = tuple(
            (name, f"Bearer {INNER}" if name.lower() == "authorization" else value)
            for name, value in request.headers
        )
        came = self.inner.send(replace(request, headers=pairs))
        body = came.json
        if isinstance(body, dict):
            body |= {"nickName": canary, "detail": canary, "password": max(self.told, key=len)}
            for resource in body.get("Resources", []):
                resource["title"] = canary
        raw = json.dumps(body).encode() if body is not None else came.body
        kept = tuple((n, v) for n, v in came.headers if n.lower() != "content-length")
        return answer(replace(came, reason=canary, headers=kept + self._headers(canary), body=raw))

    def _headers(self, canary: str) -> tuple[tuple[str, str], ...]:
        return (
            ("X-Echo", canary),
            ("Location", f"{self.url}/Users/{quote(canary)}"),
            ("WWW-Authenticate", f'Bearer realm="{canary}"'),
            ("Set-Cookie", f"session={quote(canary)}"),
            ("Content-Type", "application/scim+json"),
            *((f"X-{secret}", "1") for secret in self.told if secret.isalnum()),
        )


@contextmanager
def echoing(mode: str) -> Iterator[Echo]:
    """The server on a loopback port."""
    echo = Echo(mode)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while raw := read_request(self.rfile):
                head, _, body = raw.partition(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                pairs = tuple((line.partition(": ")[0], line.partition(": ")[2]) for line in lines)
                self.wfile.write(echo.answer(Request(method, target, pairs, body)))
                if echo.mode == "broken":
                    return

    with serving(Handler) as port:
        echo.url = f"http://127.0.0.1:{port}{BASE_PATH}"
        yield echo
