"""The ids that the code and its data cite (OKTA-07, D-014, C9293, S1 ...), and where docs/ defines each."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# What may cite: the product, what it ships, and what its reports are made of.
CITING = ("src", "suites", "fixtures", "load", "reports/templates")
SUFFIXES = {".py", ".toml", ".http", ".html", ".md", ".jinja"}
WIRE, STEPS = "reference/wire-facts.md", "reference/spec-test-steps.md"
PLAN, DEFECTS = "reference/oin-test-plan.md", "reference/defects.md"
BITWARDEN, SOURCES = "reference/bitwarden-behaviour.md", "sources.md"
RFC = "https://www.rfc-editor.org/rfc/rfc{}#section-{}"

# A pattern that needs no context, and the page and the anchor that define what it finds.
IDS = (
    (re.compile(r"\bOKTA-(\d\d)\b"), WIRE, "okta-{}"),
    (re.compile(r"\bD-(\d{3})\b"), DEFECTS, "d-{}"),
    (re.compile(r"\bBW-(\d\d)\b"), BITWARDEN, "bw-{}"),
    (re.compile(r"\bSPEC-(\d\d)\b"), STEPS, "spec-{}"),
    (re.compile(r"\bCRUD-(\d\d)\b"), STEPS, "crud-{}"),
    (re.compile(r"\b(?:HARNESS|BITWARDEN)-([A-Z]+(?:-[A-Z]+)?)\b"), SOURCES, "own-requests"),
    (re.compile(r"\bC(9\d{3}|21902)\b"), PLAN, "c{}"),
    (re.compile(r"\bwire-facts section (\d)\b"), WIRE, "section-{}"),
    (re.compile(r"\bspec-test-steps section (\d)\b"), STEPS, "section-{}"),
)
# Labels of one letter: only what names a source is read for them.
LABEL = re.compile(r"\b([SLB]\d{1,2})(?:/\d+)?\b")
RFC_SECTION = re.compile(r"\bRFC (\d{4}) sections? (\d[\d.]*\d|\d)\b")
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')


def cited(text: str) -> dict[str, tuple[str, str]]:
    """Every id in the text, with the page (below docs/) and the anchor that define it."""
    return {
        found[0]: (page, anchor.format(found[1].lower()))
        for pattern, page, anchor in IDS
        for found in pattern.finditer(text)
    }


def labels(source: str) -> dict[str, tuple[str, str]]:
    """The labels of sources (S1, L5/95, B3) in a text that names sources."""
    return {found[0]: (SOURCES, found[1].lower()) for found in LABEL.finditer(source)}


def files() -> list[Path]:
    """The files that may cite."""
    return sorted(
        path
        for folder in CITING
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SUFFIXES and "__pycache__" not in path.parts
    )


def anchors(page: str) -> set[str]:
    """The anchors that a page below docs/ defines by itself."""
    return set(ANCHOR.findall((DOCS / page).read_text(encoding="utf-8")))


def linked(source: str, page: str) -> str:
    """A text that names sources, each id a link as seen from that page below docs/."""
    places = {**cited(source), **labels(source)}
    words = sorted(places, key=len, reverse=True)
    if words:
        pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words))
        source = pattern.sub(lambda found: _link(found[0], *places[found[0]], page), source)
    return RFC_SECTION.sub(lambda found: f"[{found[0]}]({RFC.format(found[1], found[2])})", source)


def _link(word: str, target: str, anchor: str, page: str) -> str:
    path = "" if target == page else os.path.relpath(target, os.path.dirname(page) or ".")  # noqa: PTH120
    return f"[{word}]({path}#{anchor})"
