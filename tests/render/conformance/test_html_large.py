"""5,000 findings and 20,000 exchanges: bounded in bytes and elements, and linear."""

from __future__ import annotations

import re
import time

import pytest

from scimproof.render.conformance.html import html, html_pieces
from scimproof.render.conformance.html_findings import PLAIN
from scimproof.render.conformance.junit import junit
from scimproof.render.conformance.markdown import markdown
from scimproof.report.document import Report
from tests.report.many import many

MB = 1_000_000
pytestmark = pytest.mark.xdist_group("large page")


@pytest.fixture(scope="module")
def document() -> Report:
    made = many(500, 40, 10)
    assert (len(made["findings"]), len(made["exchanges"])) == (5_000, 20_000)
    return made


def written(made: Report) -> tuple[str, float]:
    """Its page, and the seconds of work that it took."""
    began = time.process_time()
    page = html(made)
    return page, time.process_time() - began


@pytest.fixture(scope="module")
def large(document: Report) -> tuple[str, float]:
    return written(document)


def test_the_page_holds_few_conversations_as_elements_and_all_as_data(large: tuple[str, float]) -> None:
    page, _ = large
    assert len(page.encode()) < 25 * MB
    assert page.count('class="said"') == PLAIN
    assert len(re.findall("<(?!/)", page)) < 150_000
    packs = re.findall(r'<script type="application/json" class="pack">(.*?)</script>', page, re.DOTALL)
    assert sum(pack.count("curl -sS") for pack in packs) == 20_000 - PLAIN
    assert "19,000 conversations of this report are only shown where scripts may run" in page


def test_no_piece_that_is_written_holds_more_than_one_sequence(document: Report) -> None:
    """A page of 17 MB was the largest object that a run ever held, twice over."""
    assert max(map(len, html_pieces(document))) < 100_000


def test_the_time_to_write_grows_with_the_report_and_not_faster(large: tuple[str, float]) -> None:
    _, seconds = written(many(125, 40, 10))
    assert large[1] < 10 * max(seconds, 0.02)  # four times as much


def test_the_comment_stays_one(document: Report) -> None:
    text = markdown(document, link="https://ci.example.com/1?a=b c>(d)\n# x")
    assert len(text.encode()) < 60_000
    assert "[Full report](<https://ci.example.com/1?a=b%20c%3E(d)%20#%20x>)" in text
    assert text.count("<details>") == text.count("</details>")


def test_junit_stays_small(document: Report) -> None:
    assert len(junit(document).encode()) < 3 * MB


def test_many_reasons_are_folded_and_the_fold_is_closed() -> None:
    made = many(10, 1, 40)
    for finding in made["findings"]:
        finding["exchange"] = None
        finding["expected"], finding["observed"] = f"value of {finding['id']}", f"seen at {finding['id']}"
    for name, rule in made["requirements"].items():
        rule["broken"] = f"{name} is broken."
    text = markdown(made)
    assert "<summary>32 more reasons</summary>\n\n" in text
    assert text.index("<details>") < text.index("</details>") < text.index("The full report is")
