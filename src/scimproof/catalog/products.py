"""Known products (suites/deviations/*.toml): detection by URL and answers, hints, warnings, obstacles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scimproof.catalog.loader import read_toml
from scimproof.core.definitions import Profile
from scimproof.core.errors import CatalogError
from scimproof.core.http_message import Exchange, Json
from scimproof.core.scim import resources

ANY = re.compile(".*")
BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Hint:
    """Sentences for a base URL whose host and path match, when it is answered with one of these statuses.

    In a sentence `{origin}`, `{host}` and the names of the patterns' groups stand for those of the URL.
    """

    says: tuple[str, ...]
    status: tuple[int, ...] = ()
    host: re.Pattern[str] = ANY
    path: re.Pattern[str] = ANY

    def told(self, url: str, **more: str) -> Iterator[str]:
        """The sentences for that URL, none where it does not match."""
        host, path = _parts(url)
        found = self.host.fullmatch(host), self.path.fullmatch(path)
        if found[0] and found[1]:
            parts = urlsplit(url)
            known = {"origin": f"{parts.scheme}://{parts.netloc}", "host": host, **more}
            known |= {**found[0].groupdict(), **found[1].groupdict()}
            for text in self.says:
                yield BLANK.sub(lambda blank: known.get(blank[1]) or blank[0], text)


@dataclass(frozen=True)
class Obstacle:
    """An answer to a write by which a target says that it cannot do that now for any client.

    `means` is the reason as a clause, `todo` the advice. With `whole` no further conclusion about the target
    is possible, and not only none about this request.
    """

    status: int
    detail: str
    means: str = "the target was full"
    todo: str = "give it more room"
    whole: bool = True

    def says(self, status: int, body: bytes) -> bool:
        """Whether this answer is the obstacle."""
        return status == self.status and self.detail.encode() in body

    @property
    def told(self) -> str:
        """Why nothing can be concluded of the target, and what to do."""
        return f'{self.means} ({self.status} "{self.detail}"): {self.todo}'


@dataclass(frozen=True)
class Product:
    """One product: how its URLs and its users look, and what is known of it.

    `host` and `path` are patterns of the whole host and base path. `keys` are attributes that only its users
    have. `typed` are hosts and paths that people enter by mistake: enough for a hint, not for recognition.
    `before` is a warning that is printed before anything is sent.
    """

    id: str
    title: str
    host: re.Pattern[str] | None
    path: re.Pattern[str] | None
    keys: tuple[str, ...]
    hints: tuple[Hint, ...]
    typed: tuple[Hint, ...] = ()
    before: tuple[Hint, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()

    def may_be(self, url: str) -> bool:
        """Whether the URL alone may be one of this product."""
        return self.by_host(url) or self._by_path(url)

    def recognised(self, url: str, answers: Iterable[Json]) -> str:
        """The evidence by which a target is recognised as this product; empty when it is not.

        Its host is enough. A path is not, since other products may have the same: all `keys` have to be in
        one resource as well. Answers are only read as far as necessary.
        """
        parts = urlsplit(url)
        if self.by_host(url):
            return f"the host {parts.hostname}"
        if self.path and not self._by_path(url):
            return ""
        if not self.keys or not any(self._has_keys(answer) for answer in answers):
            return ""
        path = f"the path {parts.path}, and " if self.path else ""
        return f"{path}users with {' and '.join(self.keys)}"

    def hints_for(self, url: str, status: int, *, named: bool = False) -> Iterator[str]:
        """The hints about that answer: where the URL matches, or the profile has `named` the product."""
        host, path = _parts(url)
        typed = any(like.host.fullmatch(host) and like.path.fullmatch(path) for like in self.typed)
        for hint in self.hints if named or typed or self.may_be(url) else ():
            if status in hint.status:
                yield from hint.told(url)

    def by_host(self, url: str) -> bool:
        """Whether the host alone identifies the product."""
        return self.host is not None and self.host.fullmatch(urlsplit(url).hostname or "") is not None

    def _by_path(self, url: str) -> bool:
        return self.path is not None and self.path.fullmatch(urlsplit(url).path.rstrip("/")) is not None

    def _has_keys(self, answer: Json) -> bool:
        found = [answer, *resources(answer)]
        return any(isinstance(one, Mapping) and all(key in one for key in self.keys) for one in found)


def products(root: Path) -> list[Product]:
    """Every product that has a file; CatalogError names the file that is wrong."""
    return [_product(path) for path in sorted((root / "suites" / "deviations").glob("*.toml"))]


def known(root: Path, url: str, product: str = "") -> list[Product]:
    """The products whose URL patterns match, and the one that the profile names."""
    return [one for one in products(root) if one.id == product or one.may_be(url)]


def hints(root: Path, url: str, status: int, product: str = "") -> list[str]:
    """The hints about that answer, of the products that the URL or the profile speaks for."""
    every = products(root)
    return [text for one in every for text in one.hints_for(url, status, named=one.id == product)]


def warnings(root: Path, url: str, product: str, users: int) -> list[str]:
    """What to tell the user before that many users are created there.

    Where only the path matches, which other products may have too, the warning says so first.
    """
    found = []
    for one in known(root, url, product):
        sure = one.id == product or one.by_host(url)
        head = "" if sure else f"The URL looks like {one.title}'s: "
        found += [head + text for hint in one.before for text in hint.told(url, users=f"{users:,}")]
    return found


def obstacles(root: Path, url: str, profile: Profile | None) -> tuple[Obstacle, ...]:
    """The answers by which that target would refuse for lack of capacity: by the profile, and by its URL."""
    stated = profile.keeps.get("full", ()) if profile else ()
    full = tuple(Obstacle(int(row["status"]), str(row["detail"])) for row in stated)
    product = profile.deviations if profile else ""
    return full + tuple(obstacle for one in known(root, url, product) for obstacle in one.obstacles)


def prevents(some: Iterable[Obstacle], exchange: Exchange) -> Obstacle | None:
    """The obstacle that this exchange is, None for none: after it nothing can be concluded."""
    if exchange.error or exchange.request.method == "GET":
        return None
    return next((one for one in some if one.says(exchange.status, exchange.body)), None)


def _parts(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.path.rstrip("/")


def _product(path: Path) -> Product:
    data = read_toml(path)
    try:
        rule = data.get("recognize", {})
        host, url_path = (re.compile(rule[key]) if key in rule else None for key in ("host", "path"))
        hints, typed, before = (
            tuple(_hint(row) for row in data.get(name, ())) for name in ("hint", "typed", "before")
        )
        return Product(
            path.stem,
            data["title"],
            host,
            url_path,
            tuple(rule.get("keys", ())),
            hints,
            typed,
            before,
            tuple(one for row in data.get("obstacle", ()) for one in _obstacles(row)),
        )
    except (KeyError, TypeError, re.error) as problem:
        raise CatalogError(f"deviations/{path.name}: {problem}") from None


def _hint(row: Mapping[str, Any]) -> Hint:
    where = {key: re.compile(row[key]) for key in ("host", "path") if key in row}
    return Hint(tuple(row.get("says", ())), tuple(row.get("status", ())), **where)


def _obstacles(row: Mapping[str, Any]) -> Iterator[Obstacle]:
    for answer in row["answers"]:
        yield Obstacle(
            answer["status"], answer["detail"], row["means"], row["todo"], whole=row.get("whole", True)
        )
