"""Minimal Debian systems in which a newcomer types what README.md shows: `make fresh`.

Exit code 0 when all of it works in each, 1 when it does not, 2 when it could not be tried here.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fresh import machine
from tests.fresh.processes import FailedError, Processes, StoppedError
from tests.fresh.readme import ReadmeError, Typed, typed
from tests.fresh.systems import SYSTEMS, System, base, copied, default_cache, open_cache
from tests.fresh.visit import ROOT, Visit

NO_MIRROR = "apt knows no archive of Debian's here; name one: make fresh ARGS='--mirror URL'"


def main(argv: Sequence[str] | None = None) -> int:
    """Try each system; the exit code."""
    options = _options(argv)
    reach = machine.reach(options.mirror)
    problems = machine.lacking() + ([] if reach else [NO_MIRROR])
    if problems or reach is None:
        return _not_tried(problems)
    try:
        shown = typed((ROOT / "README.md").read_text(encoding="utf-8"))
        open_cache(options.cache)
    except (ReadmeError, FailedError, OSError) as problem:
        return _not_tried([str(problem)])
    if subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, check=True).stdout:
        print("== What is not committed is not tried", flush=True)
    processes = Processes()
    _listen(processes)
    chosen = [each for each in SYSTEMS if each.suite in (options.only or [each.suite for each in SYSTEMS])]
    with ThreadPoolExecutor(len(chosen)) as pool:
        tries = [pool.submit(_tried, each, options, reach, shown, processes) for each in chosen]
        told = [each.result() for each in tries]
    print("\n".join(f"== {line}" for _, line in told))
    if processes.stopped:
        return 130
    return 0 if all(held for held, _ in told) else 1


def _listen(processes: Processes) -> None:
    """Whoever ends this ends what it started; the tries then remove what they made."""

    def stop(*_: object) -> None:
        if not processes.stopped:
            print("== Stopping; what was made for this run is removed", file=sys.stderr, flush=True)
            processes.stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fresh ARGS=...", description=__doc__)
    suites = [each.suite for each in SYSTEMS]
    parser.add_argument("--only", action="append", choices=suites, help="try this system only")
    parser.add_argument("--whole", action="store_true", help="all of the tests, not the marked minute")
    parser.add_argument(
        "--cache", type=Path, default=default_cache(), help="where bases are kept [%(default)s]"
    )
    parser.add_argument("--mirror", metavar="URL", help="the archive of Debian's to use, in place of apt's")
    return parser.parse_args(argv)


def _not_tried(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"fresh: not tried: {problem}", file=sys.stderr)
    return 2


_printing = threading.Lock()


def _tried(
    system: System, options: argparse.Namespace, reach: machine.Reach, shown: Typed, processes: Processes
) -> tuple[bool, str]:
    """Whether a newcomer gets along there, and a line about it."""

    def say(line: str) -> None:
        with _printing:
            print(f"[{system.title}] {line}", flush=True)

    begun = time.monotonic()
    took: dict[str, float] = {}
    told = f"{system.title} ({system.suite})"
    try:
        kept = base(system, options.cache, reach, processes, say)
        took["system"] = time.monotonic() - begun
        with copied(kept, options.cache) as root:
            visit = Visit(system, processes, root, say, took)
            visit.settle(reach)
            visit.all(shown, whole=options.whole)
    except StoppedError:
        return False, f"{told}: stopped"
    except (FailedError, OSError, subprocess.CalledProcessError) as problem:
        return False, f"{told}: FAILED: {problem}"
    times = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in took.items())
    return True, f"{told}: all of it works; {times}; {time.monotonic() - begun:.0f} s in all"


if __name__ == "__main__":
    sys.exit(main())
