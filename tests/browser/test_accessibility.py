"""axe finds nothing to object to, in light and in dark, folded and unfolded."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest
from playwright.sync_api import Page

from scimproof.render.conformance.html import html
from tests.browser.conftest import Opener
from tests.browser.pages import PAGES
from tests.report.make_samples import sample

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
CONTRAST = "color-contrast"
# Folds tell that they opened, and buttons appear in them: over once the last has told it here too.
UNFOLDED = """() => Promise.all([...document.querySelectorAll('details:not([open])')].map(
    fold => new Promise(told => {
        fold.addEventListener('toggle', told, {once: true});
        fold.open = true;
    })))"""


def objections(page: Page, *rules: str) -> list[str]:
    """What axe objects to, and where, in a line each; by these rules alone, if any are named."""
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    found = page.evaluate("chosen => axe.run({resultTypes: ['violations'], ...chosen})", only)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{violation['id']}: {node['html'][:160]}: {node['failureSummary'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_axe_has_no_objection(opened: Opener, name: str) -> None:
    """In the dark only the colours are others."""
    page = opened(PAGES[name](), color_scheme="light").page
    page.evaluate(AXE)
    assert objections(page) == []
    page.emulate_media(color_scheme="dark")
    assert objections(page, CONTRAST) == []
    page.evaluate(UNFOLDED)
    assert objections(page, CONTRAST) == []
    page.emulate_media(color_scheme="light")
    assert objections(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_has_to_be_scrolled_sideways(opened: Opener, name: str) -> None:
    page = opened(PAGES[name](), viewport={"width": 400, "height": 800}).page
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
    for width in (400, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("break_it", [
    lambda page: page.replace('<html lang="en">', "<html>"),
    lambda page: page.replace("--soft: #55606e", "--soft: #c5c0ce"),
    lambda page: page.replace('<label for="words">Search</label>', ""),
])  # fmt: skip
def test_axe_would_object(opened: Opener, break_it: Callable[[str], str]) -> None:
    """The test above can fail: the policy goes, since it forbids a changed style."""
    page = opened(break_it(html(sample("failing")).replace("http-equiv", "data-was"))).page
    page.evaluate(AXE)
    assert objections(page) != []


def test_axe_would_object_in_the_dark(opened: Opener) -> None:
    """Its colours are looked at, not those of the day."""
    found = html(sample("failing")).replace("http-equiv", "data-was")
    page = opened(found.replace("--soft: #9ca8b6", "--soft: #303a48")).page
    page.evaluate(AXE)
    assert objections(page, CONTRAST) == []
    page.emulate_media(color_scheme="dark")
    assert objections(page, CONTRAST) != []
