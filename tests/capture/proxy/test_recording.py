"""The proxy between raw sockets: every byte passes as it came, at once, and is in the file."""

from __future__ import annotations

import gzip
import socket
import threading
from pathlib import Path

import pytest

from scimproof.capture.proxy.options import ProxyOptions
from scimproof.capture.proxy.recording import RecordingProxy
from scimproof.core.errors import UsageError
from tests.capture.proxy.raw import Peer, client, passed, raw_server, recorded, recording
from tests.waiting import HANG

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
GET = b"GET /scim/v2/Users HTTP/1.1\r\nHost: h\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(b'{"userName": "ada"}')

REQUESTS = {
    "odd spelling and order": b"POST /Users?x=%7e HTTP/1.1\r\nhOST:h\r\nx-A:  two  spaces \r\nX-a: again\r\n"
    b"content-LENGTH: 3\r\nAccept:\r\n\r\nabc",
    "folded header": b"GET /Users HTTP/1.1\r\nHost: h\r\nX-Long: one\r\n\ttwo\r\n  three\r\n\r\n",
    "bare line feeds": b"GET /Users HTTP/1.1\nHost: h\nX: y\n\n",
    "not UTF-8": b"POST /Users HTTP/1.1\r\nHost: h\r\nX: \xff\xfe\r\nContent-Length: 3\r\n\r\n\xff\xc3\x28",
    "chunked with extensions and trailers": b"POST /Users HTTP/1.1\r\nHost: h\r\n"
    b'Transfer-Encoding: chunked\r\n\r\n4;name="v"\r\nWiki\r\n005\r\npedia\r\n0;last\r\nX-Trailer: t\r\n\r\n',
    "HTTP/1.0": b"GET /Users HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
    "compressed": b"POST /Users HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
    % (len(PACKED), PACKED),
}
ANSWERS = {
    "length": b'HTTP/1.1 201 \r\nlocation: /Users/1\r\nETAG:W/"1"\r\nContent-Length: 2\r\n\r\n{}',
    "length, twice": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "chunked": CHUNKED + b"A;x=y\r\n0123456789\r\n0\r\nx-checksum: 1\r\n\r\n",
    "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
    % (len(PACKED), PACKED),
    "no content": b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    "not modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n",
    "no reason": b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_arrives_as_it_was_sent(name: str, tmp_path: Path) -> None:
    request = REQUESTS[name]
    arrived, exchange = passed(tmp_path, request, OK)
    assert arrived == request
    assert exchange.request.head + exchange.request.body == request
    assert (exchange.status, exchange.error, exchange.masked, exchange.fidelity) == (200, "", (), "wire")


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_arrives_as_it_was_sent(name: str, tmp_path: Path) -> None:
    _, exchange = passed(tmp_path, GET, ANSWERS[name])
    assert exchange.answer is not None
    assert exchange.answer.head + exchange.answer.body == ANSWERS[name]
    assert not exchange.error


def test_an_answer_may_end_with_its_connection(tmp_path: Path) -> None:
    answer = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"a": 1}'
    _, exchange = passed(tmp_path, GET, answer, close=True)
    assert exchange.answer is not None
    assert exchange.answer.body == b'{"a": 1}'
    assert not exchange.error


def test_only_the_value_of_host_becomes_the_targets(tmp_path: Path) -> None:
    request = b"GET /Users HTTP/1.1\r\nX-Host: a\r\nhOsT :  proxy.example:8484 \r\nHosts: b\r\n\r\n"

    def script(peer: Peer) -> None:
        peer.until(b"\r\n\r\n")
        peer.send(OK)
        peer.rest()

    with (
        raw_server(script) as server,
        RecordingProxy(server.url, tmp_path) as proxy,
        client(proxy.port) as peer,
    ):
        peer.send(request)
        assert peer.expect(len(OK)) == OK
    host = f"127.0.0.1:{server.port}".encode()
    assert bytes(server.peers[0].got) == request.replace(b"proxy.example:8484", host)
    (exchange,) = recorded(proxy)
    assert exchange.request.head == request


def test_requests_that_follow_at_once_are_answered_and_recorded_in_order(tmp_path: Path) -> None:
    requests = [b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n", REQUESTS["compressed"], GET]
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", ANSWERS["chunked"], OK]

    def script(peer: Peer) -> None:
        peer.expect(sum(map(len, requests)))
        peer.send(b"".join(answers))
        peer.rest()

    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        peer.send(b"".join(requests))
        assert peer.expect(sum(map(len, answers))) == b"".join(answers)
    assert bytes(server.peers[0].got) == b"".join(requests)
    exchanges = recorded(proxy)
    assert [one.request.head + one.request.body for one in exchanges] == requests
    assert [one.answer and one.answer.head + one.answer.body for one in exchanges] == answers
    assert {one.connection for one in exchanges} == {1}


def test_what_drips_passes_as_it_drips(tmp_path: Path) -> None:
    """Each byte arrives before the next one is sent, in both directions."""
    request = b"POST /Users HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
    answer = CHUNKED + b"2\r\nab\r\n0\r\n\r\n"
    arrived, returned = threading.Semaphore(0), threading.Semaphore(0)

    def script(peer: Peer) -> None:
        for byte in request:
            assert peer.expect(1) == bytes([byte])
            arrived.release()
        for byte in answer:
            peer.send(bytes([byte]))
            assert returned.acquire(timeout=HANG)
        peer.rest()

    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        for byte in request:
            peer.send(bytes([byte]))
            assert arrived.acquire(timeout=HANG)
        for byte in answer:
            assert peer.expect(1) == bytes([byte])
            returned.release()
    (exchange,) = recorded(proxy)
    assert exchange.request.head + exchange.request.body == request
    assert exchange.answer is not None
    assert exchange.answer.head + exchange.answer.body == answer


def test_a_target_that_is_away_is_told_and_the_proxy_goes_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with RecordingProxy(f"http://127.0.0.1:{port}/scim/v2", tmp_path) as proxy:
        for _ in range(2):
            with client(proxy.port) as peer:
                peer.send(REQUESTS["not UTF-8"])
                answer = peer.rest()
                assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
                assert b"connection refused" in answer
    exchanges = recorded(proxy)
    assert len(exchanges) == 2
    assert all("no connection to the target" in one.error and not one.answer for one in exchanges)


def test_a_port_in_use_is_told_with_its_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ProxyOptions("http://127.0.0.1:9/scim", port=taken.getsockname()[1])
        wrong = pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1:{options.port}: .*in use")
        with wrong, RecordingProxy(options, tmp_path):
            pass
