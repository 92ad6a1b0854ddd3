"""One headless Chromium for all; without one the tests are skipped, or fail where it is required."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, ViewportSize, expect

from tests.browser import chromium

# .ci/run sets it to "required": a check that may be skipped there would be none.
SWITCH = "SCIMPROOF_BROWSER"
LONGEST = 60_000  # milliseconds for anything to happen in a page, on a machine that does a lot besides
ORDINARY: ViewportSize = {"width": 1000, "height": 900}
expect.set_options(timeout=LONGEST)


def started_or_not() -> Iterator[Browser]:
    """The browser; skips the test, or fails it, where there is none."""
    if chromium.found() is None:
        if os.environ.get(SWITCH) == "required":
            pytest.fail(f"{SWITCH} says required, and {chromium.MISSING}")
        pytest.skip(chromium.MISSING)
    with chromium.browser() as started:
        yield started


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that look at a page in the shared window do so in one worker, with one Chromium."""
    for item in items:
        if isinstance(item, pytest.Function) and "windows" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    yield from started_or_not()


@dataclass
class Windows:
    """One window with scripts and one without: what a test opens in it takes the place of what was there."""

    browser: Browser
    _kept: dict[bool, Page] = field(default_factory=dict)

    def window(self, *, scripts: bool) -> Page:
        """An empty one, made when it is first asked for."""
        if scripts not in self._kept:
            page = self._kept[scripts] = self.browser.new_context(java_script_enabled=scripts).new_page()
            page.set_default_timeout(LONGEST)
        return self._kept[scripts]


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@dataclass
class Seen:
    """A page that is open, and everything that it should never do."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def message(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)

    def error(self, error: Error) -> None:
        self.said.append(str(error))

    def request(self, request: Request) -> None:
        self.asked.append(request.url)


class Opener(Protocol):
    """Opens HTML text from disk, at a fragment such as `#findings`."""

    def __call__(
        self,
        html: str,
        fragment: str = "",
        *,
        viewport: ViewportSize = ORDINARY,
        color_scheme: Literal["light", "dark"] = "light",
        java_script_enabled: bool = True,
    ) -> Seen: ...


@pytest.fixture
def opened(windows: Windows, tmp_path: Path) -> Iterator[Opener]:
    """Opens HTML text from disk, once a test.

    Afterwards nothing may have been said on the console or asked of anybody.
    """
    pages: list[Seen] = []

    def open_it(
        html: str,
        fragment: str = "",
        *,
        viewport: ViewportSize = ORDINARY,
        color_scheme: Literal["light", "dark"] = "light",
        java_script_enabled: bool = True,
    ) -> Seen:
        assert not pages, "the window has a page of this test already"
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        page = windows.window(scripts=java_script_enabled)
        page.set_viewport_size(viewport)
        page.emulate_media(media="null", color_scheme=color_scheme)
        seen = Seen(page)
        pages.append(seen)
        page.on("console", seen.message)
        page.on("pageerror", seen.error)
        page.on("request", seen.request)
        page.goto(file.as_uri() + fragment)
        return seen

    yield open_it
    for seen in pages:
        seen.page.remove_listener("console", seen.message)
        seen.page.remove_listener("pageerror", seen.error)
        seen.page.remove_listener("request", seen.request)
        seen.page.goto("about:blank")
        assert seen.said == []
        assert {url.partition(":")[0] for url in seen.asked} == {"file"}
        assert len({url.partition("#")[0] for url in seen.asked}) == 1
