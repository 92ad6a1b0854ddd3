"""Paths, keys, media types and headers."""

from __future__ import annotations

from scimproof.embedded.bitwarden import ORGANIZATION
from scimproof.embedded.bitwarden.app import Bitwarden
from tests.bitwarden.client import KEY, NOBODY, TYPE, Answer, Client, path, person

PLAIN = "application/json; charset=utf-8"
NO_KEY = {"Authorization": ""}


def empty(answer: Answer, status: int) -> bool:
    """Whether the answer is this status and nothing else."""
    return (answer.status, answer.raw, answer.media) == (status, b"", None)


def routes_any_case() -> None:
    at, key = Client(), {"Authorization": KEY}
    for target in ("/V2/{}/USERS", "/v2/{}/users", "/v2/{}/Groups/", f"/v2/{{}}/uSers/{at.owner.upper()}"):
        assert at.raw("GET", target.format(ORGANIZATION.upper()), b"", key).status == 200, target


def health_anonymous() -> None:
    at = Client()
    for name in ("alive", "now"):
        assert isinstance(at.raw("GET", f"/{name}", b"", {}).json, str)
    version = at.raw("GET", "/version", b"", {})
    assert (version.status, version.media) == (200, PLAIN)
    assert version.json


def no_discovery() -> None:
    at = Client()
    for name in ("ServiceProviderConfig", "ResourceTypes", "Schemas", "Me", "Bulk"):
        assert empty(at.send("GET", f"/{name}", headers=NO_KEY), 404)
        assert empty(at.get(f"/{name}"), 404)
    assert empty(at.send("POST", "/Bulk", {}), 404)


def wrong_method() -> None:
    at = Client()
    for method, where, allowed in (
        ("POST", "/Users/.search", {"DELETE", "GET", "PATCH", "PUT"}),
        ("DELETE", "/Users", {"GET", "POST"}),
        ("PATCH", "/Groups", {"GET", "POST"}),
    ):
        answer = at.send(method, where, b"{}", NO_KEY)
        assert empty(answer, 405)
        assert set(answer.headers["allow"].split(", ")) == allowed


def self_hosted_prefix() -> None:
    at = Client(hosting="self")
    assert at.base == f"/scim/v2/{ORGANIZATION}"
    created = at.post("/Users", person("ada@example.com"))
    assert created.headers["location"] == path("users", created.json["id"])
    assert at.raw("GET", path("Users"), b"", {"Authorization": KEY}).status == 404
    cloud = Client().post("/Groups", {"displayName": "Staff"})
    assert cloud.headers["location"] == path("groups", cloud.json["id"])


def bearer_exactly() -> None:
    at = Client()
    for given in (f"bearer {KEY}", f"BEARER {KEY}", f"Bearer  {KEY}", f"Basic {KEY}"):
        assert at.send("GET", "/Users", headers={"Authorization": given}).status == 401, given


def bare_key() -> None:
    assert Client().send("GET", "/Users", headers={"Authorization": KEY}).status == 200


def key_whole() -> None:
    at = Client()
    for given in (KEY.upper(), KEY[:-1], f"{KEY} ", "Bearer "):
        assert at.send("GET", "/Users", headers={"Authorization": given}).status == 401, given


def one_401() -> None:
    refusals = [
        Client().send("GET", "/Users", headers={"Authorization": "wrong"}),
        Client().send("GET", "/Users", headers=NO_KEY),
        *(Client(**{knob: value}).get("/Users") for knob, value in SETTINGS.items()),
        *(Client().raw("GET", f"/v2/{name}/Users", b"", {"Authorization": KEY}) for name in (NOBODY, "x")),
    ]
    assert {(answer.status, answer.raw, *sorted(answer.headers.items())) for answer in refusals} == {
        (401, b"", *sorted(refusals[0].headers.items()))
    }
    assert Client(plan="teams").get("/Users").status == 200
    for length, status in ((30, 200), (31, 401)):
        at = Client()
        at.app = Bitwarden(key="k" * length)
        assert at.send("GET", "/Users", headers={"Authorization": f"Bearer {'k' * length}"}).status == status


SETTINGS = {"enabled": "no", "scim": "no", "plan": "free"}


def empty_401() -> None:
    answer = Client().send("GET", "/Users", headers=NO_KEY)
    assert empty(answer, 401)
    assert "www-authenticate" not in answer.headers


def order_of_refusals() -> None:
    at = Client()
    no_type = {"Content-Type": "text/plain"}
    assert at.send("POST", "/Nothing", b"x", NO_KEY | no_type).status == 404
    assert at.send("DELETE", "/Users", b"x", NO_KEY | no_type).status == 405
    assert at.send("PUT", f"/Users/{NOBODY}", b"x", NO_KEY | no_type).status == 401
    assert at.send("PUT", f"/Users/{NOBODY}", b"x", no_type).status == 415
    assert at.send("PUT", f"/Users/{NOBODY}", b"x").status == 404
    assert at.send("PUT", f"/Users/{at.owner}", b"x").status == 500


def media_types_taken() -> None:
    at = Client()
    for number, media in enumerate(
        ("application/json", "text/json; charset=utf-8", TYPE, "Application/anything+JSON")
    ):
        assert at.post("/Groups", {"displayName": f"G{number}"}, Content_Type=media).status == 201, media
    for media in ("text/plain", "application/xml", "application/x-www-form-urlencoded", ""):
        for method, where in (
            ("POST", "/Groups"),
            ("PUT", f"/Users/{at.owner}"),
            ("PATCH", f"/Users/{at.owner}"),
        ):
            assert empty(at.send(method, where, {"displayName": "G"}, {"Content-Type": media}), 415)
    for charset in ("iso-8859-1", "us-ascii", "utf8", "utf-7", '"latin1"'):
        media = f"application/json; charset={charset}"
        assert empty(at.post("/Groups", {"displayName": "G"}, Content_Type=media), 415), charset
    for charset, encoding in (("UTF-8", "utf-8"), ('"utf-8"', "utf-8"), ("utf-16", "utf-16-le")):
        media = f"application/scim+json; odata=x; charset={charset}"
        body = '{"displayName": "Bür\u6771"}'.encode(encoding)
        assert at.post("/Groups", body, Content_Type=media).json["displayName"] == "Bür\u6771", charset
    assert at.post("/Groups", b"{}x", Content_Type="application/json; charset=utf-16").status == 500


def answers_scim_json() -> None:
    at = Client()
    for accept in ("application/scim+json", "application/json", "text/html", ""):
        assert at.send("GET", "/Users", headers={"Accept": accept}).media == TYPE


def errors_plain_json() -> None:
    at = Client(owners=0)
    answers = [
        at.get(f"/Users/{NOBODY}"),
        at.get(f"/Groups/{NOBODY}"),
        at.patch(f"/Users/{NOBODY}"),
        at.put(f"/Groups/{NOBODY}", {}),
        at.post("/Users", {}),
        at.post("/Users", b"{"),
        at.post("/Users", person("ada@example.com")),
    ]
    assert [answer.status for answer in answers] == [404, 404, 404, 404, 400, 500, 400]
    assert {answer.media for answer in answers} == {PLAIN}


def put_errors_scim_json() -> None:
    at = Client()
    unknown, refused = at.put(f"/Users/{NOBODY}", {}), at.put(f"/Users/{at.owner}", {"active": False})
    assert [(answer.status, answer.media) for answer in (unknown, refused)] == [(404, TYPE), (400, TYPE)]
    malformed = at.put(f"/Users/{at.owner}", b"{")
    assert (malformed.status, malformed.media) == (500, PLAIN)


def security_headers() -> None:
    at = Client()
    answers = [at.get("/Users"), at.get("/Nothing"), at.send("GET", "/Users", headers=NO_KEY)]
    answers += [at.send("DELETE", "/Users"), at.get(f"/Users/{NOBODY}"), at.patch(f"/Users/{at.owner}")]
    assert [answer.status for answer in answers] == [200, 404, 401, 405, 404, 204]
    for answer in answers:
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["x-xss-protection"] == "1; mode=block"
        assert answer.headers["x-content-type-options"] == "nosniff"
