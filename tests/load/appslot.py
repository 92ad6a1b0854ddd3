"""A slot whose other end is the embedded target in this process; keeps what was sent."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from scimproof.core.http_message import Exchange, Request
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.target.target import Target
from tests.matrix.inprocess import InProcess


@dataclass
class Recording:
    """A transport for the certified run that remembers the bytes."""

    inner: InProcess
    wires: list[bytes] = field(default_factory=list)

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        self.wires.append(request.wire())
        return self.inner.send(request, seconds)

    def until(self, moment: float) -> None:
        """Nothing takes long here."""


class AppSlot(Slot):
    """Answers by calling the application; `wires` is all that was sent."""

    def __init__(self, target: Target, inner: InProcess) -> None:
        super().__init__(LoadClient(target))
        self.inner = inner
        self.wires: list[bytes] = []

    def exchange(self, filled: Filled, due: float) -> Response:
        self.wires.append(filled.wire)
        answer = Response(due)
        answer.sent = time.monotonic()
        exchange = self.inner.send(parsed(filled.wire))
        lines = [f"HTTP/1.1 {exchange.status} {exchange.reason}"]
        lines += [f"{name}: {value}" for name, value in exchange.headers]
        answer.head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        answer.status, answer.body = exchange.status, exchange.body
        answer.error, answer.why = ("closed", exchange.error) if exchange.error else ("", "")
        answer.first = answer.done = answer.read = time.monotonic()
        return answer


def parsed(wire: bytes) -> Request:
    """The message as a request again."""
    head, _, body = wire.partition(b"\r\n\r\n")
    line, *rest = head.decode().split("\r\n")
    method, target, _ = line.split(" ")
    pairs = [text.partition(": ") for text in rest]
    return Request(method, target, tuple((name, value) for name, _, value in pairs), body)


def same_ids_each_time(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Let the embedded target give out a repeatable row of ids from now on."""
    rng = random.Random(seed)
    monkeypatch.setattr("scimproof.embedded.store.uuid4", lambda: UUID(int=rng.getrandbits(128), version=4))
