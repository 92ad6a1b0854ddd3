"""A newcomer on a fresh system: clones the project and types what README.md shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fresh.machine import Reach
from tests.fresh.processes import FailedError, Processes
from tests.fresh.readme import ADDRESS, TESTS, Typed
from tests.fresh.systems import NEWCOMER, NUMBER, System

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "srv/scimproof.git"
# In a mount namespace of its own: /proc and /dev of the copy are nobody else's, and gone when it ends.
ENTER = (
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
    f'exec chroot "$0" runuser --login {NEWCOMER} --command "$1"'
)
TOKEN = "secret-token"  # what the embedded server takes unless told otherwise
# In one process: two systems are tried at a time, and each further one would collect all tests once more.
SUBSET = " ARGS='-m fresh -n 0'"


@dataclass
class Visit:
    """What a newcomer does in one system, how long each step took, and what failed first."""

    system: System
    processes: Processes
    root: Path
    say: Callable[[str], None]
    took: dict[str, float] = field(default_factory=dict)

    def settle(self, reach: Reach) -> None:
        """Put the last commit where a newcomer can clone it from, and say how the registries are reached."""
        source = self.root / SOURCE
        clone = ["git", "clone", "--quiet", "--bare", "--depth", "1", f"file://{ROOT}", str(source)]
        subprocess.run(clone, check=True)
        for path in (source, *source.rglob("*")):
            shutil.chown(path, NUMBER, NUMBER)
        reach.write(self.root)

    def all(self, typed: Typed, *, whole: bool) -> None:
        """Clone, then everything that README.md shows; FailedError at the first step that fails."""
        self.step("git clone", f"git clone --quiet /{SOURCE} scimproof", at="~")
        self.step("make demo", typed.demo)
        self.versions()
        with self.served() as url:
            self.step("run", typed.run.replace(ADDRESS, url), keys=f"{TOKEN}\n")
        less = "" if whole else SUBSET
        self.step("make test", typed.tests.replace(f"{TESTS}\n", f"{TESTS}{less}\n"))

    def step(self, name: str, commands: str, *, at: str = "~/scimproof", keys: str = "") -> None:
        """Type the commands into a shell that stops at the first that fails, and what they ask for."""
        self.say(f"== {name}")
        begun = time.monotonic()
        try:
            self.processes.run(self.shell(commands, at), self.say, typed=keys, seconds=3600)
        except FailedError as problem:
            raise FailedError(f"{name}: {problem}") from None
        self.took[name] = time.monotonic() - begun

    def shell(self, commands: str, at: str = "~/scimproof") -> list[str]:
        """The command by which the newcomer's login shell runs these."""
        return ["sh", "-c", ENTER, str(self.root), f"set -eo pipefail; cd {at}\n{commands}"]

    def versions(self) -> None:
        """FailedError when Python or pip are not those that make this system worth a try."""
        lines: list[str] = []
        self.processes.run(self.shell(".venv/bin/python -m pip --version"), lines.append)
        found = re.search(r"^pip (\S+) .*\(python (\S+)\)$", "\n".join(lines), re.MULTILINE)
        said = found.groups() if found else ()
        wanted = (self.system.pip, self.system.python)
        if [one.split(".")[: len(want.split("."))] for one, want in zip(said, wanted, strict=False)] != [
            want.split(".") for want in wanted
        ]:
            raise FailedError(f"pip {wanted[0]} and Python {wanted[1]} were to be tried; here: {lines}")
        self.say(f"pip {said[0]}, Python {said[1]}")

    @contextmanager
    def served(self) -> Iterator[str]:
        """The URL of an embedded server that the newcomer starts, standing in for the reader's own."""
        process = self.processes.start(self.shell("exec .venv/bin/scimproof serve --port 0"))
        try:
            assert process.stdout
            lines = []
            for line in process.stdout:
                lines.append(line)
                if found := re.search(r"http://127\.0\.0\.1:\d+/\S*", line):
                    break
            else:
                raise FailedError(f"scimproof serve did not come up: {''.join(lines)}")
            threading.Thread(
                target=process.stdout.read, daemon=True
            ).start()  # so that it never waits for a reader
            yield found[0].rstrip(".,")
        finally:
            self.processes.end(process)
