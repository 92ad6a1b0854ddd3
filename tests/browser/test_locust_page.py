"""G07 and S13: Locust's own page in a browser: options, starting, watching, failures, stopping, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from scimproof.embedded.app import build
from scimproof.embedded.server import Served
from tests.engine.kit import TOKEN, recording
from tests.load.locusts import page as locust_page

OPTIONS = {
    "scimArrivals", "scimDuration", "scimInFlight", "scimMix", "scimPrefill", "scimRate", "scimSample",
    "scimSeed", "scimWarmUp",
}  # fmt: skip
WRONG = "the answer shows another `active` than was asked for"
PATIENCE = 60_000  # milliseconds; a machine may be busy


@pytest.fixture(scope="module")
def target() -> Iterator[Served]:
    """A server that deactivates nobody."""
    with Served(token=TOKEN, faults=["patch-active-ignored"]) as served:
        yield served


def opened(browser: Browser, url: str) -> Page:
    """The page, with its own options unfolded."""
    page = browser.new_page(viewport={"width": 1200, "height": 1400})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.get_by_text("Custom parameters").click()
    expect(page.locator("[name=scimRate]")).to_be_visible()
    return page


def state(page: Page, word: str) -> None:
    expect(page.get_by_text(word, exact=True).first).to_be_visible(timeout=PATIENCE)


def left_at(target: Served) -> int:
    headers = {"Authorization": f"Bearer {target.token}"}
    found: int = httpx2.get(f"{target.base_url}/Users", headers=headers).json()["totalResults"]
    return found


def test_g07_start_watch_and_stop_in_a_browser(browser: Browser, target: Served, tmp_path: Path) -> None:
    with locust_page(tmp_path, "--host", target.base_url) as running:
        page = opened(browser, running.url)
        names = {field.get_attribute("name") for field in page.locator("[name^=scim]").all()}
        assert names == OPTIONS
        page.locator("[name=scimMix]").fill("okta.oin.user.deactivate")
        page.locator("[name=scimRate]").fill("5")
        page.locator("[name=scimDuration]").fill("300")
        page.get_by_role("button", name="Start").click()
        state(page, "running")
        row = page.get_by_role("row", name="okta.oin.user.deactivate/deactivate")
        expect(row).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Failures").click()
        expect(page.get_by_text(WRONG).first).to_be_visible(timeout=PATIENCE)
        assert "Failed(" not in page.inner_text("body")
        page.get_by_role("button", name="Stop").click()
        state(page, "stopped")
        assert httpx2.get(f"{running.url}/exceptions").json() == {"exceptions": []}
        page.close()
        assert left_at(target) == 0  # stopping removes what was created
        assert "Traceback" not in running.said(), running.said()


def test_s13_another_host_is_refused_where_it_was_typed(
    browser: Browser, target: Served, tmp_path: Path
) -> None:
    with (
        recording(build(token=TOKEN)) as stranger,
        locust_page(tmp_path, "--host", target.base_url) as running,
    ):
        page = opened(browser, running.url)
        page.locator("[name=host]").fill(stranger.url)
        page.get_by_role("button", name="Start").click()
        told = page.get_by_role("alert").filter(has_text=f"is not sent to {stranger.url}")
        expect(told).to_be_visible(timeout=PATIENCE)
        state(page, "ready")
        assert stranger.arrived == []
        page.close()


def test_g07_a_wrong_token_is_said_on_the_page_and_nothing_is_played(
    browser: Browser, target: Served, tmp_path: Path
) -> None:
    with locust_page(tmp_path, "--host", target.base_url, SCIMPROOF_TOKEN="wr0ng-token") as running:
        page = opened(browser, running.url)
        page.get_by_role("button", name="Start").click()
        told = page.get_by_role("alert").filter(has_text="the target refuses the credentials")
        expect(told).to_be_visible(timeout=PATIENCE)
        state(page, "ready")
        assert "wr0ng-token" not in page.content() + running.said()
        assert "Traceback" not in running.said(), running.said()
        page.close()
    assert left_at(target) == 0
