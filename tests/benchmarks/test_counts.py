"""`make bench-load` fails, and says so, where it counted too little to tell anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bench.load import counts, tools
from bench.load.tools import LEAST, BenchTarget, each

RIGHT: dict[str, dict[str, Any]] = {
    "load": {"requests": 5000, "sent": 6000, "opened": 32},
    "closed": {"requests": 4000, "sent": 5000, "opened": 32},
    "open": {"requests": 200, "sent": 300, "opened": 3},
    "FastHttpUser": {"requests": 1500},
}
ANSWERED = {"load": 6000, "closed": 5010, "open": 300, "FastHttpUser": 2000}


def test_a_figure_of_too_few_requests_is_refused_with_the_tool_and_both_numbers() -> None:
    assert each("ours", {"cpu": 0.5, "requests": 5000}) == pytest.approx(100)
    with pytest.raises(SystemExit) as refused:
        each("ours closed", {"cpu": 0.5, "requests": 50})
    assert f"ours closed: only 50 were counted, and a figure needs {LEAST:,}" in str(refused.value)


def play(monkeypatch: pytest.MonkeyPatch, **other: dict[str, Any]) -> None:
    """The short form with generators that say what a test wants; `answered` is the target's own count."""
    served = BenchTarget("http://127.0.0.1:1")

    @contextmanager
    def target() -> Iterator[BenchTarget]:
        yield served

    def told(_: str, kind: str, *__: str) -> dict[str, Any]:
        served.answered = other.get(kind, {}).get("answered", ANSWERED[kind])
        return RIGHT[kind] | other.get(kind, {})

    monkeypatch.setattr(counts, "target", target)
    monkeypatch.setattr(counts, "told", told)
    counts.short()


def test_the_short_form_holds_where_both_sides_counted_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch)


@pytest.mark.parametrize(
    ("kind", "wrong", "says"),
    [
        ("closed", {"requests": 50, "sent": 75, "answered": 75}, "ours closed: only 50 were counted"),
        ("load", {"sent": 9000}, "ours load: 9,000 expected and 6,000 found"),
        ("load", {"opened": 33}, "ours load, connections: 32 expected and 33 found"),
        ("open", {"sent": 299, "answered": 299}, "ours open: 300 expected and 299 found"),
        ("open", {"answered": 200}, "ours open: 300 expected and 200 found"),
        ("FastHttpUser", {"requests": 9}, "FastHttpUser: only 9 were counted"),
        ("FastHttpUser", {"answered": 700}, "FastHttpUser, answers: only 700 were counted"),
    ],
)
def test_the_short_form_fails_for_counts_that_cannot_be(
    kind: str, wrong: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as refused:
        play(monkeypatch, **{kind: wrong})
    assert says in str(refused.value)


def test_a_program_that_counted_little_is_refused_by_its_name() -> None:
    command = ["sh", "-c", "echo 12 requests in 3s"]
    with pytest.raises(SystemExit, match="sh: only 12 were counted"):
        tools._program(command, r"(\d+) requests in")
