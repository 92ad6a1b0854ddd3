"""A client that calls a WSGI target in this process, with Okta's headers."""

import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

JSON = dict[str, Any]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:scimproof:custom:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
TYPE = "application/scim+json; charset=utf-8"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> JSON:
        """The JSON body; an empty object if there is none that can be read."""
        try:
            body = json.loads(self.raw or b"{}")
        except ValueError:
            body = {}
        return body if isinstance(body, dict) else {}


class Client:
    """Sends requests to one target and keeps every answer in `answers`."""

    def __init__(self, app: "WSGIApplication", token: str | None = "secret-token") -> None:
        self.app = app
        self.token = token
        self.answers: list[Answer] = []

    def send(
        self,
        method: str,
        path: str,
        body: JSON | bytes | None = None,
        *,
        token: str | None = "",
        **headers: str,
    ) -> Answer:
        """Return the answer; `path` is relative to the base URL and already percent-encoded."""
        path, _, query = f"/scim/v2{path}".partition("?")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": _latin_1(path),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:8080",
            "HTTP_ACCEPT": "application/scim+json",
            "HTTP_ACCEPT_CHARSET": "utf-8",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
        }
        bearer = self.token if token == "" else token
        if bearer is not None:
            environ["HTTP_AUTHORIZATION"] = bearer if " " in bearer else f"Bearer {bearer}"
        if raw:
            environ["CONTENT_LENGTH"] = str(len(raw))
        if raw or method == "DELETE":
            environ["CONTENT_TYPE"] = TYPE
        environ.update(headers)
        answer = _call(self.app, environ)
        self.answers.append(answer)
        return answer

    def find(self, kind: str, attribute: str, value: str) -> Answer:
        """Look up by `attribute eq "value"`, as Okta writes it."""
        text = value.replace("\\", "\\\\").replace('"', '\\"')
        clause = quote(f'{attribute} eq "{text}"', safe="")
        return self.send("GET", f"/{kind}?filter={clause}&startIndex=1&count=100")

    def patch(self, path: str, *operations: JSON) -> Answer:
        """Send a PATCH with these operations."""
        return self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def merge(self, path: str, **changes: Any) -> Answer:
        """GET, change, PUT: how Okta updates."""
        return self.send("PUT", path, {**self.send("GET", path).body, **changes})


def _latin_1(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")


def _call(app: "WSGIApplication", environ: dict[str, Any]) -> Answer:
    seen: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None, /) -> Any:
        seen.append((status, headers))

    raw = b"".join(app(environ, start))
    status, pairs = seen[-1]
    return Answer(int(status.split()[0]), dict(pairs), raw)


def person(user_name: str, **more: Any) -> JSON:
    """Return what Okta posts for a person of this userName."""
    body: JSON = {
        "schemas": [USER],
        "userName": user_name,
        "name": {"givenName": "Test", "familyName": "Joiner"},
        "emails": [{"primary": True, "value": f"{user_name}@example.com", "type": "work"}],
        "displayName": "Test Joiner",
        "locale": "en-US",
        "externalId": f"00u{user_name}",
        "groups": [],
        "password": "1mz050nq",
        "active": True,
    }
    return {**body, **more}


def member(user_id: str) -> JSON:
    """Return a member as Okta writes it."""
    return {"value": user_id, "display": "somebody@example.com"}
