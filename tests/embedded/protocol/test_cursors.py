"""A cursor holds a position for one query and for a while."""

import time

import pytest
from scim2_models import ExpiredCursorException, InvalidCursorException

from scimproof.embedded.protocol.cursors import Cursors


def test_a_cursor_is_read_back() -> None:
    """By those who made it, for the query it was made for."""
    cursors = Cursors()
    cursor = cursors.seal("query", 2, {"i": "é"})
    assert cursors.open(cursor, "query", 60) == (2, {"i": "é"})
    for opened, query in ((cursors, "other"), (Cursors(), "query")):
        with pytest.raises(InvalidCursorException):
            opened.open(cursor, query, 60)


@pytest.mark.parametrize("text", ["", "a", "scimproof-nothing", "_" * 80])
def test_what_is_made_up_is_refused(text: str) -> None:
    """Whatever it looks like."""
    with pytest.raises(InvalidCursorException):
        Cursors().open(text, "query", None)


def test_a_cursor_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many seconds, if there is a limit."""
    cursors = Cursors()
    cursor = cursors.seal("query", None, "here")
    later = time.time() + 100
    monkeypatch.setattr(time, "time", lambda: later)
    assert cursors.open(cursor, "query", None) == (None, "here")
    with pytest.raises(ExpiredCursorException):
        cursors.open(cursor, "query", 60)
