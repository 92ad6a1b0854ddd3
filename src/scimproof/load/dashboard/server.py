"""Dashboard server: a page and a stream of events on loopback, read only, for browsers on this machine."""

from __future__ import annotations

import json
import os
import re
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from scimproof.core.errors import UsageError
from scimproof.load.dashboard.feed import RunFeed

HOST = "127.0.0.1"
# A page of somebody's that has its own name lead to 127.0.0.1 (DNS rebinding) has that name in Host.
OWN = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
PACE = 0.9  # seconds between two messages to one browser, below the second between two rows
ALIVE = 5.0  # seconds without news after which a browser that has gone is noticed
STUCK = 5.0  # seconds that a browser may take to read what it was sent
LEAVING = 1.0  # seconds in which the end is told to those who look, before the command ends
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class DashboardServer:
    """Server of the dashboard; a context manager that serves until it is left.

    It listens from when it is made; UsageError where the port is taken. `page` is the HTML, `policy` its
    content security policy. Each browser has a thread of its own, which ends when the browser goes away.
    """

    def __init__(self, feed: RunFeed, page: str, policy: str, port: int = 0) -> None:
        self._feed = feed
        try:
            self._server = _Listener(port, feed, page.encode(), policy)
        except (OSError, OverflowError) as problem:
            why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
            raise UsageError(
                f"--dashboard {port}: cannot listen on port {port} of {HOST} ({why}); "
                "name another one, or none for a free one (nothing was sent)"
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the page."""
        return f"http://{HOST}:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Tell those who look that the run is over, for a second at most, and stop."""
        self._feed.end("", "the command ended without a result: the terminal says why")
        self._server.shutdown()
        self._server.drain(time.monotonic() + LEAVING)
        self._server.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # on Windows it would take a port that somebody else listens on

    def __init__(self, port: int, feed: RunFeed, page: bytes, policy: str) -> None:
        self.feed, self.page, self.policy = feed, page, policy
        self._streams: set[threading.Thread] = set()
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without looking up the host's name, which asks a name server."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def streaming(self, stream: Callable[[], None]) -> None:
        """Do that, known as a stream that `drain` waits for."""
        own = threading.current_thread()
        self._streams.add(own)
        try:
            stream()
        finally:
            self._streams.discard(own)

    def drain(self, until: float) -> None:
        """Wait for the streams to end, up to that moment."""
        for one in list(self._streams):
            one.join(max(0.0, until - time.monotonic()))


class _Handler(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"
    timeout = STUCK

    def do_GET(self) -> None:
        if not self._from_here():
            self._answer(
                HTTPStatus.MISDIRECTED_REQUEST, b"This is served to this machine only, under 127.0.0.1.\n"
            )
            return
        match urlsplit(self.path).path:
            case "/":
                self._answer(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")
            case "/events":
                self.server.streaming(self._stream)
            case _:
                self._answer(HTTPStatus.NOT_FOUND, b"There is / and /events.\n")

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal shows the run."""

    def version_string(self) -> str:
        return "scimproof"

    def _from_here(self) -> bool:
        named = self.headers.get_all("Host", [])
        return len(named) == 1 and OWN.fullmatch(named[0].strip()) is not None

    def _answer(self, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self._head(status, kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _head(self, status: HTTPStatus, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", f"{self.server.policy}; frame-ancestors 'none'")
        for name, value in HEADERS.items():
            self.send_header(name, value)

    def _stream(self) -> None:
        """Server-sent events: everything so far, then what is new, until the run or the browser ends."""
        self._head(HTTPStatus.OK, "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        version, at, ended = 0, -1.0, False
        while not ended:
            news = self.server.feed.since(version, at, ALIVE)
            if news is None:
                self.wfile.write(b":\n\n")
                continue
            version, message = news
            at = max((one["at"] for one in message["points"]), default=at)
            ended = message["ended"] is not None
            self.wfile.write(b"data: " + json.dumps(message, separators=(",", ":")).encode() + b"\n\n")
            if not ended:
                self.server.feed.pause(PACE)
