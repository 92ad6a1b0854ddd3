"""Installs third-party SCIM clients, pinned, and lets them provision people and groups over HTTP."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.real.fleet import install

HERE = Path(__file__).resolve().parent / "clients"
# What must be nowhere afterwards. A client that sets passwords puts the number of the person behind this one.
TOKEN = "canary-token-7Qx2vN9pLw4"
PASSWORD = "Canary-password-5Rt8kZ"
PATIENCE = 120


@dataclass(frozen=True)
class Client:
    """A third-party client: its drive.py in clients/ sends what an administrator does."""

    name: str
    version: str
    about: str


CLIENTS = {
    client.name: client
    for client in (
        Client("scim2-client", "0.13.2", "Python on httpx2: one connection, PATCH, passwords, discovery"),
        Client("scim-client", "0.2.3", "Python on urllib: a connection for each request, PUT, users only"),
        Client("scim-sim", "0.2.0", "Python on requests: a command for each change, stands for a provider"),
    )
}


def provision(name: str, url: str, home: Path) -> None:
    """Let that client create, change and remove people and groups at the URL; `home` is its home directory.

    Raises AssertionError with its own words when it fails.
    """
    client = CLIENTS[name]
    packages = install(HERE / name, f"{client.name} {client.version}")
    home.mkdir(parents=True, exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    settings = {"SCIM_TOKEN": TOKEN, "SCIM_PASSWORD": PASSWORD, "HOME": str(home), "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [packages / "bin" / "python", HERE / name / "drive.py", url],
        env=inherited | settings,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, f"{name} failed:\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}"
