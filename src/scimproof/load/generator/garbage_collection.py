"""Garbage collection: objects that live for the whole run are frozen, so that no collection walks them."""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 100


def settle() -> None:
    """Call once, when everything is loaded and nothing has been sent.

    A load run makes next to no cycles, yet the collector would walk catalogue, modules and ledger again and
    again: a tenth of the generator's CPU, and pauses that look like the target's.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
