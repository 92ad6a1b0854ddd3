"""Runs `scimproof run` against a started server, as a user would, and reads the report it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.fleet import TOKEN, Running

SCIMPROOF = Path(sys.executable).parent / "scimproof"


@dataclass(frozen=True)
class Played:
    """How the command ended, what it printed, and its report.json."""

    exit: int
    said: str
    report: dict[str, Any]

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of every finding by its id."""
        return {finding["id"]: finding["verdict"] for finding in self.report["findings"]}

    @property
    def because(self) -> dict[str, str]:
        """The finding that held another one back, by the id of that one."""
        found = {finding["id"]: finding.get("because") for finding in self.report["findings"]}
        return {id: str(gate) for id, gate in found.items() if gate}


def play(server: Running, out: Path, state: Path, *options: str, profile: str = "okta") -> Played:
    """A profile, as far as it is about this server; reports go to `out`, the ledger below `state`."""
    command = [
        str(SCIMPROOF),
        "run",
        "--profile",
        profile,
        "--target",
        server.url,
        "--out",
        str(out),
        *options,
        *server.server.told,
    ]
    env = os.environ | {"SCIMPROOF_TOKEN": TOKEN, "XDG_STATE_HOME": str(state), "XDG_DATA_HOME": str(state)}
    ran = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
    )
    said = ran.stdout + ran.stderr
    if not (out / "report.json").exists():
        raise RuntimeError(f"no report, exit {ran.returncode}:\n{said}")
    return Played(ran.returncode, said, json.loads((out / "report.json").read_text(encoding="utf-8")))
