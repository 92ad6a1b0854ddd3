"""Delta debugging: the shortest part of a history that still shows what the whole showed.

Tests of parts are bounded by the caller, who counts requests: `shows` raises OutOfRequests, and the shortest
part that was shown until then is the result.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class OutOfRequests(Exception):
    """Raised when a part can no longer be tested."""


@dataclass
class Shrinking(Generic[Item]):
    """Shrinks one sequence of items; each part is tested once.

    `valid` leaves out of a part what cannot be done without the rest. `names` are those of an item, of whom
    some may not be needed. `simpler` are items that may do in place of one. The last item is what makes it
    show, and stays.
    """

    shows: Callable[[tuple[Item, ...]], bool]
    valid: Callable[[tuple[Item, ...]], tuple[Item, ...]] = lambda part: part
    names: Callable[[Item], frozenset[str]] = lambda _: frozenset()
    simpler: Callable[[Item], Iterable[Item]] = lambda _: ()
    best: tuple[Item, ...] | None = None
    _known: dict[tuple[Item, ...], bool] = field(default_factory=dict)

    def smallest(
        self, whole: Sequence[Item], first: Sequence[Sequence[Item]] = ()
    ) -> tuple[Item, ...] | None:
        """The smallest part that shows it, None when nothing does; `first` are parts that are likely to."""
        try:
            if any(self._test(part) for part in (*first, whole)):
                self._without_some_names()
                self._without_some_items()
                if self._simplified():
                    self._without_some_items()
        except OutOfRequests:
            pass
        return self.best

    def _test(self, part: Sequence[Item], *, as_long: bool = False) -> bool:
        asked = self.valid(tuple(part))
        if self.best is not None and len(asked) >= len(self.best) + as_long:
            return False
        if asked not in self._known:
            self._known[asked] = bool(asked) and self.shows(asked)
        if self._known[asked]:
            self.best = asked
        return self._known[asked]

    def _without_some_names(self) -> None:
        """Leave out all items of some names at once."""
        assert self.best
        kept = self.names(self.best[-1])
        names = sorted({name for item in self.best for name in self.names(item)} - kept)
        size = (len(names) + 1) // 2
        while size:
            for start in range(0, len(names), size):
                out = set(names[start : start + size])
                self._test([item for item in self.best if not out & self.names(item)])
            size //= 2

    def _without_some_items(self) -> None:
        """Leave out stretches, from the end to the start, then ever shorter ones, until none can be."""
        assert self.best
        size = max(1, len(self.best) // 2)
        while True:
            shorter, end = False, len(self.best) - 1
            while end > 0:
                start = max(0, end - size)
                shorter |= self._test([*self.best[:start], *self.best[end:]])
                end = min(start, len(self.best))
            if size == 1 and not shorter:
                return
            size = max(1, size // 2)

    def _simplified(self) -> bool:
        """Put simpler items in the places of others; whether any was."""
        assert self.best
        before = self.best
        for place in range(len(self.best)):
            for item in self.simpler(self.best[place]) if place < len(self.best) else ():
                if self._test([*self.best[:place], item, *self.best[place + 1 :]], as_long=True):
                    break
        return self.best != before
