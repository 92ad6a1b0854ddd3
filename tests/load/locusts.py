"""Locust as people start it: with the locustfile of the checkout, headless or with its web page."""

from __future__ import annotations

import csv
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.engine.kit import TOKEN

ROOT = Path(__file__).resolve().parents[2]
START = [sys.executable, "-m", "locust", "-f", str(ROOT / "load" / "locustfile.py")]
WITHOUT_TIME = ("refused", "closed", "garbled")  # of kinds of errors: there was no answer
PERCENTILES = {
    "Median Response Time": "p50", "50%": "p50", "95%": "p95", "99%": "p99", "Max Response Time": "max",
}  # fmt: skip
FOREVER = 90  # seconds after which a Locust hangs


def environment(folder: Path, **more: str | None) -> dict[str, str]:
    """An environment with the token, and with ledgers in that folder; without what is None."""
    known = {"SCIMPROOF_TOKEN": TOKEN, "SCIMPROOF_LEDGERS": str(folder / "ledgers")}
    told: dict[str, str | None] = {**os.environ, **known, **more}
    return {name: value for name, value in told.items() if value is not None}


def headless(folder: Path, *options: str, **more: str | None) -> subprocess.CompletedProcess[str]:
    """Locust without a page, to its end, in that folder."""
    return subprocess.run(
        [*START, "--headless", "--only-summary", *options],
        cwd=folder, env=environment(folder, **more), capture_output=True, text=True, timeout=FOREVER,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def rows(table: str, key: str = "Name") -> dict[str, dict[str, str]]:
    """The rows of one of Locust's CSV files by the value in that column."""
    return {row[key]: row for row in csv.DictReader(table.splitlines())}


def differences(document: dict[str, Any], table: str) -> list[str]:
    """Where Locust's table of requests is more than 1 % off what load.json says of the same operation."""
    told = {row["id"]: row for row in document["operations"]} | {"Aggregated": document["overall"]}
    found, seen = [], rows(table)
    if seen.keys() != {id for id, row in told.items() if row["sent"]} | {"Aggregated"}:
        found.append(f"{sorted(seen)}, not {sorted(told)}")
    for name, row in seen.items():
        ours = told.get(name, document["overall"])
        unanswered = sum(n for kind, n in ours["errors_by_kind"].items() if kind in WITHOUT_TIME)
        pairs = [
            ("Request Count", ours["count"] + unanswered),
            ("Failure Count", sum(ours["errors_by_kind"].values())),
        ]
        pairs += [(column, ours["response_ms"][p] or 0) for column, p in PERCENTILES.items()]
        found += [
            f"{name}, {column}: {row[column]}, and {value} in load.json"
            for column, value in pairs
            if abs(float(row[column]) - value) > 0.01 * value
        ]
    return found


def free_port() -> int:
    """A port of this machine that nobody uses just now, with the next one, which Locust may want too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Page:
    """A running Locust with its web page."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def start(self, **fields: str) -> dict[str, Any]:
        """What the page's own form is answered."""
        found: dict[str, Any] = httpx2.post(f"{self.url}/swarm", data=fields, timeout=30).json()
        return found

    def said(self) -> str:
        """What it has logged so far."""
        return self.log.read_text(encoding="utf-8")

    def stats(self) -> dict[str, Any]:
        """What the page shows of the test."""
        found: dict[str, Any] = httpx2.get(f"{self.url}/stats/requests", timeout=30).json()
        return found

    def until(self, state: str) -> dict[str, Any]:
        """The figures once the test is in that state."""
        ends = time.monotonic() + FOREVER
        while (found := self.stats())["state"] != state:
            assert time.monotonic() < ends, f"{found['state']}, not {state}:\n{self.said()}"
            time.sleep(0.2)
        return found


@contextmanager
def page(folder: Path, *options: str, **more: str | None) -> Iterator[Page]:
    """Locust with a page on this machine only; ended, and what it created removed, afterwards."""
    port, log = free_port(), folder / "locust.log"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [*START, "--web-port", str(port), "--web-host", "127.0.0.1", *options],
            cwd=folder, env=environment(folder, **more), stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            found = Page(f"http://127.0.0.1:{port}", process, log)
            _wait_for(found)
            yield found
        finally:
            process.terminate()
            try:
                process.wait(FOREVER)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _wait_for(page: Page) -> None:
    ends = time.monotonic() + FOREVER
    while True:
        try:
            httpx2.get(page.url)
        except httpx2.TransportError:
            assert page.process.poll() is None, page.said()
            assert time.monotonic() < ends
            time.sleep(0.1)
        else:
            return
