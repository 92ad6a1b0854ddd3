"""A server of known capacity: so many slots, each taken for so long by a request. It sleeps.

`python -m tests.load.slotted SLOTS MILLISECONDS` serves one until its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from tests.waiting import HANG

BASE = "/scim/v2"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
NAMED = re.compile(r'userName eq "([^"]*)"')
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@dataclass
class Slotted:
    """Users in memory; `slots` requests at a time take `seconds` each, the others wait in a queue."""

    slots: int
    seconds: float
    url: str = ""
    asked: int = 0
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    _busy: asyncio.Semaphore = field(init=False)

    @property
    def capacity(self) -> float:
        """Requests per second."""
        return self.slots / self.seconds

    async def serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        """Serve until it is over."""
        self._busy = asyncio.Semaphore(self.slots)
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=1024)
        async with server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{BASE}"
            ready.set()
            await over.wait()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = LENGTH.search(head)
                body = await reader.readexactly(int(found[1])) if found else b""
                async with self._busy:
                    await asyncio.sleep(self.seconds)
                method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
                writer.write(self._answer(method, target.removeprefix(BASE), body))
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        self.asked += 1
        where, _, query = path.partition("?")
        status, answer = self._done(method, where.rpartition("/")[2], unquote_plus(query), body)
        data = b"" if answer is None else json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/scim+json\r\n"
        return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data

    def _done(self, method: str, id: str, query: str, body: bytes) -> tuple[int, dict[str, Any] | None]:
        if method == "POST":
            made = json.loads(body) | {"id": f"u{len(self.users) + 1}"}
            self.users[made["id"]] = made
            return 201, made
        if method == "DELETE":
            return (204, None) if self.users.pop(id, None) else (404, {"status": "404"})
        if id in self.users:
            return 200, self.users[id]
        if id != "Users":
            return 404, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"}
        named = NAMED.search(query)
        found = [user for user in self.users.values() if named is None or user["userName"] == named[1]]
        page = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        first, count = int(page.get("startIndex", 1)), int(page.get("count", 100))
        some = found[first - 1 : first - 1 + count]
        counts = {"totalResults": len(found), "startIndex": first, "itemsPerPage": len(some)}
        return 200, {"schemas": [LIST], **counts, "Resources": some}


@contextmanager
def slotted(slots: int, seconds: float) -> Iterator[Slotted]:
    """Such a server in a thread of this process."""
    server, ready, loops = Slotted(slots, seconds), threading.Event(), []
    over = asyncio.Event()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve(ready, over)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(HANG)
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(HANG)


def main() -> None:
    """Print the URL, serve until standard input closes."""
    with slotted(int(sys.argv[1]), float(sys.argv[2]) / 1000) as server:
        sys.stdout.write(f"{server.url} carries {server.capacity:g} requests/s\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
