"""One round of each tool against a server, as figures."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Cost, measured

ROOT = Path(__file__).resolve().parents[1]
SCIMPROOF = Path(sys.executable).parent / "scimproof"


@dataclass(frozen=True)
class Round:
    """What one tool did in one run: things judged (findings or checks), requests sent, its own seconds."""

    judged: int
    requests: int
    seconds: float
    cost: Cost

    @property
    def rate(self) -> float:
        """Things judged a second, by the tool's own clock."""
        return self.judged / self.seconds


def scimproof(url: str, token: str, parallel: int | None = None) -> Round:
    """The whole Okta profile, reports and removal of what it made included."""
    with tempfile.TemporaryDirectory(prefix="bench-") as out:
        command = [str(SCIMPROOF), "run", "--profile", "okta", "--target", url, "--out", out]
        command += ["--parallel", str(parallel)] if parallel else []
        cost = measured(command, {"SCIMPROOF_TOKEN": token}, Path(out) / "log")
        if cost.exit not in (0, 1):
            raise SystemExit(f"scimproof ended with {cost.exit}:\n{(Path(out) / 'log').read_text()[-2000:]}")
        report = json.loads((Path(out) / "report.json").read_text(encoding="utf-8"))
    summary = report["summary"]
    return Round(summary["findings"], summary["requests"], report["seconds"], cost)


def scim2_tester(python: Path, url: str, token: str) -> Round:
    """All of scim2-tester's checks."""
    with tempfile.TemporaryDirectory(prefix="bench-") as out:
        log = Path(out) / "log"
        cost = measured([str(python), str(ROOT / "bench" / "tester.py"), url, token], {}, log)
        said = log.read_text()
    if cost.exit:
        raise SystemExit(f"scim2-tester ended with {cost.exit}:\n{said[-2000:]}")
    figures = json.loads(said.splitlines()[-1])
    return Round(figures["checks"], figures["requests"], figures["seconds"], cost)


def tester_python() -> Path:
    """The interpreter of the environment that scim2-tester lives in, made at the first call."""
    folder = ROOT / ".cache" / "bench"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print("== Installing scim2-tester into .cache/bench", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
        lock = str(ROOT / "requirements" / "bench.lock")
        subprocess.run([*pip, "install", "-qq", "--no-deps", "--require-hashes", "-r", lock], check=True)
        subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)
        (folder / "complete").touch()
    return python
