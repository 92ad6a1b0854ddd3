"""Connections of a recording: kept, many at a time, ended from either side, over TLS, and stopped."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from scimproof.capture.proxy.options import ProxyOptions
from scimproof.capture.proxy.recording import RecordingProxy
from scimproof.core.errors import UsageError
from tests.capture.proxy.raw import Peer, RawServer, client, raw_server, recorded, recording
from tests.waiting import HANG

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
GET = b"GET /scim/v2/Users HTTP/1.1\r\nHost: h\r\n\r\n"


def answering(peer: Peer) -> None:
    """Answer each GET until the other side ends."""
    while peer.expect(len(GET)):
        peer.send(OK)


def test_connections_stay_the_senders_own(tmp_path: Path) -> None:
    """Twenty at a time, five requests on each: as many at the target, with as many on each."""
    with raw_server(answering) as server, recording(server, tmp_path) as proxy:
        together = threading.Barrier(20, timeout=HANG)

        def talk() -> None:
            with client(proxy.port) as peer:
                together.wait()
                for _ in range(5):
                    peer.send(GET)
                    assert peer.expect(len(OK)) == OK

        threads = [threading.Thread(target=talk) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [len(peer.got) for peer in server.peers] == [5 * len(GET)] * 20
    exchanges = recorded(proxy)
    assert sorted(one.connection for one in exchanges) == sorted(list(range(1, 21)) * 5)
    for connection in range(1, 21):
        numbers = [one.number for one in exchanges if one.connection == connection]
        assert numbers == sorted(numbers)
    assert (proxy.summary.connections, proxy.summary.exchanges, proxy.summary.written) == (20, 100, 100)


def test_a_body_of_16_mib_passes_and_is_kept_whole_and_a_larger_one_in_part(tmp_path: Path) -> None:
    sizes = (16 * 2**20, 17 * 2**20)
    heads = [b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size for size in sizes]

    def script(peer: Peer) -> None:
        for head, size in zip(heads, sizes, strict=True):
            peer.expect(len(head))
            body = peer.expect(size)
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            peer.send(body)
        peer.rest()

    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        for head, size in zip(heads, sizes, strict=True):
            peer.send(head + b"x" * size)
            peer.until(b"\r\n\r\n")
            assert peer.expect(size) == b"x" * size
    whole, part = recorded(proxy)
    assert whole.answer
    assert (whole.request.body, whole.answer.body) == (b"x" * sizes[0], b"x" * sizes[0])
    assert not whole.withheld
    assert len(part.request.body) == 16 * 2**20
    assert "of the request's body of 17,825,792 bytes the first 16,777,216" in part.withheld


def test_an_interim_answer_passes_before_the_body_is_sent(tmp_path: Path) -> None:
    head = b"POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"

    def script(peer: Peer) -> None:
        peer.expect(len(head))
        peer.send(interim)
        assert peer.expect(2) == b"ab"
        peer.send(OK)
        peer.rest()

    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        peer.send(head)
        assert peer.expect(len(interim)) == interim
        peer.send(b"ab")
        assert peer.expect(len(OK)) == OK
    (exchange,) = recorded(proxy)
    assert (exchange.status, exchange.request.body) == (200, b"ab")


def test_a_sender_that_sends_no_more_still_gets_its_answer(tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        assert peer.rest() == GET
        peer.send(OK)

    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        peer.send(GET)
        peer.finish()
        assert peer.rest() == OK
    (exchange,) = recorded(proxy)
    assert not exchange.error


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", "the target closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "in the middle of its answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "in the middle of its answer"),
    ],
)
def test_a_target_that_breaks_off_is_recorded_as_far_as_it_came(
    sent: bytes, error: str, tmp_path: Path
) -> None:
    def script(peer: Peer) -> None:
        peer.expect(len(GET))
        peer.send(sent)

    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        peer.send(GET)
        assert peer.rest() == sent
    (exchange,) = recorded(proxy)
    assert error in exchange.error
    assert exchange.answer is None if not sent else exchange.answer
    assert proxy.summary.failed == 1


def test_a_connection_that_the_target_resets_is_reset(tmp_path: Path) -> None:
    """An answer whose end is the connection's would else look whole."""

    def script(peer: Peer) -> None:
        peer.expect(len(GET))
        peer.send(b"HTTP/1.1 200 OK\r\n\r\npart")
        arrived.wait(HANG)
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    arrived = threading.Event()
    with raw_server(script) as server, recording(server, tmp_path) as proxy, client(proxy.port) as peer:
        peer.send(GET)
        peer.until(b"part")
        arrived.set()
        with pytest.raises(ConnectionResetError):
            peer.rest()
    (exchange,) = recorded(proxy)
    assert "in the middle of its answer" in exchange.error


def test_a_sender_that_goes_away_is_recorded_as_far_as_it_came(tmp_path: Path) -> None:
    head = b"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n"

    def script(peer: Peer) -> None:
        assert peer.rest() == head + b"abc"

    with raw_server(script) as server, recording(server, tmp_path) as proxy:
        with client(proxy.port) as peer:
            peer.send(head + b"abc")
        while not server.peers or len(server.peers[0].got) < len(head) + 3:
            time.sleep(0.005)
    (exchange,) = recorded(proxy)
    assert "went away" in exchange.error or "closed the connection" in exchange.error
    assert exchange.request.body == b"abc"


def test_another_protocol_passes_without_being_recorded(tmp_path: Path) -> None:
    upgrade = b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    notes: list[str] = []

    def script(peer: Peer) -> None:
        peer.expect(len(upgrade))
        peer.send(switched + b"\x00hello")
        assert peer.expect(5) == b"\x01back"
        peer.rest()

    with raw_server(script) as server:
        options = ProxyOptions(server.url, keep_host=True)
        with RecordingProxy(options, tmp_path, note=notes.append) as proxy, client(proxy.port) as peer:
            peer.send(upgrade)
            assert peer.expect(len(switched) + 6) == switched + b"\x00hello"
            peer.send(b"\x01back")
    (exchange,) = recorded(proxy)
    assert (exchange.status, exchange.error) == (101, "")
    assert b"hello" not in proxy.path.read_bytes()
    assert any("another protocol" in note for note in notes)


def test_http_2_passes_without_being_recorded(tmp_path: Path) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00"

    def script(peer: Peer) -> None:
        assert peer.expect(len(preface)) == preface
        peer.send(b"\x00\x01")
        peer.rest()

    with (
        raw_server(script) as server,
        RecordingProxy(server.url, tmp_path) as proxy,
        client(proxy.port) as peer,
    ):
        peer.send(preface)
        assert peer.expect(2) == b"\x00\x01"
    assert recorded(proxy) == []


def test_what_is_under_way_may_finish_when_the_recording_is_stopped(tmp_path: Path) -> None:
    stopped = threading.Event()

    def script(peer: Peer) -> None:
        peer.expect(len(GET))
        stopped.wait(HANG)
        peer.send(OK)
        peer.rest()

    with (
        raw_server(script) as server,
        recording(server, tmp_path) as proxy,
        client(proxy.port) as idle,
        client(proxy.port) as peer,
    ):
        peer.send(GET)
        while not any(one.got for one in server.peers):
            time.sleep(0.005)
        proxy.stop()
        assert idle.rest() == b""
        stopped.set()
        assert peer.rest() == OK
    (exchange,) = recorded(proxy)
    assert not exchange.error
    assert not proxy.crashed


@dataclass
class Authority:
    """Certificates, and the files that options name."""

    ca: trustme.CA
    bundle: Path
    pem: Path

    def server(self, *names: str, client_wanted: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        if client_wanted:
            context.verify_mode = ssl.CERT_REQUIRED
            self.ca.configure_trust(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder, ca = tmp_path_factory.mktemp("tls"), trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "own.pem")
    return Authority(ca, folder / "ca.pem", folder / "own.pem")


def over_tls(server: RawServer, bundle: str = "", own: str = "", *, insecure: bool = False) -> ProxyOptions:
    return ProxyOptions(
        f"https://localhost:{server.port}/scim",
        ca_bundle=bundle,
        client_cert=own,
        listen_cert=own,
        insecure=insecure,
    )


def test_both_sides_may_be_tls_with_the_targets_own_name(authority: Authority, tmp_path: Path) -> None:
    with raw_server(answering_any, authority.server("localhost", client_wanted=True)) as server:
        options = over_tls(server, str(authority.bundle), str(authority.pem))
        with RecordingProxy(options, tmp_path) as proxy:
            assert proxy.base_url == f"https://127.0.0.1:{proxy.port}/scim"
            trusting = ssl.create_default_context(cafile=str(authority.bundle))
            with client(proxy.port) as peer:
                peer.socket = trusting.wrap_socket(peer.socket, server_hostname="localhost")
                for _ in range(2):
                    peer.send(GET)
                    assert peer.expect(len(OK)) == OK
                peer.socket.close()
    assert b"Host: localhost:%d\r\n" % server.port in server.peers[0].got
    assert [one.status for one in recorded(proxy)] == [200, 200]


def answering_any(peer: Peer) -> None:
    """Answer each request without a body."""
    try:
        while peer.until(b"\r\n\r\n"):
            peer.send(OK)
    except AssertionError:
        return


def test_a_certificate_that_is_not_trusted_is_told(authority: Authority, tmp_path: Path) -> None:
    with (
        raw_server(answering_any, authority.server("localhost")) as server,
        RecordingProxy(over_tls(server), tmp_path) as proxy,
        client(proxy.port) as peer,
    ):
        peer.send(GET)
        assert b"its certificate is not trusted: " in peer.rest()
    assert server.peers[0].got == b""
    (exchange,) = recorded(proxy)
    assert "certificate is not trusted" in exchange.error


def test_with_insecure_any_certificate_will_do(authority: Authority, tmp_path: Path) -> None:
    with (
        raw_server(answering_any, authority.server("elsewhere")) as server,
        RecordingProxy(over_tls(server, insecure=True), tmp_path) as proxy,
        client(proxy.port) as peer,
    ):
        peer.send(GET)
        assert peer.expect(len(OK)) == OK


def test_wrong_certificates_are_refused_before_anything_listens(authority: Authority, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for options in (
        ProxyOptions("https://localhost/scim", ca_bundle=str(wrong)),
        ProxyOptions("https://localhost/scim", client_cert=str(wrong)),
        ProxyOptions("https://localhost/scim", client_key=str(authority.pem)),
        ProxyOptions("http://localhost/scim", listen_cert=str(wrong)),
        ProxyOptions("http://localhost/scim", listen_key=str(wrong)),
    ):
        with pytest.raises(UsageError, match=r"certificate files|--client-key|--listen-key"):
            options.check()
