"""Takes the README's picture: `python -m tests.docs.screenshot` writes docs/report.png (needs Chromium)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scimproof.embedded.server import Served

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "report.png"
# Three that vendors really shipped, and that answer 200 all the while.
FAULTS = ("patch-active-ignored", "group-remove-ignored", "filter-case-sensitive")
PORT = 8404  # it stands in the picture, and in the README's example
MOST_BYTES = 300_000
WIDTH, HEIGHT = 1000, 1190
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Run the embedded target with the faults, replay Okta against it, photograph the report."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit("needs Chromium; on Debian and Ubuntu: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch:
        report(Path(scratch))
        photograph(browser, Path(scratch) / "report.html", PICTURE, Path(scratch) / "profile")
    size = PICTURE.stat().st_size
    if size > MOST_BYTES:
        sys.exit(f"{PICTURE.name} has {size:,} bytes, more than {MOST_BYTES:,}")
    sys.stdout.write(f"{PICTURE.relative_to(ROOT)}: {size:,} bytes\n")


def report(folder: Path) -> None:
    """The reports of a run against the faulty target, in that folder."""
    with Served(faults=FAULTS, port=PORT) as served:
        command = [sys.executable, "-m", "scimproof", "run", "--quiet"]
        command += ["--target", served.base_url, "--out", str(folder)]
        ran = subprocess.run(command, env={**os.environ, "SCIMPROOF_TOKEN": served.token}, check=False)
    if ran.returncode != 1:
        sys.exit(f"a target with faults should make scimproof exit with 1, not {ran.returncode}")


def photograph(browser: str, page: Path, picture: Path, profile: Path) -> None:
    """The top of a page as a PNG, taken by a browser that talks to nobody."""
    picture.parent.mkdir(exist_ok=True)
    quiet = "--disable-background-networking --disable-component-update --disable-sync --disable-quic"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *quiet.split()]
    command += ["--hide-scrollbars", f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}"]
    subprocess.run([*command, f"--screenshot={picture}", page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main()
