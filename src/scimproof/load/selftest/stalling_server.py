"""Stalling server: answers in 2 ms, and freezes for a second every five.

Run as `python -m scimproof.load.selftest.stalling_server`.
It prints `port start` (the moment of `time.monotonic()` at which its first cycle began) and serves one
loopback port until its standard input closes.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

from scimproof.load.client.receive_stamp import ROOM, ask_for_stamps, waited

BODY = b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}'
AWAKE = 0.0004  # seconds before an answer is due in which the server only looks at the clock
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


@dataclass
class StallingServer:
    """Server of one thread without a framework, so that what it spends on an answer itself is 20 us.

    Requests have no body and come one at a time on a connection. While it is frozen it does nothing at all.
    """

    stalls: Stalls
    listener: socket.socket
    _thawed: float = 0.0
    _clients: set[socket.socket] = field(default_factory=set)
    _due: deque[tuple[float, socket.socket]] = field(default_factory=deque)

    def serve(self) -> None:
        """Serve and freeze until standard input closes."""
        freeze = self.stalls.start + self.stalls.cycle - self.stalls.frozen
        while True:
            now = time.monotonic()
            if now >= freeze:
                time.sleep(max(freeze + self.stalls.frozen - now, 0))
                self._thawed = freeze + self.stalls.frozen
                freeze += self.stalls.cycle
                continue
            self._answer(now)
            until = min(self._due[0][0], freeze) if self._due else freeze
            # select, since poll and epoll of Python wait in whole milliseconds; awake a little before, since
            # the kernel is up to a third of a millisecond late on an idle machine.
            wait = max(until - AWAKE - time.monotonic(), 0)
            watched = {sys.stdin.fileno(): None, self.listener.fileno(): self.listener}
            watched |= {client.fileno(): client for client in self._clients}
            ready, _, _ = select.select(list(watched), [], [], wait)
            for one in map(watched.__getitem__, ready):
                if one is None:
                    return
                if one is self.listener:
                    self._accept()
                else:
                    self._read(one)

    def _accept(self) -> None:
        """All who are waiting, and what they have sent meanwhile."""
        with suppress(BlockingIOError):
            while True:
                client = self.listener.accept()[0]
                client.settimeout(0)
                ask_for_stamps(client)
                self._clients.add(client)
                self._read(client)

    def _read(self, client: socket.socket) -> None:
        try:
            asked, stamps, _, _ = client.recvmsg(65536, ROOM)
        except BlockingIOError:
            return
        except OSError:
            asked, stamps = b"", []
        if asked:
            # From when it came, unless it came while the server was frozen and nothing was looked at.
            since = waited(stamps[0][2]) if stamps else 0.0
            came = max(time.monotonic() - since, self._thawed)
            self._due.append((came + self.stalls.answer, client))
        else:
            self._clients.discard(client)
            client.close()

    def _answer(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            client = self._due.popleft()[1]
            with suppress(OSError):  # it went away meanwhile
                client.send(HEAD + BODY)


def main() -> None:
    """Print `port start`, then serve."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        listener.settimeout(0)
        stalls = Stalls(time.monotonic())
        sys.stdout.write(f"{listener.getsockname()[1]} {stalls.start}\n")
        sys.stdout.flush()
        StallingServer(stalls, listener).serve()


if __name__ == "__main__":
    main()
