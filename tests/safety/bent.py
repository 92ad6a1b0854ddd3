"""A right target that is bent in one place: what it answers can be changed before and after."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from scimproof.embedded.app import build
from tests.engine.kit import TOKEN, Recording, recording

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@dataclass
class Call:
    """One request on its way: `answer` asks the right server, once or not at all."""

    method: str
    path: str
    query: str
    body: Any
    ask: Callable[..., Said]

    @property
    def kind(self) -> str:
        """`Users` or `Groups`."""
        return "Groups" if "/Groups" in self.path else "Users"

    @property
    def id(self) -> str:
        """The id in the path, empty for the collection."""
        return unquote(self.path.rpartition(f"/{self.kind}")[2].lstrip("/"))


@dataclass
class Said:
    """An answer: status, JSON body (None for none)."""

    status: int
    body: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)


Bend = Callable[[Call], Said | None]


def refused(status: int, detail: str = "no") -> Said:
    """A SCIM error."""
    return Said(status, {"schemas": [ERROR], "status": str(status), "detail": detail})


class Bent:
    """The embedded target, except where `bend` gives an answer of its own."""

    def __init__(self, bend: Bend, *faults: str) -> None:
        made: Any = build(token=TOKEN, faults=faults)
        self.app = made
        self.bend, self.store = bend, made.store

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        raw = environ["wsgi.input"].read(length) if length else b""
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None

        def ask(changed: Any = None, **fields: str) -> Said:
            data = raw if changed is None else json.dumps(changed).encode()
            asked = environ | fields
            asked |= {"wsgi.input": io.BytesIO(data), "CONTENT_LENGTH": str(len(data))}
            told: list[Any] = []
            answer = b"".join(self.app(asked, lambda *said: told.append(said)))
            status, headers = told[0][:2]
            kept = [(name, value) for name, value in headers if name != "Content-Length"]
            return Said(int(status.split()[0]), json.loads(answer) if answer else None, kept)

        call = Call(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], body, ask)
        said = self.bend(call) or ask()
        headers = said.headers or [("Content-Type", "application/scim+json")]
        start(f"{said.status} {'OK' if said.status < 400 else 'No'}", headers)
        if said.body is None:
            return [b""]
        return [said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()]


@contextmanager
def bent(bend: Bend, *faults: str) -> Iterator[Recording]:
    """That target on a loopback port."""
    with recording(Bent(bend, *faults)) as target:
        yield target


def past(target: Recording) -> Recording:
    """The same store, asked past whatever is bent."""
    return Recording(target.app.app)


def colleague(target: Recording, kind: str, number: int, **more: Any) -> dict[str, Any]:
    """Somebody else's resource, made past what is bent."""
    attribute, name = ("userName", "x{}@corp.example") if kind == "Users" else ("displayName", "Team {}")
    body = {"schemas": [USER if kind == "Users" else GROUP], attribute: name.format(number), **more}
    made = past(target).ask("POST", f"/{kind}", body).json
    assert isinstance(made, dict)
    return made
