"""A real run watched in a browser from its first second to its end, and afterwards looked at in its file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from scimproof.render.load.terminal import milliseconds
from tests.browser.conftest import Seen
from tests.browser.test_accessibility import AXE, CONTRAST, objections

PLAN = """\
question = "Can it be watched?"
rate = 4
arrivals = "constant"
warm_up = 1
seconds = 11
max_schedule_lag_ms = 60000
drain = 60
audit = false
races = false

[mix]
"okta.oin.user.create" = 1
"okta.oin.user.deactivate" = 1

[thresholds]
"okta.oin.user.create/create" = { p95_ms = 60000, errors = 0 }
"""
POINTS = "#rate .plot"  # as a slider it says how many moments there are


@dataclass
class Watched:
    """A run that goes on, and everything that its stream tells, to its end."""

    process: subprocess.Popen[str]
    url: str
    out: Path
    told: list[dict[str, Any]] = field(default_factory=list)

    def listen(self) -> None:
        with httpx2.stream("GET", f"{self.url}events", timeout=60) as answer:
            lines = answer.iter_lines()
            self.told += [json.loads(one.removeprefix("data: ")) for one in lines if one.startswith("data: ")]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Watched]:
    plan, out = tmp_path / "mine.toml", tmp_path / "out"
    plan.write_text(PLAN, encoding="utf-8")
    words = ["load", str(plan), "--dashboard", "--processes", "2", "--out", str(out)]
    environment = os.environ | {"SCIMPROOF_LEDGERS": str(tmp_path / "ledgers")}
    process = subprocess.Popen(
        [sys.executable, "-m", "scimproof", *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    with process:
        try:
            first = _lines(process.stderr).readline()
            assert first.startswith("Dashboard: http://127.0.0.1:"), first
            yield Watched(process, first.split()[1], out)
        finally:
            process.terminate()


def _lines(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def opened(browser: Browser, url: str) -> Seen:
    seen = Seen(browser.new_page(viewport={"width": 1200, "height": 900}))
    seen.page.set_default_timeout(60_000)
    seen.page.on("console", seen.message)
    seen.page.on("pageerror", seen.error)
    seen.page.on("request", seen.request)
    seen.page.goto(url)
    return seen


def moments(page: Page) -> int:
    return int(page.locator(POINTS).get_attribute("aria-valuemax") or 0) + 1


def come(page: Page, least: int) -> None:
    """Wait until the charts show so many moments."""
    page.wait_for_function(
        "([of, least]) => Number(document.querySelector(of)?.getAttribute('aria-valuemax')) + 1 >= least",
        arg=[POINTS, least],
    )


def test_charts_move_figures_are_those_of_the_run_and_everything_stays_here(
    browser: Browser, run: Watched
) -> None:
    """With two generator processes, two browsers of which one comes late and goes early, and one listener."""
    early = opened(browser, run.url)
    listener = threading.Thread(target=run.listen)
    listener.start()
    page = early.page
    come(page, 2)
    drawn = page.locator("#rate polyline").last.get_attribute("points")
    come(page, moments(page) + 2)
    assert page.locator("#rate polyline").last.get_attribute("points") != drawn

    late = opened(browser, run.url)
    come(late.page, 4)
    late.page.locator(POINTS).press("Home")
    expect(late.page.locator("#rate .reading")).to_have_text(
        page.evaluate(f"() => {{ const plot = document.querySelector('{POINTS}'); plot.focus();"
        " plot.dispatchEvent(new KeyboardEvent('keydown', {key: 'Home'}));"
        " return document.querySelector('#rate .reading').textContent; }")
    )  # fmt: skip
    late.page.close()  # in the middle of the run, which it must not hurt

    expect(page.locator("#result")).to_have_text("pass")
    listener.join(60)
    row = run.told[-1]["row"]
    shown = {
        name: page.locator(f"[data-figure={name}]").first.inner_text()
        for name in ("achieved", "asked", "p50", "p95", "p99", "errors", "in_flight", "workers", "due")
    }
    assert shown == {
        "achieved": f"{row['achieved']:,.1f}", "asked": f"{row['asked']:,.1f}",
        **{name: milliseconds(row["recent_ms"][name]) for name in ("p50", "p95", "p99")},
        "errors": f"{row['errors']:,}", "in_flight": f"{row['in_flight']:,}",
        "workers": "2 workers", "due": f"{row['due']:,}",
    }  # fmt: skip
    assert row["answered"] > 0
    assert page.locator("#worst tr").count() == len(row["worst"]) > 0
    expect(page.locator("#verdicts")).to_have_text("Of 2: 2 held so far.")
    assert objections_to(page) == []
    assert len(run.told) <= 40  # at most one a second, where a row comes each second

    report = Path(page.locator("#report").inner_text())
    assert run.process.wait(60) == 0
    assert report == run.out.resolve() / "load.html"
    expect(page.locator("#lost")).to_be_hidden()
    page.goto(report.as_uri())
    expect(page.locator(".first .reading")).to_contain_text(" ms")
    expect(page.locator(".picked polyline, .picked circle").first).to_be_attached()
    page.close()
    assert early.said + late.said == []  # where a violation of the policy would stand, too
    served = {url for url in early.asked + late.asked if not url.startswith("file:")}
    assert served == {run.url, f"{run.url}events"}


def objections_to(page: Page) -> list[str]:
    """What axe objects to, by day and by night."""
    page.evaluate(AXE)
    found = objections(page)
    page.emulate_media(color_scheme="dark")
    found += objections(page, CONTRAST)
    page.emulate_media(color_scheme="light")
    return found
