"""Names of plans: those that come with scimproof are found by name, others by path."""

from __future__ import annotations

import os
from pathlib import Path

from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.paths import knowledge_root


def plan_names(root: Path | None = None) -> list[str]:
    """The plans that come with scimproof."""
    return sorted(path.stem for path in _folder(root).glob("*.toml"))


def find_plan(word: str, root: Path | None = None) -> Path:
    """The file of a plan: a path, or the name of one that comes with scimproof; UsageError otherwise."""
    path = Path(word)
    if path.suffix == ".toml" or os.sep in word:
        if not path.is_file():
            raise UsageError(f"no file {word}")
        return path
    names = plan_names(root)
    if word not in names:
        raise UsageError(f"no plan is called {word!r}{did_you_mean(word, names)}")
    return _folder(root) / f"{word}.toml"


def _folder(root: Path | None) -> Path:
    return (root or knowledge_root()) / "load" / "plans"
