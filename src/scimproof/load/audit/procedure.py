"""Procedure of the audit: reads the store back, anomalies a second time, and lists the violations."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from scimproof.load.audit.checker import judge, together
from scimproof.load.audit.name_conflicts import stored_though_refused
from scimproof.load.audit.readback import Readback
from scimproof.load.audit.violation import Result, Violation
from scimproof.load.audit.write_log import WriteLog
from scimproof.state.expected_resource import EXISTS

SETTLE = 5.0  # seconds within which lists and searches may lag behind a write without being wrong

REASONS = 20  # why something could not be read back, at most


def audit(
    book: WriteLog,
    readback: Readback,
    *,
    settle: float = SETTLE,
    wait: Callable[[float], object] = time.sleep,
) -> Result:
    """Audit of the store against the log of writes; call it when nothing of the load is under way any more.

    Reads by id begin at once, since a sender builds its next request from one; what they show too late is
    `stale`. Everything else is judged when `settle` seconds have passed since the last write, and what is
    doubtful then is read and judged a second time after as long again.
    """
    readback.by_id(readback.first())
    wait(max(0.0, book.last + settle - time.monotonic()))
    readback.by_id([(kind, id) for kind, id, _ in list(book.stale)])
    readback.by_id([key for key in list(book.resources) if readback.snapshot.gone(key)])
    readback.elsewhere()
    found = judge(book, readback.snapshot)
    if found:
        wait(settle)
        readback.again(found)
        found = judge(book, readback.snapshot)
    return _result(book, readback, together(found, readback.snapshot))


def _result(book: WriteLog, readback: Readback, found: list[Violation]) -> Result:
    result = Result(
        users=sum(1 for kind, _ in book.resources if kind == "User"),
        groups=sum(1 for kind, _ in book.resources if kind == "Group"),
        writes=book.writes,
        unknown=book.unknown,
        unjudged=sum(1 for key in book.resources if not readback.snapshot.read(key)),
        unseen=sum(1 for key in readback.peopled() if key[1] not in readback.snapshot.observed),
        observed=len(readback.snapshot.observed),
        unread=list(dict.fromkeys(readback.snapshot.unread.values()))[:REASONS],
        answered=stored_though_refused(book, readback.snapshot),
    )
    result.add(found)
    result.add(_only_stale(book, found))
    return result


def _only_stale(book: WriteLog, found: list[Violation]) -> list[Violation]:
    """The stale reads that nothing worse explains: what is lost or wrong for good was so during the load."""
    told = {violation.about for violation in found}
    gone = {about[:2] for about in told if about[2] == EXISTS}
    kept = [v for v in book.stale.values() if v.about not in told and v.about[:2] not in gone]
    return [replace(violation, times=book.stale_times[violation.about]) for violation in kept]
