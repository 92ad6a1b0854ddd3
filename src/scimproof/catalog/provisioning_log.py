"""What a sender's own log shows of each answer, from `[shown]` of suites/*/operations.toml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scimproof.core.definitions import Requirement
from scimproof.core.errors import CatalogError, did_you_mean

# What of an exchange a text has a place for: `name` is that of the status, as NotFound.
PLACES = ("method", "url", "status", "name", "reason", "detail", "body")
PLACE = re.compile(r"\{(\w+)\}")
CLASSES = ("none", "timeout", "1xx", "2xx", "3xx", "4xx", "5xx")
KEYS = ("name", "status", "operations", "code", "text", "then")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What the log shows of an answer: a `code` to search for and a `text` with PLACES.

    It is for the answers of these `operations`, all where there are none, with such a `status`: a number, a
    class (`4xx`), `timeout`, or `none` for an answer that did not come. One with a `name` is what the log
    shows where a requirement that names it is broken by an answer that is no error. `then` names what happens
    besides, nothing where it is empty; one without it leaves that to a less specific entry.
    """

    name: str = ""
    status: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    code: str = ""
    text: str = ""
    then: tuple[str, ...] | None = None

    def json(self) -> dict[str, Any]:
        """Its row in a report: what is empty is left out."""
        row = {key: getattr(self, key) for key in KEYS}
        told = {key: value for key, value in row.items() if value or (key == "then" and value is not None)}
        return {key: [*value] if isinstance(value, tuple) else value for key, value in told.items()}


@dataclass(frozen=True, slots=True)
class ProvisioningLog:
    """A sender's log: what it is called, its entries, and sentences by name for what happens besides."""

    title: str = "Log"
    entries: tuple[LogEntry, ...] = ()
    then: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.entries)

    @property
    def names(self) -> list[str]:
        """Those of the entries that a requirement can name."""
        return [entry.name for entry in self.entries if entry.name]

    def json(self) -> dict[str, Any]:
        """What a report says of the log, from which its writers take codes, texts and sentences."""
        return {
            "title": self.title,
            "entries": [entry.json() for entry in self.entries],
            "then": dict(self.then),
        }


def read_log(shown: Mapping[str, Any], operations: Iterable[str], where: str) -> ProvisioningLog:
    """The log that `[shown]` of an operations.toml describes; CatalogError where that cannot be used."""
    then = dict(shown.get("then", {}))
    entries = tuple(
        _entry(dict(row), str(shown.get("error", "")), f"{where}: [[shown.answer]] {number}")
        for number, row in enumerate(shown.get("answer", ()), 1)
    )
    known, names = set(operations), [entry.name for entry in entries if entry.name]
    if again := sorted({name for name in names if names.count(name) > 1}):
        raise CatalogError(f"{where}: more than one [[shown.answer]] is called {', '.join(again)}")
    for number, entry in enumerate(entries, 1):
        place = f"{where}: [[shown.answer]] {number}"
        _all_known(entry.operations, known, f"{place}: operations")
        _all_known(entry.then or (), then, f"{place}: then")
    return ProvisioningLog(str(shown.get("log", "Log")), entries, then)


def check_shown(requirements: Iterable[Requirement], logs: Mapping[str, ProvisioningLog]) -> None:
    """CatalogError where a requirement names what the log of its authority's sender does not have.

    `logs` are by authority.
    """
    for rule in requirements:
        then = (*rule.then, *rule.groups.get("then", ()))
        if not rule.log and not then:
            continue
        log = logs.get(rule.authority, ProvisioningLog())
        if rule.log:
            _all_known([rule.log], log.names, f"{rule.id}: log")
        _all_known(then, log.then, f"{rule.id}: then")


def check_places(text: str, where: str) -> None:
    """CatalogError where a text has places that nobody fills."""
    if unknown := sorted(set(PLACE.findall(text)) - set(PLACES)):
        names = ", ".join(f"{{{name}}}" for name in unknown)
        raise CatalogError(f"{where} has {names}, which nobody fills")


def _entry(row: dict[str, Any], error: str, where: str) -> LogEntry:
    if unknown := sorted(set(row) - set(KEYS)):
        raise CatalogError(f"{where} has {', '.join(unknown)}; it can have {', '.join(KEYS)}")
    if not row.get("name") and not row.get("status"):
        raise CatalogError(f"{where} needs a status, or a name that requirements can refer to")
    status = tuple(str(one) for one in row.get("status", ()))
    for one in status:
        if one not in CLASSES and not (one.isdigit() and 100 <= int(one) <= 599):
            raise CatalogError(f'{where}: status has "{one}"; numbers and {", ".join(CLASSES)} are known')
    text = str(row.get("text", "")).replace("{answer}", error)
    check_places(text, f"{where}: text")
    return LogEntry(
        name=row.get("name", ""),
        status=status,
        operations=tuple(row.get("operations", ())),
        code=row.get("code", ""),
        text=text,
        then=tuple(row["then"]) if "then" in row else None,
    )


def _all_known(names: Iterable[str], among: Iterable[str], where: str) -> None:
    known = [*among]
    for name in names:
        if name not in known:
            raise CatalogError(f"{where}: {name!r} does not exist{did_you_mean(name, known)}")
