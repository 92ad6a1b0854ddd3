"""Takes the pictures of the documents, as docs/report.png, load.png and load/dashboard.png (needs Chromium).

`python -m tests.docs.screenshot` takes all, with names (`report`, `load/dashboard`) those only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from scimproof.embedded.server import Served
from tests.browser import chromium

ROOT = Path(__file__).resolve().parents[2]
PORT = 8404  # it stands in the pictures, and in the README's examples
MOST_BYTES = 300_000


@dataclass(frozen=True)
class Picture:
    """The top of a page that a command writes about a target with these faults; `name` is the picture's."""

    name: str
    command: tuple[str, ...]
    faults: tuple[str, ...]
    page: str
    height: int
    seconds: int = 0  # of a dashboard: it is taken while the run goes on, when that has gone on so long

    @property
    def path(self) -> Path:
        """Where the documents have it from."""
        return ROOT / "docs" / f"{self.name}.png"


FAULTS = ("patch-active-ignored", "group-remove-ignored", "filter-case-sensitive")
PICTURES = {
    picture.name: picture
    for picture in (
        # Three that vendors really shipped, and that answer 200 all the while.
        Picture("report", ("run",), FAULTS, "report.html", 1290),
        Picture("conformant", ("run",), (), "report.html", 1000),
        Picture(
            "load",
            ("load", "rollout", "--rate", "5", "--duration", "10"),
            ("drop-one-create-in-fifty",),
            "load.html",
            1230,
        ),
        Picture(
            "load/dashboard",
            ("load", "smoke", "--stages", "10s:2,35s:2-5", "--dashboard"),
            ("one-in-forty-500",),
            "",
            1180,
            seconds=26,
        ),
    )
}
WIDTH = 1000


def main(names: list[str]) -> None:
    """Take the pictures with these names, or all."""
    try:
        with chromium.browser() as browser:
            for name in names or PICTURES:
                take(PICTURES[name], browser)
    except LookupError as missing:
        sys.exit(str(missing))


def take(picture: Picture, browser: Browser) -> None:
    """Run the embedded target with the faults, play the command against it, photograph the page."""
    page = browser.new_page(viewport={"width": WIDTH, "height": picture.height})
    page.set_default_timeout(120_000)
    picture.path.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, started(picture, Path(scratch)) as process:
        if picture.seconds:
            page.goto(process.stderr.readline().split()[1] if process.stderr else "")
            page.wait_for_selector("#rate polyline")
            page.wait_for_function(
                "since => document.querySelector('progress').value >= since", arg=picture.seconds
            )
            page.screenshot(path=picture.path)
        code = process.wait()
        if code != bool(picture.faults):
            sys.exit(f"{picture.name}: scimproof should exit with {int(bool(picture.faults))}, not {code}")
        if not picture.seconds:
            page.goto((Path(scratch) / picture.page).as_uri())
            page.screenshot(path=picture.path)
    page.close()
    size = picture.path.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{picture.path.name} has {size:,} bytes, more than {MOST_BYTES:,}")
    sys.stdout.write(f"{picture.path.relative_to(ROOT)}: {size:,} bytes\n")


@contextmanager
def started(picture: Picture, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The command of the picture against the faulty target; what it writes is in that folder."""
    with Served(faults=picture.faults, port=PORT) as served:
        command = [sys.executable, "-m", "scimproof", *picture.command, "--quiet"]
        command += ["--target", served.base_url, "--out", str(folder)]
        environment = {**os.environ, "SCIMPROOF_TOKEN": served.token, "SCIMPROOF_LEDGERS": str(folder)}
        errors = subprocess.PIPE if picture.seconds else None
        with subprocess.Popen(command, env=environment, stderr=errors, text=True) as process:
            yield process


if __name__ == "__main__":
    main(sys.argv[1:])
