"""What is seen before anything is scrolled: the verdict with its reasons, the figures of a load run."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from scimproof.render.conformance.html import html
from scimproof.render.diagnosis.grouping import causes
from scimproof.render.load.html import html as load_html
from scimproof.report.document import Report
from tests.browser.conftest import Opener
from tests.browser.pages import LOAD, thirty_reasons
from tests.load.loaded import OIN, loaded
from tests.report.make_samples import MADE, sample

SIZES: Mapping[str, ViewportSize] = {
    "1400": {"width": 1400, "height": 900},
    "400": {"width": 400, "height": 800},
}
REPORTS: Mapping[str, Callable[[], Report]] = {
    **{name: partial(sample, name) for name in MADE},
    "thirty reasons": thirty_reasons,
}
WITH_REASONS = [name for name in REPORTS if name != "honest"]


def whole(page: Page, found: Locator) -> bool:
    """Whether all of it is in the window as it is opened."""
    box = found.bounding_box()
    size = page.viewport_size
    assert size
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize("name", WITH_REASONS)
def test_verdict_sentence_and_first_reason_are_seen_at_once(opened: Opener, name: str) -> None:
    page = opened(html(REPORTS[name]())).page
    for size in SIZES.values():
        page.set_viewport_size(size)
        assert whole(page, page.locator("h1"))
        assert whole(page, page.locator("header .reason").first)
        assert whole(page, page.locator(".short li, .cause h3").first)


PLACES = """() => [...document.querySelectorAll('body *')].map(
    one => JSON.stringify(one.getBoundingClientRect()))"""


@pytest.mark.parametrize("made", [lambda: html(thirty_reasons(10)), lambda: load_html(loaded())])
def test_in_the_dark_everything_stands_where_it_stands_by_day(
    opened: Opener, made: Callable[[], str]
) -> None:
    """So what is seen at once by day is seen at once by night."""
    page = opened(made(), color_scheme="light").page
    day = page.evaluate(PLACES)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(PLACES) == day
    assert len(day) > 100


@pytest.mark.parametrize("name", WITH_REASONS)
def test_at_1400_every_reason_is_named_at_once_as_far_as_there_is_room(opened: Opener, name: str) -> None:
    document = REPORTS[name]()
    page = opened(html(document), viewport=SIZES["1400"]).page
    found = causes(document)
    assert whole(page, page.locator(".cause h3").first)
    if len(found) > 1:
        named = page.locator(".short li")
        assert named.count() == min(len(found), 8)
        assert whole(page, named.last)
    assert (page.get_by_text(re.compile(r"^[\d,]+ more below\.$")).count() == 1) == (len(found) > 8)


def test_the_name_of_a_reason_leads_to_it(opened: Opener) -> None:
    page = opened(html(thirty_reasons())).page
    page.locator(".short a").nth(7).click()
    expect(page.locator(".cause").nth(7)).to_be_in_viewport()
    assert page.evaluate("scrollY") > 0


@pytest.mark.parametrize("name", REPORTS)
def test_what_the_run_was_stands_at_the_foot(opened: Opener, name: str) -> None:
    document = REPORTS[name]()
    page = opened(html(document)).page
    top = page.locator("header").inner_text()
    for known in ("Seed", "Requests", document["tool"]["suites"], document["started"][:10]):
        assert known not in top
    foot = page.locator("section:has(> #run)")
    for known in ("Seed", "Requests", document["tool"]["suites"], document["started"][:10], "Profile"):
        assert known in foot.inner_text()
    assert foot.evaluate("foot => document.querySelector('#findings').compareDocumentPosition(foot)") == 4
    assert foot.evaluate("foot => foot.nextElementSibling") is None


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_coverage_is_folded_and_can_be_opened(opened: Opener, *, scripts: bool) -> None:
    page = opened(html(sample("failing")), java_script_enabled=scripts).page
    for heading, table in (("#operations", "Table of operations"), ("#sources", "Table of sources")):
        found = page.get_by_role("region", name=table)
        expect(found).not_to_be_visible()
        page.locator(f"summary:has({heading})").click()
        expect(found).to_be_visible()


def test_a_link_to_the_coverage_opens_it(opened: Opener) -> None:
    page = opened(html(sample("failing"))).page
    page.get_by_role("link", name="By operation").click()
    expect(page.get_by_role("region", name="Table of operations")).to_be_visible()


def printed(page: Page) -> str:
    sheets = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    return re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in sheets))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_coverage_is_printed(opened: Opener, *, scripts: bool) -> None:
    text = printed(opened(html(sample("failing")), java_script_enabled=scripts).page)
    assert "Deactivate a user, wizard app" in text
    assert "counts with each of them" in text


# --- a load run


@pytest.mark.parametrize("name", LOAD)
def test_how_fast_how_many_errors_and_whether_it_held_are_seen_at_once(opened: Opener, name: str) -> None:
    page = opened(load_html(LOAD[name]())).page
    shown = page.locator(".glance")
    for size in SIZES.values():
        page.set_viewport_size(size)
        assert whole(page, page.locator("h1"))
        assert whole(page, page.locator("header .reason").last)
        assert whole(page, shown)
        assert whole(page, page.locator(".told"))
    text = shown.inner_text()
    for known in ("Rate achieved", "Response", "p50", "p95", "p99", "Errors", "requests due", "Limits"):
        assert known in text
    assert page.locator(".told dd").last.inner_text().endswith(".")


def test_the_figures_are_those_of_the_document(opened: Opener) -> None:
    document = loaded(slower=60, wrong=2)
    text = opened(load_html(document)).page.locator(".glance").inner_text()
    told = document["overall"]["response_ms"]
    assert f"{told['p50']:,.0f} p50" in text
    assert f"{told['p99']:,.0f} p99" in text
    assert "6/s" in text
    assert "of 6 sequences/s asked" in text
    assert "24 requests/s answered" in text
    assert "8.3 %" in text
    assert "30 of 360 requests due" in text


@pytest.mark.parametrize("name", ["load, held", "load, broken", "load, invalid", "load, earlier"])
def test_latency_over_time_has_its_limits_drawn_in(opened: Opener, name: str) -> None:
    document: dict[str, Any] = LOAD[name]()
    page = opened(load_html(document)).page
    asked = {row["limit"] for row in document["thresholds"] if row["measure"].endswith("_ms")}
    assert len(asked) > 2
    for wide, size in SIZES.items():
        page.set_viewport_size(size)
        chart = page.locator(".first svg:visible")
        assert chart.count() == 1
        drawn = chart.locator("line.level > :first-child").all_text_contents()
        assert {float(name.split()[-2].replace(",", "")) for name in drawn} == asked
        assert chart.locator("polyline").count() >= 2
        expect(chart).to_be_in_viewport()
        if wide == "1400":
            assert whole(page, chart)
            assert whole(page, page.locator(".first .key"))


def test_a_broken_limit_is_told_from_one_that_holds_not_by_colour_alone(opened: Opener) -> None:
    page = opened(load_html(LOAD["load, broken"]()), viewport=SIZES["1400"]).page
    names = page.locator(".first svg text.level").all_text_contents()
    assert any(name.startswith("\N{BALLOT X} ") for name in names)
    assert any(not name.startswith("\N{BALLOT X} ") for name in names)


def test_without_scripts_small_charts_are_folded_and_have_a_legend_each(opened: Opener) -> None:
    page = opened(load_html(loaded()), viewport=SIZES["1400"], java_script_enabled=False).page
    charts = page.locator(".small figure")
    expect(charts.first).not_to_be_visible()
    page.locator("summary", has_text="Latency of each sequence").click()
    assert charts.locator("figcaption").all_inner_texts() == [OIN, "okta.aiw.user.create"]
    for chart in charts.all():
        assert chart.locator(".key li").all_inner_texts() == ["search", "create", "read-back", "find-back"]
        expect(chart.locator("svg")).to_be_visible()


def test_a_run_without_answers_says_that_there_is_nothing_to_draw(opened: Opener) -> None:
    page = opened(load_html(LOAD["load, ended early"]())).page
    expect(page.get_by_text("Nothing was answered in the measured time")).to_be_visible()
    assert page.locator(".first svg").count() == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_load_run_is_printed_with_its_charts_and_within_the_sheet(opened: Opener, *, scripts: bool) -> None:
    page = opened(
        load_html(LOAD["load, broken"]()),
        viewport={"width": 718, "height": 1000},
        java_script_enabled=scripts,
    ).page
    text = printed(page)
    for known in ("requests per second", "limits are dashed", "within which so many percent"):
        assert known in text
    page.emulate_media(media="print")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 718
