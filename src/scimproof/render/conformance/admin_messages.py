"""What a provider shows an administrator of an answer: an error text, or an entry of its log.

Texts and codes are those of suites/*/operations.toml, as the document has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from scimproof.core.escaping import line
from scimproof.core.http_message import TIMED_OUT
from scimproof.report.titles import is_broken

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
        self._steps = {
            (sequence["id"], step["id"]): step
            for sequence in report["sequences"]
            if not sequence["watch"]
            for step in sequence["steps"]
        }

    def of(self, finding: Row | None) -> AdminMessage:
        """What it shows where the finding was made; nothing where that is unknown, or nothing is wrong."""
        if finding is None:
            return NOTHING
        step = self._steps.get((finding["sequence"], finding["step"]), {})
        operation = self._operations.get(step.get("operation"))
        exchange = self._exchanges.get(finding["exchange"])
        if not operation or not exchange:
            return NOTHING
        if not operation.get("logged"):
            return AdminMessage(error_text(operation, exchange))
        if _succeeded(exchange):
            known = is_broken(finding) and not step.get("wrong_credentials")
            return self._of_success(finding, operation, exchange) if known else NOTHING
        entry = _fitting(self._log["entries"], operation, exchange)
        if entry:
            return self._shown(entry, operation, exchange)
        return AdminMessage(error_text(operation, exchange))

    def _of_success(self, finding: Row, operation: Row, exchange: Row) -> AdminMessage:
        """What it shows where an answer that is no error breaks a rule of its own."""
        rule = self._report["requirements"].get(finding["requirement"], {})
        if rule.get("authority") not in self._report["sender"]["authorities"]:
            return NOTHING  # of a rule of an RFC nobody knows what it does
        entries, name = self._log["entries"], rule.get("log")
        named = [entry for entry in entries if name and entry.get("name") == name]
        entry = named[0] if named else _fitting(entries, operation, exchange)
        return self._shown(entry or {}, operation, exchange, rule.get("then", ()))

    def _shown(self, entry: Row, operation: Row, exchange: Row, more: Iterable[str] = ()) -> AdminMessage:
        names = dict.fromkeys([*more, *entry.get("then", ())])
        return AdminMessage(
            text=_filled(entry.get("text", ""), operation, exchange, self._report["target"]["url"]),
            code=entry.get("code", ""),
            then=tuple(self._log["then"][name] for name in names if name in self._log["then"]),
            log=self._log["title"],
        )


def error_text(operation: Row | None, exchange: Row | None) -> str:
    """The text that the provider shows for this answer; "" where it is no error, or the text is unknown."""
    if not operation or not exchange or exchange["status"] < 400:
        return ""
    return _filled(operation["error"], operation, exchange)


def _fitting(entries: Iterable[Row], operation: Row, exchange: Row) -> Row | None:
    """The most specific entry for an answer: one for its operation first, then one for its very status."""
    exact, wide = _statuses(exchange)
    found = [
        entry
        for entry in entries
        if operation["id"] in entry.get("operations", (operation["id"],))
        and {exact, wide}.intersection(entry.get("status", ()))
    ]
    return min(found, key=lambda e: ("operations" not in e, exact not in e["status"]), default=None)


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
