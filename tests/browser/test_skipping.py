"""Without a browser the tests say so; where one is required they fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import SWITCH, started_or_not

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nothing_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_skip_says_why_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"there is no Chromium here.*apt-get install chromium"):
        next(started_or_not())


def test_where_a_browser_is_required_its_absence_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "required")
    with pytest.raises(pytest.fail.Exception, match="there is no Chromium here"):
        next(started_or_not())


def test_ci_requires_a_browser() -> None:
    shared = (ROOT / ".ci" / "stages").read_text(encoding="utf-8")
    assert "export SCIMPROOF_BROWSER=required" in shared
    assert "installed chromium chromium" in shared
    for name, tests in (("run", "test"), ("nightly", "test-all")):
        script = (ROOT / ".ci" / name).read_text(encoding="utf-8")
        packages, installed = script.index("\nbeside packages "), script.index("\ntogether\n")
        assert packages < installed < script.index(f"\nstage {tests} ")
