"""The page of several reports side by side in a real browser: on screens, in the dark and on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.pages import PAGES
from tests.browser.test_accessibility import AXE, CONTRAST, objections


def test_what_works_is_said_before_the_table(opened: Opener) -> None:
    page = opened(PAGES["side by side"](), viewport={"width": 1000, "height": 900}).page
    first, table = page.locator(".verdicts").bounding_box(), page.locator("table").bounding_box()
    assert first
    assert table
    assert first["y"] + first["height"] < table["y"]
    expect(page.locator(".verdicts li.nonconformant").first).to_be_visible()


@pytest.mark.parametrize("width", [360, 400, 1000])
def test_only_the_table_is_moved_where_it_is_too_wide(opened: Opener, width: int) -> None:
    page = opened(PAGES["side by side"](), viewport={"width": width, "height": 800}).page
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    expect(page.locator("table")).to_be_visible()


def test_the_keyboard_reaches_the_table_and_every_cell_that_leads_somewhere(opened: Opener) -> None:
    page = opened(PAGES["side by side"]()).page
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.className || document.activeElement.href"))
    assert "scroll compared" in reached
    wanted = page.locator("td a").evaluate_all("links => links.map(link => link.href)")
    assert wanted
    assert set(wanted) <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_from_the_paper(opened: Opener, scheme: str) -> None:
    page = opened(PAGES["side by side"](), color_scheme=scheme).page  # type: ignore[arg-type]
    page.evaluate(AXE)
    assert objections(page, CONTRAST) == []


def test_on_paper_nothing_is_cut(opened: Opener) -> None:
    page = opened(PAGES["side by side"](), viewport={"width": 700, "height": 900}).page
    page.emulate_media(media="print")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 700
    assert page.locator(".scroll").evaluate("box => getComputedStyle(box).overflowX") == "visible"
