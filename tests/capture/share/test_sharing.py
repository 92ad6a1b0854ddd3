"""Sharing as a whole: who is who everywhere, what is refused, and what never gets out."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import pytest

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.exchange import CapturedMessage
from scimproof.capture.reader import Capture
from scimproof.capture.share.sharing import SharingRefused, share
from scimproof.catalog.identities import KINDS, person
from scimproof.core.errors import UsageError
from scimproof.core.http_message import Json
from scimproof.core.scim import value_at
from tests.capture.learn.runs import catalog
from tests.capture.share.shared import AT, answer, bodies, exchange, request, shared, targets, written

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GUID = "2819c223-7f76-453a-919d-413861904646"
JANE = {
    "schemas": [USER, ENTERPRISE, "urn:ietf:params:scim:schemas:extension:acme:2.0:User"],
    "id": GUID,
    "externalId": "00uAbCdEfGh1jKlMnOp2",
    "userName": "Jane.O'Neil@sub.acme-corp.com",
    "name": {"formatted": "Dr. Jane O'Neil", "givenName": "Jane", "familyName": "O'Neil"},
    "displayName": "Jane O'Neil",
    "nickName": "Janey",
    "emails": [{"value": "JANE.O'NEIL@SUB.ACME-CORP.COM", "type": "work", "primary": True}],
    "phoneNumbers": [
        {"value": "+1 (415) 866-7734", "type": "mobile"},
        {"value": "+14158667734", "type": "work"},
    ],
    "addresses": [
        {"streetAddress": "77 Massachusetts Ave", "locality": "Cambridge", "country": "US", "type": "work"}
    ],
    "profileUrl": "https://intranet.acme-corp.com/people/jane.o'neil",
    "title": "Principal Wizard",
    "locale": "en-US",
    "timezone": "America/New_York",
    "active": True,
    "roles": [json.dumps({"id": GUID, "displayName": "Wizardry Department"})],
    "photos": [{"value": base64.b64encode(b"photo of Jane at acme-corp").decode()}],
    "meta": {
        "created": "2026-10-02T08:00:00.123Z",
        "location": f"https://scim.acme-corp.com/scim/v2/Users/{GUID}",
        "version": 'W/"3694e05e9dff594"',
    },
    ENTERPRISE: {"employeeNumber": "004711", "department": "Tooling", "manager": {"value": GUID}},
    "urn:ietf:params:scim:schemas:extension:acme:2.0:User": {"badgeColour": "Mauve", "deskCount": 4821},
}
# Everything in it that is somebody's, as it must not be seen again, in lower case.
CANARIES = (
    "jane",
    "neil",
    "janey",
    "acme",
    "corp",
    "2819c223",
    "413861904646",
    "abcdefgh1jklmnop2",
    "massachusetts",
    "cambridge",
    "principal",
    "wizard",
    "wizardry",
    "tooling",
    "mauve",
    "004711",
    "8667734",
    "866-7734",
    "3694e05e9dff594",
    "photo of",
    "intranet",
    "2026-10-02",
    "4821",
    "globex",
    "10.20.30.40",
    "fd00:1:2",
    "hunter2",
    "anders",
    "7b3f9c1e",
    "tenant-4471",
)


def history() -> list[Any]:
    """Jane, in every place in which a capture may have her."""
    body = json.dumps(JANE, ensure_ascii=False).encode()
    name = quote(f'userName eq "{JANE["userName"]}"', safe="")
    form = quote_plus(f'emails[type eq "work"].value eq "{JANE["userName"]}"')
    patch = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [
            {"op": "remove", "path": f'members[value eq "{GUID}"]'},
            {"op": "replace", "path": "name.familyName", "value": "O'Neil"},
            {"op": "Add", "value": {'emails[type eq "work"].value': "jane.o'neil@sub.acme-corp.com"}},
        ],
    }
    taken = {"schemas": [], "status": "409", "detail": "User Jane.O'Neil@sub.acme-corp.com already exists"}
    packed = gzip.compress(body)
    chunked = (
        b"10\r\n"
        + body[:16]
        + b"\r\n"
        + f"{len(body) - 16:x}".encode()
        + b"\r\n"
        + body[16:]
        + b"\r\n0\r\n\r\n"
    )
    ours = f"/tenants/tenant-4471/scim/v2/Users/{GUID}"
    typed = "Content-Type: application/scim+json"
    return [
        exchange(
            1,
            request(f"GET /scim/v2/Users?filter={name}", "User-Agent: Globex-Agent/7.2"),
            answer("200 OK", typed, body=body),
        ),
        exchange(
            2,
            request(
                f"GET /scim/v2/Users?filter={form}&count=100", "X-Forwarded-For: 10.20.30.40, fd00:1:2::3"
            ),
            answer("409 Conflict", typed, body=json.dumps(taken).encode()),
        ),
        exchange(
            3,
            request(
                f"PATCH {ours}",
                "X-Request-Id: 7b3f9c1e-0000-4111-8222-933344445555",
                body=json.dumps(patch).encode(),
            ),
            answer(
                "204 No Content",
                f"Location: https://scim.acme-corp.com{ours}",
                "Date: Fri, 27 Nov 2026 20:00:00 GMT",
            ),
        ),
        exchange(
            4,
            request("POST /scim/v2/Users", body=json.dumps(JANE).encode()),
            CapturedMessage(
                b"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed),
                packed,
            ),
        ),
        exchange(
            5,
            CapturedMessage(
                b"POST /scim/v2/Users HTTP/1.1\r\nHost: scim.acme-corp.com\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n",
                chunked,
            ),
            None,
            error="no connection to scim.acme-corp.com (10.20.30.40:443): refused",
        ),
        exchange(
            6,
            request(
                "POST /oauth/token",
                "Authorization: Basic aHVudGVyMjphbmRlcnM=",
                "Content-Type: application/x-www-form-urlencoded",
                body=b"grant_type=client_credentials&client_id=jane%40acme-corp.com&scope=hunter2",
            ),
        ),
    ]


def forms(data: str) -> str:
    """The text, and what of it is in base64 or percent-encoded, in lower case."""
    runs = re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", data)
    inner = (
        base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-8", "replace")
        for run in runs
        if len(run.rstrip("=")) % 4 != 1
    )
    return "\n".join([data, unquote_plus(unquote_plus(data)), *inner]).lower()


def test_nothing_of_anybody_is_in_any_file(tmp_path: Path) -> None:
    shared(tmp_path, *history())
    for path in (tmp_path / "out").rglob("*"):
        seen = forms(path.read_text(encoding="utf-8"))
        assert not [canary for canary in CANARIES if canary in seen], path
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["capture.jsonl", "share.json"]


def test_the_same_person_has_the_same_stand_in_everywhere(tmp_path: Path) -> None:
    shared(tmp_path, *history())
    one, two, three, four, five, _ = Capture(tmp_path / "out")
    assert one.answer and two.answer and three.answer and four.answer  # noqa: PT018 - for the type checker
    jane: Json = one.answer.json
    name, given, family = jane["userName"], jane["name"]["givenName"], jane["name"]["familyName"]
    assert re.fullmatch(r"[A-Z][a-z]{3}", given)
    assert re.fullmatch(r"[A-Z]'[A-Z][a-z]{3}", family)
    assert re.fullmatch(rf"{given}\.{family}@[a-z]{{3}}\.[a-z]{{4}}-[a-z]{{4}}\.example\.com", name)
    assert jane["displayName"] == f"{given} {family}"
    assert jane["name"]["formatted"].endswith(f". {given} {family}")
    assert jane["emails"][0]["value"] == name.upper()
    assert unquote_plus(one.target).endswith(f'userName eq "{name}"')
    assert "%20eq%20%22" in one.target
    assert "%27" in one.target
    assert (
        unquote_plus(two.target)
        == f'/scim/v2/Users?filter=emails[type eq "work"].value eq "{name}"&count=100'
    )
    assert "+eq+%22" in two.target
    assert two.answer.json["detail"] == f"User {name} already exists"
    assert jane["id"] in three.target
    assert three.request.json["Operations"][0]["path"] == f'members[value eq "{jane["id"]}"]'
    assert three.request.json["Operations"][1] == {
        "op": "replace",
        "path": "name.familyName",
        "value": family,
    }
    assert three.request.json["Operations"][2]["value"] == {'emails[type eq "work"].value': name.lower()}
    assert three.answer.header("Location") == f"https://{one.request.header('Host')}{three.target}"
    assert jane["meta"]["location"] == f"https://{one.request.header('Host')}/scim/v2/Users/{jane['id']}"
    assert four.request.json == jane == four.answer.json == five.request.json
    assert jane[ENTERPRISE]["manager"]["value"] == jane["id"]
    assert json.loads(jane["roles"][0])["id"] == jane["id"]
    digits = [re.sub(r"\D", "", each["value"]) for each in jane["phoneNumbers"]]
    assert digits[0] == digits[1]


def test_kinds_stay_and_what_is_harmless_stays(tmp_path: Path) -> None:
    shared(tmp_path, *history())
    one, two, three, *_ = Capture(tmp_path / "out")
    assert one.answer
    jane: Json = one.answer.json
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}", jane["id"])
    assert re.fullmatch(
        r"00u[A-Z][a-z][A-Z][a-z][A-Z][a-z][A-Z][a-z]\d[a-z][A-Z][a-z][A-Z][a-z][A-Z][a-z]\d",
        jane["externalId"],
    )
    assert re.fullmatch(r"\+\d \(\d{3}\) \d{3}-\d{4}", jane["phoneNumbers"][0]["value"])
    assert re.fullmatch(r"00\d{4}", jane[ENTERPRISE]["employeeNumber"])
    assert jane["schemas"][:2] == [USER, ENTERPRISE]
    assert re.fullmatch(r"urn:ietf:params:scim:schemas:extension:[a-z]{4}:2\.0:User", jane["schemas"][2])
    custom = jane[jane["schemas"][2]]
    assert list(custom) == ["badgeColour", "deskCount"]
    assert re.fullmatch(r"[1-9]\d{3}", str(custom["deskCount"]))
    assert (jane["locale"], jane["timezone"], jane["active"], jane["addresses"][0]["country"]) == (
        "en-US",
        "America/New_York",
        True,
        "US",
    )
    assert [each["type"] for each in jane["phoneNumbers"]] == ["mobile", "work"]
    assert list(jane) == [jane["schemas"][2] if "acme" in key else key for key in JANE]
    assert re.fullmatch(r"/tenants/[a-z]{6}-\d{4}/scim/v2/Users/.*", three.target)
    assert re.fullmatch(r"192\.0\.2\.\d+, 2001:db8::\w+", str(two.request.header("X-Forwarded-For")))
    assert re.fullmatch(r"[A-Z][a-z]{5}-Agent/7.2", str(one.request.header("User-Agent")))
    inner = base64.b64decode(jane["photos"][0]["value"]).decode()
    assert inner.split()[2] == jane["name"]["givenName"]


def test_lengths_and_chunks_are_right_again(tmp_path: Path) -> None:
    shared(tmp_path, *history())
    *_, four, five, six = Capture(tmp_path / "out")
    for message in (four.request, four.answer, six.request):
        assert message
        assert message.header("Content-Length") == str(len(message.body))
        assert message.header("Content-Encoding") is None
    assert five.request.chunked
    assert five.request.body.startswith(b"10\r\n")
    assert five.request.json
    assert five.request.body.endswith(b"\r\n0\r\n\r\n")


def test_times_order_and_connections_stay(tmp_path: Path) -> None:
    sent = history()
    shared(tmp_path, *sent)
    got = list(Capture(tmp_path / "out"))
    assert [each.number for each in got] == [each.number for each in sent]
    assert [each.connection for each in got] == [each.connection for each in sent]
    assert [each.seconds for each in got] == [each.seconds for each in sent]
    moved = got[0].at - sent[0].at
    assert moved % (7 * 86400) == 0
    assert moved < 0
    assert all(each.at - moved == pytest.approx(one.at) for each, one in zip(got, sent, strict=True))
    assert got[2].answer
    assert str(got[2].answer.header("Date")).startswith("Fri, ")
    assert got[0].answer
    created = got[0].answer.json["meta"]["created"]
    assert created.endswith("T08:00:00.123Z")
    assert not created.startswith("2026")


def test_formatting_and_escapes_of_a_body_stay(tmp_path: Path) -> None:
    body = b'{ "userName" : "J\\u00fcrgen\\/Wei\\u00DF\\ud83d\\ude42",\n\t"x" :[ 1.50,-2e3 , null ],'
    body += b'"displayName":"J\xc3\xbcrgen" }'
    shared(tmp_path, exchange(1, request("POST /scim/v2/Users", body=body)))
    (got,) = Capture(tmp_path / "out")
    text = got.request.body.decode()
    found = re.fullmatch(
        r'\{ "userName" : "([A-Z])\\u00fc(\w{4})\\/([A-Z]\w\w)\\u00DF\\ud83d\\ude42",'
        r'\n\t"x" :\[ \d\.\d{2},-\de3 , null \],'
        r'"displayName":"([A-Z])ü(\w{4})" \}',
        text,
    )
    assert found, text
    assert found[1] + found[2] == found[4] + found[5]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_awkward_names_stay_as_awkward_and_are_one_person(kind: str, seed: int, tmp_path: Path) -> None:
    one = person(seed, "acme-0x0x0x0x", f"share/{kind}/{seed}", kind)
    body = {
        "userName": one["userName"],
        "name": {"givenName": one["givenName"], "familyName": one["familyName"]},
        "displayName": one["displayName"],
        "emails": [{"value": one["email"]}],
    }
    name = json.dumps(one["userName"], ensure_ascii=False)
    asked = f"/scim/v2/Users?filter=userName%20eq%20{quote(name, safe='')}"
    lower = f"/scim/v2/Users?filter=displayName+co+{quote_plus(json.dumps(one['displayName']))}"
    shared(
        tmp_path,
        exchange(
            1, request("POST /scim/v2/Users", body=json.dumps(body, ensure_ascii=kind == "emoji").encode())
        ),
        exchange(2, request(f"GET {asked}")),
        exchange(3, request(f"GET {lower}")),
        seed=seed,
    )
    first, second, third = Capture(tmp_path / "out")
    made: Json = first.request.json
    assert json.loads(unquote_plus(second.target).partition(" eq ")[2]) == made["userName"]
    assert json.loads(unquote_plus(third.target).partition(" co ")[2]) == made["displayName"]
    assert made["displayName"] == f"{made['name']['givenName']} {made['name']['familyName']}"
    for path in ("userName", "name.givenName", "name.familyName", "displayName", "emails.0.value"):
        old, new = value_at(body, path), value_at(made, path)
        # Of a percent-encoded letter in a name another one is made: its digits are others.
        old, new = (re.sub("%[0-9A-F]{2}", "%41", text) for text in (old, new))
        assert re.sub(r"\w", "a", old) == re.sub(r"\w", "a", new)
        assert [(char.isupper(), char.isdigit(), char.isascii()) for char in old] == [
            (char.isupper(), char.isdigit(), char.isascii()) for char in new
        ]
        assert len(old.encode()) == len(new.encode())
        if re.search("[A-Za-z]{3}", old):
            assert old != new


def refused(tmp_path: Path, *exchanges: Any, **options: Any) -> SharingRefused:
    with pytest.raises(SharingRefused) as raised:
        shared(tmp_path, *exchanges, **options)
    assert not (tmp_path / "out").exists(), "nothing is written, nor a part, nor a folder"
    return raised.value


@pytest.mark.parametrize(
    ("message", "where", "what"),
    [
        (
            request("POST /scim/v2/Users", "Content-Type: text/html", body=b"<p>Jane</p>"),
            "request body",
            "neither JSON nor a form (text/html",
        ),
        (request("POST /scim/v2/Users", body=b"\xff\xfe"), "request body", "not UTF-8 (2 bytes)"),
        (
            request("GET /scim/v2/Users", "X-Acme-Tenant: 7"),
            "request header X-Acme-Tenant",
            "nobody knows what it says",
        ),
        (
            CapturedMessage(b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"),
            "request header",
            "a line of the head is no header",
        ),
        (
            CapturedMessage(
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"
            ),
            "request body",
            "its chunks",
        ),
    ],
)
def test_what_cannot_be_placed_is_refused_with_its_place(
    tmp_path: Path, message: CapturedMessage, where: str, what: str
) -> None:
    error = refused(tmp_path, exchange(1, request("GET /scim/v2/Users")), exchange(7, message))
    (problem,) = error.problems
    assert (problem.number, problem.where) == (7, where)
    assert what in problem.what
    assert f"  {where}: " in str(error)
    assert "(exchange 7)" in str(error)


def test_a_body_that_is_missing_and_a_line_that_is_torn_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, exchange(3, request("POST /scim/v2/Users"), withheld="it may hold a secret"))
    assert "body: it is missing: it may hold a secret (exchange 3)" in str(error)
    (tmp_path / "torn").mkdir()
    capture = written(tmp_path / "torn", exchange(1, request("GET /scim/v2/Users")))
    with capture.path.open("ab") as file:
        file.write(b'{"n":2,"conn')
    with pytest.raises(SharingRefused, match="its line is torn"):
        share(Capture(capture.path), tmp_path / "two", catalog())


def test_the_ways_out_are_ways_out(tmp_path: Path) -> None:
    odd = exchange(2, request("GET /scim/v2/Users/jane", "X-Acme-Tenant: Globex 12", "X-Acme-Sum: abc"))
    page = exchange(
        3,
        request("GET /scim/v2/Users/jane"),
        answer("502 Bad Gateway", "Content-Type: text/html", body=b"<p>"),
    )
    error = refused(tmp_path, exchange(1, request("GET /scim/v2/Users")), odd, page)
    assert "--keep-header X-Acme-Sum --keep-header X-Acme-Tenant" in str(error)
    (tmp_path / "a").mkdir()
    found = shared(tmp_path / "a", odd, page, keep_headers=["x-acme-tenant", "X-ACME-SUM"], leave_out=True)
    assert (found.document["exchanges"], found.document["left_out"]) == (1, [3])
    (kept,) = Capture(tmp_path / "a" / "out")
    value = kept.request.header("X-Acme-Tenant")
    assert value
    assert re.fullmatch(r"[A-Z][a-z]{5} \d\d", value)
    assert "Globex" not in value


def test_a_stand_in_is_never_somebody_elses_name(tmp_path: Path) -> None:
    """Every name of four letters of a small alphabet is in the capture: none is found again."""
    letters = "bdk"
    vowels = "aeiou"
    names = [a + b + c + d for a in letters for b in vowels for c in letters for d in vowels]
    sent = [
        exchange(n, request("POST /scim/v2/Users", body=json.dumps({"userName": name}).encode()))
        for n, name in enumerate(names)
    ]
    shared(tmp_path, *sent)
    made = [each.request.json["userName"] for each in Capture(tmp_path / "out")]
    assert len(set(made)) == len(names)
    assert not set(made) & set(names)


def test_the_self_check_refuses_what_still_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(self: Any, text: str, attribute: str = "", parent: str = "") -> str:
        return (
            text
            if attribute == "title"
            else str(
                self._remembered((text, attribute, parent), lambda: self._value(text, attribute, parent))
            )
        )

    monkeypatch.setattr("scimproof.capture.share.texts.TextRewriter.value", careless)
    body = json.dumps(
        {"userName": "wilhelmina", "title": base64.b64encode(b"ask Wilhelmina").decode()}
    ).encode()
    error = refused(tmp_path, exchange(9, request("POST /scim/v2/Users", body=body)))
    assert "request: a text that was replaced still shows" in str(error)
    assert "(exchange 9)" in str(error)


def test_a_name_that_is_a_word_of_servers_is_replaced_where_it_is_a_name(tmp_path: Path) -> None:
    body = {"userName": "found.user@acme-corp.com", "name": {"givenName": "Found", "familyName": "User"}}
    said = {"detail": "User Found was not found: page 3"}
    shared(tmp_path, exchange(1, request("POST /scim/v2/Users", body=json.dumps(body).encode()),
                              answer("404 Not Found", body=json.dumps(said).encode())))  # fmt: skip
    (got,) = Capture(tmp_path / "out")
    name: Json = got.request.json["name"]
    assert name["givenName"] != "Found"
    assert got.answer
    assert got.answer.json["detail"].startswith(f"{name['familyName']} {name['givenName']} was not ")


def test_a_capture_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    shared(tmp_path, exchange(1, request("GET /scim/v2/Users")))
    with pytest.raises(UsageError, match="is there already"):
        share(Capture(tmp_path / "in.jsonl"), tmp_path / "out", catalog())
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made a folder"):
        share(Capture(tmp_path / "in.jsonl"), tmp_path / "file" / "out", catalog())


def test_an_empty_capture_is_refused(tmp_path: Path) -> None:
    CaptureWriter(tmp_path / "in.jsonl", "https://a", "0", AT).close()
    with pytest.raises(UsageError, match="there is no exchange in it"):
        share(Capture(tmp_path / "in.jsonl"), tmp_path / "out", catalog())


def test_two_shares_of_one_capture_have_nothing_in_common(tmp_path: Path) -> None:
    capture = written(tmp_path, *history())
    names = []
    for out in ("a", "b"):
        share(capture, tmp_path / out, catalog(), rng=random.Random(out))
        names.append(next(iter(Capture(tmp_path / out))).answer)
    assert names[0]
    assert names[1]
    assert names[0].json["userName"] != names[1].json["userName"]


def test_the_summary_counts_by_kind_and_shows_stand_ins_only(tmp_path: Path) -> None:
    document = shared(tmp_path, *history()).document
    counts = {row["kind"]: row["count"] for row in document["replaced"]}
    assert (counts["people"], counts["telephone numbers"], counts["network addresses"]) == (1, 1, 2)
    assert counts["e-mail addresses"] >= 1
    assert counts["ids"] >= 3
    assert document["attribute_names_kept"] == ["badgeColour", "deskCount"]
    assert json.loads((tmp_path / "out" / "share.json").read_text()) == document


def test_names_of_attributes_in_schemas_stay_and_sentences_about_them_are_read_as_such(
    tmp_path: Path,
) -> None:
    schema = {
        "id": "urn:ietf:params:scim:schemas:extension:acme:2.0:User",
        "name": "Globex",
        "attributes": [
            {"name": "badgeColour", "type": "string", "multiValued": False, "mutability": "readWrite",
             "description": "The name of Globex badges", "canonicalValues": ["mauve"], "returned": "default"}
        ],
    }  # fmt: skip
    other = {"attributes": ["janedoe"], "path": "janedoe", "filter": "janedoe", "a": {"name": "janedoe"}}
    one, two = bodies(tmp_path, schema, other)
    (attribute,) = one["attributes"]
    assert (attribute["name"], attribute["mutability"], attribute["type"]) == (
        "badgeColour",
        "readWrite",
        "string",
    )
    assert attribute["description"].startswith("The name of ")
    assert attribute["description"].partition(" of ")[2].split()[0] == one["name"] != "Globex"
    assert attribute["canonicalValues"] != ["mauve"]
    assert (
        {two["attributes"][0], two["path"], two["filter"], two["a"]["name"]} == {two["path"]} != {"janedoe"}
    )


@pytest.mark.parametrize(
    "asked",
    [
        "/scim/v2/Users?filter=janedoe",
        "/scim/v2/Users?filter=janedoe%20acme",
        "/scim/v2/Users?filter=%22janedoe",
        "/scim/v2/Users?filter=userName%20eq%20janedoe",
        "/scim/v2/Users?filter=(userName%20eq%20%22janedoe%22",
        "/scim/v2/Users?janedoe=1&janedoe",
        "/scim/v2/Users/janedoe%2Facme",
        "/janedoe/Users/../acme",
        "http://janedoe.acme.com:8080/scim?x=janedoe#janedoe",
        "/scim/v2/Users?filter=userName%20eq%20%22%6Aanedoe%22",
        "*",
        "/scim/v2/Users?filter=%ZZ%janedoe%",
    ],
)
def test_a_target_of_any_form_is_replaced(asked: str, tmp_path: Path) -> None:
    (made,) = targets(tmp_path, asked)
    assert "janedoe" not in unquote_plus(made)
    assert "acme" not in made
    assert made.count("/") == asked.count("/")
    assert made.count("%") == asked.count("%")
