"""Takes the README's pictures, docs/report.png and docs/load.png (needs Chromium).

`python -m tests.docs.screenshot` takes both, with `report` or `load` behind it that one only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scimproof.embedded.server import Served

ROOT = Path(__file__).resolve().parents[2]
PORT = 8404  # it stands in the pictures, and in the README's examples
MOST_BYTES = 300_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Picture:
    """The top of a page that a command writes about a target with these faults; such a run exits with 1."""

    command: tuple[str, ...]
    faults: tuple[str, ...]
    page: str
    height: int

    @property
    def path(self) -> Path:
        """Where the README has it from."""
        return ROOT / "docs" / f"{Path(self.page).stem}.png"


PICTURES = {
    # Three that vendors really shipped, and that answer 200 all the while.
    "report": Picture(
        ("run",),
        ("patch-active-ignored", "group-remove-ignored", "filter-case-sensitive"),
        "report.html",
        1190,
    ),
    "load": Picture(
        ("load", "rollout", "--rate", "5", "--duration", "10"),
        ("drop-one-create-in-fifty",),
        "load.html",
        1530,
    ),
}
WIDTH = 1000


def main(names: list[str]) -> None:
    """Take the pictures with these names, or all."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("needs Chromium; on Debian and Ubuntu: apt-get install chromium")
    for name in names or PICTURES:
        take(PICTURES[name], browser)


def take(picture: Picture, browser: str) -> None:
    """Run the embedded target with the faults, replay Okta against it, photograph what is written."""
    with tempfile.TemporaryDirectory() as scratch:
        report(picture, Path(scratch))
        photograph(browser, Path(scratch) / picture.page, picture, Path(scratch) / "profile")
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
    if ran.returncode != 1:
        sys.exit(f"a target with faults should make scimproof exit with 1, not {ran.returncode}")


def photograph(browser: str, page: Path, picture: Picture, profile: Path) -> None:
    """The top of a page as a PNG, taken by a browser that talks to nobody."""
    picture.path.parent.mkdir(exist_ok=True)
    quiet = "--disable-background-networking --disable-component-update --disable-sync --disable-quic"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *quiet.split()]
    command += ["--hide-scrollbars", f"--user-data-dir={profile}", f"--window-size={WIDTH},{picture.height}"]
    subprocess.run([*command, f"--screenshot={picture.path}", page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main(sys.argv[1:])
