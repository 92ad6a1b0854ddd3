"""The two forms of the pack: whole, linked to report.html, and proof against what a server sends."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest

from scimproof.core.results import Verdict
from scimproof.render.conformance.html import html as report_html
from scimproof.render.formats import DocumentKind, formats
from scimproof.render.submission.evidence import Pack
from tests.render.submission.made import document, pack, submission
from tests.report.make_samples import NASTY

PACK = {form.named("oin"): form.text for form in formats(DocumentKind.PACK)}
PERSISTS = "okta.oin.user.deactivate/read-back#okta-deactivate-persists"
CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)")
NAMED = [case.id for case in submission().cases]


class Read(HTMLParser):
    """What a page has: its ids, its links, how often each element, and tables without caption or headers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.scopes: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        self.scopes += [given.get("scope")] if tag == "th" else []


@pytest.mark.parametrize("said", [{}, {PERSISTS: (Verdict.FAIL, "active is true")}])
def test_every_link_leads_to_a_place_in_report_html_or_on_the_page(said: Any) -> None:
    report = document(said, inferred=True)
    page, beside = Read(PACK["oin.html"](Pack(report, submission()))), Read(report_html(report))
    places = [link.partition("#") for link in page.links]
    there = [unquote(place) for file, _, place in places if file == "report.html" and place]
    here = [unquote(place) for file, _, place in places if not file]
    assert len(there) > 100
    assert set(there) <= set(beside.ids)
    assert set(here) <= set(page.ids)
    assert {file for file, _, _ in places} == {"report.html", ""}


def test_the_page_has_every_case_once_and_real_tables_and_no_scripts() -> None:
    page = Read(PACK["oin.html"](pack()))
    assert [id for id in page.ids if id in NAMED] == NAMED
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("caption") == page.tags.count("table") == 12
    assert set(page.scopes) == {"col", "row", "rowgroup"}
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)


def test_every_assertion_and_case_is_a_row_in_markdown_too() -> None:
    text = PACK["oin.md"](pack())
    assert len(re.findall(r"^\| \d+\.\d+ \|", text, re.MULTILINE)) == 53 + 13
    assert re.findall(r"^\| (C\d+) \|", text, re.MULTILINE) == NAMED
    ticked = re.findall(r"C\d+", "".join(re.findall(r"^- \[ \] .*$", text, re.MULTILINE)))
    assert sorted(ticked) == sorted(NAMED)


def test_it_says_that_okta_asks_for_its_own_run() -> None:
    for writer in PACK.values():
        text = writer(pack())
        assert "Okta still asks for its own runs" in text
        assert "BlazeMeter" in text


def test_nothing_that_a_server_sends_is_taken_for_markup() -> None:
    found = pack({PERSISTS: (Verdict.FAIL, NASTY)})
    page, text = (PACK[name](found) for name in ("oin.html", "oin.md"))
    assert "<script>" not in page
    assert "<script>" not in CODE.sub("", text)
    for form in (page, text):
        assert "\x1b" not in form
        assert "\u202e" not in form
        form.encode()


def test_a_bar_in_what_was_observed_does_not_break_a_table() -> None:
    row = "okta.spec/create-user#spec-active-true"
    text = PACK["oin.md"](pack({row: (Verdict.FAIL, "a | b\n| c |")}))
    line = next(line for line in text.splitlines() if line.startswith("| 6.2 |"))
    assert len(re.findall(r"(?<!\\)\|", line)) == 5


def test_the_same_document_gives_the_same_pack() -> None:
    for writer in PACK.values():
        assert writer(pack()) == writer(pack())
