"""Linearizability of a group's members: whether one order of the overlapping writes explains all of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from scimproof.state.register import ANY, Write, WriteOutcome, WrittenValue

TRIES = 4096  # combinations that are tried before the benefit of the doubt is given

History = tuple[Sequence[WrittenValue], bool]


def explains(histories: Iterable[History]) -> bool:
    """Whether some order of the writes, true to when they were sent and answered, leaves what is shown.

    Each history is what may stand of one member's writes, and whether it is a member. Two lists that were
    put at once may leave the one or the other, yet not half of each. True as well where there are too many
    combinations to try.
    """
    distinct = {_signature(history): history for history in histories if _tells(history[0])}
    choices = [_candidates(history) for history in distinct.values()]
    if not choices or math.prod(map(len, choices)) > TRIES:
        return True
    entries = [history[0] for history in distinct.values()]
    return any(_possible(entries, chosen) for chosen in itertools.product(*choices))


def _tells(entries: Sequence[WrittenValue]) -> bool:
    """Whether there is a choice between known values."""
    return len(entries) > 1 and all(entry.value is not ANY for entry in entries)


def _signature(history: History) -> tuple[object, ...]:
    entries, shown = history
    return (shown, *((entry.write.number, entry.value) for entry in entries))


def _candidates(history: History) -> list[Write]:
    """The writes that may have been the last to touch this member."""
    entries, shown = history
    return [entry.write for entry in entries if entry.value == shown]


def _possible(entries: list[Sequence[WrittenValue]], chosen: tuple[Write, ...]) -> bool:
    """Whether each chosen write can be the last of its member in one common order."""
    happened = {e.write for some in entries for e in some if e.write.fate is WriteOutcome.ACCEPTED} | set(
        chosen
    )
    later: dict[Write, set[Write]] = {
        write: {other for other in happened if write.before(other)} for write in happened
    }
    for some, last in zip(entries, chosen, strict=True):
        for entry in some:
            if entry.write is not last and entry.write in happened:
                later[entry.write].add(last)
    return _has_order(later)


def _has_order(later: dict[Write, set[Write]]) -> bool:
    """Whether nothing comes, by way of others, before itself."""
    waits = dict.fromkeys(later, 0)
    for followers in later.values():
        for follower in followers:
            waits[follower] += 1
    free = [write for write, count in waits.items() if not count]
    done = 0
    while free:
        done += 1
        for follower in later[free.pop()]:
            waits[follower] -= 1
            if not waits[follower]:
                free.append(follower)
    return done == len(later)
