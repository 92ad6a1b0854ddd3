"""Names of plans: those that come with scimproof are found by name, others by path.

Plans of the default sender lie in `load/plans`, those of another in a folder of its name there: so the same
question has the same name for every sender. A plan in `load/plans` itself may be anybody's, by its mix.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.paths import knowledge_root
from scimproof.core.toml_source import TomlFile


def plan_names(root: Path | None = None, sender: str = "") -> list[str]:
    """The plans that come with scimproof: those of a sender with a folder of its own, else all others."""
    return own_plans(sender, root) or sorted(path.stem for path in _folder(root).glob("*.toml"))


def own_plans(sender: str, root: Path | None = None) -> list[str]:
    """The plans in the folder of that sender; none where it has no such folder."""
    return sorted(path.stem for path in (_folder(root) / sender).glob("*.toml")) if sender else []


def senders_with_plans(root: Path | None = None) -> list[str]:
    """The senders whose plans lie in a folder of their own."""
    return sorted({path.parent.name for path in _folder(root).glob("*/*.toml")})


def find_plan(word: str, root: Path | None = None, sender: str = "") -> Path:
    """The file of a plan: a path, or the name of one that comes with scimproof; UsageError otherwise.

    A name is that of the plan of that `sender`, where it has one.
    """
    path = Path(word)
    if path.suffix == ".toml" or os.sep in word:
        if not path.is_file():
            raise UsageError(f"no file {word}")
        return path
    for folder in (_folder(root) / sender, _folder(root)):
        if (found := folder / f"{word}.toml").is_file():
            return found
    names = plan_names(root, sender)
    raise UsageError(f"no plan is called {word!r}{did_you_mean(word, names)}")


def planned(sender: str, root: Path | None = None) -> Counter[str]:
    """In how many of that sender's plans each sequence is played; those of a capture name none."""
    found: Counter[str] = Counter()
    for name in plan_names(root, sender):
        found.update(TomlFile(find_plan(name, root, sender)).data.get("mix", {}).keys())
    return Counter({id: times for id, times in found.items() if id.partition(".")[0] == sender})


def _folder(root: Path | None) -> Path:
    return (root or knowledge_root()) / "load" / "plans"
