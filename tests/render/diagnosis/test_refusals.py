"""Faults of the embedded server that break a kind of request: one reason, with all it breaks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scimproof.embedded.server import Served
from scimproof.render.conformance.html import html
from scimproof.render.diagnosis.grouping import Cause, causes
from tests.engine.kit import scimproof_in


def found(folder: Path, fault: str, *ids: str) -> tuple[list[Cause], str]:
    """The deciding reasons of a run against a server with that fault, and its page."""
    with Served(faults=(fault,)) as served:
        words = ["run", *ids, "--quiet", "--target", served.base_url, "--out", str(folder)]
        ran = scimproof_in(Path.cwd(), words, {**os.environ, "SCIMPROOF_TOKEN": served.token})
    assert ran.returncode == 1
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return [cause for cause in causes(report) if cause.severity == "fails"], html(report)


@pytest.mark.parametrize(
    ("fault", "ids", "reason"),
    [
        ("put-not-implemented", "okta.aiw.user", "PUT /Users/{id}: 501"),
        ("group-patch-not-implemented", "okta.oin.group", "PATCH /Groups/{id}: 405"),
        ("group-put-not-implemented", "okta.aiw.group", "PUT /Groups/{id}: 501"),
    ],
)
def test_a_method_that_is_not_there_is_the_one_reason(
    tmp_path: Path, fault: str, ids: str, reason: str
) -> None:
    reasons, page = found(tmp_path, fault, ids)
    assert reasons[0].id == reason
    assert len(reasons[0].rules) > 1
    for rule in reasons[0].rules:
        assert rule["id"] in page
    assert reasons[0].blocked > len(reasons[0].findings)
    assert [cause.id for cause in reasons[1:]] == []
