"""The counts by dialect, where dialects share sequences."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.report.summary import summary

COUNTS = {"acme.cloud": ("acme.both",), "acme.site": ("acme.both",)}


def counted(*verdicts: str, counts: Any = None, **kinds: bool) -> dict[str, Any]:
    """The dialects of a run in which sequences, named by dialect, ended so: `cloud=fail`."""
    pairs = [verdict.split("=") for verdict in verdicts]
    sequences = [{"id": f"acme.{name}.one", "dialect": f"acme.{name}", "watch": False} for name, _ in pairs]
    findings = [
        {"sequence": f"acme.{name}.one", "verdict": verdict, "authority": "acme", "gates": True}
        for name, verdict in pairs
    ]
    made = summary(findings, sequences, 1, 0, counts=COUNTS if counts is None else counts, **kinds)
    return {name: part["result"] for name, part in made["dialects"].items()}


@pytest.mark.parametrize(
    ("verdicts", "results"),
    [
        (("both=pass", "cloud=pass", "site=pass"), {"cloud": "conformant", "site": "conformant"}),
        (("both=fail", "cloud=pass", "site=pass"), {"cloud": "nonconformant", "site": "nonconformant"}),
        (("both=pass", "cloud=fail", "site=pass"), {"cloud": "nonconformant", "site": "conformant"}),
        (("both=inconclusive", "cloud=pass"), {"cloud": "inconclusive"}),
        (("both=pass",), {"both": "conformant"}),  # none that it counts with was asked
        (("cloud=pass", "spec=fail"), {"cloud": "conformant", "spec": "nonconformant"}),
    ],
)
def test_what_is_shared_counts_with_each(verdicts: tuple[str, ...], results: dict[str, str]) -> None:
    assert counted(*verdicts) == {f"acme.{name}": result for name, result in results.items()}


def test_where_nothing_is_shared_each_has_a_result_of_its_own() -> None:
    assert counted("both=pass", "cloud=pass", counts={}) == {
        "acme.both": "conformant",
        "acme.cloud": "conformant",
    }
