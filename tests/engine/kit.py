"""What the engine's tests share: a target that records raw bytes, and the command line as a process."""

from __future__ import annotations

import json
import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scimproof.core.http_message import Exchange, Request
from scimproof.embedded import BASE_PATH
from scimproof.embedded.app import build
from scimproof.session.session import Options, Session
from scimproof.target.options import TargetOptions
from tests.engine import forks
from tests.matrix.inprocess import InProcess, answered
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "secret-token"
ENVIRONMENT = {"SCIMPROOF_TOKEN": TOKEN}


@dataclass
class Recording:
    """A target on a loopback port: what arrived, byte for byte, and the application that answers."""

    app: Any
    url: str = ""
    arrived: list[bytes] = field(default_factory=list)

    def ask(self, method: str, path: str, body: object = None) -> Exchange:
        """Talk to the application directly, past the wire; `path` is below the base path."""
        data = b"" if body is None else json.dumps(body).encode()
        headers = (("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/scim+json"))
        length = (("Content-Length", str(len(data))),)
        return InProcess(self.app).send(Request(method, BASE_PATH + path, headers + length, data))

    def everything(self) -> dict[str, list[Any]]:
        """Every resource, as GETs of all pages show it."""
        return {kind: list(self._pages(kind)) for kind in ("Users", "Groups")}

    def _pages(self, kind: str) -> Iterator[Any]:
        start = 1
        while True:
            page = self.ask("GET", f"/{kind}?startIndex={start}&count=100").json
            yield from page["Resources"]
            start += 100
            if start > page["totalResults"]:
                return


@contextmanager
def recording(app: Any = None) -> Iterator[Recording]:
    """An honest target, or the application given, that keeps the bytes of every request."""
    kept = Recording(app or build(token=TOKEN))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while raw := read_request(self.rfile):
                kept.arrived.append(raw)
                head, _, body = raw.partition(b"\r\n\r\n")
                first, *lines = head.decode("latin-1").split("\r\n")
                method, target, _ = first.split(" ")
                pairs = tuple((line.partition(": ")[0], line.partition(": ")[2]) for line in lines)
                self.wfile.write(answer(answered(kept.app, Request(method, target, pairs, body))))

    with serving(Handler) as port:
        kept.url = f"http://127.0.0.1:{port}{BASE_PATH}"
        yield kept


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is no news here."""


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    """The port on which that handler serves."""
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:  # else a test that fails leaves a thread that spins on a closed socket and slows all others
            server.shutdown()


def read_request(stream: Any) -> bytes:
    """The bytes of one request; nothing at the end of the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return head + (stream.read(int(length[1])) if length else b"")


def answer(exchange: Exchange) -> bytes:
    """An answer as HTTP/1.1 bytes."""
    lines = [f"HTTP/1.1 {exchange.status} {exchange.reason}", *(f"{k}: {v}" for k, v in exchange.headers)]
    if exchange.status != 204 and exchange.header("Content-Length") is None:
        lines.append(f"Content-Length: {len(exchange.body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + exchange.body


def session(url: str | None, *wanted: str, most: int = 0, **fields: Any) -> Session:
    """A session against that target, with the token of the embedded one.

    With `most`, so many users at most are shared by its sequences: the same is asked, and a large group is
    smaller.
    """
    access = TargetOptions(url=url, **fields.pop("access", {})) if url else None
    made = Session(Options(wanted=wanted, access=access, **fields), environment=ENVIRONMENT)
    if most:
        made.sequences = [replace(one, population=min(one.population, most)) for one in made.sequences]
    return made


def play(url: str | None, *wanted: str, **fields: Any) -> tuple[Session, dict[str, Any]]:
    """Play, tidy up and report, as `scimproof run` does."""
    with session(url, *wanted, **fields) as played:
        played.preflight()
        for _ in played.play():
            pass
        played.tidy()
        return played, played.report()


def command(*arguments: str) -> list[str]:
    """The command line of scimproof."""
    return [sys.executable, "-m", "scimproof", *arguments]


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment for a child: ledgers in that folder, no credentials but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SCIMPROOF_")}
    return (
        clean | {"SCIMPROOF_LEDGERS": str(folder / "ledgers")} | dict(ENVIRONMENT if more is None else more)
    )


def scimproof(
    folder: Path, *arguments: str, more: Mapping[str, str] | None = None, seconds: float = HANG
) -> subprocess.CompletedProcess[str]:
    """Run scimproof in that folder to its end."""
    return scimproof_in(folder, arguments, environment(folder, more), seconds)


def scimproof_in(
    folder: Path, arguments: Sequence[str], settings: Mapping[str, str], seconds: float = HANG
) -> subprocess.CompletedProcess[str]:
    """The same with that environment and no other."""
    if (ran := forks.run(folder, arguments, settings, seconds)) is not None:
        return ran
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=dict(settings),
        capture_output=True,
        text=True,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
        check=False,
    )
