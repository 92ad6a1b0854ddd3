"""Minimal Debian systems: made once by debootstrap, kept outside the checkout, used as copies."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.fresh.machine import KEYRING, Reach
from tests.fresh.processes import FailedError, Processes

PACKAGES = ("python3", "python3-venv", "make", "git", "ca-certificates")
NEWCOMER, NUMBER = "newcomer", 1000
AS_MADE = 1  # goes up when what is made of a suite and its packages becomes another thing
MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True)
class System:
    """A release of Debian, and what makes it worth a try: the Python and pip that it ships."""

    suite: str
    title: str
    python: str
    pip: str

    def name(self) -> str:
        """What its base is kept under: another list of packages is another base."""
        machine = os.uname().machine
        said = f"{AS_MADE} {self.suite} {machine} {' '.join(PACKAGES)}"
        return f"{self.suite}-{machine}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


SYSTEMS = (
    System("bookworm", "Debian 12", python="3.11", pip="23.0"),
    System("trixie", "Debian 13", python="3.13", pip="25"),
)


def default_cache() -> Path:
    """Where bases are kept unless somebody says otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scimproof" / "fresh"


def open_cache(folder: Path) -> None:
    """Make it, and remove what an earlier run that was killed left in it.

    Nobody else may look in: systems have programs that run as root, and an old one is not kept up to date.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with _alone(folder):
        for left in folder.glob("copy-*"):
            with (
                suppress(FileNotFoundError),
                (left / "lock").open("a") as lock,
            ):  # being removed by its own run
                if taken(lock):  # else it is of a run that is under way
                    remove(left)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Nobody else makes or clears copies meanwhile: a new one is not yet locked for a moment."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def taken(lock: IO[str]) -> bool:
    """Whether the lock is ours now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def base(system: System, cache: Path, reach: Reach, processes: Processes, say: Callable[[str], None]) -> Path:
    """The system's base, made if it is not there; FailedError with debootstrap's last words if it fails."""
    kept = cache / system.name()
    with (cache / f"{system.name()}.lock").open("w") as lock:
        while not taken(lock):  # another run is making it
            processes.pause()
        if not kept.exists():
            making = cache / f"making-{system.name()}"
            remove(making)
            say(f"making it with debootstrap, kept in {kept}")
            try:
                _make(system, making, reach, processes)
                making.rename(kept)
            finally:
                remove(making)
    return kept


def _make(system: System, folder: Path, reach: Reach, processes: Processes) -> None:
    words: list[str] = []
    command = ["debootstrap", "--variant=minbase", "--force-check-gpg", f"--keyring={KEYRING}"]
    command += [f"--include={','.join(PACKAGES)}", system.suite, str(folder), reach.mirror]
    try:
        processes.run(command, words.append, variables=reach.variables, seconds=1800)
    except FailedError as problem:
        log = folder / "debootstrap/debootstrap.log"
        words += log.read_text(errors="replace").splitlines()[-10:] if log.exists() else []
        raise FailedError("\n".join([f"debootstrap: {problem}; the last it said:", *words[-20:]])) from None
    for archive in folder.glob("var/cache/apt/archives/*.deb"):
        archive.unlink()
    for index in folder.glob("var/lib/apt/lists/*_*"):
        index.unlink()
    user = ["useradd", "--create-home", "--shell", "/bin/bash", f"--uid={NUMBER}", NEWCOMER]
    processes.run(["chroot", str(folder), *user], words.append)


@contextmanager
def copied(base: Path, cache: Path) -> Iterator[Path]:
    """A copy of a base for one run, removed on every way out that leaves time for it."""
    with _alone(cache):
        folder = Path(tempfile.mkdtemp(prefix="copy-", dir=cache))
        lock = (folder / "lock").open("w")
        taken(lock)
    with lock:
        try:
            root = folder / "root"
            subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(root)], check=True)
            yield root
        finally:
            remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder, but never through a mount: what is below that is somebody else's."""
    mounted = mounted_below(folder, MOUNTS.read_text(encoding="utf-8", errors="replace"))
    if mounted:
        raise FailedError(f"{folder} is not removed: {', '.join(mounted)} is mounted there; umount it first")
    if folder.exists():
        shutil.rmtree(folder)


def mounted_below(folder: Path, mountinfo: str) -> list[str]:
    """The places in or below the folder at which something is mounted."""
    places = [line.split()[4].encode().decode("unicode_escape") for line in mountinfo.splitlines()]
    real = folder.resolve()
    return [place for place in places if Path(place) == real or real in Path(place).parents]
