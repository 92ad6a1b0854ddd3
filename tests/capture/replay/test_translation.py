"""Recorded requests in the terms of another run: what has to change does, and every other byte stays."""

from __future__ import annotations

import json

import pytest

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.replay.ids import IdMapping
from scimproof.capture.replay.names import NameMapping
from scimproof.capture.replay.translation import AsKnown, Translation, Unplayable
from scimproof.core.http_message import Request
from scimproof.core.scim import Kind
from scimproof.target.target import Target

PREFIX = "scimproof-abcdefgh"
MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
URL = "https://new.example.com/app/scim"
AUTHORIZATION = "Bearer own-token"


class Given(AsKnown):
    """Resolver that knows some ids, and has one of nobody for all others."""

    def needed(self, recorded: str, kinds: tuple[Kind, ...]) -> str:
        return self.ids.of(recorded, kinds) or "nobody"

    mentioned = needed


def translated(
    line: str, body: str = "", headers: str = "", *, masked: tuple[str, ...] = (), base: str = "/scim/v2"
) -> Request:
    ids = IdMapping(PREFIX)
    ids.learn("User", "2819c223-7f76-453a-919d-413861904646", "42")
    ids.learn("User", "7", "700")
    ids.learn("Group", "7", "701")
    ids.learn_version("42", 'W/"1"', 'W/"9"')
    ids.learn_version("2819c223-7f76-453a-919d-413861904646", 'W/"1"', 'W/"9"')
    translation = Translation(Target(URL), base, NameMapping(PREFIX), ids, "Made-Up-1")
    head = f"{line} HTTP/1.1\r\n{headers}\r\n".encode()
    exchange = CapturedExchange(1, 1, 0.0, CapturedMessage(head, body.encode()), masked=masked)
    return translation.request(exchange, AUTHORIZATION, Given(ids))


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        ("/scim/v2/Users/2819c223-7f76-453a-919d-413861904646?x=1", "/app/scim/Users/42?x=1"),
        ("/scim/v2/Groups/7", "/app/scim/Groups/701"),
        ("/scim/v2/Users/7", "/app/scim/Users/700"),
        ("https://old.corp.com/scim/v2/Users/7", "/app/scim/Users/700"),
        ("/scim/v2/Users?startIndex=1&count=100", "/app/scim/Users?startIndex=1&count=100"),
        ("/scim/v2/Users?filter=userName%20eq%20%22Jane%40corp.com%22",
         f"/app/scim/Users?filter=userName%20eq%20%22{PREFIX}.replay.Jane%40example.com%22"),
        ("/scim/v2/Users?filter=userName+eq+%22jane%40corp.com%22&attributes=id",
         f"/app/scim/Users?filter=userName+eq+%22{PREFIX}.replay.jane%40example.com%22&attributes=id"),
        ("/scim/v2/Groups?filter=displayName+eq+%22Sales%22",
         f"/app/scim/Groups?filter=displayName+eq+%22{PREFIX}.replay+Sales%22"),
        ("/scim/v2/Groups?filter=id%20eq%20%227%22%20and%20members%20eq%20%222819c223-7f76-453a-919d-413861904646%22",
         "/app/scim/Groups?filter=id%20eq%20%22701%22%20and%20members%20eq%20%2242%22"),
        ("/scim/v2/Users?filter=emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22jane@corp.com%22",
         f"/app/scim/Users?filter=emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22{PREFIX}.replay.jane@example.com%22"),
        ("/scim/v2/ServiceProviderConfig", "/app/scim/ServiceProviderConfig"),
    ],
)  # fmt: skip
def test_the_target_of_a_request(recorded: str, sent: str) -> None:
    assert translated(f"GET {recorded}").target == sent


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        ('{ "userName" : "jane@corp.com",\n "name": {"givenName": "Jane"}}',
         f'{{ "userName" : "{PREFIX}.replay.jane@example.com",\n "name": {{"givenName": "Jane"}}}}'),
        ('{"password":"********"}', '{"password":"Made-Up-1"}'),
        ('{"Operations":[{"op":"replace","path":"password","value":"****"}]}',
         '{"Operations":[{"op":"replace","path":"password","value":"Made-Up-1"}]}'),
        ('{"emails":[{"value":"jane@corp.com","type":"work"}],"active":true}',
         f'{{"emails":[{{"value":"{PREFIX}.replay.jane@example.com","type":"work"}}],"active":true}}'),
        ('{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7"}}}',
         '{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"700"}}}'),
        (f'{{"Operations":[{{"op":"Add","path":"{MANAGER}","value":"7"}}]}}',
         f'{{"Operations":[{{"op":"Add","path":"{MANAGER}","value":"700"}}]}}'),
        (r'{"profileUrl":"https:\/\/old.corp.com\/scim\/v2\/Users\/7"}',
         r'{"profileUrl":"https:\/\/new.example.com\/app\/scim\/Users\/700"}'),
        ('{"title":"7","nickName":"2819c223-7f76-453a-919d-413861904646"}', '{"title":"7","nickName":"42"}'),
    ],
)  # fmt: skip
def test_the_body_of_a_write_to_a_user(recorded: str, sent: str) -> None:
    assert translated("PUT /scim/v2/Users/7", recorded).body.decode() == sent


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        ('{"displayName":"Sales","members":[{"value":"7","$ref":"https://h/scim/v2/Users/7"}]}',
         f'{{"displayName":"{PREFIX}.replay Sales","members":[{{"value":"700","$ref":"{URL}/Users/700"}}]}}'),
        (r'{"Operations":[{"op":"remove","path":"members[value eq \"7\"]"}]}',
         r'{"Operations":[{"op":"remove","path":"members[value eq \"700\"]"}]}'),
        ('{"Operations":[{"op":"add","path":"members","value":[{"value":"7"},{"value":"9"}]}]}',
         '{"Operations":[{"op":"add","path":"members","value":[{"value":"700"},{"value":"nobody"}]}]}'),
        ('{"Operations":[{"op":"replace","value":{"id":"7","displayName":"R"}}]}',
         f'{{"Operations":[{{"op":"replace","value":{{"id":"701","displayName":"{PREFIX}.replay R"}}}}]}}'),
        ('{"members":[{"value":7}]}', '{"members":[{"value":700}]}'),
    ],
)  # fmt: skip
def test_the_body_of_a_write_to_a_group(recorded: str, sent: str) -> None:
    assert translated("PATCH /scim/v2/Groups/7", recorded).body.decode() == sent


def test_a_search_by_post() -> None:
    sent = translated(
        "POST /scim/v2/Users/.search", '{"filter":"id eq \\"7\\" or userName eq \\"jo@corp.com\\""}'
    )
    assert sent.target == "/app/scim/Users/.search"
    assert sent.json["filter"] == f'id eq "700" or userName eq "{PREFIX}.replay.jo@example.com"'


def test_a_bulk_job() -> None:
    added = {"op": "add", "path": "members", "value": [{"value": "bulkId:b1"}, {"value": "7"}]}
    recorded = {
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "b1", "data": {"userName": "jane@corp.com"}},
            {"method": "PATCH", "path": "/Groups/7", "data": {"Operations": [added]}},
        ]
    }
    sent = translated("POST /scim/v2/Bulk", json.dumps(recorded)).json["Operations"]
    assert sent[0]["data"]["userName"] == f"{PREFIX}.replay.jane@example.com"
    assert sent[0]["bulkId"] == "b1"
    assert sent[1]["path"] == "/Groups/701"
    assert sent[1]["data"]["Operations"][0]["value"] == [{"value": "bulkId:b1"}, {"value": "700"}]


def test_headers_keep_their_order_and_spelling() -> None:
    sent = translated(
        "PUT /scim/v2/Users/2819c223-7f76-453a-919d-413861904646",
        '{"userName":"jane@corp.com"}',
        "uSER-agent: Okta SCIM Client\r\nAuthorization: *****\r\nX-Key: ****\r\nHost: old\r\nCookie: a=b\r\n"
        'If-Match: W/"1"\r\nContent-LENGTH: 3\r\nAccept:a\r\n',
        masked=("authorization", "x-key", "cookie"),
    )
    length = str(len(sent.body))
    assert sent.headers == (
        ("uSER-agent", "Okta SCIM Client"), ("Authorization", AUTHORIZATION), ("Host", "new.example.com"),
        ("If-Match", 'W/"9"'), ("Content-LENGTH", length), ("Accept", "a"),
    )  # fmt: skip


def test_a_chunked_body_goes_out_with_its_length() -> None:
    body = '{"userName":"jane@corp.com"}'
    chunked = f"{len(body):x}\r\n{body}\r\n0\r\n\r\n"
    sent = translated("POST /scim/v2/Users", chunked, "Host: a\r\nTransfer-Encoding: chunked\r\n")
    assert sent.headers[1] == ("Content-Length", str(len(sent.body)))
    assert sent.json == {"userName": f"{PREFIX}.replay.jane@example.com"}


@pytest.mark.parametrize("body", ["userName=jane@corp.com", '{"userName": "jane@corp.com"'])
def test_names_that_cannot_be_replaced_are_not_sent(body: str) -> None:
    with pytest.raises(Unplayable, match="not JSON"):
        translated("POST /scim/v2/Users", body)


def test_a_mark_in_place_of_an_echoed_secret_is_not_sent() -> None:
    with pytest.raises(Unplayable, match="secret"):
        translated("PUT /scim/v2/Users/7", '{"title":"Bearer ********"}', masked=("echo",))


def test_what_is_outside_of_scim_is_not_sent() -> None:
    with pytest.raises(Unplayable, match="not below"):
        translated("POST /oauth/token", "{}")
