"""A request passing through the fault chain."""

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from scimproof.embedded.responses import JSON, encode
from scimproof.embedded.store import Store

_ACTIONS = {
    ("GET", False): "list",
    ("POST", False): "create",
    ("GET", True): "read",
    ("PUT", True): "replace",
    ("PATCH", True): "patch",
    ("DELETE", True): "delete",
}
_EQUALITY = re.compile(r'^\s*([\w.:$-]+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$', re.IGNORECASE)
Kept = TypeVar("Kept")
_BOOLEANS = {"true": True, "false": False}  # as Entra writes them in a PATCH
_MEMBER_PATH = re.compile(r'^members\[value eq "([^"]*)"\]$')


@dataclass
class WireRequest(ScimRequest):
    """A request with its query string as received, undecoded."""

    raw_query: str = ""


@dataclass
class InterceptedRequest:
    """A request on its way to the conforming target, as a fault sees and changes it.

    `store` is the target's store (its `lock` serialises all access), `kept` the fault's state on one target,
    `proceed()` the answer of the rest of the chain, `honest(request)` the conforming answer to any other
    request.
    """

    request: ScimRequest
    store: Store
    _memory: JSON
    proceed: Callable[[], ScimResponse]
    honest: Callable[[ScimRequest], ScimResponse]
    _body: JSON | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """`Users`, `Groups`, or the first segment of the path."""
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
        """Whether this is one of these actions (any, if none is given) on this kind of resource."""
        return self.kind == kind and (not actions or self.action in actions)

    @property
    def raw_query(self) -> str:
        """The query string as it came."""
        return getattr(self.request, "raw_query", "")

    @property
    def members(self) -> list[JSON]:
        """The members that this request adds to the group: by POST or PUT, or by the adds of a PATCH."""
        if self.kind != "Groups":
            return []
        if self.action == "patch":
            lists = [op.get("value") for op in self.operations if puts_members(op)]
        else:
            lists = [self.body.get("members")]
        return [m for found in lists if isinstance(found, list) for m in found if isinstance(m, dict)]

    @property
    def body(self) -> JSON:
        """The JSON object in the request, or an empty one. Change it in place, then call `send`."""
        if self._body is None:
            try:
                parsed = json.loads(self.request.body or b"{}")
            except ValueError:
                parsed = {}
            self._body = parsed if isinstance(parsed, dict) else {}
        return self._body

    def send(self, body: JSON | None = None) -> ScimResponse:
        """Proceed with this body (the changed `body`, if none is given) instead of the received one."""
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
        """The operations of a PATCH; empty for any other request."""
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
        """The value of `active` that this request sets on a user, by PATCH (with or without path) or PUT."""
        if not self.on("Users", "patch", "replace"):
            return None
        if self.action == "replace":
            value = self.body.get("active")
        else:
            value = next((v for v in map(_active_of, self.operations) if v is not None), None)
        return _BOOLEANS.get(value.lower()) if isinstance(value, str) else _as_boolean(value)

    def ask(
        self, method: str, path: str, body: JSON | None = None, query: Mapping[str, str] | None = None
    ) -> ScimResponse:
        """The conforming answer to another request, sent in the name of the same client."""
        headers = {"Content-Type": "application/scim+json"} if body is not None else {}
        data = encode(body) if body is not None else b""
        return self.honest(ScimRequest(method, self.request.base_url, path, query or {}, headers, data))

    def current(self) -> JSON | None:
        """The resource in the path as a GET shows it now, or None if there is none."""
        return self.fetch(self.kind, self.id) if self.id else None

    def fetch(self, kind: str, resource_id: str) -> JSON | None:
        """A resource as a GET shows it now, or None."""
        answer = self.ask("GET", f"/{kind}/{resource_id}")
        return answer.body if answer.status == HTTPStatus.OK else None

    def store_members(self, members: list[JSON]) -> None:
        """Set exactly these members of the group in the path, directly in the store."""
        group = self.current()
        if group is not None:
            self.ask("PUT", self.request.path, {**group, "members": members})

    def without_uniqueness(self) -> ScimResponse:
        """Proceed, and let a created resource share its name with another permanently."""
        with self._duplicates():
            return self.proceed()

    def duplicate(self, path: str, body: JSON) -> ScimResponse:
        """Create a resource that shares its name with another permanently."""
        with self._duplicates():
            return self.ask("POST", path, body)

    @contextmanager
    def _duplicates(self) -> Iterator[None]:
        """Inside, what is created may share its name with another."""
        with self.store.lock:
            self.store.allow_duplicates = True
            try:
                yield
            finally:
                self.store.allow_duplicates = False

    def sharing_its_name(self) -> ScimResponse:
        """Proceed, and let the resource in the path share its name with another permanently."""
        with self.store.lock:
            self.store.let_share(self.id)
            return self.proceed()

    @contextmanager
    def kept(self, name: str, empty: Callable[[], Kept]) -> Iterator[Kept]:
        """State of this fault under that name, `empty()` at first; one request at a time may use it.

        The store's lock is held, since sixteen threads serve requests and a dict must not grow while it is
        iterated. Slow calls, such as `proceed`, belong outside.
        """
        with self.store.lock:
            yield self._memory.setdefault(name, empty())

    def tick(self) -> int:
        """Count calls of this fault on this target: 1 for the first one."""
        with self.kept("ticks", lambda: itertools.count(1)) as ticks:
            return next(ticks)

    def all(self, kind: str) -> list[JSON]:
        """Every resource of a kind, in the order of lists."""
        found: list[JSON] = []
        while True:
            query = {"startIndex": str(len(found) + 1), "count": "500"}
            body = self.ask("GET", f"/{kind}", query=query).body or {}
            found += body.get("Resources", [])
            if len(found) >= body.get("totalResults", 0) or not body.get("Resources"):
                return found

    def named(self, fits: Callable[[str], bool]) -> list[JSON]:
        """The resources of this kind whose userName or displayName fits."""
        ids = [key for key, name in self.store.names(self.kind).items() if fits(name)]
        return [found for found in (self.fetch(self.kind, key) for key in ids) if found]

    def unchanged(self) -> ScimResponse:
        """Answer as if the write had been done, with the unchanged resource (404 if there is none)."""
        answer = self.ask("GET", f"/{self.kind}/{self.id}")
        if answer.status == HTTPStatus.OK and self.on("Groups", "patch"):
            return ScimResponse(HTTPStatus.NO_CONTENT)
        return answer


def puts_members(operation: JSON) -> bool:
    """Whether a PATCH operation adds or replaces members."""
    return operation.get("path") == "members" and str(operation.get("op")).lower() in {"add", "replace"}


def removed_member(operation: JSON) -> str | None:
    """The id that a PATCH operation removes by `members[value eq "id"]`, else None."""
    found = _MEMBER_PATH.match(str(operation.get("path")))
    return found[1] if found and str(operation.get("op")).lower() == "remove" else None


def _as_boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _active_of(operation: JSON) -> Any:
    if str(operation.get("op")).lower() == "remove":
        return None
    value = operation.get("value")
    if operation.get("path") == "active":
        return value
    return value.get("active") if isinstance(value, dict) and not operation.get("path") else None


def listing(call: InterceptedRequest, found: list[JSON]) -> ScimResponse:
    """The page of these resources that the request asks for."""
    start = max(_integer(call, "startIndex", 1), 1)
    count = max(_integer(call, "count", len(found)), 0)
    page = found[start - 1 : start - 1 + count]
    body: JSON = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(found),
        "startIndex": start,
        "itemsPerPage": len(page),
        "Resources": page,
    }
    return ScimResponse(HTTPStatus.OK, body)


def _integer(call: InterceptedRequest, name: str, default: int) -> int:
    try:
        return int(call.request.query.get(name, default))
    except ValueError:
        return default
