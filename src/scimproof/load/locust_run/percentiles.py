"""Percentiles of Locust's own tables, made as those of load.json: its buckets, its ranks, parts of a ms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import locust.stats

from scimproof.load.metrics.histogram import bucket, middle


def as_in_load_json() -> None:
    """Let this process's Locust reckon so; its own buckets are up to 5 % wide, and 0.4 ms is 0 in them."""
    stats: Any = locust.stats
    stats.bucket_response_time = in_milliseconds
    stats.calculate_response_time_percentile = nearest_rank
    stats.StatsCSV._percentile_fields = _fields  # noqa: SLF001 - it writes whole milliseconds


def in_milliseconds(milliseconds: float) -> float:
    """The middle of the bucket in which that time is: at most 0.2 % off."""
    return middle(bucket(int(milliseconds * 1000))) / 1000


def nearest_rank(response_times: Mapping[float, int], num_requests: int, percent: float) -> float:
    """Milliseconds that a share of the requests (0 to 1) stay within; 0 where none has a time."""
    wanted, seen = max(math.ceil(round(percent * num_requests, 6)), 1), 0
    for milliseconds in sorted(response_times):
        seen += response_times[milliseconds]
        if seen >= wanted:
            return milliseconds
    return max(response_times, default=0)


def _fields(writer: Any, stats_entry: Any, use_current: bool = False) -> list[str] | list[float]:  # noqa: FBT001, FBT002 - Locust's own
    """The percentiles of a row of Locust's CSV, in milliseconds with three decimals where it has none."""
    if not stats_entry.num_requests:
        return list(writer.percentiles_na)
    current = use_current and stats_entry.use_response_times_cache
    ask = (
        stats_entry.get_current_response_time_percentile
        if current
        else stats_entry.get_response_time_percentile
    )
    return [round(ask(share) or 0, 3) for share in writer.percentiles_to_report]
