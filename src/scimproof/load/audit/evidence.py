"""Evidence store: the exchange of each write, within a bound of memory, to prove a violation later."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from scimproof.core.http_message import Exchange, Request
from scimproof.state.register import Write

LIMIT = 64 * 2**20
OVERHEAD = 600  # what the objects of one exchange weigh beside their bodies, about
NOT_KEPT = "not kept: this run sent more than there was room for"


class TimedAnswer(Protocol):
    """Answer that can be turned into evidence, as `scimproof.load.client.response.Response` can."""

    body: bytes

    def exchange(self, number: int, request: Request) -> Exchange:
        """The answer to that request as evidence."""
        ...


class RawExchange(NamedTuple):
    """Exchange as it was on the wire: the request as bytes, parsed only if it has to prove something."""

    wire: bytes
    answer: TimedAnswer


Proof = RawExchange | Exchange


@dataclass
class EvidenceStore:
    """Exchanges of a run by the number of the request; past `limit` bytes the oldest are dropped."""

    limit: int = LIMIT
    weight: int = 0
    dropped: int = 0
    _proofs: OrderedDict[int, Proof] = field(default_factory=OrderedDict)

    def put(self, number: int, proof: Proof) -> None:
        """Keep it as long as there is room."""
        self._proofs[number] = proof
        self.weight += _weight(proof)
        while self.weight > self.limit and self._proofs:
            self.weight -= _weight(self._proofs.popitem(last=False)[1])
            self.dropped += 1

    def exchange(self, write: Write) -> Exchange:
        """The exchange of that write; a bare one, which says so, when there was no room to keep it."""
        proof = self._proofs.get(write.number)
        if proof is None:
            request = Request(write.method, write.target, ())
            return Exchange(write.number, request, status=write.status, reason=f"({NOT_KEPT})")
        return exchange_of(write.number, proof)


def exchange_of(number: int, proof: Proof) -> Exchange:
    """The evidence under that number."""
    if isinstance(proof, Exchange):
        kept = proof
        return Exchange(
            number, kept.request, kept.status, kept.reason, kept.headers, kept.body, kept.seconds, kept.error
        )
    return proof.answer.exchange(number, request_of(proof.wire))


def request_of(wire: bytes) -> Request:
    """The request that these bytes are."""
    head, _, body = wire.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    pairs = (line.partition(": ") for line in lines)
    return Request(method, target, tuple((name, value) for name, _, value in pairs), body)


def _weight(proof: Proof) -> int:
    if isinstance(proof, Exchange):
        return OVERHEAD + len(proof.request.body) + len(proof.body)
    return OVERHEAD + len(proof.wire) + len(proof.answer.body)
