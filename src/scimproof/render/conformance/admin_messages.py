"""What a provider shows an administrator of an answer: an error text, or an entry of its log.

Texts and codes are those of suites/*/operations.toml, as the document has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from scimproof.core.escaping import line
from scimproof.core.http_message import TIMED_OUT
from scimproof.render.sender import sender
from scimproof.report.titles import follows, is_broken

Row = dict[str, Any]
WIDTH = 300  # characters of what is quoted of an answer
PLACES = re.compile(r"\{(method|url|status|name|reason|detail|body)\}")


@dataclass(frozen=True, slots=True)
class AdminMessage:
    """What an administrator is shown: a `code` to search for, a `text`, and texts on what happens `then`.

    `log` is what the log is called in which it stands, "" for the error text of a provider without one.
    """

    text: str = ""
    code: str = ""
    then: tuple[str, ...] = ()
    log: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.code)

    @property
    def headline(self) -> str:
        """Code and text on a line."""
        return ": ".join(filter(None, (self.code, self.text)))

    @property
    def brief(self) -> str:
        """The first sentence of each of what happens then."""
        return " ".join(re.split(r"(?<=\.) ", sentence)[0] for sentence in self.then)


NOTHING = AdminMessage()


class AdminMessages:
    """What the provider shows of the answers of one report."""

    def __init__(self, report: Row) -> None:
        self._report = report
        self._log: Row = report.get("log") or {"title": "", "entries": [], "then": {}}
        self._operations = report.get("operations", {})
        self._exchanges = {exchange["number"]: exchange for exchange in report["exchanges"]}
        self._sequences = {row["id"]: row for row in report["sequences"] if not row["watch"]}

    def of(self, finding: Row | None) -> AdminMessage:
        """What it shows where the finding was made; nothing where that is unknown, or nothing is wrong."""
        exchange = self._exchanges.get(finding["exchange"]) if finding else None
        if finding is None or exchange is None:
            return NOTHING
        watched = finding["sequence"] not in self._sequences
        if watched and not self._is_own(finding):
            return NOTHING  # asked of every answer, whatever it was expected to be
        step = self._step(exchange if watched else finding)
        operation = self._operations.get(step.get("operation"))
        if not operation:
            return NOTHING
        if not operation.get("logged"):
            return NOTHING if watched else AdminMessage(error_text(operation, exchange))
        if _succeeded(exchange):
            known = is_broken(finding) and self._is_own(finding) and not step.get("wrong_credentials")
            return self._of_success(finding, operation, exchange) if known else NOTHING
        return self._of_answer(operation, exchange) or AdminMessage(error_text(operation, exchange))

    @cached_property
    def _writes(self) -> dict[str, list[Row]]:
        """The exchanges of each sequence that are no reads, in order."""
        found: dict[str, list[Row]] = {}
        for exchange in self._report["exchanges"]:
            if exchange["request"]["method"] != "GET" and not exchange.get("by"):
                found.setdefault(exchange["sequence"], []).append(exchange)
        return found

    def _is_own(self, finding: Row) -> bool:
        """Whether the rule is one of the sender's; of one of an RFC nobody knows what its log shows."""
        rule = self._report["requirements"].get(finding["requirement"], {})
        return rule.get("authority") in sender(self._report)["authorities"]

    def _step(self, where: Row) -> Row:
        steps = self._sequences.get(where["sequence"], {}).get("steps", ())
        return next((step for step in steps if step["id"] == where["step"]), {})

    def _of_success(self, finding: Row, operation: Row, exchange: Row) -> AdminMessage:
        """What it shows where an answer that is no error breaks a rule.

        That is what came of the write before, where a read shows that it had no effect.
        """
        rule = self._report["requirements"][finding["requirement"]]
        entries, name, then = self._log["entries"], rule.get("log"), follows(rule, exchange)
        named = [entry for entry in entries if name and entry.get("name") == name]
        if named:
            return self._told(named[0], [*then, *named[0].get("then", ())], operation, exchange)
        if before := self._refused_before(finding, exchange):
            return self._of_answer(*before)
        return self._of_answer(operation, exchange, then)

    def _refused_before(self, finding: Row, read: Row) -> tuple[Row, Row] | None:
        """The operation and the exchange of the last write before a read, where that was refused."""
        if read["request"]["method"] != "GET":
            return None
        writes = self._writes.get(finding["sequence"], ())
        last = next((one for one in reversed(writes) if one["number"] < read["number"]), None)
        if last is None or _succeeded(last):
            return None
        operation = self._operations.get(self._step(last).get("operation"), {})
        return (operation, last) if operation.get("logged") else None

    def _of_answer(self, operation: Row, exchange: Row, more: Iterable[str] = ()) -> AdminMessage:
        """Code and text of the most specific entry that has any; what follows, of the one that says that."""
        fitting = _fitting(self._log["entries"], operation, exchange)
        told = next((entry for entry in fitting if entry.get("code") or entry.get("text")), {})
        then = next((entry["then"] for entry in fitting if "then" in entry), ())
        return self._told(told, [*more, *then], operation, exchange)

    def _told(self, entry: Row, then: Iterable[str], operation: Row, exchange: Row) -> AdminMessage:
        sentences = self._log["then"]
        return AdminMessage(
            text=_filled(entry.get("text", ""), operation, exchange, self._report["target"]["url"]),
            code=entry.get("code", ""),
            then=tuple(sentences[name] for name in dict.fromkeys(then) if name in sentences),
            log=self._log["title"],
        )


def error_text(operation: Row | None, exchange: Row | None) -> str:
    """The text that the provider shows for this answer; "" where it is no error, or the text is unknown."""
    if not operation or not exchange or exchange["status"] < 400:
        return ""
    return _filled(operation["error"], operation, exchange)


def _fitting(entries: Iterable[Row], operation: Row, exchange: Row) -> list[Row]:
    """The entries for an answer, the most specific first: for its operation, then for its very status."""
    exact, wide = _statuses(exchange)
    found = [
        entry
        for entry in entries
        if operation["id"] in entry.get("operations", (operation["id"],))
        and {exact, wide}.intersection(entry.get("status", ()))
    ]
    return sorted(found, key=lambda entry: ("operations" not in entry, exact not in entry["status"]))


def _statuses(exchange: Row) -> tuple[str, str]:
    """The status of an answer and the class that it is of, as an entry names them."""
    status = exchange["status"]
    if status:
        return str(status), f"{status // 100}xx"
    return ("timeout" if exchange["error"].startswith(TIMED_OUT) else "none"), "none"


def _succeeded(exchange: Row) -> bool:
    return 200 <= int(exchange["status"]) < 300


def _filled(text: str, operation: Row, exchange: Row, base: str = "") -> str:
    """The text with what is quoted of the exchange, each on one line and cut."""
    origin, request = re.match(r"https?://[^/?#]*", base), exchange.get("request", {})
    filled = {
        "reason": exchange["reason"],
        "detail": _detail(exchange["body"], operation),
        "body": exchange["body"],
        "status": str(exchange["status"]),
        "name": _name(exchange["status"]),
        "method": request.get("method", ""),
        "url": (origin[0] if origin else "") + request.get("target", ""),
    }
    return PLACES.sub(lambda match: line(filled[match[1]], WIDTH), text)


def _name(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _detail(body: str, operation: Row) -> str:
    """The detail of an error answer, read as the provider reads it."""
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return str(operation["not_json"])
    detail = found.get("detail") if isinstance(found, dict) else None
    return detail if isinstance(detail, str) else ""
