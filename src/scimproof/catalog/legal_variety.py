"""Legal variety: what a right server may show otherwise than it was sent, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from scimproof.core.errors import CatalogError, did_you_mean
from scimproof.core.scim import Kind

FILE = "legal_variety.toml"
Form = Literal["text", "exact", "phone", "url", "language"]
SECTIONS = ("ignored", "derived", "forms", "entries", "nothing")


@dataclass(frozen=True)
class LegalVariety:
    """How whole resources are compared; all paths are in lower case.

    `ignored` are never compared, nor what ends with one of `endings`. `derived` attributes may change with
    those they are made of. `forms` says how values are equal, "text" where it says nothing. `free` parts of
    an entry of a list may be left out, filled in or changed, those it `chooses` at a write only. `nothing`
    are texts that no value may be.
    """

    ignored: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    endings: tuple[str, ...] = ()
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    chooses: frozenset[str] = frozenset()
    nothing: frozenset[str] = frozenset()

    def ignores(self, kind: Kind, path: str) -> bool:
        """Whether that attribute is never compared."""
        head = path.partition(".")[0]
        return head in self.ignored.get(kind, ()) or path.endswith(self.endings)

    def form(self, path: str) -> Form:
        """How two values of that attribute are equal."""
        return self.forms.get(path, "text")

    def moved_by(self, path: str) -> list[str]:
        """The attributes that a server may work out anew when that one is written."""
        return [
            derived
            for derived, sources in self.derived.items()
            if any(path == source or path.startswith(f"{source}.") for source in sources)
        ]


def read_legal_variety(suites: Path) -> LegalVariety:
    """What suites/legal_variety.toml says; CatalogError with the place where it is wrong."""
    path = suites / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return LegalVariety()
    except tomllib.TOMLDecodeError as problem:
        raise CatalogError(f"{FILE}: {problem}") from None
    for section in data:
        if section not in SECTIONS:
            raise CatalogError(f"{FILE}: [{section}] is unknown{did_you_mean(section, SECTIONS)}")
    ignored, forms = data.get("ignored", {}), _lower(data.get("forms", {}))
    for attribute, form in forms.items():
        if form not in get_args(Form):
            raise CatalogError(f"{FILE}: {attribute} = {form!r} is none of {', '.join(get_args(Form))}")
    both = ignored.get("both", ())
    return LegalVariety(
        {"User": _names(both, ignored.get("User", ())), "Group": _names(both, ignored.get("Group", ()))},
        tuple(ending.lower() for ending in ignored.get("endings", ())),
        {path: tuple(_names(sources)) for path, sources in _lower(data.get("derived", {})).items()},
        forms,
        _names(data.get("entries", {}).get("free", ())),
        _names(data.get("entries", {}).get("chooses", ())),
        frozenset(data.get("nothing", {}).get("texts", ())),
    )


def _lower(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in table.items()}


def _names(*lists: Any) -> frozenset[str]:
    return frozenset(name.lower() for names in lists for name in names)
