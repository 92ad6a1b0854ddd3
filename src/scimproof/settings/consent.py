"""Consent to what a scimproof.toml does: asked once for the file's exact content, and remembered."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from scimproof.core.errors import UsageError
from scimproof.core.paths import shown
from scimproof.core.toml_source import Keys, TomlFile
from scimproof.settings.effects import Effect, effects
from scimproof.settings.file import Stated

OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
LONGEST = 256 * 1024  # bytes of a record that are read


@dataclass(frozen=True)
class Consent:
    """The consent that a command needs before it does what `file` says: its `effects`.

    `digest` is that of the bytes that were read and are used, whatever the file contains by the time somebody
    has answered.
    """

    file: Path
    digest: str
    effects: tuple[Effect, ...]

    def agreed(self) -> bool:
        """Whether this user agreed to the file's content; a record that others could write does not count."""
        try:
            descriptor = os.open(self._record, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, encoding="utf-8") as file:
                found, folder = os.fstat(descriptor), self._record.parent.lstat()
                record = json.loads(file.read(LONGEST))
        except (OSError, ValueError, RecursionError):
            return False
        # The inode is the file system's own: a record that came with a clone, because HOME is in it, has
        # another.
        same_file = isinstance(record, dict) and record.get("inode") == found.st_ino
        return same_file and stat.S_ISREG(found.st_mode) and _only_ours(found) and _only_ours(folder)

    def remember(self) -> str:
        """Record that the user agreed. Returns why that cannot be recorded; empty when it is."""
        record = self._record
        try:
            record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=record.parent, prefix=".") as folder:
                self._write(Path(folder) / "record").replace(record)  # whole, however many agree at once
        except OSError as problem:
            return f"{shown(record.parent)}: {problem.strerror}"
        return "" if self.agreed() else f"others may write into {shown(record.parent)}"

    def _write(self, path: Path) -> Path:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        content = {"file": str(self.file), "agreed": now, "effects": self.lines()}
        with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
            path.chmod(0o600)
            json.dump(content | {"inode": os.fstat(file.fileno()).st_ino}, file, indent=1)
        return path

    def lines(self) -> list[str]:
        """What the file makes a command do, each as the end of a sentence that begins with "it would"."""
        return [effect.text for effect in self.effects]

    def refusal(self, option: str) -> UsageError:
        """The error to raise where nobody can be asked; `option` is how to agree there."""
        return UsageError(
            f"{shown(self.file)} as it stands has not been agreed to, and would {'; '.join(self.lines())}; "
            f"add {option} to agree (nothing was sent or started)"
        )

    @property
    def _record(self) -> Path:
        """The record of this content of this file, while its paths lead where they do."""
        leads = sorted({effect.path for effect in self.effects if effect.path})
        about = json.dumps([str(self.file), self.digest, leads])  # ASCII, whatever is in it
        return records() / f"{hashlib.sha256(about.encode()).hexdigest()}.json"


def records() -> Path:
    """The folder of consent records: beside the ledgers, in the state folder of this system's user.

    SCIMPROOF_LEDGERS does not move it: that may be a folder of the repository, as in CI.
    """
    return Path(platformdirs.user_state_dir("scimproof")) / "agreed"


def consent(file: TomlFile, stated: Mapping[Keys, Stated], acting: Collection[Keys]) -> Consent | None:
    """The consent that a command needs for the settings `acting` of the file; None where it needs none.

    Consent is to the whole file, so that another command that uses more of it does not ask again.
    """
    found = tuple(effects(stated, file.path.parent))
    if not any(effect.asks and effect.keys in acting for effect in found):
        return None
    return Consent(file.path.resolve(), file.digest, found)


def _only_ours(found: os.stat_result) -> bool:
    """Whether only this user may write there; Windows keeps a profile's folders so by itself."""
    if os.name != "posix":
        return True
    return found.st_uid == os.getuid() and not found.st_mode & OTHERS_MAY_WRITE
