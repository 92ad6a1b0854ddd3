"""The matrix in a real browser: a table of symbols where there is room, a list where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scimproof.render.matrix import LEGEND, STATES, html
from tests.browser.conftest import Opener
from tests.browser.pages import PAGES, all_that_can_be_asked
from tests.browser.test_accessibility import AXE, CONTRAST, objections

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = (ROOT / "docs" / "matrix.html").read_text(encoding="utf-8")
TABLES = {"published": PUBLISHED, "all columns": html(all_that_can_be_asked()), "samples": PAGES["matrix"]()}


def room(page: Page) -> tuple[int, int]:
    """How wide the first table is, and how wide its window."""
    scroll = page.locator(".scroll").first
    return scroll.evaluate("box => box.scrollWidth"), scroll.evaluate("box => box.clientWidth")


@pytest.mark.parametrize("name", TABLES)
def test_at_1400_every_column_is_seen(opened: Opener, name: str) -> None:
    page = opened(TABLES[name], viewport={"width": 1400, "height": 900}).page
    for scroll in page.locator(".scroll").all():
        assert scroll.evaluate("box => box.scrollWidth <= box.clientWidth")
    for head in page.locator("thead th").all():
        box = head.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 1400
    for listed in page.locator(".list").all():
        expect(listed).not_to_be_visible()


def test_a_narrower_table_is_moved_under_its_first_column(opened: Opener) -> None:
    page = opened(TABLES["all columns"], viewport={"width": 800, "height": 900}).page
    table, window = room(page)
    assert table > window
    head = page.locator("tbody th").first
    before = head.bounding_box()
    page.locator(".scroll").evaluate("box => { box.scrollLeft = 400; }")
    assert head.bounding_box() == before
    assert head.evaluate("head => getComputedStyle(head).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", TABLES)
def test_at_400_there_is_a_list_and_no_table(opened: Opener, name: str) -> None:
    page = opened(TABLES[name], viewport={"width": 400, "height": 800}).page
    for table in page.locator("table").all():
        expect(table).not_to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 400
    listed = page.locator(".list > li")
    assert listed.count() == page.locator("tbody tr").count()
    expect(listed.first).to_be_visible()


def test_the_list_says_what_the_table_says(opened: Opener) -> None:
    table = all_that_can_be_asked()
    page = opened(html(table), viewport={"width": 400, "height": 800}).page
    for line, shown in zip(table.lines, page.locator(".list > li").all(), strict=True):
        text = shown.inner_text()
        for title, cell in zip(table.columns, line.cells, strict=True):
            assert (f"{title} {cell.number}" if cell.number else title) in text
        words = [STATES[state][1] for state in STATES if any(cell.state == state for cell in line.cells)]
        assert [term.partition(" ")[2] for term in shown.locator("dt").all_inner_texts()] == words
        links = {str(link.get_attribute("href")) for link in shown.locator("dd a").all()}
        assert links == {cell.link(line.source.page) for cell in line.cells} - {""}


def test_a_cell_is_a_symbol_with_its_words_for_who_does_not_see_it(opened: Opener) -> None:
    page = opened(TABLES["samples"], viewport={"width": 1400, "height": 900}).page
    marks = {mark for mark, _ in STATES.values()}
    for cell in page.locator("tbody td:nth-child(n+3)").all():
        shown = cell.locator("[title]").inner_text()
        assert shown.split()[0] in marks
        assert len(shown) < 8
        assert cell.locator(".unseen").inner_text() in str(cell.locator("[title]").get_attribute("title"))
    assert page.locator(".legend dt").count() == len(LEGEND) - 1  # no cell of it is of a part


def test_axe_has_no_objection_to_the_list(opened: Opener) -> None:
    page = opened(TABLES["samples"], viewport={"width": 400, "height": 800}, color_scheme="light").page
    page.evaluate(AXE)
    assert objections(page) == []
    page.emulate_media(color_scheme="dark")
    assert objections(page, CONTRAST) == []


def test_it_is_printed_as_a_table_on_one_sheet(opened: Opener) -> None:
    page = opened(TABLES["all columns"], viewport={"width": 1046, "height": 700}).page
    page.emulate_media(media="print")
    expect(page.locator("table")).to_be_visible()
    for listed in page.locator(".list").all():
        expect(listed).not_to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1046
