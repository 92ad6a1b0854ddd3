"""Atomic file output: whole files or none, and a check beforehand that they can be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from scimproof.core.errors import UsageError
from scimproof.core.paths import working_folder


def ready(folder: Path, names: Iterable[str]) -> None:
    """Make sure that files of these names can be written into that folder, which is made if need be.

    It is called before anything is sent, since a run without a report is useless. UsageError if not.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            _try(folder / name)
    except (OSError, ValueError) as problem:
        raise UsageError(f"the reports cannot be written to {folder}: {why_not(folder, problem)}") from None


def ready_file(path: Path) -> None:
    """As `ready`, for one file in an existing folder."""
    try:
        _try(path)
    except (OSError, ValueError) as problem:
        raise UsageError(f"{path} cannot be written: {why_not(path, problem)}") from None


def why_not(path: Path, problem: OSError | ValueError) -> str:
    """Why a path cannot be written, in words."""
    if not path.is_absolute() and working_folder() is None:
        return "the working directory is gone; go to one that is there"
    if isinstance(problem, FileExistsError):
        return "a file stands there"
    if isinstance(problem, NotADirectoryError):
        return "a part of that path is a file"
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)


def _try(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, f"{path.name} there is a folder")
    part = _part(path)
    try:
        part.write_text("\n", encoding="utf-8")
    finally:
        part.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    """The temporary file beside it; a long name is cut, since this one is longer."""
    return path.with_name(f".{path.name[:100]}.{os.getpid()}")


def write_whole(path: Path, text: Iterable[str]) -> Path:
    """Write to a temporary file and rename it, so that no reader sees half a report."""
    part = _part(path)
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(text)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path
