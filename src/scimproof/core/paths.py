"""Where what the product knows lies, and how a path is told to a person."""

from __future__ import annotations

from pathlib import Path


def knowledge_root() -> Path:
    """Where the four folders are: inside the wheel, or the checkout of an editable install."""
    here = Path(__file__).resolve().parent.parent
    shipped = here / "_shipped"
    return shipped if shipped.is_dir() else here.parent.parent


def working_folder() -> Path | None:
    """The working directory; None where somebody removed it meanwhile."""
    try:
        return Path.cwd()
    except OSError:
        return None


def shown(path: Path) -> str:
    """The path as a person would type it; where scimproof lies on this machine is nobody's business."""
    for base in (working_folder(), knowledge_root()):
        if base and path.is_absolute() and path.is_relative_to(base):
            return str(path.relative_to(base))
    return str(path)
