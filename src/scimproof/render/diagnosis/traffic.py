"""Parsed exchanges of a report: the resource of each, and the write whose effect a read shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from scimproof.core.http_message import parse_json
from scimproof.render.diagnosis.scim import look

QUOTED = re.compile(r"'([\w.:]+)'")
Row = dict[str, Any]


class Conversation:
    """One exchange of a report; bodies are parsed on first use."""

    def __init__(self, row: Row, base: str) -> None:
        request = row["request"]
        self.row, self.number = row, int(row["number"])
        self.sequence, self.step = str(row["sequence"]), str(row["step"])
        self.method, self.status = str(request["method"]), int(row["status"])
        self.error = str(row["error"])
        path, _, self.query = str(request["target"]).partition("?")
        self.resource, _, one = path.removeprefix(base).strip("/").partition("/")
        self.id = unquote(one)

    @property
    def ok(self) -> bool:
        """Whether it is a complete 2xx answer."""
        return not self.error and 200 <= self.status < 300

    @property
    def writes(self) -> bool:
        """Whether the request changes a resource."""
        return self.method not in ("GET", "HEAD")

    @property
    def searches(self) -> bool:
        """Whether the request has a filter."""
        return bool(re.search(r"(?:^|&)filter=", self.query))

    @cached_property
    def sent(self) -> Any:
        """The body of the request as JSON, None when there is none or the report does not have all of it."""
        return parse_json(str(self.row["request"]["body"]).encode("utf-8", "replace"))

    @cached_property
    def came(self) -> Any:
        """The body of the answer as JSON, None when there is none or the report does not have all of it."""
        return parse_json(str(self.row["body"]).encode("utf-8", "replace"))

    @cached_property
    def operations(self) -> list[Row]:
        """The operations of a PATCH."""
        found = look(self.sent, "Operations") if self.method == "PATCH" else None
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """Kinds of the request, widest first: `request to /Groups`, `PATCH /Groups/{id}`, `... with add`."""
        one = "/{id}" if self.id else ""
        method = f"{self.method} /{self.resource}{one}" + ("?filter" if self.searches else "")
        words = sorted({str(row.get("op")) for row in self.operations})
        narrow = (f"{method} with {' and '.join(words)}",) if words else ()
        return (f"request to /{self.resource}", method, *narrow)

    @property
    def order(self) -> str:
        """The purpose of a write beside the profile: `active false`; "" where it does not set active."""
        bodies = [self.sent, *(row.get("value") for row in self.operations)]
        found = [look(body, "active") for body in bodies if isinstance(body, dict)]
        active = next((value for value in found if value is not None), None)
        return f"active {json.dumps(active)}".lower() if active is not None and self.id else ""

    @property
    def kind(self) -> str:
        """Method and path of the request: `PATCH /Groups/{id}`."""
        return self.scopes[1]

    @cached_property
    def answer(self) -> str:
        """The status line, `400 Bad Request`, or why no complete answer came."""
        return self.error or f"{self.status} {self.row['reason']}".strip()

    @cached_property
    def detail(self) -> str:
        """The target's explanation of a refusal beside the status; "" for none."""
        found = look(self.came, "detail") if isinstance(self.came, dict) else None
        if isinstance(found, str):
            detail = found
        elif self.came is None:
            detail = re.sub(r"<[^>]*>", " ", str(self.row["body"])[:2000])
        else:
            detail = json.dumps(self.came, ensure_ascii=False)[:300]
        detail = " ".join(detail.split())[:300]
        return "" if detail.strip(".").lower() == str(self.row["reason"]).lower() else detail

    def resources(self) -> Iterator[Row]:
        """The resources in a 2xx answer: the one, or those of a list."""
        listed = look(self.came, "Resources") if self.ok else None
        if isinstance(listed, list):
            yield from (row for row in listed if isinstance(row, dict))
        elif self.ok and isinstance(self.came, dict) and look(self.came, "totalResults") is None:
            yield self.came


class Traffic:
    """All exchanges of a report, by number and by sequence."""

    def __init__(self, report: Row) -> None:
        base = urlsplit(report["target"]["url"]).path.rstrip("/")
        self.talks = {
            row["number"]: Conversation(row, base) for row in report["exchanges"] if not row.get("by")
        }
        self.by_sequence: dict[str, list[Conversation]] = {}
        for talk in self.talks.values():
            self.by_sequence.setdefault(talk.sequence, []).append(talk)
        self._prefix = str(report["prefix"])

    def of(self, finding: Row) -> Conversation | None:
        """The exchange that is a finding's evidence; None where nothing was sent."""
        return self.talks.get(finding["exchange"])

    def at(self, sequence: str, step: str) -> Conversation | None:
        """The last exchange of a step, preparing steps included."""
        found = (talk for talk in reversed(self.by_sequence.get(sequence, ())) if talk.step == step)
        return next(found, None)

    def behind(self, talk: Conversation) -> Conversation | None:
        """The write whose effect an exchange shows: itself, or for a read the last write before it."""
        return talk if talk.writes else self.before(talk)

    def before(self, talk: Conversation) -> Conversation | None:
        """The last write before it in its sequence, of the same resource if there is one."""
        writes = self.writes_before(talk)
        own = [one for one in writes if talk.id and talk.id in (one.id, str(look(one.came, "id")))]
        if talk.searches or not talk.id:
            own = [one for one in writes if one.resource == talk.resource]
        return next(iter(own or writes), None)

    def writes_before(self, talk: Conversation) -> list[Conversation]:
        """The writes before it in its sequence, the last one first."""
        own = self.by_sequence.get(talk.sequence, ())
        return [one for one in reversed(own) if one.writes and one.number < talk.number]

    def plain(self, text: str, talk: Conversation) -> str:
        """The text without what differs between requests: names, ids, numbers, the path of a PATCH."""
        for value in sorted(set(_texts(talk.sent)), key=len, reverse=True):
            if value in text:
                text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", text)
        paths = {_folded(str(operation.get("path") or "").partition("[")[0]) for operation in talk.operations}
        text = QUOTED.sub(lambda found: "'…'" if _folded(found[1]) in paths else found[0], text)
        text = re.sub(rf"\S*{re.escape(self._prefix)}\S*", "…", text, flags=re.IGNORECASE)
        if talk.id:
            text = text.replace(talk.id, "…")
        text = re.sub(r"(?<![\w-])(?=[\w-]*\d)[\w-]{8,}", "…", text)
        return re.sub(r"\d+", "#", text)


def _folded(name: str) -> str:
    """A name as it is compared: `phoneNumbers` and `phone_numbers` are one."""
    return name.replace("_", "").casefold()


def _texts(body: Any) -> Iterator[str]:
    """The longer strings in a body, which an answer may quote."""
    if isinstance(body, str) and len(body) > 3:
        yield body
    for value in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _texts(value)
