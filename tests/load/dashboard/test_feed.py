from __future__ import annotations

from itertools import pairwise
from typing import Any

from scimproof.core.redaction import Redactor
from scimproof.load.dashboard.feed import MOST_LIMITS, MOST_POINTS, RunFeed
from tests.render.load.test_live import ROW


def tick(at: float, **more: Any) -> dict[str, Any]:
    return {"event": "tick", **ROW, "recent_kinds": [["status 500", 0.7]], "at": at, **more}


def everything(feed: RunFeed) -> dict[str, Any]:
    found = feed.since(0, -1.0, 0)
    assert found is not None
    return found[1]


def test_who_comes_late_gets_the_whole_run_and_then_only_what_is_new() -> None:
    feed = RunFeed("scimproof-1")
    for at in (1.0, 2.0):
        feed.hear(tick(at))
    found = feed.since(0, -1.0, 0)
    assert found is not None
    version, message = found
    assert (message["run"], message["whole"]) == ("scimproof-1", True)
    assert [one["at"] for one in message["points"]] == [1.0, 2.0]
    assert message["points"][0] == {
        "at": 1.0, "asked": 32.0, "achieved": 31.5, "in_flight": 12, "lag_ms": 0.3,
        "p50": 2.5, "p95": 40.0, "p99": 1200.0, "kinds": {"status 500": 0.7},
    }  # fmt: skip
    assert feed.since(version, 2.0, 0) is None
    feed.hear(tick(3.0))
    later = feed.since(version, 2.0, 0)
    assert later is not None
    assert ([one["at"] for one in later[1]["points"]], later[1]["whole"]) == ([3.0], False)
    assert later[1]["row"]["at"] == 3.0


def test_before_the_first_row_there_is_something_to_show() -> None:
    feed = RunFeed()
    assert everything(feed)["stage"] == {"words": "starting"}
    feed.hear({"event": "prefill", "done": 50, "of": 300})
    assert everything(feed)["stage"] == {"words": "creating users", "done": 50, "of": 300}
    feed.hear({"event": "unheard of"})
    assert everything(feed)["row"] is None


def test_a_long_run_is_thinned_and_keeps_its_beginning_and_its_newest_point() -> None:
    feed = RunFeed()
    for second in range(1, 4 * MOST_POINTS):
        feed.hear(tick(float(second)))
    at = [one["at"] for one in everything(feed)["points"]]
    assert MOST_POINTS / 2 <= len(at) <= MOST_POINTS
    assert at == sorted(at)
    assert at[-1] == 4 * MOST_POINTS - 1
    assert at[0] < 10
    apart = {after - before for before, after in pairwise(at)}
    assert max(apart) <= 10  # each point shows the last 10 s


def test_of_hundreds_of_thresholds_the_broken_and_the_nearest_are_told_and_all_are_counted() -> None:
    held = [{"id": f"a/{n}#p95_ms", "limit": 100.0, "value": n / 4, "verdict": "held"} for n in range(300)]
    broken = {"id": "b/x#errors", "limit": 0.0, "value": 0.5, "verdict": "broken"}
    feed = RunFeed()
    feed.hear(tick(1.0, thresholds=[*held, broken]))
    row = everything(feed)["row"]
    assert [one["id"] for one in row["thresholds"][:2]] == ["b/x#errors", "a/299#p95_ms"]
    assert len(row["thresholds"]) == MOST_LIMITS
    assert row["verdicts"] == {"broken": 1, "held": 300, "undecided": 0}


def test_the_end_is_told_once_and_secrets_never() -> None:
    feed = RunFeed(redactor=lambda: Redactor(["s3cret-token"]))
    feed.hear(tick(1.0, recent_kinds=[["s3cret-token refused", 1.0]]))
    feed.end("fail", "s3cret-token was refused.", "/there/load.html")
    feed.end("", "the command ended without a result")
    message = everything(feed)
    assert message["ended"]["result"] == "fail"
    assert message["ended"]["report"] == "/there/load.html"
    assert "s3cret" not in str(message)
    assert feed.over
