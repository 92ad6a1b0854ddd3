"""The sequences about lists, filters, sorting, pages, projections and searches: quiet, and sharp."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest

from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding, Outcome, Verdict
from scimproof.embedded.app import build
from scimproof.embedded.faults.rfc import RFC_FAULTS, filters, lists
from scimproof.embedded.variants import VARIANTS
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

PARTS = ("rfc.list", "rfc.filter", "rfc.sort", "rfc.pages", "rfc.projection", "rfc.search")
WRONG = (Verdict.FAIL, Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.ERROR)
TRIPPED = (Verdict.FAIL, Verdict.WARNING)  # a contested requirement is tripped by a warning
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


def played(*ids: str, faults: tuple[str, ...] = (), variants: tuple[str, ...] = ()) -> list[Outcome]:
    """The outcomes of these sequences, against a target with these faults or variants."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        transport = InProcess(build(token=TOKEN, faults=faults, variants=variants))
        target = Target(BASE, Bearer(TOKEN))
        sequences = catalog().select(ids)
        run = Runner(catalog(), catalog().profile("rfc"), sequences, target, transport, ledger, budget=250)
        outcomes = list(run.play())
        ledger.close()
    return outcomes


def findings(outcomes: list[Outcome]) -> list[Finding]:
    """The findings of the sequences, without those of the watches."""
    return [one for outcome in outcomes for one in outcome.findings if one.sequence.startswith(PARTS)]


@cache
def honest() -> tuple[list[Finding], int]:
    """The findings at the honest target, and for how many requests."""
    outcomes = played(*PARTS)
    return findings(outcomes), sum(len(outcome.exchanges) for outcome in outcomes)


def test_rli01_a_right_server_is_told_nothing_bad() -> None:
    found, requests = honest()

    assert [one for one in found if one.verdict in WRONG] == []
    assert len([one for one in found if one.verdict is Verdict.PASS]) == 243
    assert requests <= MOST_FOR_EACH * len(found)


def test_rli02_every_fault_of_these_modules_has_a_place() -> None:
    assert set(SHOWN_BY) == {fault.name for fault in (*filters.FAULTS, *lists.FAULTS)}


@pytest.mark.parametrize("name", SHOWN_BY)
def test_rli03_a_fault_is_shown_and_nothing_else(name: str) -> None:
    fault = RFC_FAULTS[name]

    found = findings(played(SHOWN_BY[name], faults=(name,)))

    ranked = sorted(found, key=lambda one: one.verdict.rank)
    bad = {one.requirement: one.verdict for one in ranked if one.verdict in TRIPPED}
    mild = {one for one in fault.trips if catalog().requirements[one].contested}
    assert set(fault.trips) <= bad.keys()
    assert {bad[one] for one in set(fault.trips) - mild} <= {Verdict.FAIL}
    assert bad.keys() <= {*fault.trips, *fault.also}


@pytest.mark.parametrize("name", VARIED)
def test_rli04_legal_variety_is_told_nothing_bad(name: str) -> None:
    found = findings(played(*PARTS, variants=(name,)))

    bad = [one for one in found if one.verdict in WRONG]
    assert {one.requirement for one in bad} <= set(VARIANTS[name].warns)
    assert {one.verdict for one in bad} <= {Verdict.WARNING}


def test_rli05_a_failing_generated_filter_is_shown_in_its_smallest_form() -> None:
    [found] = findings(played("rfc.filter.generated", faults=("rfc-or-in-brackets-in-not",)))

    assert found.verdict is Verdict.WARNING
    assert found.expected.startswith("not (")
    assert found.expected.count(" or ") == 1
    assert found.expected.count(" and ") == 1
