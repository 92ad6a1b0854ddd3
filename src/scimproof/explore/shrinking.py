"""Delta debugging: the shortest part of a history that still shows what the whole showed.

Tests of parts are bounded by the caller, who counts requests: `shows` raises OutOfRequests, and the shortest
part that was shown until then is the result.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


class OutOfRequests(Exception):
    """Raised when a part can no longer be tested."""


def smallest(
    whole: Sequence[Item],
    shows: Callable[[tuple[Item, ...]], bool],
    *,
    valid: Callable[[tuple[Item, ...]], tuple[Item, ...]] = lambda part: part,
    first: Sequence[Sequence[Item]] = (),
    parts: Callable[[tuple[Item, ...]], Iterable[tuple[Item, ...]]] = lambda _: (),
) -> tuple[Item, ...] | None:
    """The smallest part that shows it, None when nothing does; `first` are parts that are likely to.

    `valid` leaves out of a part what cannot be done without the rest. `parts` are cuts to be tried before
    those of any stretch. Each part is tested once.
    """
    known: dict[tuple[Item, ...], bool] = {}

    def test(part: Sequence[Item]) -> bool:
        asked = valid(tuple(part))
        if asked not in known:
            known[asked] = bool(asked) and shows(asked)
        return known[asked]

    best: tuple[Item, ...] | None = None
    try:
        for part in (*first, whole):
            if test(part):
                best = valid(tuple(part))
                break
        while best is not None and (less := next(_shown(best, valid, test, parts), None)):
            best = less
    except OutOfRequests:
        pass
    return best


def _shown(
    best: tuple[Item, ...],
    valid: Callable[[tuple[Item, ...]], tuple[Item, ...]],
    test: Callable[[Sequence[Item]], bool],
    parts: Callable[[tuple[Item, ...]], Iterable[tuple[Item, ...]]],
) -> Iterator[tuple[Item, ...]]:
    """The parts of it that show the same, large cuts first."""
    for part in map(valid, parts(best)):
        if len(part) < len(best) and test(part):
            yield part
    size = len(best) // 2
    while size:
        for start in range(0, len(best), size):
            part = valid(best[:start] + best[start + size :])
            if len(part) < len(best) and test(part):
                yield part
        size //= 2
