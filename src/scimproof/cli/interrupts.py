"""Ctrl-C and SIGTERM during a run: the first stops it in good order, the second leaves at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from scimproof.errors import Exit

SECOND = b"\nleft at once; `scimproof clean` removes what is still there\n"
NAMES = {"SIGINT": "Ctrl-C"}
SAME = 1.0  # seconds; `timeout` and CI send one signal to the process and again to its group


@contextmanager
def interrupts(first: Callable[[str], None]) -> Iterator[None]:
    """Inside, the first signal calls `first` with its name in a thread, a second ends this process.

    Signals within SAME seconds of the first are the first.
    """
    began: list[float] = []

    def handle(number: int, _: FrameType | None) -> None:
        began.append(time.monotonic())
        if len(began) > 1:
            if began[-1] - began[0] < SAME:
                return
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, SECOND)
            os._exit(Exit.CANNOT_TELL)
        os.write(2, b"\nstopping, then removing what was created (once more leaves at once)\n")
        name = signal.Signals(number).name
        # In a thread: this one may hold the very locks that stopping needs.
        threading.Thread(target=first, args=(NAMES.get(name, name),), daemon=True).start()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
