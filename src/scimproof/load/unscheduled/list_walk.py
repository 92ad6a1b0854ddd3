"""List walk: pages through a list as an import does, and says which ids were missing or shown twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from scimproof.core.http_message import Exchange
from scimproof.core.paging import LoopDetector, next_start
from scimproof.core.scim import resources, value_at
from scimproof.engine.sending import MAX_PAGES


@dataclass
class ListWalk:
    """List walk, one `step()` a page; `page(start)` asks for the page that begins there.

    `over` when the last page was read or a page could not be: then `broken` says so, and nothing is wrong.
    """

    page: Callable[[int], Exchange]
    over: bool = False
    broken: bool = False
    pages: list[Exchange] = field(default_factory=list)
    progress: LoopDetector = field(default_factory=LoopDetector)
    _shown: dict[str, list[int]] = field(default_factory=dict)
    _start: int = 1

    def step(self) -> None:
        """Read the next page."""
        exchange = self.page(self._start)
        found = resources(exchange.json)
        for resource in found:
            self._shown.setdefault(str(value_at(resource, "id")), []).append(len(self.pages))
        self.pages.append(exchange)
        following = next_start(exchange.json, self._start)
        self._start, more = following or self._start, following is not None
        self.broken = not exchange.ok
        # Without totalResults the first empty page is the end; where none comes, nobody knows who is missing.
        self.broken = self.broken or (more and len(self.pages) >= MAX_PAGES)
        onward = self.progress.turn(str(value_at(resource, "id")) for resource in found)
        self.over = self.broken or not more or not onward

    def wrong(self, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Of those who were there throughout, who was skipped or repeated, and how."""
        for id in () if self.broken else ids:
            times = len(self._shown.get(id, ()))
            if times != 1:
                yield id, "on no page" if not times else f"on {times} pages"

    def evidence(self, id: str) -> list[Exchange]:
        """The pages that show it; the first and the last where none does."""
        places = self._shown.get(id) or sorted({0, len(self.pages) - 1})
        return [self.pages[place] for place in places]
