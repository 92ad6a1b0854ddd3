"""Whatever two sides send each other, HTTP or not: every byte arrives, and the proxy goes on."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from tests.capture.proxy.raw import Peer, client, raw_server, recording
from tests.capture.proxy.test_framing import CHUNKED, GET, POST
from tests.waiting import HANG

STREAMS = 60
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
ANSWERS = (
    OK,
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nto the end",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x00\x01",
    b"nothing of HTTP",
)


def mutated(chosen: random.Random, messages: tuple[bytes, ...]) -> bytes:
    """Some of the messages, and now and then a few bytes changed, lost or doubled."""
    data = bytearray(b"".join(chosen.choices(messages, k=chosen.randrange(5))))
    for _ in range(chosen.choice([0, 0, 1, 3])):
        if data:
            at = chosen.randrange(len(data))
            data[at : at + chosen.randrange(4)] = chosen.randbytes(chosen.randrange(4))
    return bytes(data)


def sent_in_pieces(chosen: random.Random, peer: Peer, data: bytes) -> None:
    while data:
        size = chosen.choice([1, 7, 50, 5000])
        peer.send(data[:size])
        data = data[size:]
    peer.finish()


def test_every_byte_arrives_whatever_it_is(tmp_path: Path) -> None:
    asked = [
        mutated(random.Random(seed), (GET, POST, CHUNKED, b"PRI * HTTP/2.0\r\n\r\n"))
        for seed in range(STREAMS)
    ]
    answered = [mutated(random.Random(-seed), ANSWERS) for seed in range(STREAMS)]
    number = iter(range(STREAMS))

    def script(peer: Peer) -> None:
        seed = next(number)  # one connection after another
        sending = threading.Thread(
            target=sent_in_pieces, args=(random.Random(seed), peer, answered[seed]), daemon=True
        )
        sending.start()
        assert peer.rest() == asked[seed], seed
        sending.join(HANG)

    with raw_server(script) as server, recording(server, tmp_path) as proxy:
        for seed in range(STREAMS):
            with client(proxy.port) as peer:
                sending = threading.Thread(
                    target=sent_in_pieces, args=(random.Random(seed), peer, asked[seed]), daemon=True
                )
                sending.start()
                assert peer.rest() == answered[seed], seed
                sending.join(HANG)
    assert not proxy.crashed
