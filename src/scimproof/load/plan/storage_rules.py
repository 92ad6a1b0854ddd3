"""Storage rules of a product, from its profile: which attributes it stores, and how it refuses when full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from scimproof.catalog.loader import Catalog
from scimproof.catalog.products import Obstacle, obstacles
from scimproof.core.definitions import Profile
from scimproof.core.errors import CatalogError, did_you_mean
from scimproof.core.scim import Kind
from scimproof.state.request_effects import FOLLOWED

Full = Obstacle  # that there is no room for one more is the usual one
Where = Literal["scim", "observer"]
KINDS: dict[str, Kind] = {"user": "User", "group": "Group"}
KEYS = ("created", "changed", "members", "full")
ALL: dict[Kind, frozenset[str]] = {kind: frozenset(names) for kind, names in FOLLOWED.items()}


@dataclass(frozen=True)
class StorageRules:
    """Storage rules: which attributes a create sets and a later write changes; all else may stay as it was.

    `members` says who shows the members of a group. A profile without `[keeps]` stands for a product that
    keeps all that the audit follows, and shows it over SCIM.
    """

    created: Mapping[Kind, frozenset[str]] = field(default_factory=lambda: ALL)
    changed: Mapping[Kind, frozenset[str]] = field(default_factory=lambda: ALL)
    members: Where = "scim"
    full: tuple[Full, ...] = ()

    def of(self, kind: Kind, *, created: bool) -> frozenset[str]:
        """The attributes that a create, or a later write, is stored with."""
        return (self.created if created else self.changed)[kind]

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.created == ALL and self.changed == ALL


def keeps(profile: Profile | None) -> StorageRules:
    """What that profile's `[keeps]` says; CatalogError, naming the profile, for what it cannot say."""
    table = profile.keeps if profile else {}
    where = f"suites/profiles/{profile.id}.toml, [keeps]" if profile else ""
    _only(where, table, KEYS)
    members = table.get("members", "scim")
    if members not in get_args(Where):
        raise CatalogError(f"{where}: members is {' or '.join(get_args(Where))}, not {members!r}")
    try:
        full = tuple(Full(int(row["status"]), str(row["detail"])) for row in table.get("full", ()))
    except (KeyError, TypeError, ValueError):
        raise CatalogError(f'{where}: full is a list of {{ status = 400, detail = "..." }}') from None
    return StorageRules(
        _attributes(where, table, "created"), _attributes(where, table, "changed"), members, full
    )


def preventing(catalog: Catalog, url: str, profile: str) -> tuple[Obstacle, ...]:
    """How that target says that it cannot do what is asked: as the profile has it, and as is known there."""
    return obstacles(catalog.root, url, catalog.profile(profile) if profile else None)


def _attributes(where: str, table: Mapping[str, Any], key: str) -> dict[Kind, frozenset[str]]:
    found = dict(ALL)
    given = table.get(key, {})
    _only(f"{where} {key}", given, KINDS)
    for name, attributes in given.items():
        _only(f"{where} {key}.{name}", attributes, FOLLOWED[KINDS[name]])
        found[KINDS[name]] = frozenset(attributes)
    return found


def _only(where: str, given: Any, known: Any) -> None:
    for word in given:
        if word not in known:
            raise CatalogError(
                f"{where}: {word!r} is nothing that can be said here{did_you_mean(word, known)}"
            )
