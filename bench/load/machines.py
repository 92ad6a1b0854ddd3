"""`make bench-machines`: whether four workers carry four times the load of one, each on a machine of its own.

The machines are network namespaces, so that only CPU per request can be compared: they share this machine's
cores, and four workers with a core each would have what one has here.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.load.tools import compiled
from tests.load.hosts import Host, NotAllowed, hosts

ROUNDS, MANY, RATE, SECONDS = 3, 4, 500, 10.0
BAR = 1.15  # times what one worker uses for a request, at most
PLAN = """\
question = "Do {workers} workers carry as much as each alone?"
rate = {rate}
arrivals = "constant"
seconds = {seconds}
warm_up = 2
max_schedule_lag_ms = 60000
audit = false
races = false

[mix]
"okta.oin.user.import-nothing" = 1
"""
HAS = {"SCIMPROOF_TOKEN": "bench", "SCIMPROOF_WORKER_SECRET": "the secret of this benchmark"}
SCIMPROOF = [sys.executable, "-m", "scimproof", "load"]
PATIENCE = 600.0  # seconds


@dataclass(frozen=True)
class Spread:
    """Load of one run: its document, and how many requests the target says that it answered."""

    document: dict[str, Any]
    answered: int

    @property
    def each(self) -> float:
        """Microseconds of CPU of all workers together per request."""
        return float(self.document["generator"]["cpu_us_per_request"])


def main() -> None:
    """One worker and four in turn, each with the same rate."""
    print(
        f"== one worker and {MANY}, each on a machine of its own, {RATE} requests per second each", flush=True
    )
    found: dict[int, list[float]] = {1: [], MANY: []}
    try:
        for number in range(1, ROUNDS + 1):
            for workers, values in found.items():
                values.append(complete(spread(workers, RATE, SECONDS), workers, RATE, SECONDS))
            row = "  ".join(f"{workers} of them {values[-1]:.1f}" for workers, values in found.items())
            print(f"   round {number}, microseconds of CPU per request: {row}", flush=True)
    except NotAllowed as why:
        print(f"left out: {why}")
        return
    ratio = median(found[MANY]) / median(found[1])
    print(f"{MANY} workers use {ratio:.2f} times as much for a request (aimed at: at most {BAR}), "
          f"{'yes' if ratio <= BAR else 'NO'}")  # fmt: skip


def spread(workers: int, rate: int, seconds: float) -> Spread:
    """Let so many workers make that rate each; raises NotAllowed where no namespaces can be made."""
    with tempfile.TemporaryDirectory() as name, hosts(workers + 2) as network:
        folder, (target, master, *hands) = Path(name), network
        plan = folder / "machines.toml"
        plan.write_text(PLAN.format(workers=workers, rate=workers * rate, seconds=seconds), encoding="utf-8")
        with _served(target, folder) as answers:
            url = f"http://{target.address}:{answers.port}/scim/v2"
            words = ["--master", "--expect-workers", str(workers), "--bind", master.address, "--yes"]
            run = master.start([*SCIMPROOF, str(plan), "--target", url, *words], folder / "master", **HAS)
            worker = [*SCIMPROOF, "--worker", "--master-host", master.address]
            others = [host.start(worker, folder / host.name, **HAS) for host in hands]
            try:
                said = run.communicate(timeout=PATIENCE)
                for process in others:
                    process.communicate(timeout=PATIENCE)
            finally:
                for process in (run, *others):
                    process.kill()
        report = folder / "master" / "report" / "load.json"
        if not report.exists():
            raise SystemExit(f"no report: {said[0]}{said[1]}")
        return Spread(json.loads(report.read_text(encoding="utf-8")), answers.count)


def complete(found: Spread, workers: int, rate: int, seconds: float) -> float:
    """The microseconds, of a run that made and counted everything; SystemExit in words of any other."""
    expected, (row,) = round(workers * rate * seconds), found.document["operations"]
    counted = {
        "arrivals": found.document["arrivals"]["finished"] - found.document["arrivals"]["warm_up"],
        "requests": row["due"],
        "answers": row["answered"],
        "response times in the merged histogram": row["count"],
        "workers": found.document["generator"]["processes"] * expected // workers,
    }
    wrong = {name: count for name, count in counted.items() if count != expected}
    if wrong or row["errors"] or found.answered < found.document["arrivals"]["finished"]:
        raise SystemExit(f"{workers} workers: {expected:,} expected, and {wrong}, {row['errors']} errors")
    return found.each


@dataclass
class _Answers:
    port: int
    count: int = 0


@contextmanager
def _served(host: Host, folder: Path) -> Iterator[_Answers]:
    """The C target of the benchmark on that machine."""
    with host.start([str(compiled()), host.address], folder / "target") as process:
        assert process.stdout is not None
        answers = _Answers(int(process.stdout.readline()))
        try:
            yield answers
        finally:
            process.terminate()
            answers.count = int(process.stdout.readline() or 0)


if __name__ == "__main__":
    main()
