"""Keys of ZeroMQ's CURVE, derived from the secret that master and workers share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import zmq
from zmq.utils import z85

from scimproof.core.errors import CannotTell

SALT = b"scimproof load, master and workers, 1"
# 16 MiB and about 50 ms for each guess of somebody who recorded a handshake.
COST, BLOCK, PARALLEL = 2**14, 8, 1
LENGTH = 32  # bytes of a key of Curve25519


@dataclass(frozen=True)
class CurveKeys:
    """Key pairs of both sides, as ZeroMQ takes them (Z85 text).

    A handshake can be begun only with the master's public key. Here that key is as secret as the secret: it
    is derived from it, and CURVE never sends it. So who gets through a handshake has proved to know the
    secret, each side to the other (rfc.zeromq.org/spec/26).
    """

    public: bytes
    secret: bytes = field(repr=False)
    worker_public: bytes
    worker_secret: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str) -> CurveKeys:
        """The keys that follow from this secret, the same on every machine."""
        if not zmq.has("curve"):
            raise CannotTell(
                "the ZeroMQ library of this machine has no encryption (CURVE): pip install pyzmq"
            )
        raw = hashlib.scrypt(secret.encode(), salt=SALT, n=COST, r=BLOCK, p=PARALLEL, dklen=2 * LENGTH)
        master, worker = z85.encode(raw[:LENGTH]), z85.encode(raw[LENGTH:])
        return cls(zmq.curve_public(master), master, zmq.curve_public(worker), worker)
