"""One name of a plan for the plans of several senders."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.core.errors import UsageError
from scimproof.load.plan.names import find_plan, own_plans, plan_names, senders_with_plans


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Plans of the default sender, and of another with a folder of its own."""
    for name in ("rollout", "import", "acme/rollout", "acme/audit"):
        path = tmp_path / "load" / "plans" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    return tmp_path


def test_a_name_is_that_of_the_senders_own_plan_where_it_has_one(root: Path) -> None:
    plans = root / "load" / "plans"
    assert find_plan("rollout", root) == plans / "rollout.toml"
    assert find_plan("rollout", root, "acme") == plans / "acme" / "rollout.toml"
    assert find_plan("rollout", root, "nobody") == plans / "rollout.toml"
    # Whose it is, its mix says: the loader refuses it for another sender.
    assert find_plan("import", root, "acme") == plans / "import.toml"


def test_the_names_are_those_of_the_sender(root: Path) -> None:
    assert plan_names(root) == plan_names(root, "nobody") == ["import", "rollout"]
    assert plan_names(root, "acme") == own_plans("acme", root) == ["audit", "rollout"]
    assert own_plans("nobody", root) == own_plans("", root) == []
    assert senders_with_plans(root) == ["acme"]
    with pytest.raises(UsageError, match="did you mean 'audit'"):
        find_plan("audti", root, "acme")
