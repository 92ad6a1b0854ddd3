"""Order of names: which of them stand elsewhere."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Sequence


def moved(expected: Sequence[Hashable], seen: Sequence[Hashable]) -> list[int]:
    """The places in `seen` of the fewest items whose move makes it `expected`; both have the same items."""
    places: dict[Hashable, list[int]] = {}
    for place, item in enumerate(expected):
        places.setdefault(item, []).append(place)
    taken = dict.fromkeys(places, 0)
    ranks = []
    for item in seen:
        ranks.append(places[item][taken[item]])
        taken[item] += 1
    # The longest rising part of the ranks stays where it is.
    ends: list[int] = []
    lengths = []
    for rank in ranks:
        at = bisect_right(ends, rank)
        ends[at : at + 1] = [rank]
        lengths.append(at)
    kept, wanted, bound = set(), len(ends) - 1, len(ranks)
    for place in range(len(ranks) - 1, -1, -1):
        if lengths[place] == wanted and ranks[place] <= bound:
            kept.add(place)
            bound, wanted = ranks[place], wanted - 1
    return [place for place in range(len(ranks)) if place not in kept]
