"""Feed of a load run for browsers: its points so far, thinned, and how it stands now."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from scimproof.core.redaction import Redactor

Row = dict[str, Any]
# Points that are kept. Each shows the last 10 s: thinned to 10 s apart (over 3 h of a run), none is unseen.
MOST_POINTS = 1200
MOST_LIMITS = 12  # thresholds that are told one by one, those first that are broken or nearest to it
ORDER = {"broken": 0, "held": 1, "undecided": 2}


class RunFeed:
    """Feed of one run: `hear` takes the events of the generator process, `since` gives what is new.

    It never waits for a reader. `run` tells this run from a later one on the same port. Whatever a row says
    passes the redactor, which is asked anew each time, as a run learns new secrets on its way.
    """

    def __init__(self, run: str = "", redactor: Callable[[], Redactor] = Redactor) -> None:
        self._run, self._redactor = run, redactor
        self._news = threading.Condition()
        self._version = 1
        self._points: list[Row] = []  # evenly apart, and the newest
        self._stride, self._heard = 1, 0  # of so many points one is kept; how many there were
        self._row: Row | None = None
        self._stage: Row = {"words": "starting"}
        self._ended: Row | None = None

    @property
    def over(self) -> bool:
        """Whether the end has been told."""
        return self._ended is not None

    def hear(self, event: Row) -> None:
        """Take in one event of the generator process."""
        match event.get("event"):
            case "tick":
                row = self._redactor().walk(told(event))
                self._take(point(row), row, {"words": row["phase"]})
            case "prefill":
                self._take(stage={"words": "creating users", "done": event["done"], "of": event["of"]})
            case "audit":
                self._take(
                    stage={"words": "auditing: reading back", "done": event["done"], "of": event["of"]}
                )
            case "phase":
                self._take(stage={"words": self._redactor().text(str(event["name"]))})

    def end(self, result: str, why: str, report: str = "") -> None:
        """The run is over: the result, the reason as a sentence, and where the report is. Said once."""
        with self._news:
            if self._ended is None:
                why = self._redactor().sentence(why)
                self._ended = {"result": result, "why": why, "report": report}
                self._changed()

    def since(self, version: int, at: float, patience: float) -> tuple[int, Row] | None:
        """The newest version, and what is new for who has seen `version` and the points up to `at` seconds.

        None when nothing is new within `patience` seconds. Version 0 has seen nothing, and gets all there is.
        """
        with self._news:
            if not self._news.wait_for(lambda: self._version > version or version == 0, patience):
                return None
            return self._version, {
                "run": self._run,
                "whole": version == 0,
                "points": [one for one in self._points if version == 0 or one["at"] > at],
                "row": self._row,
                "stage": self._stage,
                "ended": self._ended,
            }

    def pause(self, seconds: float) -> None:
        """Wait so long, or until the end is told."""
        with self._news:
            self._news.wait_for(lambda: self.over, seconds)

    def _take(self, new: Row | None = None, row: Row | None = None, stage: Row | None = None) -> None:
        with self._news:
            if new is not None:
                self._keep(new)
            self._row, self._stage = row or self._row, stage or self._stage
            self._changed()

    def _keep(self, new: Row) -> None:
        if self._heard and (self._heard - 1) % self._stride:
            self._points.pop()  # it was there as the newest one only
        self._points.append(new)
        self._heard += 1
        if len(self._points) > MOST_POINTS:
            del self._points[1::2]
            self._stride *= 2

    def _changed(self) -> None:
        self._version += 1
        self._news.notify_all()


def told(event: Row) -> Row:
    """The row of a tick as browsers get it: of hundreds of thresholds the few that matter most."""
    row = {name: value for name, value in event.items() if name != "event"}
    limits = sorted(row["thresholds"], key=_margin)
    counts = {verdict: sum(one["verdict"] == verdict for one in limits) for verdict in ORDER}
    return row | {"thresholds": limits[:MOST_LIMITS], "verdicts": counts}


def point(row: Row) -> Row:
    """What charts show of a row: rates per second, times in ms, errors per second by kind."""
    return {
        **{name: row[name] for name in ("at", "asked", "achieved", "in_flight", "lag_ms")},
        **row["recent_ms"],
        "kinds": dict(row.get("recent_kinds", ())),
    }


def _margin(one: Row) -> tuple[int, float]:
    """The broken thresholds first, then by how much of the limit is used up."""
    value, limit = one["value"] or 0.0, one["limit"] or 0.0
    return ORDER[one["verdict"]], -(value / limit if limit else value)
