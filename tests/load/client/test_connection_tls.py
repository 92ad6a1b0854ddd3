from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from scimproof.load.client.client import FRESH, LoadClient
from scimproof.load.client.response import Response
from scimproof.load.greenlets import sleep
from scimproof.target.target import Target
from tests.load.scripted import OK, Listener, Talk, answering, filled, scripted
from tests.waiting import HANG

GET = b"GET /Users HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Authority:
    """Certificates for one test module, and the files that a target names."""

    ca: trustme.CA
    bundle: Path
    client: Path

    def server(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder, ca = tmp_path_factory.mktemp("tls"), trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ca.issue_cert("client@example.com").private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
    return Authority(ca, folder / "ca.pem", folder / "client.pem")


def target(
    listener: Listener, authority: Authority, host: str = "localhost", client: Path | None = None
) -> Target:
    return Target(f"https://{host}:{listener.port}", ca_bundle=authority.bundle, client_certificate=client)


def ask(
    where: Target, times: int = 1, pause: float = 0.0, closing: Listener | None = None
) -> tuple[list[Response], LoadClient]:
    """The answers; `closing` closes after each, which is waited for."""
    sends = LoadClient(where, HANG)
    slot, answers = sends.slot(), []
    for number in range(1, times + 1):
        answers.append(slot.exchange(filled(GET), time.monotonic()))
        if closing:
            closing.wait_closed(number)
        sleep(pause)
    slot.close()
    sends.close()
    return answers, sends


@pytest.mark.parametrize("pause", [0.0, 0.02], ids=["at once", "after a pause"])
def test_a_verified_connection_is_kept_also_when_session_tickets_arrive_meanwhile(
    authority: Authority, pause: float
) -> None:
    with scripted(answering(OK), authority.server("localhost")) as listener:
        answers, sends = ask(target(listener, authority), 4, pause)
    assert [(a.status, a.body, a.error) for a in answers] == [(200, b"{}", "")] * 4
    assert (sends.connections.opened, sends.connections.stale) == (1, 0)


def test_large_answers_and_those_that_come_in_one_record_with_more(authority: Authority) -> None:
    body = b"{" + b" " * 400_000 + b"}"
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with scripted(answering(head + body), authority.server("localhost")) as listener:
        answers, _ = ask(target(listener, authority), 3)
    assert [a.body for a in answers] == [body] * 3


@pytest.mark.parametrize(
    ("names", "host"), [(["elsewhere.example.com"], "localhost"), (["localhost"], "127.0.0.1")]
)
def test_a_certificate_for_another_name_is_refused(authority: Authority, names: list[str], host: str) -> None:
    with scripted(answering(OK), authority.server(*names)) as listener:
        (answer,), _ = ask(target(listener, authority, host))
    assert (answer.error, answer.unknown) == ("refused", False)
    assert "certificate verify failed" in answer.why
    assert listener.requests == []


def test_a_certificate_of_nobody_known_is_refused(authority: Authority) -> None:
    with scripted(answering(OK), authority.server("localhost")) as listener:
        (answer,), _ = ask(Target(f"https://localhost:{listener.port}"))
    assert answer.error == "refused"
    assert listener.requests == []


def test_the_host_name_is_sent_in_the_handshake(authority: Authority) -> None:
    asked: list[str | None] = []
    context = authority.server("localhost")
    context.sni_callback = lambda _, name, __: asked.append(name)
    with scripted(answering(OK), context) as listener:
        ask(target(listener, authority))
    assert asked == ["localhost"]


@pytest.mark.parametrize("given", [True, False], ids=["given", "missing"])
def test_client_certificates(authority: Authority, given: bool) -> None:
    context = authority.server("localhost")
    context.verify_mode = ssl.CERT_REQUIRED
    authority.ca.configure_trust(context)
    with scripted(answering(OK), context) as listener:
        (answer,), _ = ask(target(listener, authority, client=authority.client if given else None))
    assert (answer.status == 200) is given
    assert bool(answer.error) is not given


def test_a_closed_connection_is_reopened(authority: Authority) -> None:
    def once(talk: Talk) -> None:
        talk.request()
        talk.answer(OK)

    with scripted(once, authority.server("localhost")) as listener:
        answers, sends = ask(target(listener, authority), 3, FRESH * 2, closing=listener)
    assert [a.status for a in answers] == [200] * 3
    assert (sends.connections.opened, sends.connections.stale) == (3, 2)


def test_a_server_that_speaks_no_tls(authority: Authority) -> None:
    with scripted(answering(b"HTTP/1.1 400 Bad\r\n\r\n")) as listener:
        sends = LoadClient(
            target(listener, authority), 0.5
        )  # it waits for the end of what it takes for a head
        slot = sends.slot()
        answer = slot.exchange(filled(GET), time.monotonic())
        slot.close()
        sends.close()
    assert answer.error in ("refused", "timeout")


def test_a_handshake_that_never_ends_meets_the_deadline(authority: Authority) -> None:
    with scripted(sleep_until_closed) as listener:
        sends = LoadClient(target(listener, authority), 0.2)
        slot = sends.slot()
        answer = slot.exchange(filled(GET), time.monotonic())
        slot.close()
        sends.close()
    assert (answer.error, answer.unknown) == ("timeout", False)


def sleep_until_closed(talk: Talk) -> None:
    while talk.socket.recv(65536):
        pass
