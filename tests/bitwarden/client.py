"""A client of an embedded Bitwarden in this process: over SCIM, over its Public API, and as people act."""

from __future__ import annotations

import io
import json
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlencode

from scimproof.embedded.bitwarden import CLIENT_ID, CLIENT_SECRET, ORGANIZATION
from scimproof.embedded.bitwarden.app import Bitwarden, base_path
from scimproof.embedded.bitwarden.options import ServerOptions

KEY = "secret-token"
OKTA = "Okta SCIM Client 1.0.0"
TYPE = "application/scim+json; charset=utf-8"
NOBODY = "00000000-0000-4000-8000-000000000000"

JSON = dict[str, Any]


class Answer(NamedTuple):
    """What came back; names of headers are lower case."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def media(self) -> str | None:
        return self.headers.get("content-type")


class Client:
    """One fresh Bitwarden, set up with these knobs and faults."""

    def __init__(self, *faults: str, **knobs: object) -> None:
        turned = ServerOptions()
        for name, value in knobs.items():
            turned.turn(name.replace("_", "-"), value)
        self.app = Bitwarden(key=KEY, knobs=turned, faults=faults)
        self.base = base_path(turned)
        self._token = ""

    # Over SCIM

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """The answer to a request with Okta's headers; one that is "" is left out."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {KEY}", "Accept": "application/scim+json", "User-Agent": OKTA}
        if raw:
            sent["Content-Type"] = TYPE
        sent |= headers or {}
        return self.raw(method, self.base + path, raw, {name: value for name, value in sent.items() if value})

    def raw(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        """The answer to exactly this."""
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        head: list[Any] = []

        def start(*told: Any) -> Any:
            head.extend(told[:2])

        chunks = self.app(environ, start)
        status, found = head
        return Answer(int(status[:3]), {name.lower(): value for name, value in found}, b"".join(chunks))

    def get(self, path: str, **query: str) -> Answer:
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def listed(self, kind: str, **query: str) -> list[JSON]:
        """The resources of a list."""
        found: list[JSON] = self.get(f"/{kind}", **query).json["resources"]
        return found

    def found(self, wanted: str, kind: str = "Users") -> int:
        """How many a filter finds."""
        answer = self.get(f"/{kind}", filter=wanted)
        assert answer.status == 200
        assert len(answer.json["resources"]) == answer.json["totalResults"]
        return int(answer.json["totalResults"])

    def post(self, path: str, body: object, **headers: str) -> Answer:
        return self.send("POST", path, body, {k.replace("_", "-"): v for k, v in headers.items()})

    def put(self, path: str, body: object, **headers: str) -> Answer:
        return self.send("PUT", path, body, {k.replace("_", "-"): v for k, v in headers.items()})

    def patch(self, path: str, *operations: JSON) -> Answer:
        return self.send("PATCH", path, {"Operations": list(operations)})

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path)

    def user(self, email: str = "ada@example.com", **more: object) -> str:
        """The id of a new member."""
        answer = self.post("/Users", person(email, **more))
        assert answer.status == 201, answer
        return str(answer.json["id"])

    def group(self, name: str = "Staff", *members: str) -> str:
        """The id of a new group."""
        body = {"displayName": name, "members": [{"value": id} for id in members]}
        return str(self.post("/Groups", body).json["id"])

    def set_active(self, id: str, *, active: bool) -> Answer:
        """As a catalog app of Okta's does it."""
        return self.patch(f"/Users/{id}", {"op": "replace", "value": {"active": active}})

    def active(self, id: str) -> bool:
        return bool(self.get(f"/Users/{id}").json["active"])

    # Outside SCIM

    @property
    def owner(self) -> str:
        """The id of the owner who was there from the start."""
        return str(self.listed("Users", filter='userName eq "owner@example.com"')[0]["id"])

    def token(self) -> str:
        """A token for the Public API."""
        answer = self.grant()
        assert answer.status == 200, answer
        return str(answer.json["access_token"])

    def grant(self, **other: str) -> Answer:
        """The answer of the token endpoint."""
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": "api.organization",
        } | other
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.raw("POST", "/connect/token", urlencode(form).encode(), kind)

    def public(self, path: str, method: str = "GET") -> Answer:
        """The answer of the Public API."""
        self._token = self._token or self.token()
        return self.raw(method, f"/public{path}", b"", {"Authorization": f"Bearer {self._token}"})

    def status(self, id: str) -> int:
        """Where a member stands."""
        return int(self.public(f"/members/{id}").json["status"])

    def in_group(self, id: str) -> set[str]:
        """Who is in a group."""
        return set(self.public(f"/groups/{id}/member-ids").json)

    def events(self, **query: str) -> list[int]:
        """The kinds of the events there were, oldest first."""
        tail = f"?{urlencode(query)}" if query else ""
        return [event["type"] for event in reversed(self.public(f"/events{tail}").json["data"])]

    def hook(self, path: str, body: JSON | None = None, method: str = "POST") -> Answer:
        """What people do."""
        return self.raw(method, f"/hooks{path}", json.dumps(body or {}).encode(), {})

    def join(self, id: str, **account: object) -> None:
        """The person accepts, and an administrator confirms."""
        for act in ("accept", "confirm"):
            answer = self.hook(f"/members/{id}/{act}", account)
            assert answer.status == 200, answer


def person(email: str, **more: object) -> JSON:
    """A user as Okta creates one."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": email,
        "name": {"givenName": "Ada", "familyName": "Smith"},
        "emails": [{"primary": True, "value": email, "type": "work"}],
        "displayName": "Ada Smith",
        "locale": "en-US",
        "groups": [],
        "active": True,
    } | more


def path(*pieces: str) -> str:
    """A path of this organization."""
    return "/".join(("", "v2", ORGANIZATION, *pieces))
