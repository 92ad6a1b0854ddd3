"""`scimproof doctor` says of anything but a list of users what it is, and that the target is not in order."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from scimproof.core.http_message import Exchange, Request
from scimproof.target.probe_answer import LIST, unusable
from tests.engine.kit import recording, scimproof
from tests.hostile.servers import EMPTY, Misbehave, hostile, says, slams
from tests.hostile.test_wire import DEEP, HTML

LOGIN = '<html><form><input type="password"></form></html>'
PAGE = "Content-Type: text/html"


def listed(**fields: object) -> str:
    """The empty list with these changed; what is None is left out."""
    return json.dumps({name: value for name, value in {**EMPTY, **fields}.items() if value is not None})


# What is answered to the connector test, and what has to be said of it.
NOT_USABLE: dict[str, tuple[Misbehave, str]] = {
    "500": (says("500 Internal Server Error", "{}"), "answered 500: trouble inside the server"),
    "500 with a word": (says("500 Oops", '{"detail": "no database"}'), '500 ("no database"): trouble inside'),
    "500 with a list": (says("500 Oops", json.dumps(EMPTY)), "answered 500: trouble inside"),
    "500 without a body": (says("500 Oops"), "answered 500: trouble inside"),
    "502 with a page": (says("502 Bad Gateway", HTML, PAGE), "answered 502 with a login page, not SCIM"),
    "503": (says("503 Unavailable", "down"), "answered 503: trouble inside"),
    "504": (says("504 Gateway Timeout", ""), "answered 504: trouble inside"),
    "429 that is waited out": (says("429 Slow", "{}", "Retry-After: 0"), "429: too many requests"),
    "429 that is not": (says("429 Slow", "{}"), "the sender would wait 300 s"),
    "400": (says("400 Bad Request", '{"detail": "no filter"}'), '400 ("no filter"): it does not take'),
    "401": (says("401 Unauthorized", "{}"), "refuses the credentials"),
    "404": (says("404 Not Found", "{}"), "no SCIM at this base path"),
    "406": (says("406 Not Acceptable", "{}"), "answered 406: it does not take"),
    "302": (says("302 Found", "", "Location: http://localhost:9/login"), "a redirect to"),
    "204": (says("204 No Content"), "answered 204 without a body"),
    "202": (says("202 Accepted", json.dumps(EMPTY)), "answered 202, where 200 and a list"),
    "an empty body": (says("200 OK", ""), "200 without a body"),
    "blanks": (says("200 OK", " \r\n"), "200 without a body"),
    "a page": (says("200 OK", HTML, PAGE), "with an HTML page"),
    "a login page": (says("200 OK", LOGIN, "Content-Type: text/plain"), "an HTML page"),
    "text": (says("200 OK", "OK", "Content-Type: text/plain"), "with something else than JSON (OK)"),
    "half of it": (says("200 OK", json.dumps(EMPTY)[:-9]), "with something else than JSON"),
    "deep JSON": (says("200 OK", DEEP), "with something else than JSON"),
    "Latin-1": (says("200 OK", b'{"totalResults": 0, "a": "\xe9"}'), "with something else than JSON"),
    "not the gzip it says": (says("200 OK", "{}", "Content-Encoding: gzip"), "not the gzip it says"),
    "an answer that breaks off": (says("200 OK", "{}", length=99, close=True), "no answer that can be read"),
    "nothing at all": (slams, "closes the connection without an answer"),
    "an array": (says("200 OK", "[]"), "JSON that is no object (an array)"),
    "a text": (says("200 OK", '"ok"'), "JSON that is no object (text)"),
    "null": (says("200 OK", "null"), "something else than JSON (null)"),
    "an empty object": (says("200 OK", "{}"), "no totalResults"),
    "an API's root": (says("200 OK", '{"message": "Hello"}'), "no totalResults"),
    "one user": (says("200 OK", '{"schemas": ["urn:x"], "id": "1"}'), "another schema (['urn:x'])"),
    "an error with 200": (
        says("200 OK", listed(schemas=["urn:ietf:params:scim:api:messages:2.0:Error"])),
        "another schema",
    ),
    "SCIM 1.1": (says("200 OK", listed(schemas=["urn:scim:schemas:core:1.0"])), ": SCIM 1.1"),
    "schemas as text": (says("200 OK", listed(schemas=LIST)), "another schema"),
    "no totalResults": (says("200 OK", listed(totalResults=None)), "no totalResults"),
    "totalResults in words": (says("200 OK", listed(totalResults="many")), "totalResults 'many'"),
    "totalResults below zero": (says("200 OK", listed(totalResults=-1)), "totalResults -1"),
    "totalResults true": (says("200 OK", listed(totalResults=True)), "totalResults True"),
    "totalResults NaN": (says("200 OK", listed(totalResults=float("nan"))), "totalResults nan"),
    "Resources as an object": (
        says("200 OK", listed(Resources={})),
        "Resources that are no array (an object)",
    ),
    "Resources of texts": (says("200 OK", listed(totalResults=1, Resources=["a"])), "no JSON objects"),
}
USABLE = {
    "an empty list": says("200 OK", json.dumps(EMPTY)),
    "without Resources": says("200 OK", listed(Resources=None)),
    "with null Resources": says("200 OK", json.dumps({**EMPTY, "Resources": None})),
    "without schemas": says("200 OK", listed(schemas=None)),
    "in other letters": says("200 OK", json.dumps({"totalresults": 0, "resources": []})),
    "a count as text": says("200 OK", listed(totalResults="0")),
    "labelled as a page": says("200 OK", json.dumps(EMPTY), PAGE),
    "packed": says("200 OK", gzip.compress(json.dumps(EMPTY).encode()), "Content-Encoding: gzip"),
}


def doctor(folder: Path, misbehave: Misbehave) -> tuple[int, str]:
    with hostile(misbehave) as server:
        ran = scimproof(folder, "doctor", "--target", server.url)
        assert all(raw.startswith(b"GET ") for raw in server.requests)
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout


@pytest.mark.parametrize("name", NOT_USABLE)
def test_s16_what_is_no_list_of_users_is_not_in_order(name: str, tmp_path: Path) -> None:
    misbehave, told = NOT_USABLE[name]
    code, said = doctor(tmp_path, misbehave)
    assert code == Exit.CANNOT_TELL, said
    assert "NO  SCIM" in said
    assert told in said
    assert "can be tested" not in said


@pytest.mark.parametrize("name", USABLE)
def test_s16_a_list_of_users_is_in_order_however_it_is_written(name: str, tmp_path: Path) -> None:
    code, said = doctor(tmp_path, USABLE[name])
    assert code == Exit.HOLDS, said
    assert "ok  SCIM" in said
    assert "can be tested" in said


def test_s16_the_embedded_target_is_in_order(tmp_path: Path) -> None:
    with recording() as target:
        ran = scimproof(tmp_path, "doctor", "--target", target.url)
    assert ran.returncode == Exit.HOLDS, ran.stdout
    assert "0 users" in ran.stdout


def test_s16_a_login_page_is_called_one() -> None:
    request = Request("GET", "/", ())
    assert "a login page" in unusable(Exchange(1, request, status=500, body=LOGIN.encode()))
    page = b"<html><body>Hello</body></html>"
    assert "an HTML page" in unusable(Exchange(1, request, status=500, body=page))


def test_s16_scim_at_another_path_is_found_whatever_answers_at_this_one(tmp_path: Path) -> None:
    def only_there(connection, raw: bytes) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        there = raw.startswith(b"GET /scim/v2/Users?")
        says("200 OK", json.dumps(EMPTY if there else {"message": "Hello"}))(connection, raw)

    with hostile(only_there) as server:
        ran = scimproof(tmp_path, "doctor", "--target", server.url.replace("/scim/v2", "/api"))
    assert ran.returncode == Exit.CANNOT_TELL
    assert f"--target {server.url}" in ran.stdout
