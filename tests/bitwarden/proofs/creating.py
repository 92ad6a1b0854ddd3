"""Bodies, and what becomes of POST /Users."""

from __future__ import annotations

import re

from tests.bitwarden.client import JSON, NOBODY, Client, person

CRASH = "Object reference not set to an instance of an object."
BAD_REQUEST = "Exception of type 'Bit.Core.Exceptions.BadRequestException' was thrown."
NO_OWNER = "Organization must have at least one confirmed owner."
ENTRA = {"Adscimversion": "1.0", "User_Agent": ""}


def _mail(value: str | None, kind: str = "work", *, primary: bool = False) -> JSON:
    return {"primary": primary, "value": value, "type": kind}


def _picked(*emails: JSON, **headers: str) -> str:
    at = Client()
    answer = at.post("/Users", person("Name@example.com", emails=list(emails)), **headers)
    return str(answer.json["userName"]) if answer.status == 201 else str(answer.status)


# What is read of a body


def fields_ignored() -> None:
    at = Client()
    more = {
        "schemas": ["urn:wrong"],
        "password": "x",
        "phoneNumbers": "not even a list",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": 7},
    }
    assert at.post("/Users", person("ada@example.com", **more)).status == 201
    bare = {"active": True, "emails": [{"primary": True, "value": "eve@example.com"}]}
    assert at.post("/Users", bare).status == 201


def type_traps() -> None:
    at = Client()
    for wrong in (
        {"active": "true"},
        {"active": None},
        {"emails": [{"primary": "true", "value": "ada@example.com"}]},
        {"groups": [{"value": "x"}]},
        {"externalId": 7},
        {"name": "Ada"},
        {"emails": "ada@example.com"},
    ):
        answer = at.post("/Users", person("ada@example.com") | wrong)
        assert (answer.status, answer.json["detail"]) == (500, CRASH), wrong
        assert at.put(f"/Users/{at.owner}", person("x") | wrong).status == 500
    assert at.post("/Groups", {"displayName": "G", "members": [{"value": 7}]}).status == 500
    assert at.get("/Users").json["totalResults"] == 1


def names_in_bodies() -> None:
    at = Client()
    assert at.post("/Users", {"ACTIVE": True, "Emails": [{"VALUE": "ada@example.com"}]}).status == 201
    id = at.listed("Users")[0]["id"]
    assert (
        at.send("PATCH", f"/Users/{id}", {"operations": [{"OP": "replace", "Path": "active"}]}).status == 204
    )
    assert not at.active(id)


def names_in_patch_values() -> None:
    at = Client()
    user, group = at.user(externalId="e"), at.group("Staff")
    for value in ({"Active": False}, {"ACTIVE": "x"}, {"externalid": "other"}):
        assert at.patch(f"/Users/{user}", {"op": "replace", "value": value}).status == 204
    assert at.patch(f"/Groups/{group}", {"op": "replace", "value": {"displayname": "Other"}}).status == 204
    shown = at.get(f"/Users/{user}").json
    assert (shown["active"], shown["externalId"]) == (True, "e")
    assert at.get(f"/Groups/{group}").json["displayName"] == "Staff"


def malformed_500() -> None:
    at = Client()
    group = at.group()
    json = {"Content-Type": "application/json"}
    for method, where in (
        ("POST", "/Users"),
        ("POST", "/Groups"),
        ("PUT", f"/Users/{at.owner}"),
        ("PUT", f"/Groups/{group}"),
        ("PATCH", f"/Users/{at.owner}"),
        ("PATCH", f"/Groups/{group}"),
    ):
        for body in (b"", b"{", b"null", b"[]", b'{"active": NaN}', b"\xff", b"[" * 100_000):
            answer = at.send(method, where, body, json)
            assert (answer.status, answer.json["detail"]) == (500, CRASH), (method, where, body[:20])
    assert at.send("PATCH", f"/Users/{at.owner}", {}).status == 500
    assert at.send("PATCH", f"/Groups/{group}", {"Operations": None}).status == 500


def unknown_before_body() -> None:
    at = Client()
    for method in ("PUT", "PATCH"):
        for kind in ("Users", "Groups"):
            assert at.send(method, f"/{kind}/{NOBODY}", b"{").status == 404


def id_not_guid() -> None:
    at = Client()
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        for id in ("nobody", "1", "%20", "%C3%A4"):
            answer = at.send(method, f"/Users/{id}", b"{}" if method[0] == "P" else None)
            assert (answer.status, answer.json["detail"]) == (404, "User not found.")
    assert at.get(f"/Users/{at.owner.replace('-', '')}").status == 200


def default_texts() -> None:
    at = Client()
    id = at.user()
    group = at.group()
    gone = at.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{NOBODY}"]'})
    assert at.post("/Users", {}).json["detail"] == BAD_REQUEST
    assert gone.json["detail"] == BAD_REQUEST.replace("BadRequest", "NotFound")
    again = person(at.get(f"/Users/{id}").json["userName"])
    assert at.post("/Users", again).json["detail"] == "Conflict."


# Which address


def email_primary_first() -> None:
    first = _mail("first@example.com", "home", primary=True)
    assert (
        _picked(_mail("work@example.com"), first, _mail("c@example.com", primary=True)) == "first@example.com"
    )
    assert _picked(_mail(" ", primary=True), first) == "first@example.com"
    assert _picked(_mail(None, primary=True), _mail("work@example.com")) == "work@example.com"


def email_work_then_any() -> None:
    home, work = _mail("home@example.com", "home"), _mail("work@example.com")
    assert _picked(home, work) == "work@example.com"
    assert _picked(home, _mail("capital@example.com", "Work")) == "home@example.com"
    assert _picked(_mail("", "work"), home) == "home@example.com"


def email_entra_username() -> None:
    work = _mail("work@example.com")
    assert _picked(work, **ENTRA) == "name@example.com"
    assert _picked(work, Adscimversion="1.0") == "work@example.com", "Okta is Okta, whatever else is sent"
    assert _picked(work, _mail("primary@example.com", primary=True), **ENTRA) == "primary@example.com"
    assert _picked(**ENTRA) == "name@example.com"


def username_never_email() -> None:
    at = Client()
    for agent in ("Okta SCIM Client 1.0.0", "curl/8", ""):
        body = person("ada@example.com", emails=[])
        assert at.post("/Users", body, User_Agent=agent).json["detail"] == BAD_REQUEST
        assert (
            at.post("/Users", {"userName": "a@example.com", "active": True}, User_Agent=agent).status == 400
        )


def email_lower_not_trimmed() -> None:
    assert _picked(_mail(" Ada@Example.COM ", primary=True)) == " ada@example.com "
    assert _picked(_mail("No Address", primary=True)) == "no address"


def external_id_fallback() -> None:
    at = Client()
    shown = at.post("/Users", person("Ada@example.com")).json
    assert (shown["externalId"], shown["userName"]) == ("Ada@example.com", "ada@example.com")
    assert at.post("/Users", person("eve@example.com", externalId="00u1")).json["externalId"] == "00u1"
    nameless = at.post("/Users", {"active": True, "emails": [{"value": "zoe@example.com"}]}).json
    assert re.fullmatch(r"[A-Za-z0-9]{15}", nameless["externalId"])
    for number, blank in enumerate(("", "  ", "\t")):
        name = f"user{number}@example.com"
        assert at.post("/Users", person(name, externalId=blank)).json["externalId"] == name
        unnamed = person(f"other{number}@example.com", externalId=blank, userName=blank)
        assert re.fullmatch(r"[A-Za-z0-9]{15}", at.post("/Users", unnamed).json["externalId"])


# Whether anybody is created


def create_active() -> None:
    at = Client()
    absent = person("ada@example.com")
    del absent["active"]
    for body in (absent, person("ada@example.com", active=False)):
        answer = at.post("/Users", body)
        assert (answer.status, answer.json["detail"]) == (400, BAD_REQUEST)
    assert at.found('userName eq "ada@example.com"') == 0


def create_duplicate_email() -> None:
    at = Client()
    id = at.user("ada@example.com", externalId="one")
    again = person("ADA@example.com", externalId="two")
    for act in ("accept", "confirm"):
        assert at.post("/Users", again).status == 409
        at.hook(f"/members/{id}/{act}")
    assert at.post("/Users", again).status == 409
    at.set_active(id, active=False)
    assert at.post("/Users", again).status == 409
    assert not at.active(id), "nobody is restored by POST"
    staged = Client(staged="yes")
    staged.user("ada@example.com")
    assert staged.post("/Users", again).status == 409


def create_duplicate_external_id() -> None:
    at = Client()
    at.user("ada@example.com", externalId="One")
    assert at.post("/Users", person("eve@example.com", externalId="One")).status == 409
    assert at.post("/Users", person("eve@example.com", externalId="one")).status == 201
    at.user("zoe@example.com")
    emails = [{"primary": True, "value": "other@example.com"}]
    assert at.post("/Users", person("zoe@example.com", emails=emails)).status == 409
    assert at.post("/Users", person("ZOE@example.com", emails=emails)).status == 201


def create_seats() -> None:
    at = Client(seats=2, autoscale="no")
    at.user("ada@example.com")
    full = at.post("/Users", person("eve@example.com"))
    assert (full.status, full.json["detail"]) == (400, "Seat limit has been reached.")
    assert at.post("/Users", person("ada@example.com")).status == 409, "asked before the seats are"
    at.set_active(at.listed("Users")[0]["id"], active=False)
    assert at.post("/Users", person("eve@example.com")).status == 201


def create_autoscale() -> None:
    at = Client(seats=1, max_seats=2)
    at.user("ada@example.com")
    assert at.post("/Users", person("eve@example.com")).json["detail"] == "Seat limit has been reached."
    own = Client(hosting="self", seats=1)
    refused = own.post("/Users", person("ada@example.com"))
    assert (refused.status, refused.json["detail"]) == (400, "Cannot autoscale on self-hosted instance.")


def create_needs_owner() -> None:
    refused = Client(owners=0).post("/Users", person("ada@example.com"))
    assert (refused.status, refused.json["detail"]) == (400, NO_OWNER)
    for knobs in ({"fail_fast": "yes"}, {"staged": "yes"}, {"provider": "yes"}):
        at = Client(owners=0, **knobs)
        id = at.user()
        answers = at.set_active(id, active=False), at.put(f"/Users/{id}", {"active": False})
        assert [answer.status for answer in answers] == [204 if "provider" in knobs else 400, 200]
    last = Client(provider="yes")
    assert last.delete(f"/Users/{last.owner}").status == 204


def create_mail_fails() -> None:
    at = Client(mail="no")
    answer = at.post("/Users", person("ada@example.com"))
    assert answer.status == 500
    assert answer.json["detail"].startswith("One or more errors occurred while inviting users. (")
    assert at.get("/Users").json["totalResults"] == 1


def create_invites() -> None:
    at = Client()
    answer = at.post("/Users", person("ada@example.com"))
    assert (answer.status, answer.json["active"], answer.json["displayName"]) == (201, True, None)
    assert at.status(answer.json["id"]) == 0
    assert at.events() == [1500]
    assert [mail["to"] for mail in at.hook("/mail", method="GET").json] == ["ada@example.com"]


def fail_fast() -> None:
    at = Client(fail_fast="yes", hosting="self", seats=2)
    bad = at.post("/Users", person("No Address"))
    assert (bad.status, bad.json["detail"]) == (400, "no address The email address is not valid.")
    at.user("ada@example.com", externalId="One")
    for again in (person("ada@example.com"), person("eve@example.com", externalId="ONE")):
        assert at.post("/Users", again).json["detail"] == "User already exists."
    assert at.post("/Users", person("eve@example.com")).json["detail"] == "Cannot auto scale self-host."
    silent = Client(fail_fast="yes", mail="no").post("/Users", person("ada@example.com"))
    assert (silent.status, silent.json["detail"]) == (400, "Failed to invite users")


def staged() -> None:
    at = Client(staged="yes", seats=1, autoscale="no")
    answer = at.post("/Users", person("ada@example.com"))
    assert (answer.status, answer.json["active"]) == (201, True)
    assert at.status(answer.json["id"]) == 3
    assert at.events() == [1523]
    assert at.hook("/mail", method="GET").json == []
