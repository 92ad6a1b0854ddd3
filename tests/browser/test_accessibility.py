"""axe finds nothing to object to, in light and in dark, folded and unfolded."""

from __future__ import annotations

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


# Rows, points and folds that are alike but for their words: the first of each kind is left.
THINNED = """() => {
    const kind = one => one.tagName + (one.getAttribute('class') || '');
    const seen = new Set();
    for (const one of document.querySelectorAll('tbody, tr, li, details')) {
        const within = [];
        for (let above = one.parentElement; above; above = above.parentElement) within.push(kind(above));
        const parts = [...one.querySelectorAll('*')].map(kind);
        const known = [kind(one), parts, within].join();
        if (seen.has(known)) one.remove();
        seen.add(known);
    }
}"""
# One of each sort of page, with as much wrong as there can be; all others at night.
OFTEN = (
    "hostile",
    "waived",
    "matrix",
    "side by side",
    "OIN pack, not ready",
    "load, broken",
    "load, over time",
)


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


@pytest.mark.parametrize("name", OFTEN)
def test_axe_has_no_objection(opened: Opener, name: str) -> None:
    """In the dark only the colours are others; what is folded is seen unfolded."""
    page = opened(PAGES[name]()).page
    page.evaluate(AXE)
    page.evaluate(UNFOLDED)
    page.evaluate(THINNED)
    assert objections(page) == []
    page.emulate_media(color_scheme="dark")
    assert objections(page, CONTRAST) == []


@pytest.mark.parametrize("name", [
    name if name == "hostile" else pytest.param(name, marks=pytest.mark.nightly) for name in PAGES
])  # fmt: skip
def test_axe_has_no_objection_to_a_whole_page(opened: Opener, name: str) -> None:
    """Folded and unfolded, with every row."""
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


def test_axe_would_object(opened: Opener) -> None:
    """The tests above can fail: the policy goes, since it forbids a changed style."""
    changed = html(sample("failing")).replace("http-equiv", "data-was")
    for good, bad in (
        ('<html lang="en">', "<html>"),
        ("--soft: #55606e", "--soft: #c5c0ce"),
        ('<label for="words">Search</label>', ""),
    ):
        assert good in changed
        changed = changed.replace(good, bad)
    page = opened(changed).page
    page.evaluate(AXE)
    page.evaluate(THINNED)
    found = {told.partition(":")[0] for told in objections(page)}
    assert found == {"html-has-lang", CONTRAST, "label"}


def test_axe_would_object_in_the_dark(opened: Opener) -> None:
    """Its colours are looked at, not those of the day."""
    found = html(sample("failing")).replace("http-equiv", "data-was")
    page = opened(found.replace("--soft: #9ca8b6", "--soft: #303a48")).page
    page.evaluate(AXE)
    page.evaluate(THINNED)
    assert objections(page, CONTRAST) == []
    page.emulate_media(color_scheme="dark")
    assert objections(page, CONTRAST) != []
