import base64
import json
from pathlib import Path
from typing import Any

import pytest

from scimproof.capture.reader import Capture
from scimproof.core.errors import UsageError
from tests.capture.forms.hars import BASE, CREATE, entry, pairs, written


def only(path: Path, **changes: Any) -> Any:
    (found,) = Capture(written(path / "a.har", entry(**changes)))
    return found


def test_a_browsers_entry_is_an_exchange_with_its_bytes_and_times(tmp_path: Path) -> None:
    found = only(tmp_path)
    assert (found.number, found.method, found.target, found.status, found.reason) == (
        1, "POST", "/scim/v2/Users?a=%20b", 201, "Created",
    )  # fmt: skip
    assert found.request.body == CREATE.encode()
    assert found.request.header("content-length") == "89" == str(len(found.request.body))
    assert (found.at, found.seconds) == (1795773600.25, 0.0415)
    assert (found.fidelity, found.withheld, found.error) == ("parsed", "", "")
    assert found.connection == 0, "443 is the server's port, not a connection"


def test_the_head_of_an_answer_agrees_with_its_decoded_body(tmp_path: Path) -> None:
    found = only(tmp_path)
    assert found.answer.header("content-encoding") is None
    assert found.answer.header("content-length") == str(len(found.answer.body))
    assert found.answer.json["id"] == "1"


def test_connections_are_told_apart_where_the_har_does(tmp_path: Path) -> None:
    entries = [
        entry(_connectionId="287292"),
        entry(_connectionId="300000"),
        entry(_connectionId="287292"),
        entry(connection="51234"),
        entry(connection=""),
    ]
    assert [each.connection for each in Capture(written(tmp_path / "a.har", *entries))] == [1, 2, 1, 3, 0]


def test_pseudo_headers_of_http_2_give_host_and_nothing_else(tmp_path: Path) -> None:
    headers = pairs(
        __authority="scim.example.com", __method="POST", __path="/x", content_type="application/json"
    )
    answer = pairs(__status="201", content_type="application/scim+json")
    found = only(
        tmp_path,
        request={"httpVersion": "h2", "headers": headers},
        response={"httpVersion": "http/2.0", "headers": answer, "statusText": None},
    )
    assert found.request.start_line == "POST /scim/v2/Users?a=%20b HTTP/2"
    assert found.request.headers == (("Host", "scim.example.com"), ("content-type", "application/json"))
    assert found.answer.start_line == "HTTP/2 201"
    assert found.status == 201


def test_a_chunked_request_stays_chunked(tmp_path: Path) -> None:
    found = only(tmp_path, request={"headers": pairs(Host="a", Transfer_Encoding="chunked")})
    assert found.request.chunked
    assert found.request.content == CREATE.encode()


def test_base64_bodies_are_decoded(tmp_path: Path) -> None:
    content = {"size": 3, "mimeType": "application/scim+json", "encoding": "base64"}
    content["text"] = base64.b64encode(CREATE.encode()).decode()
    assert only(tmp_path, response={"content": content}).answer.body == CREATE.encode()


@pytest.mark.parametrize(
    ("post", "body"),
    [
        ({"params": [{"name": "a b", "value": "ü&"}, {"name": "c", "value": ""}]}, b"a+b=%C3%BC%26&c="),
        ({"params": [{"name": CREATE, "value": ""}]}, CREATE.encode()),  # Charles, of JSON named as a form
        ({"params": [{"name": '{"filter":"a eq', "value": ' b"}'}]}, b'{"filter":"a eq= b"}'),
        ({"text": CREATE, "params": []}, CREATE.encode()),
    ],
)
def test_forms_and_what_was_taken_for_one_are_put_together(
    tmp_path: Path, post: dict[str, Any], body: bytes
) -> None:
    assert only(tmp_path, request={"postData": post, "bodySize": -1, "headers": []}).request.body == body


def test_mitmproxys_entry_without_an_answer_says_why(tmp_path: Path) -> None:
    answer = {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "headers": [],
        "content": {},
        "_error": "refused",
    }
    found = only(tmp_path, response=answer, serverIPAddress="192.0.2.1", _webSocketMessages=[])
    assert (found.answer, found.error) == (None, "refused")


def test_charles_entry_that_broke_off_says_so(tmp_path: Path) -> None:
    found = only(tmp_path, response={"_charlesStatus": "EXCEPTION", "bodySize": -1})
    assert found.error == "the answer is not complete in the HAR"
    assert only(tmp_path, response={"_charlesStatus": "COMPLETE", "bodySize": -1}).error == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"request": {"method": "DELETE", "postData": None}},
            "the request's body of 89 bytes is not in the HAR",
        ),
        (
            {"request": {"postData": {"text": CREATE[:40]}}},
            "the request's body is cut in the HAR, at 40 of 89 bytes",
        ),
        ({"response": {"content": {"size": 77}}}, "the answer's body of 77 bytes is not in the HAR"),
        (
            {"response": {"content": {"size": 77, "text": CREATE[:40]}}},
            "the answer's body is cut in the HAR, at 40 of 77 bytes",
        ),
    ],
)
def test_a_body_that_is_missing_or_cut_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    found = only(tmp_path, **changes)
    assert found.withheld == said
    lost = found.request if said.startswith("the request") else found.answer
    assert lost.body == b""


def test_what_is_no_scim_is_skipped_and_counted(tmp_path: Path) -> None:
    page = {"status": 200, "headers": [], "content": {"size": 4, "mimeType": "image/png", "text": "AAAA"}}
    logo = entry(
        request={"method": "GET", "url": "https://app.example.com/logo.png", "headers": [], "postData": None,
                 "bodySize": 0},
        response=page,
    )  # fmt: skip
    odd = entry(request={"url": "https://app.example.com/rpc"})  # by its media type
    capture = Capture(written(tmp_path / "a.har", logo, entry(), odd, logo))
    assert [each.number for each in capture] == [2, 3]
    assert capture.skipped == 2
    narrowed = Capture(tmp_path / "a.har", base=BASE)
    assert [each.number for each in narrowed] == [2]
    assert narrowed.skipped == 3


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ([], "entry 2: it is no JSON object"),
        ({}, "entry 2: it has no request"),
        (entry(request={"url": None}), "entry 2: its request has no url"),
        (entry(startedDateTime="yesterday"), "entry 2: its startedDateTime is 'yesterday'"),
        (
            entry(response={"content": {"encoding": "base64", "text": "?"}}),
            "entry 2: its body is not the base64",
        ),
        (entry(request={"url": 7, "headers": 8, "postData": 9}, time="x") | {"response": 5}, ""),
    ],
)
def test_an_entry_that_lacks_something_is_told_with_its_place(tmp_path: Path, broken: Any, said: str) -> None:
    capture = Capture(written(tmp_path / "a.har", entry(), broken, entry()))
    numbers = [each.number for each in capture]
    assert numbers[0] == 1
    assert numbers[-1] == 3
    assert capture.unreadable == len(capture.places) == bool(said)
    if said:
        assert f"{tmp_path / 'a.har'}, {said}" in capture.places[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"log": {"entries": [{"a": 1}, {"b" 2}]}}', r"is not JSON: .* \(at character 37\)"),
        ('{"log": {"entries": [{"a": 1}', "is not JSON: it breaks off"),
        ('{"log": {"version": "1.2"}}', "there is no list 'log.entries' in it"),
        ('{"log": {"entries": {}}}', "'log.entries' in it is no list"),
        ('{"log": [1]}', "there is no list 'log.entries' in it"),
        ('{"log": {"entries": [' + "[" * 100_000, "nested too deep"),
        ('{"log": {"entries": [' + "1" * 5000 + "]}}", "is not JSON"),
    ],
    ids=["no colon", "cut", "no entries", "no list", "no log", "nested", "digits"],
)
def test_a_file_that_is_broken_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "a.har"
    path.write_text(text)
    with pytest.raises(UsageError, match=said) as raised:
        list(Capture(path))
    assert str(path) in str(raised.value)


def test_a_har_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(b'{"log": {"entries": ["\xff"]}}')
    with pytest.raises(UsageError, match="not JSON in UTF-8"):
        list(Capture(path))


@pytest.mark.parametrize("indent", [None, 4])
def test_a_large_har_is_read_entry_by_entry(
    tmp_path: Path, indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scimproof.capture.forms.json_items.PIECE", 100)
    text = json.dumps(entry())
    path = written(tmp_path / "a.har", *[json.loads(text) for _ in range(200)], indent=indent)
    assert [each.number for each in Capture(path)] == list(range(1, 201))


def test_secrets_in_a_har_are_masked_as_they_are_read(tmp_path: Path) -> None:
    headers = pairs(Host="a", Authorization="Bearer hunter2-token", Cookie="sid=hunter2", X_Key="hunter2")
    path = written(tmp_path / "a.har", entry(request={"headers": headers}))
    (found,) = Capture(path, hidden=["x-key"])
    assert b"hunter2" not in found.request.head
    assert set(found.masked) >= {"authorization", "cookie", "x-key"}
