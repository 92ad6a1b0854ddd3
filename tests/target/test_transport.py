"""The HTTP client: what httpx2 does by itself and this one does not, and what stands in for the network."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator

import httpx2
import pytest

from scimproof.core.errors import CannotTell
from scimproof.core.http_message import Exchange, Request
from scimproof.target.credentials import Basic, Bearer, ClientCredentials, Credentials, HeaderValue
from scimproof.target.exact_transport import ExactTransport
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport
from tests.hostile.servers import hostile, says

GET = Request("GET", "/scim/v2/Users", (("Accept", "text/plain"), ("Host", "h")))
MESSAGE = b"PATCH /a%2fb?q=%C3%AB HTTP/1.1\r\nb-Lower: \xfc\r\nHost: h\r\nA: 1\r\nContent-Length: 2\r\n\r\n{}"


def asked(handler: object, request: Request = GET, auth: httpx2.Auth | None = None) -> Exchange:
    """What comes of a request to a target that this function is."""
    over = httpx2.MockTransport(handler)  # type: ignore[arg-type]
    with HttpTransport(Target("http://127.0.0.1/scim/v2"), over=over) as client:
        return client.send(request, auth=auth)


def test_a_message_goes_out_as_it_is_also_by_a_client_of_somebody_else() -> None:
    request = httpx2.Request(
        "PATCH",
        "http://ignored/",
        headers=[(b"b-Lower", b"\xfc"), (b"Host", b"h"), (b"A", b"1"), (b"Content-Length", b"2")],
        stream=httpx2.ByteStream(b"{}"),
        extensions={"target": b"/a%2fb?q=%C3%AB"},
    )
    with (
        hostile(says("200 OK", "{}")) as server,
        httpx2.Client(transport=ExactTransport(None), trust_env=False) as client,
    ):
        request.url = httpx2.URL(server.url)
        assert client.send(request).json() == {}
        assert server.requests == [MESSAGE]


@pytest.mark.parametrize("pair", [("A", "b\r\nC: d"), ("A\r\nB", "c"), ("A B", "c"), ("A", "b\x00")])
def test_what_is_no_header_is_told_and_not_sent(pair: tuple[str, str]) -> None:
    with hostile(says("200 OK", "{}")) as server, HttpTransport(Target(server.url)) as client:
        told = client.send(Request("GET", "/", (("Host", "h"), pair))).error
        assert told.startswith("the request cannot be sent as HTTP/1.1")
        assert server.requests == []


def test_no_cookie_is_kept_and_no_redirect_followed_or_taken_apart() -> None:
    more = ("Set-Cookie: a=b; Path=/", "Location: http://[:/")
    with hostile(says("302 Found", "", *more)) as server, HttpTransport(Target(server.url)) as client:
        assert [client.send(GET).status for _ in range(2)] == [302, 302]
        assert len(server.requests) == 2
        assert not any(b"ookie" in raw for raw in server.requests)


def test_no_proxy_and_no_netrc_of_the_environment_has_a_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("default login kim password s3cr3t\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with hostile(says("200 OK", "{}")) as server, HttpTransport(Target(server.url)) as client:
        assert client.send(GET).status == 200
        assert b"uthorization" not in server.requests[0]


@pytest.mark.parametrize(
    ("held", "value"),
    [
        (Bearer("tükén"), "Bearer tükén"),
        (HeaderValue("SSWS abc"), "SSWS abc"),
        (Basic("kim", "p"), "Basic " + base64.b64encode(b"kim:p").decode()),
        (ClientCredentials(lambda _: {"access_token": "t-1"}, "s"), "Bearer t-1"),
    ],
)
def test_credentials_set_their_header_in_its_place_or_last(held: Credentials, value: str) -> None:
    for before, place in (((("Authorization", ""), *GET.headers), 0), (GET.headers, -1)):
        exchange = asked(lambda _: httpx2.Response(200), Request("GET", "/", before), held)
        assert exchange.request.headers[place] == ("Authorization", value)
        assert len(exchange.request.headers) == 3


def test_a_token_that_cannot_be_had_is_no_answer_of_the_target() -> None:
    def refuses(_: dict[str, str]) -> dict[str, object]:
        raise CannotTell("no token")

    with pytest.raises(CannotTell, match="no token"):
        asked(lambda _: httpx2.Response(200), auth=ClientCredentials(refuses, "s"))


@pytest.mark.parametrize(
    ("problem", "told", "lost"),
    [
        (httpx2.ConnectError("refused"), "no connection: refused", "unsent"),
        (httpx2.ReadError("reset"), "the connection broke: reset", "closed"),
        (httpx2.ReadTimeout("late"), "no complete answer within 60 s", ""),
        (httpx2.ProtocolError("odd"), "the connection broke: odd", ""),
    ],
)
def test_what_a_transport_raises_is_told(problem: Exception, told: str, lost: str) -> None:
    def breaks(_: httpx2.Request) -> httpx2.Response:
        raise problem

    exchange = asked(breaks)
    assert (exchange.error, exchange.lost, exchange.status) == (told, lost, 0)


def test_what_stands_in_for_the_network_gets_the_whole_request() -> None:
    def answers(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(201, json=[request.method, request.url.path, request.content.decode()])

    exchange = asked(answers, Request("POST", "/scim/v2/Users?a=b", (("Host", "h"),), b"{}"))
    assert (exchange.status, exchange.reason) == (201, "Created")
    assert exchange.json == ["POST", "/scim/v2/Users", "{}"]


class Seen(logging.Handler):
    def __init__(self) -> None:
        super().__init__(1)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@pytest.fixture
def seen() -> Iterator[Seen]:
    """What the root logger is told at the lowest level."""
    handler, root = Seen(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def test_nothing_of_an_exchange_is_logged_also_after_a_token_was_asked_for_on_the_way(seen: Seen) -> None:
    with hostile(says("200 OK", "{}")) as server, HttpTransport(Target(server.url)) as client:

        def fetch(_: dict[str, str]) -> dict[str, object]:
            client.send(GET)
            return {"access_token": "t"}

        client.send(GET, auth=ClientCredentials(fetch, "s"))
        assert seen.told == []
        with httpx2.Client(trust_env=False) as another:
            another.get(server.url)
    assert any(told.startswith("HTTP Request:") for told in seen.told)
