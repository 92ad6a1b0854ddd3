from __future__ import annotations

import pytest

from scimproof.cli.console import SafeConsole
from scimproof.cli.live_progress import LoadProgress
from tests.render.load.test_live import ROW


def heard(console: SafeConsole) -> None:
    with LoadProgress(console) as progress:
        progress.hear({"event": "phase", "name": "creating"})
        progress.hear({"event": "prefill", "done": 1, "of": 2})
        for at in range(1, 13):
            progress.hear({"event": "tick", **ROW, "at": float(at)})
        progress.hear({"event": "audit", "done": 1, "of": 2})
        progress.hear({"event": "unheard of"})


def test_without_a_terminal_there_is_a_line_every_five_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    heard(SafeConsole())
    out = capsys.readouterr()
    assert out.out == ""
    assert [line.partition(" s ")[0] for line in out.err.splitlines()] == ["5", "10"]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    heard(SafeConsole(quiet=True))
    assert capsys.readouterr().err == ""
