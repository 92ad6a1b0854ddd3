"""A shared capture is replayed as the original is: it holds where that holds, and fails where it fails."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from scimproof.capture.reader import Capture
from scimproof.capture.share.sharing import share
from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from tests.capture.learn.runs import catalog
from tests.capture.replay.kit import Replayed, record, replay
from tests.engine.kit import TOKEN

RUNS = {
    "okta": ("okta-oin", ("okta.oin.user.update", "okta.oin.user.deactivate", "okta.oin.group.rename")),
    "entra": ("entra-default", ("entra.default.user.update", "entra.default.group.replace-member")),
}

FAULT = ("title-dropped",)


@pytest.mark.parametrize("sender", RUNS)
def test_a_shared_capture_replays_as_the_original(sender: str, tmp_path: Path) -> None:
    profile, wanted = RUNS[sender]
    original = record(build(token=TOKEN), *wanted, profile=profile)
    share(Capture(original), tmp_path / "out", catalog(), rng=random.Random(1))
    before, after = replay(original, sender=sender), replay(tmp_path / "out", sender=sender)
    assert not before.wrong
    assert not after.wrong
    assert len(after.verdict(Verdict.PASS)) == len(before.verdict(Verdict.PASS)) > 20
    assert after.ledger == before.ledger
    wrong = replay(tmp_path / "out", build(token=TOKEN, faults=FAULT), sender=sender)
    as_before = replay(original, build(token=TOKEN, faults=FAULT), sender=sender)
    assert _failed(wrong) == _failed(as_before) != []


def _failed(played: Replayed) -> list[str]:
    return sorted(each.id for each in played.verdict(Verdict.FAIL))
