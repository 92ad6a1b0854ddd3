"""docs/ builds into a site whose links lead somewhere and whose pages load nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import site

ROOT = Path(__file__).resolve().parents[2]
# What a browser fetches by itself; a link (<a href>) is followed by people.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b[^>]*\bhref=[\"']?(?:https?:)?//[^>]*>"
)
STYLED = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*")

# One worker builds the site for all of these (make test runs with --dist loadgroup).
pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "--site-dir", str(out)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return out


def test_every_page_is_in_the_site_and_every_link_leads_somewhere(built: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages if not (built / page).is_file()} == set()


def test_no_page_loads_anything_from_elsewhere(built: Path) -> None:
    html = {path: path.read_text(encoding="utf-8") for path in built.rglob("*.html")}
    styles = {path: path.read_text(encoding="utf-8") for path in built.rglob("*.css")}
    assert len(html) > 20
    assert [found[0] for text in html.values() for found in FETCHED.finditer(text)] == []
    assert [found[0] for text in (*html.values(), *styles.values()) for found in STYLED.finditer(text)] == []


def test_links_into_the_repository_are_words_or_lead_to_where_it_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class File:
        src_uri = "guides/ci.md"

    class Page:
        file = File()

    text = "[a](../../action.yml) [b](load.md#x)\n```\n[c](../../action.yml)\n```\n"
    monkeypatch.delenv("SCIMPROOF_DOCS_REPOSITORY", raising=False)
    plain = "a (`action.yml`) [b](load.md#x)\n```\n[c](../../action.yml)\n```\n"
    assert site.on_page_markdown(text, page=Page()) == plain
    monkeypatch.setenv("SCIMPROOF_DOCS_REPOSITORY", "https://host/owner/name/blob/main/")
    shown = "[a](https://host/owner/name/blob/main/action.yml) [b]"
    assert site.on_page_markdown(text, page=Page()).startswith(shown)
