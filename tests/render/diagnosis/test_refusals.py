"""Faults of the embedded server that break a kind of request: one reason, with all it breaks."""

from __future__ import annotations

import pytest

from scimproof.core.errors import Exit
from scimproof.render.conformance.html import html
from scimproof.render.diagnosis.grouping import Cause
from scimproof.report.document import exit_code
from tests.report.one_fault import played, reasons


def found(fault: str, ids: str) -> tuple[list[Cause], str]:
    """The deciding reasons of a run against a server with that fault, and its page."""
    report = played(fault, ids)
    assert exit_code(report) is Exit.DOES_NOT_HOLD
    return [cause for cause in reasons(report) if cause.severity == "fails"], html(report)


@pytest.mark.parametrize(
    ("fault", "ids", "reason"),
    [
        ("put-not-implemented", "okta.aiw.user", "PUT /Users/{id}: 501"),
        ("group-patch-not-implemented", "okta.oin.group", "PATCH /Groups/{id}: 405"),
        ("group-put-not-implemented", "okta.aiw.group", "PUT /Groups/{id}: 501"),
    ],
)
def test_a_method_that_is_not_there_is_the_one_reason(fault: str, ids: str, reason: str) -> None:
    told, page = found(fault, ids)
    assert told[0].id == reason
    assert len(told[0].rules) > 1
    for rule in told[0].rules:
        assert rule["id"] in page
    assert told[0].blocked > len(told[0].findings)
    assert [cause.id for cause in told[1:]] == []
