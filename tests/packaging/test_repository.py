"""What must never be committed: registry addresses, paths of this machine, locks that name a host."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Put together here, so that this file does not name them either.
REGISTRIES = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
INDEX_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "NPM_CONFIG_REGISTRY")
LOCKS = sorted([*ROOT.glob("requirements/*.lock"), *ROOT.glob("tests/real/*/*/requirements.lock")])
NPM_LOCKS = sorted(ROOT.glob("tests/real/servers/*/package-lock.json"))


def tracked() -> dict[str, str]:
    """Every tracked text file that exists, by its path."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {}
    for name in filter(None, listed.stdout.split("\0")):
        try:
            found[name] = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, or removed but not committed yet
    return found


def naming(words: list[str]) -> list[str]:
    """The tracked lines that hold one of the words, as `file:line`."""
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    return [
        f"{name}:{number}"
        for name, text in tracked().items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_tracked_file_names_a_registry() -> None:
    configured = [urlsplit(os.environ.get(name, "")).hostname for name in INDEX_VARIABLES]
    assert naming(REGISTRIES + [host for host in configured if host]) == []


def test_no_tracked_file_names_a_path_of_this_machine() -> None:
    around = {f"{ROOT}/", f"{ROOT.parent}/", f"{Path.home()}/"} - {"//", "/", f"{tempfile.gettempdir()}/"}
    assert naming(sorted(around)) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.relative_to(ROOT).as_posix())
def test_a_lock_pins_and_hashes_everything_and_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"://|^-|^--", text, re.MULTILINE)
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry.strip()]
    assert entries
    loose = [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]
    assert loose == []


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda lock: lock.parent.name)
def test_an_npm_lock_has_hashes_and_no_download_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert text.count('"integrity"') > 50
