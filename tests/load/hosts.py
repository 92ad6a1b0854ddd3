"""Hosts of their own for a test: network namespaces joined by veth pairs, gone when the test is."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path


class NotAllowed(Exception):
    """Network namespaces may not be made by this process; the text says what refused."""


@dataclass
class Host:
    """One namespace with an address; `start` runs a command there."""

    name: str
    address: str

    def start(self, command: Sequence[str], folder: Path, **more: str) -> subprocess.Popen[str]:
        """Run it there, with a ledger folder of its own, so that hosts share nothing but the wire."""
        folder.mkdir(exist_ok=True)
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command],
            cwd=folder,
            env=os.environ | {"SCIMPROOF_LEDGERS": str(folder / "ledgers")} | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _ip(*words: str) -> None:
    try:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise NotAllowed("there is no `ip` (iproute2)") from None
    except subprocess.CalledProcessError as problem:
        raise NotAllowed(f"`ip {' '.join(words)}` says: {problem.stderr.strip()}") from None


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """So many hosts on one network, the first of them with the bridge; raises NotAllowed."""
    mark = uuid.uuid4().hex[:6]
    found = [Host(f"scim{mark}n{n}", f"10.77.0.{n + 1}") for n in range(count)]
    with ExitStack() as stack:
        for host in found:
            _ip("netns", "add", host.name)
            stack.callback(subprocess.run, ["ip", "netns", "del", host.name], check=False)
            _ip("-n", host.name, "link", "set", "lo", "up")
        first = found[0].name
        _ip("-n", first, "link", "add", "bridge", "type", "bridge")
        _ip("-n", first, "addr", "add", f"{found[0].address}/24", "dev", "bridge")
        _ip("-n", first, "link", "set", "bridge", "up")
        for number, host in enumerate(found[1:]):
            port = f"port{number}"
            _ip("-n", first, "link", "add", port, "type", "veth", "peer", "name", "eth", "netns", host.name)
            _ip("-n", first, "link", "set", port, "master", "bridge", "up")
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "eth")
            _ip("-n", host.name, "link", "set", "eth", "up")
        yield found
