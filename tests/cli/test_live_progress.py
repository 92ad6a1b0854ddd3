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


@pytest.mark.parametrize("quiet", [False, True])
def test_who_was_refused_and_who_is_lost_is_told_at_once(
    quiet: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with LoadProgress(SafeConsole(quiet=quiet)) as progress:
        progress.hear({"event": "refused", "who": "10.0.0.7", "why": "it came too late"})
        progress.hear(
            {"event": "lost", "worker": "worker 2 of 4 on b", "why": "nothing was heard", "at": 12.3}
        )
    first, second = "Refused 10.0.0.7: it came too late", "Lost worker 2 of 4 on b 12 s after the start: "
    lines = capsys.readouterr().err.splitlines()
    assert [line[: len(second)] for line in lines] == ([] if quiet else [first, second])
