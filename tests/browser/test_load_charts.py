"""The charts of load.html: values to read and operations to pick; and what is there without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scimproof.render.load.html import html
from scimproof.render.load.terminal import milliseconds
from tests.browser.conftest import Opener
from tests.browser.pages import LOAD
from tests.load.loaded import OIN


def lines(page: Page) -> list[str]:
    return page.locator(".picked .key li").all_inner_texts()


def test_each_moment_can_be_read_with_the_keys_and_under_the_pointer(opened: Opener) -> None:
    document: dict[str, Any] = LOAD["load, held"]()
    page = opened(html(document)).page
    chart, reading = page.locator(".first .plot"), page.locator(".first .reading")
    chart.focus()
    series, warm_up = document["series"], document["plan"]["warm_up"]
    last = len(series["at"]) - 1
    for key, place in (
        ("End", last),
        ("ArrowLeft", last - 1),
        ("PageDown", last - 11),
        ("ArrowRight", last - 10),
    ):
        page.keyboard.press(key)
        told = ", ".join(
            f"{name} of all requests {milliseconds(series['overall'][name][place])} ms"
            for name in ("p50", "p95", "p99")
        )
        expect(reading).to_contain_text(f"{series['at'][place]} s: {told}")
        assert series["at"][place] >= warm_up
        assert chart.get_attribute("aria-valuetext") == reading.inner_text()
    box = chart.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 27, box["y"] + 40)
    expect(reading).to_contain_text(f"{series['at'][last]} s:")
    expect(page.locator(".first .mark circle")).not_to_have_count(0)


def test_operations_are_picked_from_the_table_with_the_mouse_and_the_keyboard(opened: Opener) -> None:
    document: dict[str, Any] = LOAD["load, broken"]()
    page = opened(html(document)).page
    slow = sorted(document["operations"], key=lambda row: -row["response_ms"]["p95"])[:3]
    assert lines(page) == [f"{n} p95 of {row['id']}" for n, row in enumerate(slow, 1)]
    page.get_by_role("button", name="None").click()
    assert lines(page) == []
    page.get_by_label(OIN, exact=True).check()
    page.get_by_label(f"{OIN}/search").focus()
    page.keyboard.press("Space")
    assert lines(page) == [f"1 p95 of {OIN}", f"2 p95 of {OIN}/search"]
    page.get_by_label("p99", exact=True).check()
    page.get_by_label("p95", exact=True).uncheck()
    assert lines(page) == [f"1 p99 of {OIN}", f"2 p99 of {OIN}/search"]
    page.get_by_label("all requests").check()
    assert lines(page)[2] == "3 p99 of all requests"
    assert page.locator(".picked text.tag").all_text_contents() == ["1", "2", "3"]


def test_the_limits_of_what_is_picked_are_drawn_and_broken_ones_are_found(opened: Opener) -> None:
    page = opened(html(LOAD["load, broken"]())).page
    page.get_by_role("button", name="With errors or broken limits").click()
    assert f"p95 of {OIN}/create" in " ".join(lines(page))
    names = page.locator(".picked line.level title").all_text_contents()
    assert any(name.endswith("p95 ≤ 500 ms") for name in names), names
    page.get_by_role("searchbox", name="Find").fill("AIW")
    shown = page.locator("tr[data-id]:visible")
    assert {"aiw" in (row.get_attribute("data-id") or "") for row in shown.all()} == {True}


def test_the_chart_stays_in_sight_while_the_table_is_scrolled(opened: Opener) -> None:
    page = opened(html(LOAD["load, earlier"]()), viewport={"width": 1200, "height": 700}).page
    boxes = page.locator("tr[data-id] input")
    for box in (
        boxes.last,
        boxes.nth(boxes.count() // 2),
        boxes.nth(1),
    ):  # downwards, and back under the chart
        box.focus()
        expect(page.locator(".picked svg")).to_be_in_viewport()
        chart, at = page.locator(".picked").bounding_box(), box.bounding_box()
        assert chart
        assert at
        assert chart["y"] + chart["height"] <= at["y"] <= 700


@pytest.mark.parametrize("name", ["load, ended early", "load, hostile", "load, over time"])
def test_whatever_a_run_has_can_be_drawn(opened: Opener, name: str) -> None:
    """That nothing was said on the console is asserted by `opened`."""
    page = opened(html(LOAD[name]())).page
    expect(page.locator(".picked .plot")).to_be_visible()


def test_without_scripts_every_sequence_has_its_plot_and_nothing_is_offered_that_would_not_work(
    opened: Opener,
) -> None:
    page = opened(html(LOAD["load, held"]()), java_script_enabled=False).page
    expect(page.locator(".choices")).to_be_hidden()
    expect(page.locator(".picked")).to_be_hidden()
    assert page.locator("tr input").count() == 0
    page.locator("summary", has_text="Latency of each sequence").click()
    expect(page.locator(".small svg").first).to_be_visible()
    expect(page.locator(".first svg.wide polyline").first).to_be_visible()
