"""The system's Chromium, driven by Playwright, started so that it talks to nobody."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = (
    "the reports were not opened in a browser: there is no Chromium here; "
    "on Debian and Ubuntu: apt-get install chromium"
)


def found() -> str | None:
    """The program's path, None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser; LookupError where there is none."""
    path = found()
    if path is None:
        raise LookupError(MISSING)
    flags = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, headless=True, args=flags)
        try:
            yield started
        finally:
            started.close()
