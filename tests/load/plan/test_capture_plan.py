"""The plan that is written of a capture is one that can be read, and says what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.core.errors import UsageError
from scimproof.load.plan.capture_plan import plan_text, read_recorded
from scimproof.load.plan.loader import read_plan
from tests.load.recording.recorded import OktaTenant, Recorded


def test_the_written_plan_plays_the_capture_and_says_its_rates(tmp_path: Path) -> None:
    catalog = load_catalog()
    recorded = Recorded(catalog, "okta.oin")
    tenant = OktaTenant(recorded)
    for at in (1, 1.2, 1.4, 30, 70, 90):
        tenant.create(at)
    tenant.deactivate(100)
    recorded.send(101, "okta/both/user-get.http", tenant.someone(), {})
    folder = tmp_path / 'capture of a "day"'
    folder.mkdir()
    recorded.write(folder / "1.jsonl")
    text = plan_text(read_recorded(folder, catalog), folder.name)
    (tmp_path / "capture.toml").write_text(text, encoding="utf-8")
    plan = read_plan(tmp_path / "capture.toml", catalog)
    assert plan.mix == {"okta.oin.user.create": 6, "okta.oin.user.deactivate": 1}
    assert plan.question == "Does the server keep up with what was recorded on 2026-09-21?"
    assert {threshold.measure for threshold in plan.thresholds} == {"errors"}
    lines = text.splitlines()
    assert lines[0].endswith("for 101 s: 13 of 14 requests are 7 sequences.")
    assert lines[2].split() == ["#", "okta.oin.user.create", "6", "4", "3"]
    assert lines[3].split() == ["#", "okta.oin.user.deactivate", "1", "1", "1"]
    assert lines[4].startswith("# left out: 1 x ")


def test_a_torn_line_counts_as_left_out(tmp_path: Path) -> None:
    catalog = load_catalog()
    recorded = Recorded(catalog)
    OktaTenant(recorded).create(1)
    path = recorded.write(tmp_path / "hour.jsonl")
    with path.open("ab") as file:
        file.write(b'{"n": 3, "connection": 1, "at": "2026-\n')
    found = read_recorded(path, catalog)
    assert (found.requests, found.left_out) == (3, {"lines or entries that cannot be read": 1})


def test_a_folder_without_a_capture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no capture is in it"):
        read_recorded(tmp_path, load_catalog())
