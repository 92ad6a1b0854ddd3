"""A load run exported to a real Prometheus and to a real receiver of OTLP: both have what load.json says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from scimproof.load.export.definitions import DEFINITIONS
from tests.cli.commands.load.test_exports import free_port, run
from tests.cli.commands.load.test_load import document
from tests.real.metric_stores import in_prometheus, in_victoria_metrics, prometheus, victoria_metrics
from tests.waiting import HANG

pytestmark = pytest.mark.real

DURATION = "scimproof_load_response_duration_seconds"


def test_two_stores_have_every_count_of_the_report(tmp_path: Path) -> None:
    port = free_port()
    with prometheus(port) as scraping, victoria_metrics() as receiving:
        process = run(tmp_path, "--otlp", f"{receiving}/opentelemetry", "--prometheus", str(port))
        out, err = process.communicate(timeout=HANG)
        assert process.returncode == Exit.HOLDS, err
        assert "failed" not in out.splitlines()[-1]
        operations = {row["id"]: row for row in document(tmp_path)["operations"]}
        for name in ("due", "sent", "answered"):
            wanted = {id: row[name] for id, row in operations.items()}
            metric = f"scimproof_load_requests_{name}_total"
            assert in_prometheus(scraping, metric) == wanted
            assert in_victoria_metrics(receiving, metric) == {id: [n] for id, n in wanted.items()}
        counted = {id: row["count"] for id, row in operations.items()}
        assert in_prometheus(scraping, f"{DURATION}_count") == counted
        # Of an exponential histogram VictoriaMetrics makes a series for each bucket: together they are all.
        buckets = in_victoria_metrics(receiving, f"{DURATION}_bucket")
        assert {id: sum(values) for id, values in buckets.items()} == counted
        runs = in_victoria_metrics(receiving, "scimproof_load_arrivals_started_total", "service_instance_id")
        assert set(runs) == {document(tmp_path)["prefix"]}, "the run is found by its prefix"
        _same_names(receiving)


def _same_names(receiving: str) -> None:
    """The names that a third party makes of OpenTelemetry's are those that the endpoint has."""
    names = set(in_victoria_metrics(receiving, '{__name__=~"scimproof_.*"}', "__name__"))
    known = {f"{one.prometheus}{end}" for one in DEFINITIONS for end in ("", "_bucket", "_count", "_sum")}
    assert names
    assert names <= known
