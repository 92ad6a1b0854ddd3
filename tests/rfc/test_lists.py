"""The sequences about lists, filters, sorting, pages, projections and searches: quiet, and sharp."""

from __future__ import annotations

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from scimproof.embedded.faults.rfc import RFC_FAULTS, filters, lists
from scimproof.embedded.variants import VARIANTS
from tests.matrix.inprocess import TOKEN
from tests.rfc.play import BAD, honest, play, shown

PARTS = ("rfc.list", "rfc.filter", "rfc.sort", "rfc.pages", "rfc.projection", "rfc.search")
MOST_FOR_EACH = 1.2  # requests for each finding
# Where each fault is looked for.
SHOWN_BY = {
    "rfc-co-as-sw": "rfc.filter.operators",
    "rfc-pr-of-nothing": "rfc.filter.operators",
    "rfc-ge-as-gt": "rfc.filter.operators",
    "rfc-left-to-right": "rfc.filter.logic",
    "rfc-not-of-the-first": "rfc.filter.logic",
    "rfc-elements-mixed": "rfc.filter.value-paths",
    "rfc-dates-as-text": "rfc.filter.types",
    "rfc-false-of-nothing": "rfc.filter.types",
    "rfc-urn-is-no-filter": "rfc.filter.names",
    "rfc-sw-by-letter-case": "rfc.filter.text",
    "rfc-backslash-500": "rfc.filter.text",
    "rfc-unknown-operator-all": "rfc.filter.refused",
    "rfc-open-bracket-500": "rfc.filter.refused",
    "rfc-page-before-filter": "rfc.filter.pages",
    "rfc-or-in-brackets-in-not": "rfc.filter.generated",
    "rfc-list-stubs": "rfc.list.shape",
    "rfc-total-of-page": "rfc.list.shape",
    "rfc-root-500": "rfc.list.root",
    "rfc-each-page-sorted": "rfc.sort.order",
    "rfc-capitals-first": "rfc.sort.order",
    "rfc-descending-ignored": "rfc.sort.order",
    "rfc-count-0-is-all": "rfc.pages.index",
    "rfc-start-from-0": "rfc.pages.index",
    "rfc-beyond-404": "rfc.pages.index",
    "rfc-next-cursor-null": "rfc.pages.cursor",
    "rfc-cursor-signs": "rfc.pages.cursor",
    "rfc-cursor-forgets-filter": "rfc.pages.cursor",
    "rfc-attributes-for-lists-only": "rfc.projection.attributes",
    "rfc-whole-name": "rfc.projection.attributes",
    "rfc-members-not-excluded": "rfc.projection.excluded",
    "rfc-search-unfiltered": "rfc.search.users",
    "rfc-search-creates": "rfc.search.users",
}
# Variants that change what is asked here.
VARIED = (
    "minimal",
    "users-only",
    "username-lower-cased",
    "defaults",
    "null-placeholders",
    "own-maximum",
    "cursor-only",
    "cursor-with-empty-pages",
    "slow-index",
    "value-paths-declined",
    "co-declined",
    "sort-by-emails-declined",
    "strangers",
)


def test_rli01_a_right_server_is_told_nothing_bad() -> None:
    played = honest(*PARTS)

    assert played.told(*BAD) == []
    assert len([one for one in played.findings if one.verdict is Verdict.PASS]) == 243
    assert played.requests <= MOST_FOR_EACH * len(played.findings)


def test_rli02_every_fault_of_these_modules_has_a_place() -> None:
    assert set(SHOWN_BY) == {fault.name for fault in (*filters.FAULTS, *lists.FAULTS)}


@pytest.mark.parametrize("name", SHOWN_BY)
def test_rli03_a_fault_is_shown_and_nothing_else(name: str) -> None:
    fault = RFC_FAULTS[name]

    shown(play(build(token=TOKEN, faults=[name]), SHOWN_BY[name]), fault.trips, fault.also)


@pytest.mark.parametrize("name", VARIED)
def test_rli04_legal_variety_is_told_nothing_bad(name: str) -> None:
    played = play(build(token=TOKEN, variants=[name]), *PARTS)

    assert played.told(*BAD, quiet=VARIANTS[name].warns) == []


def test_rli05_a_failing_generated_filter_is_shown_in_its_smallest_form() -> None:
    app = build(token=TOKEN, faults=["rfc-or-in-brackets-in-not"])
    [found] = play(app, "rfc.filter.generated").findings

    assert found.verdict is Verdict.WARNING
    assert found.expected.startswith("not (")
    assert found.expected.count(" or ") == 1
    assert found.expected.count(" and ") == 1
