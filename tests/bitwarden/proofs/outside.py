"""People, the Public API, and how often it may be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from tests.bitwarden.client import KEY, NOBODY, Client


def states() -> None:
    at = Client()
    id = at.user()
    seen = [(at.status(id), at.active(id))]
    for act in ("accept", "confirm"):
        assert at.hook(f"/members/{id}/{act}").status == 200
        seen.append((at.status(id), at.active(id)))
    staged = Client(staged="yes")
    waiting = staged.user()
    seen.append((staged.status(waiting), staged.active(waiting)))
    assert seen == [(0, True), (1, True), (2, True), (3, True)]
    assert at.events() == [1500, 1501]
    for act in ("accept", "confirm"):
        refused = at.hook(f"/members/{id}/{act}")
        assert refused.status == 400
        assert "confirmed" in refused.json["error"]


def email_changes_in_bitwarden() -> None:
    at = Client()
    id = at.user()
    assert at.hook(f"/members/{id}/address", {"email": "new@example.com"}).status == 400, "no account yet"
    at.join(id)
    assert at.hook(f"/members/{id}/address", {"email": "New@example.com"}).status == 200
    assert at.get(f"/Users/{id}").json["userName"] == "new@example.com"
    assert at.found('userName eq "new@example.com"') == 1
    assert at.found('userName eq "ada@example.com"') == 0
    assert at.hook(f"/members/{id}/address", {"email": "owner@example.com"}).status == 400


def invitation_expires() -> None:
    at = Client()
    id = at.user()
    at.app.vault.members[id].invited -= 5 * 24 * 3600 + 1
    assert "expired" in at.hook(f"/members/{id}/accept").json["error"]
    assert at.hook("/members/ada@example.com/resend").status == 200
    assert at.hook("/members/ada@example.com/accept").status == 200
    assert len(at.hook("/mail", method="GET").json) == 2


def no_rate_limit() -> None:
    at = Client(reads_per_minute=1, writes_per_minute=1)
    assert {at.get("/Users").status for _ in range(50)} == {200}
    assert {at.post("/Groups", {"displayName": "G"}).status for _ in range(50)} == {201}


def public_token() -> None:
    at = Client(writes_per_second=100)
    granted = at.grant().json
    assert set(granted) == {"access_token", "expires_in", "token_type", "scope"}
    assert (granted["expires_in"], granted["token_type"], granted["scope"]) == (
        3600,
        "Bearer",
        "api.organization",
    )
    for wrong, error in (
        ({"client_secret": KEY}, "invalid_client"),
        ({"client_id": f"organization.{NOBODY}"}, "invalid_client"),
        ({"scope": "api"}, "invalid_scope"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ):
        answer = at.grant(**wrong)
        assert (answer.status, answer.json["error"]) == (400, error)
    assert (
        at.send("GET", "/Users", headers={"Authorization": f"Bearer {granted['access_token']}"}).status == 401
    )
    for given in ("", f"Bearer {KEY}"):
        assert at.raw("GET", "/public/members", b"", {"Authorization": given}).status == 401
    right = {"Authorization": f"Bearer {granted['access_token']}"}
    assert at.raw("GET", "/public/members", b"", right).status == 200
    assert at.raw("GET", "/api/public/members", b"", right).status == 200
    assert at.raw("POST", "/identity/connect/token", b"", {}).status == 400


def public_members() -> None:
    at = Client()
    id = at.user(externalId="00u1")
    group = at.group("Staff", id)
    listed = at.public("/members").json
    assert (listed["object"], listed["continuationToken"], len(listed["data"])) == ("list", None, 2)
    member = at.public(f"/members/{id}").json
    assert member in listed["data"]
    assert "groups" not in member
    assert member["ssoExternalId"] is None
    assert {
        key: member[key] for key in ("object", "id", "status", "externalId", "email", "name", "userId")
    } == {
        "object": "member",
        "id": id,
        "status": 0,
        "externalId": "00u1",
        "email": "ada@example.com",
        "name": None,
        "userId": None,
    }
    assert at.public(f"/members/{id}/group-ids").json == [group]
    for path in (f"/members/{NOBODY}", "/members/nobody", f"/members/{id}/member-ids"):
        assert at.public(path).status == 404


def public_groups() -> None:
    at = Client()
    id = at.user()
    group = at.group("Staff", id)
    found = at.public(f"/groups/{group}").json
    assert (found["object"], found["id"], found["name"]) == ("group", group, "Staff")
    assert at.public("/groups").json["data"] == [found]
    assert at.public(f"/groups/{group}/member-ids").json == [id]
    assert at.public(f"/groups/{NOBODY}/member-ids").status == 404
    assert at.public(f"/groups/{group}", "DELETE").status == 405


def public_events() -> None:
    at = Client()
    id = at.user()
    for number in range(60):
        at.set_active(id, active=bool(number % 2))
    first = at.public("/events").json
    assert len(first["data"]) == 50
    second = at.public(f"/events?continuationToken={first['continuationToken']}").json
    assert (len(second["data"]), second["continuationToken"]) == (11, None)
    assert second["data"][-1]["type"] == 1500
    assert {event["memberId"] for event in first["data"] + second["data"]} == {id}
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    before, after = ((now + way * hour).strftime("%Y-%m-%dT%H:%M:%S.0000000Z") for way in (-1, 1))
    assert len(at.events(start=before, end=after)) == len(at.events(start=after, end=before)) == 50
    for start, end in ((now + hour, now + 2 * hour), (now - 2 * hour, now - hour)):
        assert at.events(start=start.isoformat(), end=end.isoformat()) == []
    for alone in ({"start": after}, {"end": before}):
        assert len(at.events(**alone)) == 50, "one alone is no limit: the last thirty days"
    year = {"start": (now - 367 * 24 * hour).isoformat(), "end": now.isoformat()}
    assert len(at.events(**year)) == 50
    year["start"] = (now - 367 * 24 * hour - hour).isoformat()
    assert at.public(f"/events?{urlencode(year)}").status == 400
    assert at.public("/events?start=yesterday").status == 400


def public_events_late() -> None:
    for hosting, late in (("cloud", True), ("self", False)):
        at = Client(hosting=hosting, event_delay=5)
        moment = [0.0]
        at.app.vault.clock = lambda moment=moment: moment[0]  # type: ignore[misc]
        at.user()
        assert at.events() == ([] if late else [1500])
        moment[0] = 4.9
        assert at.events() == ([] if late else [1500])
        moment[0] = 5.0
        assert at.events() == [1500]


def public_without() -> None:
    at = Client(events="no")
    id = at.user()
    at.set_active(id, active=False)
    assert at.events() == []
    assert at.status(id) == -1
    refused = Client(api="no").grant()
    assert (refused.status, refused.json["error"]) == (400, "invalid_client")


def public_rate_limit() -> None:
    at = Client()
    statuses = [at.public("/members").status for _ in range(201)]
    assert statuses == [200] * 200 + [429]
    refused = at.public("/members")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json["object"] == "error"
    assert refused.json["message"].startswith("Slow down!")
    assert at.get("/Users").status == 200
    at = Client(writes_per_minute=3, writes_per_second=100)
    assert [at.grant().status for _ in range(4)] == [200, 200, 200, 429]
    at = Client(writes_per_second=2)
    assert sum(at.grant().status == 429 for _ in range(5)) >= 1
    own = Client(hosting="self", reads_per_minute=1, writes_per_minute=1)
    assert {own.public("/members").status for _ in range(5)} == {200}
