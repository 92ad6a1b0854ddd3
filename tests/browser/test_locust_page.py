"""G07 and S13: Locust's own page in a browser: options, starting, watching, failures, stopping, refusals."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from scimproof.embedded.app import build
from tests.engine.kit import TOKEN, Recording, recording
from tests.load.locusts import differences, rows
from tests.load.locusts import page as locust_page

OPTIONS = {
    "scimAbortOn", "scimArrivals", "scimAudit", "scimDuration", "scimInFlight", "scimMix", "scimPlan",
    "scimPrefill", "scimProfile", "scimRate", "scimSample", "scimSeed", "scimStages", "scimThreshold",
    "scimUsers", "scimWarmUp",
}  # fmt: skip
WRONG = "the answer shows another `active` than was asked for"
PATIENCE = 60_000  # milliseconds; a machine may be busy


class Target:
    """A server that deactivates nobody, and that deletes nobody while somebody watches for `watched`."""

    def __init__(self) -> None:
        self._app = build(token=TOKEN, faults=["patch-active-ignored"])
        self.watched = threading.Event()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "DELETE":
            self.watched.wait(10)  # scimproof waits 15 s for an answer
        return self._app(environ, start)


@pytest.fixture
def target() -> Iterator[Recording]:
    with recording(Target()) as served:
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


def watched(page: Page) -> None:
    """Wait until the page has asked once more how the test stands."""
    with page.expect_response(lambda answer: answer.url.endswith("/stats/requests"), timeout=PATIENCE):
        pass


def downloaded(page: Page, name: str) -> str:
    """The text behind a link of the tab with the downloads."""
    with page.expect_download(timeout=PATIENCE) as found:
        page.get_by_role("link", name=name, exact=True).click()
    return found.value.path().read_text(encoding="utf-8")


def reports(page: Page) -> dict[str, Any]:
    """What can be downloaded when a test has ended: load.json, held to Locust's own table beside it."""
    page.get_by_role("tab", name="Download Data").click()
    document: dict[str, Any] = json.loads(downloaded(page, "Download load.json"))
    table, failures = downloaded(page, "Download requests CSV"), downloaded(page, "Download failures CSV")
    assert differences(document, table) == []
    assert document["overall"]["count"] > 0
    assert rows(failures, "Error").keys() == {WRONG}
    assert "Everything here is in load.json." in downloaded(page, "Download load.html")
    assert "<testsuite" in downloaded(page, "Download load-junit.xml")
    return document


def again(page: Page) -> None:
    """A second test in the same process, short and to its end, after a rate that is none was refused."""
    page.get_by_role("button", name="New").click()
    if not page.locator("[name=scimRate]").is_visible():
        page.get_by_text("Custom parameters").click()
    page.locator("[name=scimRate]").fill("-6")
    page.get_by_role("button", name="Start").click()
    told = page.get_by_role("alert").filter(has_text="--scim-rate should be a number from 0.001")
    expect(told).to_be_visible(timeout=PATIENCE)
    page.locator("[name=scimRate]").fill("6")
    page.locator("[name=scimDuration]").fill("2")
    page.locator("[name=scimArrivals]").select_option("constant")
    page.get_by_role("button", name="Start").click()
    state(page, "running")
    state(page, "stopped")


def test_g07_s13_refuse_another_host_then_start_watch_and_stop_in_a_browser(
    browser: Browser, target: Recording, tmp_path: Path
) -> None:
    with recording() as stranger, locust_page(tmp_path, "--host", target.url) as running:
        page = opened(browser, running.url)
        names = {field.get_attribute("name") for field in page.locator("[name^=scim]").all()}
        assert names == OPTIONS
        page.locator("[name=scimMix]").fill("okta.oin.user.deactivate")
        page.locator("[name=scimRate]").fill("5")
        page.locator("[name=scimDuration]").fill("300")

        page.locator("[name=host]").fill(stranger.url)
        page.get_by_role("button", name="Start").click()
        told = page.get_by_role("alert").filter(has_text=f"is not sent to {stranger.url}")
        expect(told).to_be_visible(timeout=PATIENCE)
        state(page, "ready")
        assert stranger.arrived == []

        page.locator("[name=host]").fill(target.url)
        page.get_by_role("button", name="Start").click()
        state(page, "running")
        row = page.get_by_role("row", name="okta.oin.user.deactivate/deactivate")
        expect(row).to_be_visible(timeout=PATIENCE)
        page.get_by_role("tab", name="Failures").click()
        expect(page.get_by_text(WRONG).first).to_be_visible(timeout=PATIENCE)
        assert "Failed(" not in page.inner_text("body")

        page.get_by_role("tab", name="scimproof").click()
        expect(page.get_by_role("cell", name="requests/s,")).to_be_visible(timeout=PATIENCE)

        page.get_by_role("button", name="Stop").click()
        for _ in range(2):  # the second one comes only if the page goes on asking while it is cleaned up
            watched(page)
        target.app.watched.set()
        state(page, "stopped")
        assert httpx2.get(f"{running.url}/exceptions").json() == {"exceptions": []}
        assert target.everything()["Users"] == []  # stopping removes what was created
        halfway = reports(page)
        assert (halfway["result"], halfway["partial"], halfway["audit"]["done"]) == ("invalid", True, False)
        assert "stopped before the end of its schedule" in halfway["stop"]

        again(page)
        whole = reports(page)
        assert (whole["result"], whole["partial"], whole["audit"]["done"]) == ("fail", False, True)
        assert whole["arrivals"]["finished"] == 12  # of this test, not of the one before
        assert whole["audit"]["counts"]["undead"] == 12
        assert whole["ledger"]["removed"] == whole["ledger"]["created"] == 12
        page.get_by_role("tab", name="scimproof").click()
        expect(page.get_by_role("cell", name="12 undead").first).to_be_visible(timeout=PATIENCE)
        page.close()
        assert target.everything()["Users"] == []
        assert "Traceback" not in running.said(), running.said()
