"""What a run exports is what its load.json says, to the last request; no export is in its way."""

from __future__ import annotations

import csv
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest

from scimproof.core.errors import Exit
from tests.cli.commands.load.test_load import PLAN, TOKEN, document
from tests.load.export.collector import Collector, collector
from tests.load.export.test_prometheus import Samples, scraped
from tests.waiting import HANG

SECRET = "canary-of-the-collector"
NO_MATCH = "\n[thresholds]"  # all that stands behind is left out: no limit, so that the run passes


def run(folder: Path, *arguments: str, more: Mapping[str, str] = {}) -> subprocess.Popen[str]:
    """A run of 1.5 s against the embedded server, with these options."""
    plan = folder / "mine.toml"
    plan.write_text(PLAN.format(limit=0, audit="false").partition(NO_MATCH)[0], encoding="utf-8")
    environment = (
        os.environ | {"SCIMPROOF_LEDGERS": str(folder / "ledgers"), "SCIMPROOF_TOKEN": TOKEN} | dict(more)
    )
    command = [sys.executable, "-m", "scimproof", "load", str(plan), "--out", str(folder / "out"), *arguments]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Scraper(threading.Thread):
    """Scrapes as long as somebody answers, and keeps what came last."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url, self.last, self.over = url, Samples(), threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.02):
            try:
                self.last = scraped(self.url)
            except httpx2.HTTPError:
                continue


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of_otlp(there: Collector, name: str) -> dict[str, float]:
    return {values[0]: value for values, value in there.numbers(f"scimproof.load.requests.{name}").items()}


def of_prometheus(last: Samples, name: str) -> dict[str, float]:
    wanted = f"scimproof_load_requests_{name}_total"
    return {dict(labels)["scimproof_operation"]: n for (found, labels), n in last.items() if found == wanted}


def test_all_that_is_exported_at_the_end_is_what_the_report_says(tmp_path: Path) -> None:
    with collector() as there:
        port = free_port()
        scraper = Scraper(f"http://127.0.0.1:{port}/metrics")
        scraper.start()
        options = ["--otlp", there.url, "--prometheus", str(port), "--csv"]
        secret = {"OTEL_EXPORTER_OTLP_HEADERS": f"x-key={SECRET}"}
        process = run(tmp_path, *options, more=secret)
        out, err = process.communicate(timeout=HANG)
        scraper.over.set()
        scraper.join()
    assert process.returncode == Exit.HOLDS, err
    operations = {row["id"]: row for row in document(tmp_path)["operations"]}
    for name in ("due", "sent", "answered"):
        wanted = {id: row[name] for id, row in operations.items()}
        assert of_otlp(there, name) == of_prometheus(scraper.last, name) == wanted, name
        assert _sums(rows(tmp_path / "out" / "load-series.csv"), name) == wanted
    counted = {id: row["count"] for id, row in operations.items()}
    for kind in ("response", "service"):
        points = there.histograms(f"scimproof.load.{kind}.duration")
        assert {id: point.count for (id,), point in points.items()} == counted
        assert all(point.count == sum(point.positive.bucket_counts) for point in points.values())
    assert _sums(rows(tmp_path / "out" / "load-series.csv"), "count") == counted
    summary = rows(tmp_path / "out" / "load-summary.csv")
    assert {row["operation"]: int(row["count"]) for row in summary} == counted
    _told(tmp_path, out, err, there)


def _sums(series: list[dict[str, str]], name: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in series:
        found[row["operation"]] += int(row[name])
    return dict(found)


def _told(folder: Path, out: str, err: str, there: Collector) -> None:
    """A person reads where it went; the run is named; the header arrived and is nowhere else."""
    assert f"{there.url}/v1/metrics" in out
    assert "load-series.csv" in out
    assert "load-summary.csv" in out
    found = document(folder)
    told = there.resource()
    assert (told["service.instance.id"], told["server.address"]) == (found["prefix"], "127.0.0.1")
    assert {place["server.port"] for place in map(there.resource, range(len(there.requests)))} == {
        told["server.port"]
    }
    assert all(headers["x-key"] == SECRET for headers in there.headers)
    written = b"".join(path.read_bytes() for path in (folder / "out").iterdir())
    assert SECRET not in out + err
    assert SECRET.encode() not in written
    assert TOKEN not in str(there.requests)


def test_the_series_of_two_processes_is_that_of_both(tmp_path: Path) -> None:
    process = run(tmp_path, "--csv", "--processes", "2")
    _, err = process.communicate(timeout=HANG)
    assert process.returncode == Exit.HOLDS, err
    wanted = {row["id"]: row["due"] for row in document(tmp_path)["operations"]}
    assert _sums(rows(tmp_path / "out" / "load-series.csv"), "due") == wanted


def test_a_dead_collector_is_told_once_and_counted_and_the_run_is_as_ever(tmp_path: Path) -> None:
    process = run(tmp_path, "--otlp", "http://127.0.0.1:1")
    out, err = process.communicate(timeout=HANG)
    assert process.returncode == Exit.HOLDS, err
    assert err.count("no metrics to http://127.0.0.1:1/v1/metrics: Connection refused") == 1
    assert "0 exports to http://127.0.0.1:1/v1/metrics" in out
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--otlp", "localhost:4318"], "--otlp is the URL of a collector, as http://127.0.0.1:4318, or env"),
        (["--prometheus", "nine"], "--prometheus '127.0.0.1:nine': it looks like 127.0.0.1:8484"),
        (["--prometheus", "TAKEN"], "--prometheus: nothing can listen on 127.0.0.1:"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    tmp_path: Path, options: list[str], words: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        typed = [word.replace("TAKEN", str(taken.getsockname()[1])) for word in options]
        out, err = run(tmp_path, *typed).communicate(timeout=HANG)
    assert words in err
    assert not (tmp_path / "out" / "load.json").exists()
    assert not list(tmp_path.glob("ledgers/*"))
    assert "Traceback" not in out + err


def test_without_the_extra_the_command_to_install_it_is_said(tmp_path: Path) -> None:
    """As on a machine that has no prometheus_client: an import of it fails."""
    hidden = "import sys; sys.modules['prometheus_client'] = None; from scimproof.cli import main; main()"
    plan = tmp_path / "mine.toml"
    plan.write_text(PLAN.format(limit=60_000, audit="false"), encoding="utf-8")
    command = [sys.executable, "-c", hidden, "load", str(plan), "--prometheus", "0"]
    ran = subprocess.run(command, text=True, capture_output=True, timeout=HANG, check=False, cwd=tmp_path)
    assert ran.returncode == Exit.USAGE, ran.stderr
    assert "pip install 'scimproof[load,metrics]'" in ran.stderr
