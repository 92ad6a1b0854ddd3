"""What capacity.json says of a search, and in which words it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.core.paths import knowledge_root
from scimproof.load.result.document import NO_AUDIT
from tests.load.loaded import AUDITED
from tests.load.result.searched import BROKEN, LATE, searched

SCHEMA = json.loads((knowledge_root() / "reports/schema/scimproof.capacity-1.json").read_text())
LOST = {**AUDITED, "counts": {**AUDITED["counts"], "lost": 2}}


def told(document: dict[str, Any]) -> tuple[str, str]:
    """Result and sentence of a document that fits the published schema."""
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(document)))
    assert set(document) == set(SCHEMA["required"])
    return document["result"], document["why"]


def test_the_answer_is_one_sentence_with_what_breaks_above_it() -> None:
    document = searched(41)
    answer = "40 sequences per second (36 people provisioned) at p95 820 ms with no error and a clean audit"
    assert told(document) == ("pass", f"{answer}. At 41.8: {BROKEN}")
    found = document["capacity"]
    assert (found["rate"], found["bracket"], found["at_least"], found["confirmed"]) == (
        40,
        [40, 41.8],
        False,
        True,
    )
    assert found["knee"]["rate"] <= found["rate"]


def test_where_something_else_was_the_limit_it_is_at_least_and_still_an_answer() -> None:
    result, why = told(searched(1000, generator=100))
    assert result == "pass"
    assert why.startswith("at least 9")
    assert "the generator was the limit: --processes gives it more cores" in why
    result, why = told(searched(1000, most=50))
    assert result == "pass"
    assert why.startswith("at least 50 sequences per second")
    assert "(--max-rate 50)" in why


def test_no_rate_that_holds_fails_and_none_that_can_be_judged_is_invalid() -> None:
    assert told(searched(0.1)) == ("fail", f"not even 0.625 sequences per second hold: {BROKEN}")
    assert told(searched(generator=0)) == ("invalid", f"no rate could be judged: {LATE}")


@pytest.mark.parametrize(
    ("more", "result", "why"),
    [
        ({"audit": LOST}, "fail", "the audit found what the target broke: 2 lost"),
        ({"audit": NO_AUDIT}, "invalid", "the audit was not made: not asked for"),
        (
            {"stop": "interrupted (Ctrl-C)", "audit": NO_AUDIT, "steps_": 2},
            "invalid",
            "the search ended early: interrupted (Ctrl-C); so far at least 20 sequences per second held",
        ),
        (
            {"cannot": "there is no seat left", "steps_": 1},
            "invalid",
            "the search ended early: there is no seat left; so far at least 10 sequences per second held",
        ),
    ],
)
def test_what_decides_before_the_answer_does(more: dict[str, Any], result: str, why: str) -> None:
    steps = more.pop("steps_", 99)
    document = searched(41, steps=steps, **more)
    assert told(document) == (result, why)
    assert document["partial"] == bool(more.get("stop") or more.get("cannot"))
