"""Evidence of an app: what its creates, updates and pushes in a capture say of how it is set up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.learn.request_files.request_target import RequestTarget
from scimproof.catalog.app import READ_ONLY, AppRules
from scimproof.catalog.app_paths import parsed, paths_in
from scimproof.catalog.loader import Catalog
from scimproof.core.http_message import Json
from scimproof.core.scim import id_of, value_at

MOST_ROWS = 5000  # creates and updates that are kept; more people say nothing more
Row = Mapping[str, Json]  # the values of one body by path


@dataclass
class SenderEvidence:
    """What the requests of one sender say of an app.

    `requests` counts them by operation, and by both operation and method. `creates` are bodies
    of different people by path, with their userName; `updates` bodies of replacing writes. `pushes` are, for
    each group, the numbers of members of its adding requests in order. `first` and `last` are seconds since
    1970.
    """

    rules: AppRules
    requests: Counter[str] = field(default_factory=Counter)
    total: int = 0
    creates: dict[str, Row] = field(default_factory=dict)
    updates: list[Row] = field(default_factory=list)
    pushes: dict[str, list[int]] = field(default_factory=dict)
    first: float = 0.0
    last: float = 0.0

    def look(self, exchange: CapturedExchange, recognition: Recognition) -> None:
        """Take one request of the sender."""
        self.first = self.first or exchange.at
        self.last = max(self.last, exchange.at)
        self.total += 1
        self.requests[recognition.operation] += 1
        self.requests[f"{recognition.operation} {exchange.method}"] += 1
        body, place = exchange.request.json, RequestTarget.of(exchange.target)
        if not isinstance(body, dict):
            return
        if place.endpoint == "Groups":
            self._push(exchange, place, body)
        elif exchange.method == "POST" and recognition.operation in self.rules.operations:
            name = value_at(body, "userName")
            if isinstance(name, str) and len(self.creates) < MOST_ROWS:
                self.creates.setdefault(name.casefold(), self._row(body))
        elif exchange.method == "PUT" and len(self.updates) < MOST_ROWS:
            self.updates.append(self._row(body))

    def _row(self, body: Json) -> dict[str, Json]:
        """The values by path that can be mapped, and the userName."""
        found = paths_in(body, self.rules.lists)
        row: dict[str, Json] = {"userName": value_at(body, "userName")}
        for text, value in found.items():
            path = parsed(text)
            head = path.attribute if path and not path.urn else ""
            if path is not None and head not in READ_ONLY and head not in self.rules.refused:
                row[text] = value
        return row

    def _push(self, exchange: CapturedExchange, place: RequestTarget, body: Json) -> None:
        operations = body.get("Operations")
        added = 0
        for one in operations if isinstance(operations, list) else ():
            if isinstance(one, dict) and one.get("op") == "add" and one.get("path") == "members":
                value = one.get("value")
                added += len(value) if isinstance(value, list) else 1
        group = place.id
        if exchange.method == "POST":
            members = body.get("members")
            group = id_of(exchange.answer.json) if exchange.answer else ""
            added = len(members) if isinstance(members, list) else 0
        if group and added:
            self.pushes.setdefault(group, []).append(added)


@dataclass
class AppEvidence:
    """Evidence of a whole capture, for each sender whose apps can be set up."""

    catalog: Catalog
    senders: dict[str, SenderEvidence] = field(default_factory=dict)

    def look(self, exchange: CapturedExchange, recognition: Recognition) -> None:
        """Take one exchange of the capture."""
        rules = self.catalog.apps.get(recognition.sender)
        if rules:
            self.senders.setdefault(recognition.sender, SenderEvidence(rules)).look(exchange, recognition)

    @property
    def most(self) -> tuple[str, SenderEvidence] | None:
        """The sender of most requests; None where there is none."""
        return max(self.senders.items(), key=lambda one: one[1].total, default=None)
