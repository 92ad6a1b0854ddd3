"""The ids that the code and its data cite (OKTA-07, D-014, C9293, S1 ...), and where docs/ defines each.

Sections of *wire-facts* and labels of sources (S1, L1) mean what they mean in the notes on the sender that a
text is about: L1 of Entra is not L1 of Okta.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# What may cite: the product, what it ships, and what its reports are made of.
CITING = ("src", "suites", "fixtures", "load", "reports/templates")
SUFFIXES = {".py", ".toml", ".http", ".html", ".md", ".jinja"}
WIRE, STEPS = "reference/wire-facts.md", "reference/spec-test-steps.md"
PLAN, DEFECTS = "reference/oin-test-plan.md", "reference/defects.md"
BITWARDEN, SOURCES = "reference/bitwarden-behaviour.md", "sources.md"
ENTRA = "reference/entra-wire-facts.md"
RFC = "https://www.rfc-editor.org/rfc/rfc{}#section-{}"

# A pattern that needs no context, and the page and the anchor that define what it finds.
IDS = (
    (re.compile(r"\bOKTA-(\d\d)\b"), WIRE, "okta-{}"),
    (re.compile(r"\bENTRA-(\d\d)\b"), ENTRA, "entra-{}"),
    (re.compile(r"\bVALIDATOR-\d\d\b"), ENTRA, "section-7"),
    (re.compile(r"\bGALLERY-\d\d\b"), ENTRA, "section-8"),
    (re.compile(r"\bD-(\d{3})\b"), DEFECTS, "d-{}"),
    (re.compile(r"\bEN-(\d\d)\b"), DEFECTS, "en-{}"),
    (re.compile(r"\bBW-(\d\d)\b"), BITWARDEN, "bw-{}"),
    (re.compile(r"\bSPEC-(\d\d)\b"), STEPS, "spec-{}"),
    (re.compile(r"\bCRUD-(\d\d)\b"), STEPS, "crud-{}"),
    (re.compile(r"\b(?:HARNESS|BITWARDEN)-([A-Z]+(?:-[A-Z]+)?)\b"), SOURCES, "own-requests"),
    (re.compile(r"\bC(9\d{3}|21902)\b"), PLAN, "c{}"),
    (re.compile(r"\bspec-test-steps section (\d)\b"), STEPS, "section-{}"),
)
SECTION = re.compile(r"\bwire-facts section (\d{1,2})\b")
# A part of a section by its number: "wire-facts section 5, 14".
NUMBERED = re.compile(r"\bwire-facts section (\d{1,2}), (\d{1,2})\b")
# A report by the name of its repository: "snipe-it#19096", "apache/directory-scimple#1242".
REPORT = re.compile(r"(?<![\w/#.-])([A-Za-z][\w./-]*)#(\d+)\b")


@dataclass(frozen=True)
class Notes:
    """Our notes on a sender: the page of its requests, and what labels of its sources look like.

    Labels are of one letter, and only what names a source is read for them; `anchor` is theirs in sources.md.
    """

    wire: str
    label: re.Pattern[str]
    anchor: str


NOTES = {
    "okta": Notes(WIRE, re.compile(r"\b([SLB]\d{1,2})(?:/\d+)?\b"), "{}"),
    "entra": Notes(ENTRA, re.compile(r"\b([ML]\d{1,2})[ab]?(?:#\d+)?\b"), "entra-{}"),
}
RFC_SECTION = re.compile(r"\bRFC (\d{4}) sections? (\d[\d.]*\d|\d)\b")
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')


def sender_of(name: str) -> str:
    """The sender that a file is about, by a part of its path or its authority: okta, where it names none."""
    return next((id for id in NOTES if re.search(rf"(?:^|[/.]){id}\b", name)), "okta")


def cited(text: str, sender: str = "okta") -> dict[str, tuple[str, str]]:
    """Every id in the text, with the page (below docs/) and the anchor that define it."""
    ids = (*IDS, (SECTION, NOTES[sender].wire, "section-{}"))
    return {
        found[0]: (page, anchor.format(*(group.lower() for group in found.groups())))
        for pattern, page, anchor in ids
        for found in pattern.finditer(text)
    }


def labels(source: str, sender: str = "okta") -> dict[str, tuple[str, str]]:
    """The labels of sources (S1, L5/95, B3; of Entra: M1, L8#94189) in a text that names sources."""
    notes = NOTES[sender]
    return {
        found[0]: (SOURCES, notes.anchor.format(found[1].lower())) for found in notes.label.finditer(source)
    }


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


def linked(source: str, page: str, sender: str = "okta") -> str:
    """A text that names sources, each id a link as seen from that page below docs/."""
    places = {**cited(source, sender), **labels(source, sender)}
    words = sorted(places, key=len, reverse=True)
    if words:
        pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words))
        source = pattern.sub(lambda found: _link(found[0], *places[found[0]], page), source)
    return RFC_SECTION.sub(lambda found: f"[{found[0]}]({RFC.format(found[1], found[2])})", source)


def _link(word: str, target: str, anchor: str, page: str) -> str:
    path = "" if target == page else os.path.relpath(target, os.path.dirname(page) or ".")  # noqa: PTH120
    return f"[{word}]({path}#{anchor})"
