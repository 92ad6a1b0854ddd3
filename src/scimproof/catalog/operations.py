"""Titles of operations and of RFC sections, from suites/**/operations.toml and suites/sections.toml.

What a sender's log shows of answers stands in the same files: scimproof.catalog.provisioning_log.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scimproof.catalog.provisioning_log import ProvisioningLog, check_places, read_log
from scimproof.core.errors import CatalogError

FILE = "operations.toml"
SECTION = re.compile(r"(rfc\d+)-([\d.]+)-")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the sender, with the error text that an administrator sees when it fails.

    In `error`, {reason} stands for the reason phrase of the answer and {detail} for the detail of its body;
    `not_json` is the detail for a body that is not JSON. An operation that is not `played` has no request,
    and `about` says why. One that is not `logged` leaves no trace in the sender's log, since another of its
    programs sends it, and has an `error` only where one is given. `owner` is its folder of suites/, "" for
    the harness's own.
    """

    id: str
    title: str
    error: str
    not_json: str
    played: bool = True
    about: str = ""
    owner: str = ""
    logged: bool = True


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


def read_logs(suites: Path, senders: Iterable[str]) -> dict[str, ProvisioningLog]:
    """The logs of those senders that have one, by sender."""
    found = {}
    for sender in senders:
        path = suites / sender / FILE
        if path.exists():
            data = _toml(path)
            found[sender] = read_log(data.pop("shown"), data, f"{sender}/{FILE}")
    return {sender: log for sender, log in found.items() if log}


def _operations(path: Path, owner: str) -> dict[str, Operation]:
    data = _toml(path)
    shown = data.pop("shown")
    found = {}
    for id, fields in data.items():
        usual = "{answer}" if fields.get("logged", True) else ""
        error = fields.pop("error", usual).replace("{answer}", shown["error"])
        check_places(error, f"{path.name}: [{id}] error")
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
