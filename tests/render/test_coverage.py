"""Which operation a finding counts with."""

from __future__ import annotations

import pytest

from scimproof.render.coverage import about


@pytest.mark.parametrize(
    ("source", "operations", "operation"),
    [
        ("ACME-02", ["ACME-01", "ACME-02", "ACME-03"], "ACME-02"),
        ("page 7", ["ACME-01", "ACME-02"], "ACME-02"),
        ("ACME-02 to ACME-04", ["ACME-03", "ACME-09"], "ACME-03"),
        ("ACME-02 to ACME-04; page 7", ["ACME-04", "ACME-05"], "ACME-04"),
        ("ACME-02 to OTHER-04", ["ACME-03", "ACME-05"], "ACME-05"),
        # What the harness reads for itself shows what the sender did last.
        ("page 7", ["ACME-01", "ACME-02", "HARNESS-GET"], "ACME-02"),
        ("ACME-01", ["ACME-01", "ACME-02", "HARNESS-GET"], "ACME-01"),
        ("page 7", ["HARNESS-GET"], "HARNESS-GET"),
        ("page 7", [""], ""),
    ],
)
def test_what_a_finding_is_about(source: str, operations: list[str], operation: str) -> None:
    assert about({"source": source}, operations) == operation
