"""Titles of operations and of sections of the RFCs: suites/**/operations.toml and suites/sections.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scimproof.core.errors import CatalogError

FILE = "operations.toml"
SECTION = re.compile(r"(rfc\d+)-([\d.]+)-")
PLACES = {"{answer}", "{reason}", "{detail}"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a sender does; `error` is what it shows on failure, with {reason} and {detail} to fill.

    `not_json` is the detail that it shows when the answer is not JSON. No request is of an operation that is
    not `played`; `about` says why. `owner` is the folder of suites/ it stands in, "" for the harness's own.
    """

    id: str
    title: str
    error: str
    not_json: str
    played: bool = True
    about: str = ""
    owner: str = ""


def read_operations(suites: Path, senders: Iterable[str]) -> dict[str, Operation]:
    """The operations by id: those of the senders, the harness's own, then those of products.

    CatalogError when a table says what none may, or two files have the same.
    """
    first = [suites / sender / FILE for sender in senders]
    rest = [path for path in sorted(suites.glob(f"*/{FILE}")) if path not in first]
    found: dict[str, Operation] = {}
    for path in (*(path for path in first if path.exists()), suites / FILE, *rest):
        some = _operations(path, "" if path.parent == suites else path.parent.name)
        if again := sorted(set(found) & set(some)):
            raise CatalogError(
                f"{path.parent.name}/{FILE}: {', '.join(again)} stands in another file already"
            )
        found |= some
    return found


def _operations(path: Path, owner: str) -> dict[str, Operation]:
    data = _toml(path)
    shown = data.pop("shown")
    found = {}
    for id, fields in data.items():
        error = fields.pop("error", "{answer}").replace("{answer}", shown["error"])
        unknown = set(re.findall(r"\{\w+\}", error)) - PLACES
        if unknown:
            raise CatalogError(
                f"{path.name}: [{id}] error has {', '.join(sorted(unknown))}, which nobody fills"
            )
        try:
            found[id] = Operation(id=id, error=error, not_json=shown["not_json"], owner=owner, **fields)
        except TypeError as problem:
            raise CatalogError(f"{path.name}: [{id}] {problem}") from None
    return found


def read_sections(path: Path) -> dict[str, dict[str, str]]:
    """Titles of sections by RFC (`rfc7644`) and number (`3.5.2`)."""
    return {rfc: dict(titles) for rfc, titles in _toml(path).items()}


def check_titles(
    used: Iterable[str],
    rules: Iterable[str],
    operations: Mapping[str, Operation],
    sections: Mapping[str, Mapping[str, str]],
) -> None:
    """CatalogError unless exactly the operations of the request files are titled, and every section is."""
    used = set(used)
    told = {id for id, operation in operations.items() if operation.played}
    if missing := sorted(used - set(operations)):
        raise CatalogError(f"operations.toml: no title for {', '.join(missing)}")
    if idle := sorted(told - used):
        raise CatalogError(f"operations.toml: no request file is of {', '.join(idle)}; say played = false")
    for rule in rules:
        match = SECTION.match(rule)
        if match and match[2] not in sections.get(match[1], {}):
            raise CatalogError(f"sections.toml: no title for section {match[2]} of {match[1]} ({rule})")


def _toml(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogError(f"{path.name} is missing from {path.parent.name}/") from None
    except tomllib.TOMLDecodeError as problem:
        raise CatalogError(f"{path.name}: {problem}") from None
