"""Recognises a product by its URL and its answers, as suites/deviations/*.toml say, and what they hint at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scimproof.catalog import read_toml
from scimproof.errors import CatalogError
from scimproof.model import Json
from scimproof.scene import resources

ANY = re.compile(".*")


@dataclass(frozen=True)
class Hint:
    """What to say where one of these statuses came from a host and a base path that match."""

    status: tuple[int, ...]
    says: tuple[str, ...]
    host: re.Pattern[str] = ANY
    path: re.Pattern[str] = ANY


@dataclass(frozen=True)
class Product:
    """One product: how its targets look, as patterns for the whole host and the whole base path, and keys.

    `keys` are names of attributes that its users have and nobody else's do.
    """

    id: str
    title: str
    host: re.Pattern[str] | None
    path: re.Pattern[str] | None
    keys: tuple[str, ...]
    hints: tuple[Hint, ...]

    def may_be(self, url: str) -> bool:
        """Whether the URL alone speaks for it."""
        return self._by_host(url) or self._by_path(url)

    def recognised(self, url: str, answers: Iterable[Json]) -> str:
        """By what a target is recognised as this product; empty when it is not.

        Its host is enough. A path is not: others may have the like, so that the keys have to be there too,
        all of them in one resource. Reads answers only as far as it has to.
        """
        parts = urlsplit(url)
        if self._by_host(url):
            return f"the host {parts.hostname}"
        if self.path and not self._by_path(url):
            return ""
        if not self.keys or not any(self._has_keys(answer) for answer in answers):
            return ""
        path = f"the path {parts.path}, and " if self.path else ""
        return f"{path}users with {' and '.join(self.keys)}"

    def hints_for(self, url: str, status: int) -> Iterator[str]:
        """The sentences about that answer of that target, whose URL alone has to speak for the product."""
        host, path = urlsplit(url).hostname or "", urlsplit(url).path.rstrip("/")
        for hint in self.hints if self.may_be(url) else ():
            if status in hint.status and hint.host.fullmatch(host) and hint.path.fullmatch(path):
                yield from hint.says

    def _by_host(self, url: str) -> bool:
        return self.host is not None and self.host.fullmatch(urlsplit(url).hostname or "") is not None

    def _by_path(self, url: str) -> bool:
        return self.path is not None and self.path.fullmatch(urlsplit(url).path.rstrip("/")) is not None

    def _has_keys(self, answer: Json) -> bool:
        found = [answer, *resources(answer)]
        return any(isinstance(one, Mapping) and all(key in one for key in self.keys) for one in found)


def products(root: Path) -> list[Product]:
    """Every product that has a file; CatalogError names the file that is wrong."""
    return [_product(path) for path in sorted((root / "suites" / "deviations").glob("*.toml"))]


def _product(path: Path) -> Product:
    data = read_toml(path)
    try:
        rule = data.get("recognize", {})
        hints = tuple(_hint(row) for row in data.get("hint", ()))
        host, url_path = (re.compile(rule[key]) if key in rule else None for key in ("host", "path"))
        return Product(path.stem, data["title"], host, url_path, tuple(rule.get("keys", ())), hints)
    except (KeyError, TypeError, re.error) as problem:
        raise CatalogError(f"deviations/{path.name}: {problem}") from None


def _hint(row: Mapping[str, Json]) -> Hint:
    where = {key: re.compile(row[key]) for key in ("host", "path") if key in row}
    return Hint(tuple(row["status"]), tuple(row["says"]), **where)
