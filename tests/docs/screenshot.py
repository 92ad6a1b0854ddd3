"""Takes the README's pictures, docs/report.png, conformant.png and load.png (needs Chromium).

`python -m tests.docs.screenshot` takes all, with `report`, `conformant` or `load` behind it that one only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
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

    @property
    def path(self) -> Path:
        """Where the README has it from."""
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
    """Run the embedded target with the faults, replay Okta against it, photograph what is written."""
    with tempfile.TemporaryDirectory() as scratch:
        report(picture, Path(scratch))
        page = browser.new_page(viewport={"width": WIDTH, "height": picture.height})
        page.goto((Path(scratch) / picture.page).as_uri())
        picture.path.parent.mkdir(exist_ok=True)
        page.screenshot(path=picture.path)
        page.close()
    size = picture.path.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{picture.path.name} has {size:,} bytes, more than {MOST_BYTES:,}")
    sys.stdout.write(f"{picture.path.relative_to(ROOT)}: {size:,} bytes\n")


def report(picture: Picture, folder: Path) -> None:
    """What the command writes of the faulty target, in that folder."""
    with Served(faults=picture.faults, port=PORT) as served:
        command = [sys.executable, "-m", "scimproof", *picture.command, "--quiet"]
        command += ["--target", served.base_url, "--out", str(folder)]
        ran = subprocess.run(command, env={**os.environ, "SCIMPROOF_TOKEN": served.token}, check=False)
    if ran.returncode != bool(picture.faults):
        sys.exit(
            f"{picture.name}: scimproof should exit with {int(bool(picture.faults))}, not {ran.returncode}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
