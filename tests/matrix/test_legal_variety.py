"""Legal behaviour is never flagged: a false alarm is as bad as a miss."""

from __future__ import annotations

import pytest

from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault
from scimproof.model import Verdict
from tests.matrix.inprocess import TIMED, TOKEN, play_against
from tests.matrix.varieties import VARIETIES


@pytest.mark.parametrize("variety", VARIETIES, ids=lambda variety: variety.name)
def test_nothing_is_flagged(variety: Fault) -> None:
    """Everything passes or does not apply."""
    findings = play_against(Application(TOKEN, [variety], 0.0))
    quiet = (Verdict.PASS, Verdict.NOT_APPLICABLE)
    assert [f for f in findings if f.verdict not in quiet and f.requirement not in TIMED] == []
