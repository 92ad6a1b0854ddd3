"""What a target shows late is looked for again, however many of it there is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from scimproof.cleanup import cleaner
from tests.engine.kit import recording, session
from tests.safety.bent import Bent, Call, Said, past, refused

SOME = ("okta.oin.user.create", "okta.oin.user.deactivate", "okta.aiw.user.reassign")


@pytest.mark.parametrize("in_time", [0, 1, 2], ids=lambda number: f"{number} readable by the sweep")
def test_all_that_can_be_read_later_is_removed(in_time: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """New users are found and listed, and 404 by id until later; some only until the list is walked."""
    readable: set[str] = set()
    tidying, waited = False, list[float]()

    def bend(call: Call) -> Said | None:
        if call.method != "GET" or call.kind != "Users":
            return None
        if call.id:
            return None if waited or call.id in readable else refused(404, "User not found")
        if tidying and "filter=" not in call.query:
            entries = played.run.ledger.entries.values()
            readable.update([id for one in entries if one.kind == "User" for id in one.ids][:in_time])
        return None

    monkeypatch.setattr(cleaner, "time", SimpleNamespace(sleep=waited.append))
    with recording(Bent(bend)) as target, session(target.url, *SOME) as played:
        for _ in played.play():
            pass
        tidying, made = True, len(past(target).everything()["Users"])
        played.tidy()
        report = played.report()
        assert past(target).everything() == {"Users": [], "Groups": []}
    assert made > in_time
    assert waited == [cleaner.LATER]
    assert report["ledger"]["left"] == []
    assert report["ledger"]["removed"] == report["ledger"]["created"]
