"""Content codings are undone as RFC 9110 and RFC 1952 have them, and none of them fills the memory."""

from __future__ import annotations

import gzip
import itertools
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache

import pytest

from scimproof.core.http_message import Request
from scimproof.target.content_decoding import CODINGS, MAX_BODY, MEMBERS, read_body
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport
from tests.hostile.servers import hostile, says
from tests.load.client.test_client import once
from tests.load.scripted import answering

PLAIN = json.dumps({"totalResults": 0, "Resources": ["x" * 40] * 200}).encode()
HALF = len(PLAIN) // 2
MIB = 2**20


def bare(plain: bytes) -> bytes:
    return zlib.compress(plain, wbits=-15)


def members(*parts: bytes) -> bytes:
    return b"".join(map(gzip.compress, parts))


TWO = members(PLAIN[:HALF], PLAIN[HALF:])
RIGHT: dict[str, tuple[str, bytes]] = {
    "one member": ("gzip", members(PLAIN)),
    "two members": ("gzip", TWO),
    "a member a byte": ("gzip", members(*(bytes([byte]) for byte in PLAIN))),
    "an empty member first": ("gzip", members(b"", PLAIN)),
    "an empty member last": ("gzip", members(PLAIN, b"")),
    "padded with zeros": ("gzip", TWO + bytes(512)),
    "zeros between members": ("gzip", members(PLAIN[:HALF]) + bytes(99) + members(PLAIN[HALF:])),
    "followed by something else": ("gzip", TWO + b"junk"),
    "followed by half a magic number": ("gzip", TWO + b"\x1f"),
    "x-gzip": ("x-gzip", TWO),
    "GZip": ("GZip", TWO),
    "deflate": ("deflate", zlib.compress(PLAIN)),
    "deflate without a frame": ("deflate", bare(PLAIN)),
    "deflate, followed by something else": ("deflate", zlib.compress(PLAIN) + b"junk"),
    "bare deflate, followed by something else": ("deflate", bare(PLAIN) + b"junk"),
    "gzip, gzip": ("gzip, gzip", gzip.compress(TWO)),
    "gzip,deflate": ("gzip,deflate", zlib.compress(TWO)),
    "deflate, gzip": ("deflate, gzip", members(bare(PLAIN))),
    "identity": ("identity", PLAIN),
    "identity, gzip": ("identity, gzip", TWO),
    "gzip, identity": (" gzip , identity ,", TWO),
    "nothing at all": ("gzip", b""),
}
WRONG: dict[str, tuple[str, bytes, str]] = {
    "none": ("gzip", PLAIN, "is not the gzip it says"),
    "deflate that says gzip": ("gzip", zlib.compress(PLAIN), "is not the gzip it says"),
    "half a member": ("gzip", members(PLAIN)[:-20], "broke off"),
    "half of the second member": ("gzip", TWO[:-20], "broke off"),
    "the second member is wrong": ("gzip", members(PLAIN) + b"\x1f\x8bjunk", "is not the gzip it says"),
    "a head only": ("gzip", members(PLAIN)[:10], "broke off"),
    "a wrong checksum": ("gzip", members(PLAIN)[:-8] + bytes(8), "is not the gzip it says"),
    "half a deflate": ("deflate", zlib.compress(PLAIN)[:-9], "broke off"),
    "half a bare deflate": ("deflate", bare(PLAIN)[:-9], "broke off"),
    "no deflate": ("deflate", b"\xff" * 99, "is not the deflate it says"),
    "only packed once": ("gzip, gzip", TWO, "is not the gzip, gzip it says"),
    "packed a hundred times": (", ".join(["gzip"] * 100), TWO, "is packed 100 times"),
}


def whole(packed: bytes) -> list[bytes]:
    return [packed]


def by_the_byte(packed: bytes) -> list[bytes]:
    return [packed[place : place + 1] for place in range(len(packed))]


@pytest.mark.parametrize("cut", [whole, by_the_byte])
@pytest.mark.parametrize("name", RIGHT)
def test_s17_a_packed_body_is_decoded(name: str, cut: Callable[[bytes], list[bytes]]) -> None:
    encoding, packed = RIGHT[name]
    body = bytearray()
    assert read_body(cut(packed), encoding, body) == ""
    assert bytes(body) == (PLAIN if packed else b"")


@pytest.mark.parametrize("cut", [whole, by_the_byte])
@pytest.mark.parametrize("name", WRONG)
def test_s17_what_is_not_packed_as_it_says_is_told(name: str, cut: Callable[[bytes], list[bytes]]) -> None:
    encoding, packed, told = WRONG[name]
    assert told in read_body(cut(packed), encoding, bytearray())


@pytest.mark.parametrize("name", RIGHT)
def test_s17_a_packed_answer_is_read_by_the_run_and_under_load(name: str) -> None:
    encoding, packed = RIGHT[name]
    first, _, rest = encoding.partition(", ")
    # Two headers of one name are one list, however they come (RFC 9110 section 5.3).
    headers = [f"Content-Encoding: {word}" for word in ([first, rest] if rest else [encoding])]
    with hostile(says("200 OK", packed, *headers)) as server:
        transport = HttpTransport(Target(server.url))
        exchange = transport.send(Request("GET", "/scim/v2/Users", (("Host", "localhost"),)))
        transport.close()
    wanted = PLAIN if packed else b""
    assert (exchange.error, exchange.body) == ("", wanted)
    lines = "".join(f"{line}\r\n" for line in [*headers, f"Content-Length: {len(packed)}"])
    answer = once(answering(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + packed))
    assert (answer.error, answer.body) == ("", wanted)


@cache
def zeros() -> bytes:
    """A gigabyte in one megabyte: ten seconds of processor time, which only these tests need."""
    return gzip.compress(bytes(2**30), 9)


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a gigabyte": ("gzip", zeros),
    "a gigabyte, bare": ("deflate", lambda: bare(bytes(2**28))),
    "packed twice": ("gzip, gzip", lambda: gzip.compress(zeros(), 9)),
    "packed thrice": ("gzip, gzip, gzip", lambda: gzip.compress(gzip.compress(zeros(), 9), 9)),
    "hidden behind the end of the last coding": (
        "gzip, gzip",
        lambda: gzip.compress(members(b"{}") + bytes(2**28)),
    ),
    "members of nothing": ("gzip", lambda: members(b"") * (2 * MEMBERS)),
    "members of nothing, packed": ("gzip, gzip", lambda: gzip.compress(members(b"") * 2**20)),
    "blocks of nothing": ("deflate", lambda: b"\x78\x9c" + b"\0\0\0\xff\xff" * (MAX_BODY // 5)),
    "blocks of nothing, bare": ("deflate", lambda: b"\0\0\0\xff\xff" * (MAX_BODY // 5)),
}


@pytest.mark.xdist_group("bombs")  # one process makes the gigabyte
@pytest.mark.parametrize("name", BOMBS)
def test_s17_a_bomb_stays_bounded(name: str) -> None:
    encoding, make = BOMBS[name]
    packed, body = make(), bytearray()
    began = time.process_time()
    tracemalloc.start()
    try:
        told = read_body([packed], encoding, body)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "reading stopped" in told or "broke off" in told, told
    assert len(body) <= 64 * 1024
    assert most < 3 * MAX_BODY
    assert time.process_time() - began < 30  # without a bound the last ones would take hours


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate"])
def test_s17_what_comes_after_the_end_is_not_read_for_ever(encoding: str) -> None:
    ended = {"gzip": members(b"{}"), "deflate": zlib.compress(b"{}"), "gzip, gzip": members(members(b"{}"))}
    endless = itertools.chain([ended[encoding]], itertools.repeat(bytes(MIB)))
    assert "over 16 MiB" in read_body(endless, encoding, bytearray())


def test_s17_at_most_so_many_codings_are_undone() -> None:
    packed = PLAIN
    for _ in range(CODINGS):
        packed = gzip.compress(packed)
    body = bytearray()
    assert read_body([packed], ", ".join(["gzip"] * CODINGS), body) == ""
    assert bytes(body) == PLAIN


def test_s17_a_coding_that_nobody_knows_stays_with_those_before_it() -> None:
    body = bytearray()
    assert read_body([gzip.compress(b"\x0b\x02")], "gzip, br, gzip", body) == ""
    assert bytes(body) == b"\x0b\x02"
