"""Processes that end when this one does, whatever ends it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from tests.fresh.machine import path

# A mount namespace: what is mounted in it is gone with its last process, and seen by nobody else. A process
# namespace: with its first process all others end. That one ends with its parent.
APART = [
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"),
]


class StoppedError(Exception):
    """Ended from outside, before it was done."""


class FailedError(Exception):
    """A command that failed, in words that say which and how."""


class Processes:
    """Starts commands apart from this system's mounts and processes, and ends all of them at once."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    def pause(self) -> None:
        """Wait a second; StoppedError when everything is to end."""
        if self._stop.wait(1):
            raise StoppedError

    def start(
        self, command: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start it; its output, both sorts, is read from `stdout`."""
        with self._lock:
            if self.stopped:
                raise StoppedError
            process = subprocess.Popen(
                [*APART, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PATH": path(), **(variables or {})},
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        return process

    def end(self, process: subprocess.Popen[str]) -> int:
        """Kill it with all that it started; its exit code."""
        process.kill()
        code = process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        with self._lock:
            self._running.discard(process)
        return code

    def run(
        self,
        command: Sequence[str],
        say: Callable[[str], None],
        *,
        typed: str = "",
        seconds: float = 900,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Run it to its end, telling its lines as they come; FailedError when it fails or takes too long."""
        process = self.start(command, variables)
        late = threading.Timer(seconds, process.kill)
        late.start()
        try:
            assert process.stdin
            assert process.stdout
            with suppress(BrokenPipeError):
                process.stdin.write(typed)
                process.stdin.close()
            for line in process.stdout:
                say(line.rstrip("\n"))
            code = process.wait()
        finally:
            in_time = late.is_alive()
            late.cancel()
            self.end(process)
        if self.stopped:
            raise StoppedError
        if not in_time:
            raise FailedError(f"not over after {seconds:.0f} s")
        if code:
            raise FailedError(f"exit code {code}")

    def stop(self) -> None:
        """End all that runs, and start nothing any more."""
        with self._lock:
            self._stop.set()
            for process in self._running:
                process.kill()
