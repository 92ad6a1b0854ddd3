"""Signal handling of runs: the first one stops a run in good order, the second ends the process."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from scimproof.core.errors import Exit

FIRST = "stopping, then removing what was created (once more leaves at once)"
SECOND = "left at once; `scimproof clean` removes what is still there"
NAMES = {"SIGINT": "Ctrl-C"}
# Every signal that ends a process which does not listen, except SIGKILL and those of a crash: a closed
# terminal sends SIGHUP, a batch system SIGUSR1 or SIGXCPU before it kills.
ENDING = tuple(
    getattr(signal, name)
    for name in (
        "SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM", "SIGVTALRM",
        "SIGPROF", "SIGBREAK",
    )
    if hasattr(signal, name)
)  # fmt: skip
SAME = 1.0  # seconds; `timeout` and CI send one signal to the process and again to its group


@contextmanager
def stopping(first: Callable[[str], None], told: str = FIRST, left: str = SECOND) -> Iterator[None]:
    """Inside, the first signal calls `first` with its name in a thread, a second ends this process.

    `told` is said at the first one, `left` at the second. Signals within SAME seconds of the first count as
    the first. They are heard by a thread of their own: the main one may be waiting for an answer, which takes
    up to 60 s, and Python calls handlers nowhere else.
    """
    began: list[float] = []

    def heard(number: int) -> None:
        began.append(time.monotonic())
        if len(began) > 1:
            if began[-1] - began[0] < SAME:
                return
            _say(f"\n{left}\n".encode())
            os._exit(Exit.CANNOT_TELL)
        _say(f"\n{told}\n".encode())
        name = signal.Signals(number).name
        threading.Thread(target=first, args=(NAMES.get(name, name),), daemon=True).start()

    reads, writes = socket.socketpair()  # no pipe: Windows has none that does not block
    writes.settimeout(0)
    listener = threading.Thread(target=_listen, args=(reads, heard), daemon=True)
    listener.start()
    before = signal.set_wakeup_fd(writes.fileno(), warn_on_full_buffer=False)
    try:
        with _handling(lambda *_: None):
            yield
    finally:
        signal.set_wakeup_fd(before)
        writes.close()
        listener.join()
        reads.close()


def _listen(reads: socket.socket, heard: Callable[[int], None]) -> None:
    """Call `heard` with each signal that would end this process, until the other end is closed."""
    while numbers := reads.recv(64):
        for number in numbers:
            if number in ENDING:
                heard(number)


@contextmanager
def raising(first: Callable[[], None]) -> Iterator[None]:
    """Inside, a signal calls `first` and raises KeyboardInterrupt, as pytest expects it; one counts once.

    In a thread other than the main one, which gets no signals, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    began: list[float] = []

    def handle(_: int, __: FrameType | None) -> None:
        began.append(time.monotonic())
        if len(began) == 1 or began[-1] - began[0] > SAME:
            first()
            raise KeyboardInterrupt

    with _handling(handle):
        yield


@contextmanager
def child_ignores_interrupts() -> Iterator[None]:
    """Inside, a child process that is started never gets Ctrl-C: it is still needed for cleaning up.

    One that comes meanwhile is this process's, and is delivered at the end (where a system cannot hold it
    back, it is lost).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "pthread_sigmask"):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the child inherits it
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, handler)


@contextmanager
def _handling(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Inside, `handle` gets every signal that would end this process, except those it was told to ignore.

    `nohup` has SIGHUP ignored: then a closed terminal is no reason to stop.
    """
    listened = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in listened}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: bytes) -> None:
    """Write to standard error; a terminal that is gone must not stop the handler."""
    with suppress(OSError):
        os.write(2, text)
