"""Installs and starts real stores of metrics: Debian's, unpacked into .cache/real, on loopback.

Prometheus scrapes. VictoriaMetrics takes OTLP, with exponential histograms: of Debian's packages the only one
with such a receiver, since Debian leaves it out of its Prometheus.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.fresh.machine import KEYRING, reach
from tests.real.fleet import CACHE, free_port

SUITE = "trixie"  # its programs, being Go, run on Debian 12 too, whose VictoriaMetrics has no OTLP yet
VERSIONS = {"prometheus": "2.53", "victoria-metrics": "1.112"}
SCRAPING = """\
global: {{ scrape_interval: 100ms }}
scrape_configs:
  - job_name: load
    static_configs: [{{ targets: ["127.0.0.1:{port}"] }}]
"""
Values = dict[str, float]


def installed(name: str) -> Path:
    """The program of that package, unpacked at the first call, without root."""
    version = VERSIONS[name]
    folder = CACHE / f"{name}-{SUITE}-{version}"
    if not (folder / "complete").exists():
        sys.stdout.write(f"unpacking Debian's {name} {version} into .cache/real\n")
        _unpack(folder, name, version)
        (folder / "complete").touch()
    return folder / "usr" / "bin" / name


def _unpack(folder: Path, name: str, version: str) -> None:
    found = reach()
    if found is None:
        raise SystemExit(f"{name} comes from Debian's archive, which apt does not know here")
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    source = folder / "sources.list"
    source.write_text(f"deb [signed-by={KEYRING}] {found.mirror} {SUITE} main\n", encoding="utf-8")
    (folder / "status").touch()
    options = {
        "Dir::Etc::sourcelist": source,
        "Dir::Etc::sourceparts": folder / "none",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "Acquire::Languages": "none",
    }
    apt = ["apt-get", "-qq", *(f"-o{option}={value}" for option, value in options.items())]
    subprocess.run([*apt, "update"], check=True)
    download = [*apt, "download", f"{name}={version}*"]
    subprocess.run(download, check=True, cwd=folder, stderr=subprocess.DEVNULL)
    (package,) = folder.glob(f"{name}_*.deb")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    for rest in (package, folder / "lists"):
        subprocess.run(["rm", "-r", rest], check=True)


@contextmanager
def prometheus(scraped: int) -> Iterator[str]:
    """The URL of a Prometheus that scrapes this port ten times a second, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="prometheus-") as state:
        config = Path(state) / "prometheus.yml"
        config.write_text(SCRAPING.format(port=scraped), encoding="utf-8")
        port = free_port()
        options = [f"--config.file={config}", f"--storage.tsdb.path={state}/data"]
        with _started(
            "prometheus", [*options, f"--web.listen-address=127.0.0.1:{port}"], Path(state) / "log"
        ):
            yield _answering(f"http://127.0.0.1:{port}", "/-/ready")


@contextmanager
def victoria_metrics() -> Iterator[str]:
    """The URL of a VictoriaMetrics that is empty, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="victoria-metrics-") as state:
        port = free_port()
        options = [f"-storageDataPath={state}/data", "-opentelemetry.usePrometheusNaming"]
        options += [f"-httpListenAddr=127.0.0.1:{port}", "-memory.allowedBytes=200MB"]
        with _started("victoria-metrics", options, Path(state) / "log"):
            yield _answering(f"http://127.0.0.1:{port}", "/health")


@contextmanager
def _started(name: str, options: list[str], log: Path) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen([installed(name), *options], stdout=out, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answering(url: str, path: str) -> str:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        with contextlib.suppress(httpx2.HTTPError):
            if httpx2.get(url + path, trust_env=False, timeout=5).status_code == 200:
                return url
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {url}")


def in_prometheus(url: str, metric: str) -> Values:
    """The last values of a metric by operation."""
    query = {"query": f"last_over_time({metric}[10m])"}
    found: list[dict[str, Any]] = httpx2.get(
        f"{url}/api/v1/query", params=query, trust_env=False, timeout=30
    ).json()["data"]["result"]
    return {each["metric"]["scimproof_operation"]: float(each["value"][1]) for each in found}


def in_victoria_metrics(url: str, metric: str, label: str = "scimproof_operation") -> dict[str, list[float]]:
    """The last value of each series of a metric, by a label."""
    httpx2.get(f"{url}/internal/force_flush", trust_env=False, timeout=30)
    answer = httpx2.get(f"{url}/api/v1/export", params={"match[]": metric}, trust_env=False, timeout=30)
    found: dict[str, list[float]] = {}
    for line in answer.text.splitlines():
        series = json.loads(line)
        found.setdefault(series["metric"].get(label, ""), []).append(series["values"][-1])
    return found
