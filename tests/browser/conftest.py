"""One headless Chromium for all; without one the tests are skipped, or fail where it is required."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import chromium

# .ci/run sets it to "required": a check that may be skipped there would be none.
SWITCH = "SCIMPROOF_BROWSER"
LONGEST = 60_000  # milliseconds for anything to happen in a page, on a machine that does a lot besides
expect.set_options(timeout=LONGEST)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium.found() is None:
        if os.environ.get(SWITCH) == "required":
            pytest.fail(f"{SWITCH} says required, and {chromium.MISSING}")
        pytest.skip(chromium.MISSING)
    with chromium.browser() as started:
        yield started


@dataclass
class Seen:
    """A page that is open, and everything that it should never do."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


Opener = Callable[..., Seen]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Opens HTML text from disk; afterwards nothing may have been said on the console or asked of anybody."""
    contexts: list[BrowserContext] = []
    pages: list[Seen] = []

    def open_it(html: str, fragment: str = "", **options: Any) -> Seen:
        file = tmp_path / f"page-{len(pages)}.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(**({"viewport": {"width": 1000, "height": 900}} | options))
        contexts.append(context)
        seen = Seen(context.new_page())
        pages.append(seen)
        seen.page.set_default_timeout(LONGEST)
        seen.page.on("console", lambda message: seen.said.append(message.text))
        seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        seen.page.goto(file.as_uri() + fragment)
        return seen

    yield open_it
    for seen in pages:
        assert seen.said == []
        assert {url.partition(":")[0] for url in seen.asked} == {"file"}
        assert len({url.partition("#")[0] for url in seen.asked}) == 1
    for context in contexts:
        context.close()
