"""`make bench-load`: what a request costs this generator, beside those that others use, in turn.

CPU per request (user and system) is compared, never requests per second: that holds on a busy machine too.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from statistics import median

from bench.load.counts import short
from bench.load.tools import HERE, each, enough, target, told, tools
from bench.load.watched import watched

ROUNDS, SECONDS = 5, 3.0
BARS = {"FastHttpUser": 5.0, "HttpUser": 15.0, "wrk": 0.30, "k6": 3.5}  # so many times less, at least
USERS, KIB = 5000, 16.0
TLS_RATE, TLS_SHARE = 200, 10.0  # requests per second, percent of a core
WATCHED = 3.0  # percent of the generator's CPU


def main() -> None:
    """Print the tables, or with `--short` only hold the counts to what they have to be.

    A slow machine proves nothing and fails nothing; one that counted too few requests measured nothing, and
    fails.
    """
    if "--short" in sys.argv[1:]:
        short()
        return
    compare()
    memory()
    tls()


def compare() -> None:
    """Every tool once a round."""
    all_tools = tools()
    found: dict[str, list[float]] = {tool.name: [] for tool in all_tools}
    print(f"== POST /Users, unique bodies, 32 connections, {ROUNDS} rounds of each, in turn", flush=True)
    for number in range(1, ROUNDS + 1):
        for tool in all_tools:
            with target() as served:
                found[tool.name].append(tool.round(served.url, SECONDS))
        row = "  ".join(f"{name} {values[-1]:.1f}" for name, values in found.items())
        print(f"   round {number}, microseconds of CPU per request: {row}", flush=True)
    print(f"\n{'median':14}{'us/request':>12}{'ratio':>8}{'aimed at':>10}")
    own = found["scimproof"]
    for name, values in found.items():
        ratio = median(theirs / ours for theirs, ours in zip(values, own, strict=True))
        bar = BARS.get(name)
        said = f"{bar:>9.2f}x  {'yes' if ratio >= bar else 'NO'}" if bar else ""
        print(f"{name:14}{median(values):>12.1f}{ratio:>7.2f}x{said}")


def memory() -> None:
    """What a virtual user costs in resident memory, measured between 10 and 5,000."""
    peaks = {}
    for users in (10, USERS):
        with target() as served:
            found = told("ours", "users", served.url, str(users), "2")
        enough(f"{users:,} virtual users, one connection each", found["opened"], users)
        peaks[users] = found["peak"]
    kib = (peaks[USERS] - peaks[10]) / (USERS - 10)
    held = "yes" if kib <= KIB else "NO"
    print(f"\n== {USERS} virtual users: {kib:.1f} KiB each (aimed at: at most {KIB:.0f}), {held}")


def tls() -> None:
    """What 200 requests per second over TLS cost."""
    command = [sys.executable, "-m", "bench.load.tls_target"]
    with tempfile.TemporaryDirectory() as folder:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen([*command, folder], text=True, cwd=HERE.parents[1], **pipes) as process:  # type: ignore[call-overload]
            port, ca = process.stdout.readline().split()
            found = told("ours", "open", f"https://localhost:{port}", str(TLS_RATE), "10", ca)
            process.terminate()
    share, cost = found["cpu"] / found["wall"] * 100, each("over TLS", found)
    steps, seconds = watched(TLS_RATE)
    shown = seconds * 100 / share * 100
    print(
        f"== {TLS_RATE} requests per second over TLS: {share:.1f} % of a core, {cost:.0f} us each "
        f"(aimed at: under {TLS_SHARE:.0f} %), {'yes' if share < TLS_SHARE else 'NO'}"
    )
    print(
        f"== live screen and exports of {steps} operations beside it: {seconds * 1000:.1f} ms a second, "
        f"{shown:.1f} % of that (aimed at: under {WATCHED:.0f} %), {'yes' if shown < WATCHED else 'NO'}"
    )


if __name__ == "__main__":
    main()
