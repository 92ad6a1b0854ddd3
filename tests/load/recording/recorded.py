"""Captures that nobody recorded: requests of the catalogue at moments that a test chooses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.learn.recognition import Recognition
from scimproof.catalog.identities import person
from scimproof.catalog.loader import Catalog

BEGAN = 1_790_000_000.0  # 2026-09-21T14:13:20Z
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
RUN = {"base": "/scim/v2", "base-query": "", "host": "host", "authorization": "Bearer ******"}


@dataclass
class Recorded:
    """Recorded requests, each with the template that it was made of, which `look` recognises."""

    catalog: Catalog
    dialect: str = ""
    exchanges: list[CapturedExchange] = field(default_factory=list)
    _seen: dict[int, Recognition] = field(default_factory=dict)

    def send(
        self,
        at: float,
        template: str,
        blanks: Mapping[str, str],
        answer: Any = None,
        *,
        status: int = 200,
        rules: Mapping[str, Any] | None = None,
    ) -> None:
        """One request, so many seconds after the beginning."""
        made = self.catalog.templates[template]
        bodies = {name: partial(dict.__getitem__, dict(rules or {}), name) for name in made.rules}
        filled = made.fill({**RUN, **blanks}, bodies)
        head = f"{filled.method} {filled.target} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in filled.headers) + "\r\n"
        text = b"" if answer is None else json.dumps(answer).encode()
        said = f"HTTP/1.1 {status} Said\r\nContent-Type: application/scim+json\r\n"
        said += f"Content-Length: {len(text)}\r\n\r\n"
        number = len(self.exchanges) + 1
        self.exchanges.append(
            CapturedExchange(
                number,
                1,
                BEGAN + at,
                CapturedMessage(head.encode(), filled.body),
                CapturedMessage(said.encode(), text),
                0.01,
            )
        )
        self._seen[number] = Recognition(
            sender=template.partition("/")[0],
            dialect=self.dialect,
            operation=made.operation,
            template=template,
        )

    def disguise(self) -> None:
        """The last request is one that nobody recognises."""
        self._seen[len(self.exchanges)] = Recognition()

    def look(self, exchange: CapturedExchange) -> Recognition:
        """What the request was made of."""
        return self._seen[exchange.number]

    def write(self, path: Path) -> Path:
        """The capture as a file."""
        writer = CaptureWriter(path, "http://host/scim/v2", "0", BEGAN)
        for exchange in self.exchanges:
            writer.append(exchange)
        writer.close()
        return path


@dataclass
class OktaTenant:
    """Made-up people of a catalogue (OIN) app, whose requests are recorded as such an app sends them."""

    recorded: Recorded
    made: int = 0

    def someone(self) -> dict[str, str]:
        """The blanks of a new person."""
        self.made += 1
        found = person(1, "tenant", f"person {self.made}")
        return {f"user.{key}": value for key, value in found.items()} | {"user.id": f"id-{self.made}"}

    def create(self, at: float) -> dict[str, str]:
        """A search and a create, a tenth of a second later."""
        user = self.someone()
        empty = {"schemas": [LIST], "totalResults": 0, "Resources": []}
        self.recorded.send(at - 0.1, "okta/both/user-find.http", user, empty)
        answer = {"id": user["user.id"], "userName": user["user.userName"]}
        self.recorded.send(at, "okta/both/user-create.http", user, answer, status=201)
        return user

    def update(self, at: float, user: Mapping[str, str] | None = None) -> None:
        """A read and a PUT of what was merged, a tenth of a second later."""
        user = user or self.someone()
        whole = _whole(user)
        self.recorded.send(at - 0.1, "okta/both/user-get.http", user, whole)
        self.recorded.send(at, "okta/both/user-put-profile.http", user, whole, rules={"profile": whole})

    def deactivate(self, at: float, user: Mapping[str, str] | None = None) -> None:
        """The PATCH alone."""
        self.recorded.send(at, "okta/oin/user-deactivate.http", user or self.someone(), {"id": "x"})


def _whole(user: Mapping[str, str]) -> dict[str, Any]:
    """The person as the server shows it, and as a merge sends it back."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": user["user.id"],
        "userName": user["user.userName"],
        "name": {"givenName": user["user.newGivenName"], "familyName": user["user.familyName"]},
        "emails": [{"primary": True, "value": user["user.email"], "type": "work"}],
        "displayName": user["user.displayName"],
        "locale": user["user.locale"],
        "externalId": user["user.externalId"],
        "groups": [],
        "active": True,
        "meta": {"resourceType": "User"},
    }
