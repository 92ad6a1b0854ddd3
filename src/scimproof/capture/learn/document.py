"""Builds the learn document: whose traffic a capture is, and how its requests compare with ours."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scimproof import __version__
from scimproof.capture.learn.owner import applications
from scimproof.capture.learn.recogniser import Match, Recogniser, TrafficOwner, equals
from scimproof.capture.learn.recognition import RequestDifference
from scimproof.capture.learn.shapes.sender_shapes import OWN
from scimproof.capture.learn.tally import OutcomeCount, OutcomeTally
from scimproof.core.redaction import REDACTED, remembered

FORMAT = "scimproof.learn/1"
MOST_DIFFERENCES = 200  # of one operation
MOST_UNKNOWN = 200  # forms of requests that are no known operation
SHOWN_BASES = 10
# Names of headers and attributes whose values are shown to nobody, whatever they are.
SECRET = re.compile(r"auth|token|secret|api-?key|cookie|session|password|signature", re.IGNORECASE)

Row = dict[str, Any]


@dataclass(frozen=True)
class CaptureFacts:
    """What is known of a capture beside its exchanges: its path, and how many lines could not be read."""

    path: str
    unreadable: int = 0


@dataclass
class _Operation:
    """What was seen of one operation of one sender."""

    first: int = 0
    seen: int = 0
    as_sent: int = 0
    templates: Counter[str] = field(default_factory=Counter)
    also: set[str] = field(default_factory=set)
    differences: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    example: str = ""
    differing_example: tuple[int, str] = (0, "")


def learn_document(tally: OutcomeTally, owner: TrafficOwner, facts: CaptureFacts) -> Row:
    """The document of a capture that was counted, as the traffic of that owner; redacted, for JSON."""
    return _Builder(tally, owner, facts).document()


class _Builder:
    def __init__(self, tally: OutcomeTally, owner: TrafficOwner, facts: CaptureFacts) -> None:
        self.tally, self.owner, self.facts = tally, owner, facts
        self.recogniser: Recogniser = tally.recogniser
        self.catalog = tally.recogniser.catalog
        self.operations: dict[tuple[str, str], _Operation] = {}
        self.unknown: list[OutcomeCount] = []
        self.shares: Counter[tuple[str, str]] = Counter()
        self.redactor = remembered()
        for one in sorted(tally.outcomes.values(), key=lambda one: one.first):
            self._sort(one)

    def _sort(self, one: OutcomeCount) -> None:
        best = self.recogniser.best(one.candidates, self.owner)
        if best is None:
            self.unknown.append(one)
            return
        shape = best.shape
        self.shares[shape.sender, self._dialect(best)] += one.count
        found = self.operations.setdefault((shape.sender, shape.template.operation), _Operation(one.first))
        found.seen += one.count
        found.templates[shape.template.path] += one.count
        found.also |= set(equals(one.candidates, best))
        found.example = found.example or one.example
        if not best.differences:
            found.as_sent += one.count
            return
        if not found.differing_example[1]:
            found.differing_example = one.first, one.example
        for difference in best.differences:
            self._note(found, difference, one, best)

    def _note(self, found: _Operation, difference: RequestDifference, one: OutcomeCount, best: Match) -> None:
        key = difference.kind, difference.where, difference.ours
        if key not in found.differences and len(found.differences) >= MOST_DIFFERENCES:
            return
        row = found.differences.setdefault(
            key,
            {
                "kind": difference.kind,
                "where": difference.where,
                "ours": self._told(difference, difference.ours),
                "seen": self._told(difference, difference.seen),
                "count": 0,
                "first": one.first,
                "template": best.shape.template.path,
            },
        )
        row["count"] += one.count

    def _dialect(self, best: Match) -> str:
        """The dialect of a request, the owner's where that sends it too; empty where it is of none."""
        dialects = best.shape.dialects
        if not dialects or best.shape.sender == OWN:
            return ""
        if best.shape.sender == self.owner.sender and dialects & self.owner.dialects:
            return self.owner.dialect
        sender = self.catalog.senders[best.shape.sender]
        every = [id for id, names in applications(sender) if names & dialects]
        return every[0] if len(every) == 1 else ""

    def document(self) -> Row:
        own = [row for (sender, _), row in self.operations.items() if sender == OWN]
        others = {key: row for key, row in self.operations.items() if key[0] != OWN}
        requests = sum(row.seen for row in others.values()) + sum(one.count for one in self.unknown)
        differs = sum(row.seen - row.as_sent for row in others.values())
        unknown = sum(one.count for one in self.unknown)
        return {
            "format": FORMAT,
            "scimproof": __version__,
            "result": "differs" if differs else "unknown" if unknown else "as-sent",
            "capture": self._capture(),
            "traffic": self._traffic()
            | {
                "requests": requests,
                "as_sent": sum(row.as_sent for row in others.values()),
                "differs": differs,
                "unknown": unknown,
            },
            "senders": list(self._senders()),
            "own": sum(row.seen for row in own),
            "operations": [self._row(key, row) for key, row in self._ordered(others)],
            "own_operations": [
                self._row((OWN, id), row)
                for (sender, id), row in self._ordered(self.operations)
                if sender == OWN
            ],
            "unknown": [self._unknown(one) for one in self.unknown[:MOST_UNKNOWN]],
            "never_seen": list(self._never_seen(others)),
            "notes": list(self._notes()),
        }

    def _ordered(
        self, rows: Mapping[tuple[str, str], _Operation]
    ) -> list[tuple[tuple[str, str], _Operation]]:
        """The owner's operations first, in the order of the catalogue."""
        order = {id: place for place, id in enumerate(self.catalog.operations)}
        return sorted(
            rows.items(),
            key=lambda item: (item[0][0] != self.owner.sender, item[0][0], order.get(item[0][1], len(order))),
        )

    def _capture(self) -> Row:
        tally = self.tally
        return {
            "path": self.facts.path,
            "exchanges": tally.exchanges,
            "unreadable": self.facts.unreadable,
            "began": _moment(tally.began),
            "ended": _moment(tally.ended),
            "parsed": tally.fidelities["parsed"],
            "anonymous": tally.anonymous,
            "base_query": self._text(self.recogniser.base_query),
            "bases": [
                {"path": self._text(path), "requests": count}
                for path, count in tally.bases.most_common(SHOWN_BASES)
            ],
        }

    def _traffic(self) -> Row:
        sender = self.catalog.senders.get(self.owner.sender)
        if sender is None:
            return {"sender": "", "name": "", "dialect": "", "short": "", "about": "", "named": False}
        dialect = sender.dialects.get(self.owner.dialect)
        return {
            "sender": sender.id,
            "name": sender.name,
            "dialect": self.owner.dialect,
            "short": dialect.short if dialect else "",
            "about": dialect.about if dialect else "",
            "named": self.owner.strictly,
        }

    def _senders(self) -> Iterator[Row]:
        """How many requests are whose, those of the owner first, then by number."""
        mine = self.owner.sender, self.owner.dialect
        for (id, dialect), count in sorted(
            self.shares.items(), key=lambda item: (item[0][0] != mine[0], item[0] != mine, -item[1])
        ):
            if id == OWN:
                continue
            sender = self.catalog.senders[id]
            words = sender.dialects.get(dialect)
            yield {
                "sender": id,
                "name": sender.name,
                "dialect": dialect,
                "short": words.short if words else "",
                "about": words.about if words else "",
                "requests": count,
            }

    def _row(self, key: tuple[str, str], found: _Operation) -> Row:
        sender, id = key
        differing, text = found.differing_example
        template = self.catalog.templates[found.templates.most_common(1)[0][0]]
        return {
            "id": id,
            "title": self._title(id),
            "sender": sender,
            "method": template.method,
            "target": template.target,
            "templates": sorted(found.templates),
            "grade": min(self.catalog.templates[path].grade for path in found.templates),
            "seen": found.seen,
            "as_sent": found.as_sent,
            "differs": found.seen - found.as_sent,
            "also": sorted(found.also),
            "differences": sorted(found.differences.values(), key=lambda row: -row["count"]),
            "example": {
                "exchange": differing or found.first,
                "request": self._request(text or found.example),
            },
        }

    def _unknown(self, one: OutcomeCount) -> Row:
        return {
            "request": self._text(one.candidates.asked),
            "count": one.count,
            "first": one.first,
            "example": {"exchange": one.first, "request": self._request(one.example)},
        }

    def _never_seen(self, seen: Mapping[tuple[str, str], _Operation]) -> Iterator[Row]:
        """The owner's operations that no request was, nor can have been by its bytes."""
        met = {id for _, id in seen} | {id for row in seen.values() for id in row.also}
        missing: dict[str, list[str]] = {}
        for shape in self.recogniser.shapes.get(self.owner.sender, ()):
            played = not self.owner.dialects or not shape.dialects or shape.dialects & self.owner.dialects
            owner = self.catalog.operations.get(shape.template.operation)
            if played and shape.template.operation not in met and owner and owner.owner == self.owner.sender:
                missing.setdefault(shape.template.operation, []).append(
                    f"{shape.template.method} {shape.template.target}"
                )
        for id in self.catalog.operations:
            if id in missing:
                yield {"id": id, "title": self._title(id), "requests": sorted(set(missing[id]))}

    def _notes(self) -> Iterator[str]:
        capture = self.tally
        if self.catalog.app:
            yield f"Compared with your own app ([app] in scimproof.toml). {self.catalog.app.line()}"
        if count := capture.fidelities["parsed"]:
            yield (
                f"{count} of {capture.exchanges} requests were written anew by the program that recorded "
                "them: how their headers are spelled, how they were framed and how their JSON is written is "
                "not compared."
            )
        if capture.anonymous:
            yield f"{capture.anonymous} of {capture.exchanges} requests have no Authorization header."
        if self.facts.unreadable:
            what = "1 line" if self.facts.unreadable == 1 else f"{self.facts.unreadable} lines"
            yield f"Not counted, since unreadable: {what} of the capture."
        if self.recogniser.base_query:
            yield (
                f"Requests end in {self._text(self.recogniser.base_query)!r}, which is taken for a query of "
                "the base URL."
            )

    def _title(self, id: str) -> str:
        operation = self.catalog.operations.get(id)
        return operation.title if operation else id

    def _told(self, difference: RequestDifference, text: str) -> str:
        """A value that a difference shows, without one that is a secret by its place."""
        if text and SECRET.search(difference.where):
            if difference.kind in ("attribute added", "value", "header value"):
                return REDACTED
            if difference.kind == "header added":
                return f"{difference.where}: {REDACTED}"
        return self._text(text)

    def _text(self, text: str) -> str:
        return self.redactor.text(text)

    def _request(self, text: str) -> str:
        """A request as text, its secrets taken out, of headers by their names."""
        head, empty, body = text.partition("\n\n")
        lines = (self._line(line) for line in head.split("\n"))
        return "\n".join(lines) + empty + self._text(body)

    def _line(self, line: str) -> str:
        name, colon, value = line.partition(":")
        if colon and SECRET.search(name) and " " not in name and value.strip(" *"):
            return f"{name}: {REDACTED}"
        return self._text(line)


def _moment(seconds: float) -> str:
    """A moment in UTC, to the second; empty where it is not known."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if seconds else ""
