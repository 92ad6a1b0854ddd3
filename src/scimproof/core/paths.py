"""Folders of the knowledge files, and paths as they are printed."""

from __future__ import annotations

from pathlib import Path


def knowledge_root() -> Path:
    """The folder that holds suites/, fixtures/, load/ and reports/: in the wheel or the checkout."""
    here = Path(__file__).resolve().parent.parent
    shipped = here / "_shipped"
    return shipped if shipped.is_dir() else here.parent.parent


def working_folder() -> Path | None:
    """The working directory; None where it was removed meanwhile."""
    try:
        return Path.cwd()
    except OSError:
        return None


def shown(path: Path) -> str:
    """The path as a person would type it; no report tells where scimproof is installed."""
    for base in (working_folder(), knowledge_root()):
        if base and path.is_absolute() and path.is_relative_to(base):
            return str(path.relative_to(base))
    return str(path)
