from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console

from scimproof.render.load.live import plain, screen

TIMES = {"p50": 2.5, "p95": 40.0, "p99": 1200.0}
ROW: dict[str, Any] = {
    "at": 25.0,
    "seconds": 60.0,
    "phase": "steady",
    "workers": 2,
    "in_flight": 12,
    "due": 800,
    "sent": 799,
    "answered": 790,
    "errors": 9,
    "asked": 32.0,
    "achieved": 31.5,
    "sequences": 8.0,
    "recent_ms": TIMES,
    "run_ms": {"p50": 2.0, "p95": None, "p99": None},
    "kinds": [["status 500", 7], ["timeout", 2]],
    "worst": [{"id": "acme.user.create/create", "due": 20, "errors": 7, **TIMES}],
    "thresholds": [
        {"id": "acme.user.create/create#p95_ms", "limit": 30.0, "value": 40.0, "verdict": "broken"},
        {"id": "*#errors", "limit": 0.1, "value": 0.01, "verdict": "held"},
    ],
    "lag_ms": 0.3,
}


def shown(row: dict[str, Any]) -> str:
    out = StringIO()
    Console(file=out, width=120).print(screen(row))
    return out.getvalue()


def test_the_screen_says_how_the_run_stands() -> None:
    text = shown(ROW)
    for words in (
        "25 of 60 s, 35 s left", "steady", "12 in flight, 2 workers", "31.5 of 32.0 requests/s",
        "8.0 sequences/s, generator lag p99 0.30 ms", "acme.user.create/create", "7 status 500, 2 timeout",
        "BROKEN acme.user.create/create p95_ms: 40, limit 30", "1 of 2 thresholds hold so far",
    ):  # fmt: skip
        assert words in text


def test_the_line_says_it_in_one() -> None:
    assert plain(ROW) == (
        "25 s (35 s left, steady): 31.5 of 32.0 requests/s, 12 in flight, p95 40.0 ms, "
        "9 errors (7 status 500, 2 timeout), 1 threshold broken"
    )


def test_nothing_yet_is_shown_as_nothing() -> None:
    nothing = {"p50": None, "p95": None, "p99": None}
    row = ROW | {"recent_ms": nothing, "run_ms": nothing, "kinds": [], "worst": [], "thresholds": []}
    text = shown(row | {"errors": 0, "lag_ms": None, "workers": 1})
    assert "Errors" not in text
    assert "worst" not in text
    assert "no errors" in plain(row | {"errors": 0})


def test_what_a_server_made_up_is_no_escape_sequence() -> None:
    row = ROW | {"kinds": [["status \x1b[2J", 1]], "phase": "a\nb"}
    assert "\x1b" not in shown(row) + plain(row)
    assert "\n" not in plain(row)


def test_each_worker_has_a_line_and_who_is_behind_comes_first() -> None:
    some = {"asked": 16.0, "achieved": 15.5, "in_flight": 6}
    each = [
        {"name": "worker 1 of 3 on a", "silent": 0.4, "lag_ms": 0.3, **some},
        {"name": "worker 2 of 3 on b", "silent": 0.4, "lag_ms": 48.0, **some},
        {"name": "worker 3 of 3 on c", "silent": 9.0, "lag_ms": 0.3, **some},
    ]
    text = shown(ROW | {"each": each})
    assert [one["name"] for one in sorted(each, key=lambda one: text.index(str(one["name"])))] == [
        "worker 3 of 3 on c", "worker 2 of 3 on b", "worker 1 of 3 on a",
    ]  # fmt: skip
    assert "9 s ago" in text
    assert plain(ROW | {"each": each}).endswith("1 threshold broken, not heard of: worker 3 of 3 on c")
    assert "worker 1 of 1" not in shown(ROW | {"each": [each[0]]})
