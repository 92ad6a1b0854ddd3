"""Sentences about dialects that share sequences."""

from __future__ import annotations

from typing import Any

from scimproof.render.conformance.html import html
from scimproof.render.phrases import dialects, sentence
from scimproof.report.summary import summary
from tests.report.make_samples import sample


def shared(*, part: bool = False) -> dict[str, Any]:
    """The honest sample, as if every sequence of AIW were sent by an OIN app too."""
    report = sample("honest")
    words = report["sender"]["dialects"]
    words["okta.oin"]["with"] = ["okta.aiw"]
    report["summary"] |= {
        "dialects": summary(
            report["findings"], report["sequences"], 1, 0, part=part, counts={"okta.oin": ["okta.aiw"]}
        )["dialects"]
    }
    return report


def test_what_counts_with_another_has_no_column_and_no_sentence() -> None:
    report = shared()
    assert "okta.aiw" not in report["summary"]["dialects"]
    assert "AIW" not in [name for name, _, _ in dialects(report)]
    assert sentence(report).startswith("Works as a catalog (OIN) app")
    assert "AIW" not in sentence(report)


def test_its_sequences_keep_their_own_heading_among_the_findings() -> None:
    page = html(shared())
    assert "as an app made in Okta&#39;s wizard" in page


def test_of_a_part_both_kinds_are_counted() -> None:
    report = shared(part=True)
    dialect = {row["id"]: row["dialect"] for row in report["sequences"]}
    mine = {id for id, of in dialect.items() if of in ("okta.oin", "okta.aiw")}
    left = ["okta.aiw.some.thing", "okta.oin.some.thing", "okta.spec.some"]
    report["asked"] |= {"sequences": 1, "of": 2, "left_out": left}
    (works,) = [part["works"] for name, _, part in dialects(report) if name == "OIN"]
    assert works == f"holds as far as asked ({len(mine)} of {len(mine) + 2} sequences)"
