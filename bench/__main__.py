"""`make bench`: scimproof beside other testers on one server in one run, and what --parallel brings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median

from bench import conformance
from bench.rounds import Round, scim2_tester, scimproof, tester_python
from scimproof.embedded.server import Served
from tests.real.fleet import TOKEN, started

ROUNDS = 5
SLOW = 0.1  # seconds an answer takes: what hosted servers take


def main() -> None:
    """Print the tables; a slow machine proves nothing, a tool that judged nothing ends it."""
    python = tester_python()
    ours: list[Round] = []
    theirs: list[Round] = []
    with started("scim2-server") as server:
        print(
            f"== {server.server.name} {server.server.version}, {ROUNDS} rounds of each, in turn", flush=True
        )
        for number in range(1, ROUNDS + 1):
            ours.append(scimproof(server.url, TOKEN))
            theirs.append(scim2_tester(python, server.url, TOKEN))
            print(
                f"   round {number}: {ours[-1].rate:7.1f} findings/s, {theirs[-1].rate:7.1f} checks/s",
                flush=True,
            )
    side_by_side(ours, theirs)
    parallel()
    conformance.main()


def side_by_side(ours: list[Round], theirs: list[Round]) -> None:
    """The medians of both tools, and what was aimed at."""
    rows: list[tuple[str, Callable[[Round], float], str]] = [
        ("judged", lambda r: r.judged, ".0f"),
        ("requests", lambda r: r.requests, ".0f"),
        ("requests per thing judged", lambda r: r.requests / r.judged, ".2f"),
        ("its own seconds", lambda r: r.seconds, ".2f"),
        ("judged per second", lambda r: r.rate, ".1f"),
        ("seconds, process start to end", lambda r: r.cost.wall, ".2f"),
        ("judged per second of those", lambda r: r.judged / r.cost.wall, ".1f"),
        ("CPU seconds", lambda r: r.cost.cpu, ".2f"),
        ("peak memory, MiB", lambda r: r.cost.peak, ".0f"),
    ]
    print(f"\n{'median':32}{'scimproof':>12}{'scim2-tester':>14}{'ratio':>8}")
    for name, figure, form in rows:
        left, right = mid(ours, figure), mid(theirs, figure)
        print(f"{name:32}{left:>12{form}}{right:>14{form}}{left / right:>8.2f}")
    asked = mid(ours, lambda r: r.requests / r.judged)
    faster = mid(ours, lambda r: r.rate) / mid(theirs, lambda r: r.rate)
    peak = max(r.cost.peak for r in ours)
    print(f"\naimed at: at most 1 request per finding: {said(asked <= 1)} ({asked:.2f})")
    print(f"          at least 3 times as many a second: {said(faster >= 3)} ({faster:.1f})")
    print(f"          peak memory under 100 MB: {said(peak * 1.048576 < 100)} ({peak * 1.048576:.0f} MB)")


def parallel() -> None:
    """What playing several sequences at a time brings where every answer takes its time."""
    print(f"\n== embedded target, {SLOW * 1000:.0f} ms an answer, one run each", flush=True)
    print(f"{'--parallel':>12}{'seconds':>10}{'findings':>10}{'requests':>10}{'speed-up':>10}")
    first = 0.0
    for number in (1, 4, 8):
        with Served(delay=SLOW, token=TOKEN) as target:
            run = scimproof(target.base_url, TOKEN, number)
        first = first or run.seconds
        speed_up = first / run.seconds
        print(
            f"{number:>12}{run.seconds:>10.1f}{run.judged:>10}{run.requests:>10}{speed_up:>10.1f}", flush=True
        )


def mid(rounds: Iterable[Round], figure: Callable[[Round], float]) -> float:
    """The median of that figure."""
    return median(figure(one) for one in rounds)


def said(held: bool) -> str:  # noqa: FBT001 - the verdict itself
    """`yes` or `NO`."""
    return "yes" if held else "NO"


if __name__ == "__main__":
    main()
