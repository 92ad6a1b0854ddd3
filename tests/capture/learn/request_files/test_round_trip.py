"""Round trip: what a request file cannot say of the captured bytes is named, and nothing else."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from tests.capture.learn.request_files.captures import BASE, HEADERS, USER, compact, exchange, files_of

BODY = {"userName": "zoë@corp.test", "active": True}


def sent(head: bytes, body: bytes = b"") -> CapturedExchange:
    """An exchange of these bytes."""
    return CapturedExchange(1, 1, 1_790_000_000.0, CapturedMessage(head, body))


def post(body: bytes, *lines: str, version: str = "1.1", length: bool = True) -> CapturedExchange:
    """A create with these bytes as its body, and more header lines as they are."""
    told = [f"{name}: {value}" for name, value in HEADERS.items()]
    told += [f"Content-Length: {len(body)}"] if length else []
    head = "\r\n".join([f"POST {BASE}/Users HTTP/{version}", *told, *lines, "", ""])
    return sent(head.encode(), body)


def reasons(one: CapturedExchange) -> tuple[str, ...]:
    (file,) = files_of([one])
    for reason in file.not_expressed:
        assert f"# not byte for byte as captured, since no request file says it: {reason}\n" in file.text
    return file.not_expressed


@pytest.mark.parametrize(
    "one",
    [
        post(compact(BODY)),
        post(b'{ "userName" : "zo\xc3\xab@corp.test",\n\n\t"active": true }\n'),
        post(b'{"userName":"a\\"b","name":{}}'),
        post(b"not JSON at all {{user.id}}"),
        post(b'{"odd key":{"{{x}}":"{{y}}"},"n":1e400}'),
        post(b"[]"),
        post(b"", "X-Trace: 1", "x-trace: 2"),
        exchange(1, f"GET {BASE}/Users/{USER}?attributes=userName,emails"),
        exchange(1, f"GET {BASE}/Users?filter=userName+eq+%22a%40b%22+and+active+eq+true&startIndex=101"),
        exchange(1, f"GET {BASE}/Users?filter=userName%20eq%20%22a@b%22"),
        exchange(1, f"GET {BASE}/Users?filter=id%20eq%20717"),
        exchange(1, f"GET {BASE}/Users?&flag&=x&filter="),
        exchange(1, f"GET {BASE}/Users/a%2Fb%20c"),
        exchange(1, f"GET {BASE}/Users/a@b.test"),
        exchange(1, "GET /"),
        exchange(1, "GET http://people.corp.test:8443/scim/Users"),
        exchange(1, "OPTIONS *"),
        exchange(1, f"POST {BASE}/Users/.search", {"filter": 'userName eq "a"', "startIndex": 1}),
        exchange(1, f"POST {BASE}/Bulk", {"Operations": [{"method": "POST", "data": BODY}]}),
        exchange(1, f"DELETE {BASE}/Groups/7"),
    ],
)  # fmt: skip
def test_a_file_gives_the_captured_bytes(one: CapturedExchange) -> None:
    assert reasons(one) == ()


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (post(compact(BODY), version="1.0"), "its version of HTTP"),
        (post(compact(BODY), "Accept-Language:de"), "the spaces in its header lines"),
        (post(compact(BODY), "Accept-Language:  de "), "the spaces in its header lines"),
        (post(compact(BODY), "Accept-Language: "), "a header without a value"),
        (sent(f"GET {BASE}/Users HTTP/1.1\nHost: a.test\n\n".encode()), "its line ends"),
        (post(b'{\r\n"active":true}'), "the line ends in its body"),
        (post(b'{"userName":"zo\\u00eb@corp.test"}'), "how characters are escaped in its body"),
        (post(b'{"userName":"a\\/b"}'), "how characters are escaped in its body"),
        (
            post(b"5\r\n{    \r\n1\r\n}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", length=False),
            "the chunks of its body",
        ),
        (post(gzip.compress(compact(BODY)), "Content-Encoding: gzip"), "the compression of its body"),
        (
            exchange(1, f"GET {BASE}/Users?filter=userName%20eq%20%22a%28b@c%22"),
            "how values are encoded in the request target",
        ),
    ],
)
def test_what_no_file_can_say_is_named(one: CapturedExchange, reason: str) -> None:
    assert reason in reasons(one)


def test_a_value_that_is_not_encoded_at_all_is_filled_in_as_it_is() -> None:
    (file,) = files_of([exchange(1, f"GET {BASE}/Users?filter=userName%20eq%20%22a@b.test%22")])
    assert "%22{{!user.userName}}%22" in file.text
    assert file.not_expressed == ()


def test_a_parsed_exchange_says_so() -> None:
    (file,) = files_of([replace(post(compact(BODY)), fidelity="parsed")])
    assert "# not from the wire: another program has read and written these bytes anew\n" in file.text


@pytest.mark.parametrize(
    "body",
    [
        '"text"',
        "17",
        "null",
        '[1,"a",{}]',
        '{"members":[{"value":"x","display":"y"}],"members":3}',
        '{"Operations":[{"op":["x"],"path":3,"value":{"":""}}]}',
        '{"Operations":[{"op":"add","path":"a[b eq \\"c\\"] and"}]}',
        '{"Operations":{"op":"x"},"schemas":"x","":""}',
    ],
)
def test_bodies_that_are_no_resources_are_written_too(body: str) -> None:
    assert reasons(post(body.encode())) == ()
