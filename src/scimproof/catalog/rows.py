"""Rows of the catalogue of what the RFCs require (suites/rows.toml), which requirements name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scimproof.core.errors import CatalogError


@dataclass(frozen=True)
class Rows:
    """The rows by id (`RFC7644-3.5.2-16`) with their levels; `explicit` have a capitalised keyword."""

    levels: Mapping[str, str] = field(default_factory=dict)
    explicit: frozenset[str] = frozenset()


def section_of(row: str) -> tuple[str, str]:
    """The RFC and the section of a row: `("rfc7644", "3.5.2")` for `RFC7644-3.5.2-16`."""
    rfc, section, _ = row.split("-")
    return rfc.lower(), section


def read_rows(path: Path) -> Rows:
    """The rows of that file; none where there is no such file, CatalogError where it does not parse."""
    if not path.is_file():
        return Rows()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise CatalogError(f"{path.name}: {problem}") from None
    explicit = data.get("explicit", {})
    return Rows({**explicit, **data.get("derived", {})}, frozenset(explicit))
