"""Stalling server: answers in 2 ms, and freezes for a second every five.

Run as `python -m scimproof.load.selftest.stalling_server`.
It prints `port start` (the moment of `time.monotonic()` at which its first cycle began) and serves one
loopback port until its standard input closes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from functools import partial

BODY = b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n" % len(BODY)


@dataclass(frozen=True)
class Stalls:
    """Stalls: answers take `answer` seconds; the server freezes for the last `frozen` of every `cycle`."""

    start: float
    answer: float = 0.002
    frozen: float = 1.0
    cycle: float = 5.0

    def latency(self, moment: float) -> float:
        """Seconds until the answer to a request that comes at that moment is there: the truth."""
        within = (moment - self.start) % self.cycle
        left = self.cycle - within
        if left <= self.frozen:  # comes while it is frozen, and is looked at afterwards
            return left + self.answer
        if left - self.answer < self.frozen:  # its answer falls into the freeze
            return left
        return self.answer


class Answering(asyncio.Protocol):
    """Connection of the server: every request is answered `answer` seconds after it came."""

    def __init__(self, answer: float) -> None:
        self.answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.write = transport.write
        self.later = asyncio.get_running_loop().call_later

    def data_received(self, data: bytes) -> None:
        self.later(self.answer, self.write, HEAD + BODY)  # requests without body, one at a time: GETs


async def serve() -> None:
    """Serve and freeze until standard input closes."""
    loop = asyncio.get_running_loop()
    stalls = Stalls(time.monotonic())
    server = await loop.create_server(partial(Answering, stalls.answer), "127.0.0.1", 0, backlog=4096)

    def freeze(end: float) -> None:
        time.sleep(max(end - time.monotonic(), 0))
        loop.call_at(end + stalls.cycle - stalls.frozen, freeze, end + stalls.cycle)

    first = stalls.start + stalls.cycle
    loop.call_at(first - stalls.frozen, freeze, first)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]} {stalls.start}\n")
    sys.stdout.flush()
    await loop.connect_read_pipe(EndWithParent, sys.stdin)
    await server.serve_forever()


class EndWithParent(asyncio.Protocol):
    """End of the process when its standard input closes, as it does when the parent is gone."""

    def connection_lost(self, exc: Exception | None) -> None:
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(serve())
