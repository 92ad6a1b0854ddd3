"""What happens on the wire: legal ways to answer stay quiet, nothing is sent twice, no innocent is blamed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.embedded.app import build
from scimproof.load.client.client import LoadClient
from scimproof.load.client.filled import Filled
from scimproof.target.credentials import Bearer
from scimproof.target.in_flight import InFlight
from scimproof.target.outage import Silence, kind
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport
from tests.engine.kit import TOKEN, answer, play
from tests.right import wire
from tests.right.wire import Served, Writes, plainly, served

SMALL = (
    "okta.oin.connect",
    "okta.oin.user.create",
    "okta.oin.user.update",
    "okta.oin.user.deactivate",
    "okta.oin.group.push",
)
HEADERS = (("Host", "x"), ("Authorization", f"Bearer {TOKEN}"))
GET = Request("GET", "/scim/v2/Users?startIndex=1&count=2", HEADERS)
ONE = Request("GET", "/scim/v2/Users/nobody", HEADERS)
LEGAL: dict[str, Writes] = {
    "HTTP/1.0": wire.http_1_0,
    "Connection: close": wire.closing,
    "closed without a word": wire.slipping_away,
    "chunked with a trailer": wire.in_chunks,
    "100 and 103 before": wire.with_early_answers,
    "in crumbs": wire.in_crumbs,
    "no length": wire.nothing_said_about_length,
    "204 with length 0": wire.length_0_with_204,
}


@pytest.fixture(autouse=True)
def _ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIMPROOF_LEDGERS", str(tmp_path / "ledgers"))


def writing(method: str, id: str = "nobody") -> Request:
    """A request that changes something."""
    body = b"" if method == "DELETE" else b"{}"
    more = (("Content-Type", "application/scim+json"), ("Content-Length", str(len(body))))
    return Request(
        method, f"/scim/v2/Users/{id}" if method != "POST" else "/scim/v2/Users", HEADERS + more, body
    )


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_way_to_answer_changes_no_verdict(name: str) -> None:
    with served(LEGAL[name]) as server:
        _, document = play(server.url, *SMALL, parallel=3)
    odd = [f for f in document["findings"] if f["verdict"] not in ("pass", "not-applicable")]
    assert odd == []
    assert document["ledger"]["left"] == []


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_way_to_answer_is_no_error_under_load(name: str) -> None:
    with served(LEGAL[name]) as server:
        sender = LoadClient(Target(server.url), 5.0)
        slot = sender.slot()
        try:
            found = [slot.exchange(Filled.of(GET), time.monotonic()) for _ in range(6)]
        finally:
            slot.close()
            sender.close()
    assert [(one.status, one.error, one.surplus) for one in found] == [(200, "", False)] * 6


def transport(server: Served, seconds: float = 5.0) -> HttpTransport:
    return HttpTransport(Target(server.url, seconds=seconds))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_c05_what_times_out_on_a_kept_connection_is_not_sent_again(method: str) -> None:
    hang = threading.Event()

    def writes(connection: socket.socket, exchange: Exchange) -> bool:
        if exchange.request.target.endswith("nobody"):
            hang.wait(5)
        return plainly(connection, exchange)

    request = ONE if method == "GET" else writing(method)
    with served(writes) as server:
        sends = transport(server, 0.5)
        assert sends.send(GET).status == 200
        found = sends.send(request)
        hang.set()
        sends.close()
    assert (found.error, found.lost) == ("no complete answer within 0.5 s", "")
    assert [one.method for one in server.requests] == ["GET", method]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("method", "times"), [("GET", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)]
)
def test_c05_only_what_is_safe_is_repeated_where_an_idle_connection_was_closed(
    method: str, times: int
) -> None:
    def writes(connection: socket.socket, exchange: Exchange) -> bool:
        first = sum(one.target == exchange.request.target for one in server.requests) == 1
        return False if first and exchange.request.target != GET.target else plainly(connection, exchange)

    request = ONE if method == "GET" else writing(method)
    with served(writes) as server:
        sends = transport(server)
        assert sends.send(GET).status == 200
        found = sends.send(request)
        sends.close()
    assert sum(one.target == request.target for one in server.requests) == times
    assert (found.lost, bool(found.error)) == (("", False) if times == 2 else ("closed", True))


def test_c05_half_an_answer_is_no_idle_connection() -> None:
    def writes(connection: socket.socket, exchange: Exchange) -> bool:
        if exchange.request.target != GET.target:
            connection.sendall(b"HTTP/1.1 2")
            return False
        return plainly(connection, exchange)

    with served(writes) as server:
        sends = transport(server)
        sends.send(GET)
        found = sends.send(writing("PUT"))
        sends.close()
    assert "broke off" in found.error
    assert [one.method for one in server.requests] == ["GET", "PUT"]


def test_c05_a_target_that_ends_with_the_request_is_told_by_that_request() -> None:
    with served(ends_at=lambda request: request.method == "PUT") as server:
        sends = transport(server)
        sends.send(GET)
        found = sends.send(writing("PUT"))
        sends.close()
    assert found.lost == "closed"
    assert "refused" not in found.error
    assert sum(one.method == "PUT" for one in server.requests) == 1


@contextmanager
def line(server: Served) -> Iterator[RetryingClient]:
    sends = transport(server)
    try:
        yield RetryingClient(sends, Bearer(TOKEN), alive=lambda: bool(sends.send(GET).status))
    finally:
        sends.close()


def ended(server: Served, killer: Request, bystanders: list[Request]) -> tuple[list[Exchange], list[str]]:
    """What sending all of these at once gives: exchanges that were judged, and why the others were not."""
    judged: list[Exchange] = []
    causes: list[str] = []
    with line(server) as sender:
        for request in (GET, ONE, writing("POST")):
            sender.send(request)  # of these kinds the target has answered some

        def one(request: Request) -> None:
            try:
                judged.append(sender.send(request))
            except RunStopped as cause:
                causes.append(str(cause))

        with ThreadPoolExecutor(max_workers=12) as pool:
            list(pool.map(one, [*bystanders, killer, *bystanders]))
        assert sender.stopped()
    return judged, causes


@pytest.mark.parametrize(
    "turn", [0, 1, *(pytest.param(turn, marks=pytest.mark.nightly) for turn in range(2, 5))]
)
def test_c04_only_what_ended_the_target_is_judged_and_the_others_name_it(turn: int) -> None:
    slow = threading.Event()

    def writes(connection: socket.socket, exchange: Exchange) -> bool:
        if exchange.request.target.endswith(("a1", "a2", "a3")):
            slow.wait(3)  # under way when the target ends
        return plainly(connection, exchange)

    killer = writing("PUT", f"killer{turn}")
    with served(writes, ends_at=lambda request: request.method == "PUT") as server:
        bystanders = [Request("GET", f"/scim/v2/Users/a{n}", HEADERS) for n in (1, 2, 3)]
        judged, causes = ended(server, killer, bystanders)
        slow.set()
    assert [(one.request.target, one.lost) for one in judged if one.error] == [(killer.target, "ended")]
    assert all(killer.target in cause for cause in causes)
    assert causes
    assert sum(one.target == killer.target for one in server.requests) == 1


def test_c04_where_several_may_have_ended_it_all_are_named() -> None:
    silence = Silence()
    silence.note(Exchange(1, GET, status=200))
    silence.note(Exchange(2, GET, error="closed", lost="closed"))
    put, delete = (
        Exchange(n, writing(m), error="closed", lost="closed") for n, m in ((3, "PUT"), (4, "DELETE"))
    )
    for lost in (put, delete, Exchange(5, GET, error="no connection", lost="unsent")):
        silence.note(lost)
    silence.gone()
    assert silence.suspects() == [put, delete]
    assert silence.told() == (
        "the target was gone after one of PUT /scim/v2/Users/nobody, DELETE /scim/v2/Users/nobody: closed; "
        "since then: no connection"
    )


def test_c04_a_target_that_ends_between_two_requests_names_the_last_it_answered() -> None:
    with served() as server, line(server) as sender:
        sender.send(ONE)
        server.end()
        with pytest.raises(
            RunStopped, match=r"the target was gone; .*refused; the last that it answered: GET .*/nobody"
        ):
            sender.send(writing("POST"))
    assert not any(one.method == "POST" for one in server.requests)


def test_c04_a_target_that_only_restarts_is_waited_for_and_nothing_is_sent_twice() -> None:
    with served(ends_at=lambda request: request.method == "PUT") as server, line(server) as sender:
        sender.send(GET)
        threading.Timer(1.0, server.begin).start()
        found = sender.send(writing("PUT", "killer"))
        assert found.lost == "ended"
        assert not sender.stopped()
        assert sender.send(GET).status == 200
    assert sum(one.method == "PUT" for one in server.requests) == 1


def test_c04_a_server_that_closes_on_one_kind_of_request_fails_that_and_goes_on() -> None:
    def writes(connection: socket.socket, exchange: Exchange) -> bool:
        return False if exchange.request.method == "PATCH" else plainly(connection, exchange)

    with served(writes) as server:
        _, document = play(server.url, "okta.oin.user.deactivate", "okta.oin.user.update", parallel=2)
    failed = {f["requirement"] for f in document["findings"] if f["verdict"] == "fail"}
    assert failed == {"okta-deactivate-answered"}
    assert document["stop"] == ""


def test_c04_the_run_tells_the_request_that_ended_the_target() -> None:
    """Others that were under way and of a kind never answered before are named with it, and fail no rule."""
    with served(ends_at=lambda request: request.method == "PUT") as server:
        _, document = play(server.url, *SMALL, parallel=4)
    assert document["result"] == "nonconformant"
    failed = [f for f in document["findings"] if f["verdict"] == "fail"]
    (crash,) = [f for f in failed if f["requirement"] == "okta-no-server-error"]
    told = {e["number"]: e for e in document["exchanges"]}
    assert {told[f["exchange"]]["request"]["method"] for f in failed if f is not crash} <= {"PUT"}
    assert told[crash["exchange"]]["error"] == "the connection was closed without an answer"
    assert "PUT " in document["stop"]
    undecided = [f["observed"] for f in document["findings"] if f["verdict"] == "inconclusive"]
    assert all("the target was gone after" in why or "did not hold" in why for why in undecided)
    assert sum(one.method == "PUT" for one in server.requests) == 1


def behind(what: str) -> Writes:
    """An answer to a DELETE or a PATCH that brings more than it says."""

    def writes(connection: socket.socket, exchange: Exchange) -> bool:
        if exchange.request.method not in ("DELETE", "PATCH") or exchange.status >= 400:
            return plainly(connection, exchange)
        raw = answer(exchange)
        none = b"HTTP/1.1 204 No Content\r\n"
        if what == "body":
            connection.sendall(none + b"Content-Length: 2\r\n\r\n{}")
        elif what == "body that is not announced":
            connection.sendall(none + b"\r\n{}")
        elif what == "body in the next packet":
            connection.sendall(none + b"Content-Length: 2\r\n\r\n")
            time.sleep(0.02)
            connection.sendall(b"{}")
        elif what == "last chunk":
            connection.sendall(none + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        else:
            connection.sendall(raw + b"HTTP/1.1 500 Boom\r\nContent-Length: 0\r\n\r\n")
        return True

    return writes


SURPLUS = ("body", "body that is not announced", "body in the next packet", "last chunk", "second answer")


@pytest.mark.parametrize("what", SURPLUS)
def test_c15_what_comes_behind_an_answer_is_its_own_finding_and_blames_no_other(what: str) -> None:
    with served(behind(what)) as server:
        _, document = play(
            server.url, "okta.oin.user.deactivate", "okta.oin.group.push", "okta.oin.group.delete"
        )
    failed = {f["requirement"]: f for f in document["findings"] if f["verdict"] == "fail"}
    assert set(failed) == {"rfc9112-6.3-nothing-after"}
    (told,) = [
        e for e in document["exchanges"] if e["number"] == failed["rfc9112-6.3-nothing-after"]["exchange"]
    ]
    assert told["request"]["method"] in ("DELETE", "PATCH")
    assert told["surplus"] > 0
    assert document["result"] == "inconclusive"  # a part has no verdict
    assert document["summary"]["verdicts"]["inconclusive"] == 0
    assert document["ledger"]["left"] == []
    assert document["ledger"]["removed"] == document["ledger"]["created"]


@pytest.mark.parametrize("what", SURPLUS)
def test_c15_under_load_the_connection_is_not_used_again(what: str) -> None:
    app = build(token=TOKEN)
    with served(behind(what), app) as server:
        sender = LoadClient(Target(server.url), 5.0)
        slot = sender.slot()
        try:
            made = slot.exchange(Filled.of(create()), time.monotonic())
            id = made.exchange(1, GET).json["id"]
            patched = slot.exchange(Filled.of(patch(id)), time.monotonic())
            after = [slot.exchange(Filled.of(GET), time.monotonic()) for _ in range(3)]
        finally:
            slot.close()
            sender.close()
    assert (patched.surplus, patched.error) == (True, "")
    assert [(one.status, one.error, one.surplus) for one in after] == [(200, "", False)] * 3
    assert sender.careful


def create() -> Request:
    body = b'{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x@example.com"}'
    return requested("POST", "/scim/v2/Users", body)


def patch(id: str) -> Request:
    schema = b'{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],'
    body = schema + b'"Operations":[{"op":"replace","value":{"active":false}}]}'
    return requested("PATCH", f"/scim/v2/Users/{id}", body)


def requested(method: str, path: str, body: bytes) -> Request:
    more = (("Content-Type", "application/scim+json"), ("Content-Length", str(len(body))))
    return Request(method, path, HEADERS + more, body)


def test_requests_are_of_one_kind_where_the_same_code_of_a_target_handles_them() -> None:
    paths = [
        "/scim/v2/Users",
        "/scim/v2/Users?filter=x",
        "/scim/v2/Users/a%2Fb",
        "/Groups/1?x=filter",
        "/v2/Groups",
    ]
    assert [kind(Request("GET", path, ())) for path in paths] == [
        "GET /Users",
        "GET /Users?filter",
        "GET /Users/{id}",
        "GET /Groups/{id}",
        "GET /Groups",
    ]


def test_one_thread_has_the_target_to_itself() -> None:
    traffic, seen = InFlight(), []

    def sends() -> None:
        for _ in range(200):
            with traffic.under_way():
                seen.append("other")

    threads = [threading.Thread(target=sends) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        with traffic.alone():
            before: list[Any] = list(seen)
            with traffic.under_way():
                time.sleep(0.001)
            assert seen == before
    for thread in threads:
        thread.join()
    assert len(seen) == 800
