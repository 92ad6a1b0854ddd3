"""Runs one program and says what it cost: wall time, CPU time, peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of CPU, and the largest resident set in MiB, of one process."""

    exit: int
    wall: float
    cpu: float
    peak: float


def measured(command: list[str], env: Mapping[str, str], log: Path) -> Cost:
    """Run the command to its end; what it prints goes to `log`."""
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=os.environ | env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        # The kernel's own account of this one child, which Popen.wait would throw away.
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        exit=process.returncode,
        wall=time.monotonic() - started,
        cpu=usage.ru_utime + usage.ru_stime,
        peak=usage.ru_maxrss / 1024,
    )
