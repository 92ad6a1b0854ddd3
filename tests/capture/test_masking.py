"""Masking: no secret stays, whatever its place and encoding; all else stays, and so does every length."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from urllib.parse import quote

import pytest

from scimproof.capture.capture_file import exchange_of, row_of
from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.masking import Masking

TOKEN = "s3cr3t-tök3n/with+odd=signs"
ASCII_TOKEN = "00aBcD-eF_gh.ijKLmnop"
PASSWORD = 'Hunt"er2\\ü&<9>'
PLAIN = "Correct7Horse"


def message(start: str, *headers: str, body: bytes = b"") -> CapturedMessage:
    lines = [start, *headers, *([f"Content-Length: {len(body)}"] if body else []), "", ""]
    return CapturedMessage("\r\n".join(lines).encode(), body)


def request(*headers: str, body: bytes = b"", target: str = "/scim/v2/Users") -> CapturedMessage:
    return message(f"POST {target} HTTP/1.1", *headers, body=body)


def answer(*headers: str, body: bytes = b"") -> CapturedMessage:
    return message("HTTP/1.1 200 OK", *headers, body=body)


def exchange(sent: CapturedMessage, came: CapturedMessage | None = None) -> CapturedExchange:
    return CapturedExchange(1, 1, 0.0, sent, came)


def masked(sent: CapturedMessage, came: CapturedMessage | None = None) -> CapturedExchange:
    """The exchange masked; lengths are held, and masking what is masked changes nothing."""
    found = Masking().exchange(exchange(sent, came))
    pairs = [(sent, found.request)] + ([(came, found.answer)] if came and found.answer else [])
    for before, after in pairs:
        assert len(before.head) == len(after.head)
        if not found.withheld and not after.decoded:
            assert len(before.body) == len(after.body)
    again = Masking().exchange(found)
    assert (again.request, again.answer) == (found.request, found.answer)
    return found


@pytest.mark.parametrize(
    ("header", "left"),
    [
        (f"Authorization: Bearer {ASCII_TOKEN}", "Authorization: Bearer " + "*" * 21),
        ("authorization:bearer  abcdef", "authorization:bearer  ******"),
        ("Authorization: SSWS 00abcdefgh", "Authorization: " + "*" * 15),
        ("Proxy-Authorization: Basic dXNlcjpodW50ZXIy", "Proxy-Authorization: Basic " + "*" * 16),
        ("Cookie: session=abcdefghij; b=c", "Cookie: " + "*" * 23),
        ("Set-Cookie: id=abcdefghij; Path=/", "Set-Cookie: " + "*" * 21),
        ("X-Api-Key: 12345678", "X-Api-Key: ********"),
        ("X-Auth-Token : abc", "X-Auth-Token : ***"),
        ("X-Signature: one\r\n two", "X-Signature: ***\r\n****"),
    ],
)
def test_the_value_of_a_header_becomes_marks_and_its_scheme_stays(header: str, left: str) -> None:
    found = masked(request(header))
    assert left in found.request.head.decode()
    assert found.masked == (header.partition(":")[0].strip().lower(),)


@pytest.mark.parametrize(
    "header",
    [
        'WWW-Authenticate: Bearer realm="x", error="invalid_token"',
        "Idempotency-Key: abcdefghijkl",
        "X-Tenant: acme",
    ],
)
def test_a_header_that_is_no_secret_stays(header: str) -> None:
    found = masked(request(header))
    assert (found.request, found.masked) == (request(header), ())


def test_more_headers_can_be_named() -> None:
    found = Masking(["x-tenant"]).exchange(
        exchange(request("X-Tenant: acme-corp", target="/acme-corp/Users"))
    )
    assert b"X-Tenant: *********\r\n" in found.request.head
    assert found.target == "/*********/Users"
    assert found.masked == ("echo", "x-tenant")


@pytest.mark.parametrize(
    "name",
    ["access_token", "token", "client_secret", "code", "api_key", "password", "Password", "id%5Ftoken"],
)
def test_a_secret_in_a_query_becomes_marks(name: str) -> None:
    found = masked(request(target=f"/Users?count=2&{name}=abc%2Bdefghi&startIndex=1"))
    assert found.target == f"/Users?count=2&{name}=************&startIndex=1"


def test_a_password_in_a_filter_becomes_marks() -> None:
    for spelled in ("password%20eq%20%22hunter22%22", 'Password+co+"hunter22"'):
        found = masked(
            request(target=f"/Users?filter={spelled}&count=1"), answer(body=b'{"detail":"hunter22"}')
        )
        assert b"hunter22" not in found.request.head
        assert found.target.endswith("&count=1")
        assert found.answer
        assert found.answer.body == b'{"detail":"********"}'


@pytest.mark.parametrize(
    "body",
    [
        {"userName": "ada", "password": PASSWORD, "active": True},
        {"Password": PASSWORD},
        {"a": [{"b": {"password": PASSWORD}}]},
        {"password": {"value": PASSWORD}},
        {"urn:ietf:params:scim:schemas:core:2.0:User:password": PASSWORD},
        {"Operations": [{"op": "replace", "path": "password", "value": PASSWORD}]},
        {"Operations": [{"value": PASSWORD, "path": "password", "op": "replace"}]},
        {"Operations": [{"op": "Add", "path": "urn:x:User:password", "value": [{"value": PASSWORD}]}]},
        {"Operations": [{"op": "replace", "value": {"password": PASSWORD}}]},
        {"Operations": [{"op": "replace", "value": json.dumps({"password": PASSWORD})}]},
        {"Operations": [{"op": "replace", "value": json.dumps({"a": json.dumps({"password": PASSWORD})})}]},
        {"access_token": PASSWORD, "token_type": "Bearer"},
        {"refresh_token": PASSWORD},
        {"client_secret": PASSWORD},
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_secret_in_json_becomes_marks_by_its_name(body: object, *, ascii_only: bool) -> None:
    raw = json.dumps(body, ensure_ascii=ascii_only).encode()
    found = masked(request(body=raw))
    left = found.request.body
    assert PASSWORD.encode() not in left
    assert b"Hunt" not in left
    assert b"er2" not in left
    assert found.masked

    def without(value: object) -> object:
        if isinstance(value, dict):
            return {key: without(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [without(inner) for inner in value]
        if isinstance(value, str) and value.startswith("{"):
            return without(json.loads(value))
        return "secret" if isinstance(value, str) and (value == PASSWORD or not value.strip("*")) else value

    assert without(json.loads(left)) == without(body)


def test_a_key_with_escapes_is_read() -> None:
    found = masked(request(body=b'{"pass\\u0077ord": "hunter22"}'))
    assert found.request.body == b'{"pass\\u0077ord": "********"}'


def test_json_that_was_cut_off_is_masked_as_far_as_it_came() -> None:
    assert masked(request(body=b'{"password":"hunt')).request.body == b'{"password":"****'


def test_a_number_becomes_another_number() -> None:
    found = masked(request(body=b'{"password": 12345678, "n": 12345678}'))
    assert found.request.json == {"password": 11111111, "n": 11111111}


def test_what_only_looks_like_a_secret_stays() -> None:
    body = (
        b'{"changePassword":{"supported":true},"attributes":[{"name":"password","type":"string"}],'
        b'"nextPageToken2":"x"}'
    )
    found = masked(request(body=body))
    assert (found.request.body, found.masked) == (body, ())


def test_a_form_is_read_as_one() -> None:
    body = b"grant_type=client_credentials&client_id=me&client_secret=a%2Bbcdefgh&scope=scim"
    found = masked(request(body=body), answer(body=b'{"error":"a+bcdefgh is wrong"}'))
    assert found.request.body == body.replace(b"a%2Bbcdefgh", b"*" * 11)
    assert found.answer
    assert found.answer.body == b'{"error":"********* is wrong"}'
    first = masked(request(body=b"password=hunter22&user=ada"))
    assert first.request.body == b"password=********&user=ada"


def spellings(secret: str) -> dict[str, bytes]:
    raw = secret.encode()
    return {
        "as it is": raw,
        "JSON": json.dumps(secret).encode(),
        "JSON in capitals": "".join(f"\\u{ord(char):04X}" for char in secret).encode(),
        "latin-1": secret.encode("latin-1"),
        "query": quote(secret).encode(),
        "every letter in percent": "".join(f"%{byte:02x}" for byte in raw).encode(),
        "base64": base64.b64encode(raw),
        "base64 within more": base64.b64encode(b"user:" + raw + b":more"),
        "base64 for URLs": base64.urlsafe_b64encode(b"a" + raw),
        "base64 twice": base64.b64encode(base64.b64encode(raw)),
    }


@pytest.mark.parametrize("secret", [TOKEN, ASCII_TOKEN, PASSWORD, PLAIN])
@pytest.mark.parametrize("way", list(spellings("x")))
def test_a_secret_is_found_wherever_it_shows_again(secret: str, way: str) -> None:
    """In a later answer's head and body, as the server may echo it."""
    masking = Masking()
    body = json.dumps({"password": secret}).encode()
    masking.exchange(exchange(request(body=body)))
    echoed = spellings(secret)[way]
    later = masking.exchange(
        exchange(
            request(),
            CapturedMessage(b"HTTP/1.1 400 No\r\nX-Echo: <" + echoed + b">\r\n\r\n", b"[" + echoed + b"]"),
        )
    )
    assert later.answer
    for part in (later.answer.head, later.answer.body):
        assert echoed not in part
        assert part.count(b"*") >= len(secret), part
    assert later.masked == ("echo",)


def test_both_messages_are_read_before_either_is_searched() -> None:
    token = answer(body=b'{"access_token":"abcdefgh1234"}')
    found = masked(request(target="/token/abcdefgh1234"), token)
    assert found.target == "/token/************"


def test_a_secret_over_two_chunks_is_found() -> None:
    chunked = CapturedMessage(
        b"POST /Users HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b'f;x="y"\r\n{"password":"hu\r\n8\r\nnter22"}\r\n0\r\nX-Api-Key: abcdefgh\r\n'
        b"X-Echo: hunter22\r\n\r\n",
    )
    found = masked(chunked)
    assert found.request.body == (
        b'f;x="y"\r\n{"password":"**\r\n8\r\n******"}\r\n0\r\nX-Api-Key: ********\r\nX-Echo: ********\r\n\r\n'
    )
    assert found.request.json == {"password": "********"}


def test_chunks_that_are_none_hide_nothing() -> None:
    broken = CapturedMessage(
        b"POST /Users HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b'{"password":"hunter22"}'
    )
    assert masked(broken).request.body == b'{"password":"********"}'


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, deflate"])
def test_a_compressed_body_with_a_secret_is_kept_decoded(coding: str) -> None:
    plain = b'{"password":"hunter22"}'
    raw = plain
    for word in coding.split(", "):
        raw = gzip.compress(raw) if word == "gzip" else zlib.compress(raw)
    found = masked(request(f"Content-Encoding: {coding}", body=raw))
    assert found.request.decoded
    assert found.request.body == found.request.content == b'{"password":"********"}'
    assert exchange_of(row_of(found)).request == found.request


def test_a_compressed_body_without_a_secret_stays_as_it_is() -> None:
    sent = request("Content-Encoding: gzip", body=gzip.compress(b'{"userName":"ada"}'))
    found = masked(sent)
    assert (found.request, found.masked, found.withheld) == (sent, (), "")


@pytest.mark.parametrize(
    ("header", "body", "why"),
    [
        ("Content-Encoding: br", b"\x0b\x02\x80", "its coding br cannot be undone"),
        ("Content-Encoding: gzip", b"no gzip", "the body is not the gzip it says"),
        ("Content-Encoding: gzip", gzip.compress(b'{"password":"hunter22"}', mtime=0)[:-9], "broke off"),
        (
            "Content-Type: application/json; charset=utf-16",
            '{"a":1}'.encode("utf-16"),
            "charset utf-16 is not read",
        ),
        ("Content-Type: application/json", '{"password":"hunter22"}'.encode("utf-16-le"), "it is no text"),
    ],
)
def test_a_body_that_cannot_be_read_is_withheld(header: str, body: bytes, why: str) -> None:
    found = masked(request(header, body=body))
    assert found.request.body == b""
    assert why in found.withheld
    assert found.withheld.startswith("the request's body")


def test_a_password_that_is_a_word_of_scim_is_masked_in_its_place_only() -> None:
    found = masked(request(body=b'{"userName":"ada","password":"password"}'))
    assert found.request.body == b'{"userName":"ada","password":"********"}'


def test_many_passwords_are_remembered_and_cost_no_more_than_few() -> None:
    masking = Masking()
    for number in range(2500):
        body = json.dumps({"password": f"Passw0rd-{number}-x"}).encode()
        masking.exchange(exchange(request("Authorization: Bearer " + ASCII_TOKEN, body=body)))
    late = masking.exchange(exchange(request(body=b"Passw0rd-2499-x " + ASCII_TOKEN.encode())))
    assert late.request.body == b"*" * 15 + b" " + b"*" * 21


def test_a_url_keeps_its_query_without_secrets() -> None:
    assert Masking().url("https://h/scim?tenant=a&token=abcdef") == "https://h/scim?tenant=a&token=******"
