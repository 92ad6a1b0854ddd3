"""What passes between a master's and a worker's socket, seen from the wire between them; told as JSON.

A process of its own, since Locust patches the one it is in: `python -m tests.load.rpc.wire`.
"""

from __future__ import annotations

import locust  # isort: skip  # noqa: F401 - first: it patches what everything after it imports

import json
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import gevent  # type: ignore[import-untyped]
import zmq
import zmq.green
from gevent import socket, spawn
from gevent.server import StreamServer  # type: ignore[import-untyped]
from locust.rpc import Message
from locust.rpc.zmqrpc import Client

from scimproof.core.errors import CannotTell
from scimproof.load.rpc.curve_keys import CurveKeys
from scimproof.load.rpc.encrypted_sockets import EncryptedClient, EncryptedServer
from scimproof.load.rpc.knock import knock
from tests.load.rpc import WORD

HERE = "127.0.0.1"
RIGHT, WRONG = "the secret of this run", "the secret of another run"
WAIT = 2.0  # seconds after which a message between two sockets of one process does not come any more

Change = Callable[[bytes], bytes]


class Wire:
    """Wire to a master: keeps what passes, and may change what the worker sends."""

    def __init__(self, port: int, change: Change = bytes) -> None:
        self.port, self.change = port, change
        self.sent, self.heard = bytearray(), bytearray()
        self.server = StreamServer((HERE, 0), self._pass)
        self.server.start()

    def _pass(self, worker: Any, _: object) -> None:
        master = socket.create_connection((HERE, self.port))
        there = spawn(self._copy, worker, master, self.sent, self.change)
        self._copy(master, worker, self.heard, bytes)
        there.kill()

    @staticmethod
    def _copy(source: Any, to: Any, kept: bytearray, change: Change) -> None:
        try:
            while data := source.recv(65536):
                kept += data
                to.sendall(change(data))
        except OSError:
            pass
        finally:
            to.close()


class Master:
    """Master's socket, with what came to it and whom it refused."""

    def __init__(self, secret: str = RIGHT) -> None:
        self.came: list[str] = []
        self.refused: list[list[str]] = []
        self.server = EncryptedServer(HERE, 0, CurveKeys.of(secret), lambda *one: self.refused.append([*one]))
        endpoint = self.server.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        self.port = int(endpoint.rpartition(":")[2])
        self._listening = spawn(self._listen)

    def _listen(self) -> None:
        while True:
            client, message = self.server.recv_from_client()  # type: ignore[no-untyped-call]
            self.came.append(message.data)
            self.server.send_to_client(Message("job", WORD, client))  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._listening.kill()
        self.server.close(linger=0)  # type: ignore[no-untyped-call]


def answered(client: Any) -> str:
    """What a worker hears after it has said something."""
    client.send(Message("hello", WORD, "worker"))  # type: ignore[no-untyped-call]
    with gevent.Timeout(WAIT, exception=False):
        return str(client.recv().data)
    return ""


def of_worker(port: int, secret: str) -> str:
    with closing(EncryptedClient(HERE, port, "worker", CurveKeys.of(secret))) as client:
        return answered(client)


def refusal(port: int, secret: str) -> str:
    try:
        return str(knock(HERE, port, CurveKeys.of(secret), 5.0, lambda: ""))
    except CannotTell as problem:
        return str(problem).replace(f":{port}", ":PORT")


def flipped(data: bytes) -> bytes:
    """The same with the last bit of each message changed; the parts of the handshake pass as they are."""
    return data[:-1] + bytes([data[-1] ^ 1]) if MESSAGE in data else data


MESSAGE = b"\x07MESSAGE"  # how CURVE begins each message of the conversation, and none of the handshake


def main() -> None:
    told: dict[str, Any] = {}
    with closing(Master()) as master:
        wire = Wire(master.port)
        told["right"] = of_worker(wire.server.server_port, RIGHT)
        told["right came"], master.came[:] = [*master.came], []
        passed = bytes(wire.sent + wire.heard)
        keys = CurveKeys.of(RIGHT)
        secrets = [WORD.encode(), RIGHT.encode(), keys.public, keys.secret, zmq.utils.z85.decode(keys.public)]
        told["seen"] = [secret in passed for secret in secrets]
        told["wrong"] = of_worker(master.port, WRONG)
        plain = Client(HERE, master.port, "worker")  # type: ignore[no-untyped-call]
        told["plain"] = answered(plain)
        plain.close(linger=0)  # type: ignore[no-untyped-call]
        told["refused"] = master.refused
        told["knocks"] = [refusal(master.port, secret) for secret in (RIGHT, WRONG)]
        told["came of strangers"] = [*master.came]
        again = socket.create_connection((HERE, master.port))
        again.sendall(bytes(wire.sent))
        gevent.sleep(WAIT)
        told["came of a replay"] = [*master.came]
        changing = Wire(master.port, flipped)
        told["changed"] = of_worker(changing.server.server_port, RIGHT)
        told["came of a change"] = [*master.came]
    stranger = zmq.green.Context().socket(zmq.ROUTER)
    told["no master"] = refusal(stranger.bind_to_random_port(f"tcp://{HERE}"), RIGHT)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
