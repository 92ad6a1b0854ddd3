"""`scimproof learn --plan` writes a load plan that can be played as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.load.plan.loader import read_plan
from tests.engine.kit import scimproof
from tests.load.recording.recorded import OktaTenant, Recorded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recorded = Recorded(load_catalog(), "okta.oin")
    tenant = OktaTenant(recorded)
    for at in (1, 1.5, 2):
        tenant.create(at)
    (tmp_path / "capture").mkdir()
    recorded.write(tmp_path / "capture" / "1.jsonl")
    (tmp_path / "plans").mkdir()
    return tmp_path


def test_the_plan_names_the_capture_from_where_it_lies(folder: Path) -> None:
    ran = scimproof(folder, "learn", "capture", "--plan", "plans/capture.toml")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "plans/capture.toml" in ran.stdout
    plan = read_plan(folder / "plans" / "capture.toml", load_catalog())
    assert plan.mix == {"okta.oin.user.create": 3}
    assert 'capture = "../capture"' in (folder / "plans" / "capture.toml").read_text(encoding="utf-8")


def test_nothing_is_overwritten(folder: Path) -> None:
    mine = folder / "plans" / "mine.toml"
    mine.write_text("mine", encoding="utf-8")
    for name, says in (
        ("plans/mine.toml", "plans/mine.toml is there already, and is not overwritten"),
        ("nowhere/mine.toml", "nowhere/mine.toml cannot be written"),
    ):
        ran = scimproof(folder, "learn", "capture", "--plan", name)
        assert ran.returncode == 2
        assert says in ran.stderr
    assert mine.read_text(encoding="utf-8") == "mine"
