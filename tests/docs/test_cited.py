"""What the code, its data and its reports cite is defined in docs/."""

from __future__ import annotations

from functools import cache

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.embedded.faults import FAULTS, UNSEEN
from tests.docs import cited, faults

PAGES = sorted({page for _, page, _ in cited.IDS} | {cited.SOURCES})


@cache
def places() -> dict[str, dict[str, tuple[str, str]]]:
    """By file, the ids that it cites."""
    found = {}
    for path in cited.files():
        ids = cited.cited(path.read_text(encoding="utf-8"))
        if ids:
            found[path.relative_to(cited.ROOT).as_posix()] = ids
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


@pytest.mark.parametrize("id", ["OKTA-07", "D-014", "BW-09", "SPEC-06", "C9293", "wire-facts section 5"])
def test_ids_of_each_kind_are_found_at_all(id: str) -> None:
    assert any(id in ids for ids in places().values())


def test_every_label_of_a_source_has_an_anchor() -> None:
    catalog = load_catalog()
    said = [template.source for template in catalog.templates.values()]
    said += [rule.source for rule in catalog.requirements.values() if not rule.authority.startswith("rfc")]
    said += [sequence.source for sequence in catalog.sequences.values()]
    labels = {label: place for source in said for label, place in cited.labels(source).items()}
    assert {"S1", "L1", "B3"} <= set(labels)
    known = cited.anchors(cited.SOURCES)
    assert {label for label, (_, anchor) in labels.items() if anchor not in known} == set()


def test_every_defect_of_a_fault_is_known_and_no_other() -> None:
    behind = {fault.defect for fault in {**FAULTS, **UNSEEN}.values() if fault.defect.startswith("D-")}
    assert set(faults.defects()) == behind


@pytest.mark.parametrize("page", PAGES)
def test_no_anchor_is_defined_twice(page: str) -> None:
    found = cited.ANCHOR.findall((cited.DOCS / page).read_text(encoding="utf-8"))
    assert len(found) == len(set(found))
