"""What the code, its data and its reports cite is defined in docs/."""

from __future__ import annotations

import re
from functools import cache

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.embedded.faults import FAULTS, UNSEEN
from tests.docs import cited, faults

PAGES = sorted(
    {page for _, page, _ in cited.IDS} | {notes.wire for notes in cited.NOTES.values()} | {cited.SOURCES}
)
# How many of the first columns of these sections' tables are cited: "wire-facts section 5, 14".
ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)


@cache
def places() -> dict[str, dict[str, tuple[str, str]]]:
    """By file, the ids that it cites."""
    found = {}
    for path in cited.files():
        name = path.relative_to(cited.ROOT).as_posix()
        ids = cited.cited(path.read_text(encoding="utf-8"), cited.sender_of(name))
        if ids:
            found[name] = ids
    return found


def test_every_cited_id_has_an_anchor() -> None:
    known = {page: cited.anchors(page) for page in PAGES}
    missing = {
        f"{file}: {id}"
        for file, ids in places().items()
        for id, (page, anchor) in ids.items()
        if anchor not in known[page]
    }
    assert missing == set()


KINDS = ("OKTA-07", "ENTRA-07", "VALIDATOR-02", "GALLERY-02", "D-014", "BW-09", "SPEC-06", "C9293")


@pytest.mark.parametrize("id", [*KINDS, "wire-facts section 5"])
def test_ids_of_each_kind_are_found_at_all(id: str) -> None:
    assert any(id in ids for ids in places().values())


def sources() -> list[tuple[str, str]]:
    """What says where something is from, each with the sender whose notes it means."""
    catalog = load_catalog()
    said = [(template.source, template.path) for template in catalog.templates.values()]
    said += [
        (rule.source, rule.authority)
        for rule in catalog.requirements.values()
        if not rule.authority.startswith("rfc")
    ]
    said += [(sequence.source, sequence.id) for sequence in catalog.sequences.values()]
    return [(source, cited.sender_of(name)) for source, name in said]


def test_every_label_of_a_source_has_an_anchor() -> None:
    found = {
        (sender, label): anchor
        for source, sender in sources()
        for label, (_, anchor) in cited.labels(source, sender).items()
    }
    assert {("okta", "S1"), ("okta", "L1"), ("okta", "B3"), ("entra", "M1"), ("entra", "L8#94189")} <= set(
        found
    )
    known = cited.anchors(cited.SOURCES)
    assert {place for place, anchor in found.items() if anchor not in known} == set()


def test_a_label_means_the_source_of_its_sender() -> None:
    assert cited.sender_of("suites/requirements/entra-validator.toml") == "entra"
    assert cited.sender_of("src/scimproof/target/target.py") == "okta"
    assert cited.labels("L1, M12b", "entra") == {
        "L1": ("sources.md", "entra-l1"),
        "M12b": ("sources.md", "entra-m12"),
    }
    assert cited.labels("L1, M12b", "okta") == {"L1": ("sources.md", "l1")}
    assert cited.linked("wire-facts section 10, 6", "sources.md", "entra") == (
        "[wire-facts section 10](reference/entra-wire-facts.md#section-10), 6"
    )


def test_every_numbered_row_that_is_cited_is_there() -> None:
    """`wire-facts section 5, 14` is the row 14 of a table in section 5 of the sender's page."""
    missing = set()
    for source, sender in sources():
        text = (cited.DOCS / cited.NOTES[sender].wire).read_text(encoding="utf-8")
        for section, number in cited.NUMBERED.findall(source):
            part = text.partition(f'<a id="section-{section}"></a>')[2].partition("\n## ")[0]
            missing |= {source} if number not in ROW.findall(part) else set()
    assert missing == set()


def test_every_report_named_by_its_repository_is_one_that_sources_name() -> None:
    text = (cited.DOCS / cited.SOURCES).read_text(encoding="utf-8")
    named = {name for source, _ in sources() for name, _ in cited.REPORT.findall(source)}
    named = {name for name in named if not cited.NOTES["entra"].label.fullmatch(name)}
    assert "snipe-it" in named
    assert {
        name for name in named if not re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w/-])", text)
    } == set()


def test_every_defect_of_a_fault_is_known_and_no_other() -> None:
    behind = {fault.defect for fault in {**FAULTS, **UNSEEN}.values() if fault.defect.startswith("D-")}
    assert set(faults.defects()) == behind | {fault.defect for fault in faults.of_entra()}


@pytest.mark.parametrize("page", PAGES)
def test_no_anchor_is_defined_twice(page: str) -> None:
    found = cited.ANCHOR.findall((cited.DOCS / page).read_text(encoding="utf-8"))
    assert len(found) == len(set(found))
