"""The short form of the benchmark: what generators counted, held to what the target answered; no times."""

from __future__ import annotations

from typing import Any

from bench.load.tools import AT_ONCE, LEAST, enough, target, told

SECONDS, RATE = 1.0, 200
BEFORE = 0.5  # seconds that every generator plays before it counts
FEW = 100  # of Locust's own users: enough to see that they send


def short() -> None:
    """Play each generator for a second; SystemExit in words for the first count that cannot be."""
    for model in ("load", "closed"):
        found, answered = _counted("ours", model, str(AT_ONCE))
        name = f"ours {model}"
        enough(name, found["requests"], LEAST)
        agree(name, found["sent"], answered)
        agree(f"{name}, connections", AT_ONCE, found["opened"], apart=0)
        print(f"{name:14}{found['requests']:>8,} requests counted, {answered:,} answered")
    found, answered = _counted("ours", "open", str(RATE))
    agree("ours open", round(RATE * (SECONDS + BEFORE)), found["sent"], apart=0)
    agree("ours open", found["sent"], answered)
    print(f"{'ours open':14}{found['sent']:>8,} requests sent, {answered:,} answered")
    found, answered = _counted("locust_users", "FastHttpUser", str(AT_ONCE))
    enough("FastHttpUser", found["requests"], FEW)
    enough("FastHttpUser, answers", answered, found["requests"])
    print(f"{'FastHttpUser':14}{found['requests']:>8,} requests counted, {answered:,} answered")


def agree(name: str, expected: int, found: int, apart: int = AT_ONCE) -> None:
    """SystemExit where two counts are further apart than what may be under way at the end."""
    if abs(expected - found) > apart:
        raise SystemExit(f"{name}: {expected:,} expected and {found:,} found: its counts cannot be trusted")


def _counted(module: str, kind: str, number: str) -> tuple[dict[str, Any], int]:
    """What a generator says of a second, and how many requests the target answered."""
    with target() as served:
        found = told(module, kind, served.url, number, str(SECONDS))
    return found, served.answered
