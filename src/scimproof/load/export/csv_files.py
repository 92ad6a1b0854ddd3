"""CSV files of a load run: what was counted each second, and at the end what in all."""

from __future__ import annotations

import contextlib
import csv
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from scimproof.load.metrics.counters import Metrics, Packed, StepCounters

SERIES, SUMMARY = "load-series.csv", "load-summary.csv"
COUNTS = ("due", "sent", "answered")
PERCENTILES = ("p50", "p95", "p99", "max")
SERIES_COLUMNS = (
    "second", "time", "operation", *COUNTS, "errors", "unknown", "throttled", "count",
    *(f"response_{name}_ms" for name in PERCENTILES), "response_sum_ms",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "operation", *COUNTS, "errors", "skipped", "unknown", "throttled", "count",
    *(f"{kind}_{name}_ms" for kind in ("response", "service")
      for name in ("p50", "p90", "p95", "p99", "p999", "max")),
    "errors_by_kind",
)  # fmt: skip
LATE = 2  # seconds after which a second is written: by then every process has told what it counted in it


@dataclass
class SeriesFile:
    """File with a row for each second and operation, written as the run goes on.

    A second is the one in which the generator counted; all rows of an operation together have the counts of
    load.json. Every write ends with a whole line. `trouble` says why nothing more is written, once the
    disk is full or the like.
    """

    path: Path
    trouble: str = ""
    _file: TextIO | None = None
    _seconds: dict[int, Metrics] = field(default_factory=dict)
    _written: int = -1
    _known: dict[str, None] = field(default_factory=dict)
    _began: float = 0.0

    def start(self) -> None:
        """Begin the file; raises OSError when that cannot be done."""
        self._file = self.path.open("w", encoding="utf-8", newline="")
        self._write([SERIES_COLUMNS])

    def add(self, at: float, packed: Packed) -> None:
        """Take in what one process counted until `at` seconds after the start."""
        self._began = self._began or time.time() - at
        second = max(int(at), self._written + 1)
        self._seconds.setdefault(second, Metrics()).add(packed)
        self._known |= dict.fromkeys(packed["operations"])
        self._flush(int(at) - LATE)

    def close(self) -> None:
        """Write the rest; a second call does nothing."""
        if self._seconds:
            self._flush(max(self._seconds))
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()

    def _flush(self, until: int) -> None:
        due = [second for second in sorted(self._seconds) if second <= until]
        for second in due:
            self._write(self._rows(second, self._seconds.pop(second)))
            self._written = second

    def _rows(self, second: int, counted: Metrics) -> list[Sequence[Any]]:
        moment = datetime.fromtimestamp(self._began + second, UTC)
        stamp = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        none = StepCounters("")
        return [(second, stamp, id, *_second(counted.operations.get(id, none))) for id in self._known]

    def _write(self, rows: Sequence[Sequence[Any]]) -> None:
        if self._file is None or self.trouble:
            return
        try:
            csv.writer(self._file, lineterminator="\n").writerows(rows)
            self._file.flush()
        except OSError as problem:
            self.trouble = problem.strerror or str(problem)


def _second(one: StepCounters) -> list[Any]:
    errors = sum(one.errors.values()) + one.skipped
    figures, total = one.response.figures(), one.response.total * 1000
    counts = [getattr(one, name) for name in COUNTS]
    times = [_rounded(figures[name]) for name in PERCENTILES]
    return [*counts, errors, one.unknown, one.throttled, one.response.count, *times, round(total, 3)]


def write_summary(document: Mapping[str, Any], path: Path) -> None:
    """Write a row for each operation of load.json; raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(SUMMARY_COLUMNS)
        writer.writerows(_summary(row) for row in document["operations"])


def _summary(row: Mapping[str, Any]) -> list[Any]:
    kinds = " ".join(f"{kind.replace(' ', '-')}={n}" for kind, n in row["errors_by_kind"].items())
    known = {"operation": row["id"], "errors_by_kind": kinds}
    for kind in ("response", "service"):
        known |= {f"{kind}_{name}_ms": value for name, value in row[f"{kind}_ms"].items()}
    return [known[name] if name in known else row[name] for name in SUMMARY_COLUMNS]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
