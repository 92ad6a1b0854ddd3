"""One request as a fault sees it, and the answers a fault can give."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from scimproof.embedded.store import Store

JSON = dict[str, Any]
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

_ACTIONS = {
    ("GET", False): "list",
    ("POST", False): "create",
    ("GET", True): "read",
    ("PUT", True): "replace",
    ("PATCH", True): "patch",
    ("DELETE", True): "delete",
}
_EQUALITY = re.compile(r'^\s*([\w.:$-]+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$', re.IGNORECASE)


@dataclass
class RawResponse(ScimResponse):
    """An answer whose body is these bytes, whatever they are."""

    raw: bytes = b""


@dataclass
class Call:
    """A request on its way to the honest target.

    `store` is the target's store (its `lock` serialises everything), `memory` what this fault keeps between
    calls of one target, `proceed()` the answer of whatever lies behind, `honest(request)` the honest
    answer to any other request.
    """

    request: ScimRequest
    store: Store
    memory: JSON
    proceed: Callable[[], ScimResponse]
    honest: Callable[[ScimRequest], ScimResponse]
    _body: JSON | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """`Users`, `Groups`, or whatever the first segment of the path is."""
        return self.request.path.strip("/").partition("/")[0]

    @property
    def id(self) -> str:
        """The id in the path, or an empty string."""
        return self.request.path.strip("/").partition("/")[2]

    @property
    def action(self) -> str:
        """One of list, create, read, replace, patch, delete, other."""
        return _ACTIONS.get((self.request.method.upper(), bool(self.id)), "other")

    def on(self, kind: str, *actions: str) -> bool:
        """Tell whether this is one of these actions (any, if none is given) on this kind of resource."""
        return self.kind == kind and (not actions or self.action in actions)

    @property
    def body(self) -> JSON:
        """The JSON object sent, or an empty one. Change it in place, then call `send`."""
        if self._body is None:
            try:
                parsed = json.loads(self.request.body or b"{}")
            except ValueError:
                parsed = {}
            self._body = parsed if isinstance(parsed, dict) else {}
        return self._body

    def send(self, body: JSON | None = None) -> ScimResponse:
        """Proceed with this body (the changed `body`, if none is given) in place of the one received."""
        self._body = self.body if body is None else body
        self.request.body = encode(self._body)
        return self.proceed()

    def query(self, **changes: str | None) -> ScimResponse:
        """Proceed with these query parameters changed, or left out where None."""
        query = {**self.request.query, **changes}
        self.request.query = {key: value for key, value in query.items() if value is not None}
        return self.proceed()

    @property
    def operations(self) -> list[JSON]:
        """The operations of a PATCH; of anything else none."""
        found = self.body.get("Operations") if self.action == "patch" else None
        return [op for op in found if isinstance(op, dict)] if isinstance(found, list) else []

    @property
    def equality(self) -> tuple[str, str] | None:
        """Attribute and value of a filter of the form `attribute eq "value"`."""
        found = _EQUALITY.match(self.request.query.get("filter", ""))
        if found is None:
            return None
        try:
            return found[1], str(json.loads(found[2]))
        except ValueError:
            return None

    @property
    def active(self) -> bool | None:
        """The value of `active` this request sets on a user, by PATCH with or without path, or by PUT."""
        if not self.on("Users", "patch", "replace"):
            return None
        if self.action == "replace":
            value = self.body.get("active")
        else:
            value = next((v for v in map(_active_of, self.operations) if v is not None), None)
        return value if isinstance(value, bool) else None

    def ask(
        self, method: str, path: str, body: JSON | None = None, query: Mapping[str, str] | None = None
    ) -> ScimResponse:
        """Return the honest answer to another request, made in the name of the same client."""
        headers = {"Content-Type": "application/scim+json"} if body is not None else {}
        data = encode(body) if body is not None else b""
        return self.honest(ScimRequest(method, self.request.base_url, path, query or {}, headers, data))

    def current(self) -> JSON | None:
        """Return the resource this request names as a GET shows it now, or None if there is none."""
        return self.fetch(self.kind, self.id) if self.id else None

    def fetch(self, kind: str, resource_id: str) -> JSON | None:
        """Return a resource as a GET shows it now, or None."""
        answer = self.ask("GET", f"/{kind}/{resource_id}")
        return answer.body if answer.status == HTTPStatus.OK else None

    def all(self, kind: str) -> list[JSON]:
        """Return every resource of a kind, in the order a list shows them."""
        found: list[JSON] = []
        while True:
            query = {"startIndex": str(len(found) + 1), "count": "500"}
            body = self.ask("GET", f"/{kind}", query=query).body or {}
            found += body.get("Resources", [])
            if len(found) >= body.get("totalResults", 0) or not body.get("Resources"):
                return found

    def unchanged(self) -> ScimResponse:
        """Answer as if the write had been done, with the resource as it is (404 if there is none)."""
        answer = self.ask("GET", f"/{self.kind}/{self.id}")
        if answer.status == HTTPStatus.OK and self.on("Groups", "patch"):
            return ScimResponse(HTTPStatus.NO_CONTENT)
        return answer


def _active_of(operation: JSON) -> Any:
    if str(operation.get("op")).lower() == "remove":
        return None
    value = operation.get("value")
    if operation.get("path") == "active":
        return value
    return value.get("active") if isinstance(value, dict) and not operation.get("path") else None


def encode(body: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def error(status: int, detail: str, scim_type: str | None = None) -> ScimResponse:
    """Return a well-formed SCIM error."""
    body: JSON = {"schemas": [ERROR_URN], "status": str(status), "detail": detail}
    if scim_type:
        body["scimType"] = scim_type
    return ScimResponse(HTTPStatus(status), body)


def is_error(response: ScimResponse) -> bool:
    """Tell whether the answer is a 4xx or 5xx."""
    return response.status >= HTTPStatus.BAD_REQUEST


def resources(response: ScimResponse) -> Iterator[JSON]:
    """Yield the resources of an answer: those of a list, or the one."""
    body = response.body
    if is_error(response) or not body:
        return
    if "Resources" in body:
        yield from body["Resources"]
    elif "id" in body:
        yield body
