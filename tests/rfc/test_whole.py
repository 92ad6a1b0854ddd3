"""The profile rfc as a whole: a right target holds, all that is required is asked, legal variety is quiet."""

from __future__ import annotations

from functools import cache

import pytest

from scimproof.catalog.rows import section_of
from scimproof.embedded.app import build
from scimproof.embedded.faults.rfc import RFC_FAULTS
from scimproof.embedded.variants import VARIANTS
from scimproof.report.rfc_rows import rows
from tests.matrix.inprocess import TOKEN, catalog
from tests.rfc.play import BAD, Played, play

pytestmark = pytest.mark.xdist_group("profile rfc")
AUTHORITIES = ("rfc7643", "rfc7644", "rfc9865", "rfc6750", "rfc9110")
ROWS_WITHOUT_QUESTION = {"RFC7644-3.12-15", "RFC7644-3.12-21"}  # words that no client can provoke for sure


@cache
def whole(*variants: str, parallel: int = 1) -> Played:
    """The whole profile against the target with these variants."""
    return play(build(token=TOKEN, variants=variants), "rfc", parallel=parallel)


def held(played: Played) -> set[str]:
    """The explicit rows that hold there."""
    found = [
        {"id": one.id, "requirement": one.requirement, "verdict": one.verdict, "observed": one.observed}
        for one in (*played.findings, *played.watched)
    ]
    each = rows(catalog().rows, catalog().requirements, found, {})["each"]
    return {row for row, one in each.items() if one["explicit"] and one["state"] == "held"}


def test_a_right_target_holds() -> None:
    played = whole()
    assert played.told(*BAD, watched=True) == []
    assert played.left == 0
    assert len(played.findings) > 2400
    assert played.requests <= 1.2 * len(played.findings)


def test_a_target_full_of_strangers_asked_several_at_a_time_gives_the_same_findings() -> None:
    """Two properties in one run: of either alone there is the night."""
    assert whole("strangers", parallel=6).verdicts == whole().verdicts


@pytest.mark.nightly
def test_several_at_a_time_find_the_same() -> None:
    assert whole(parallel=6).verdicts == whole().verdicts


def test_every_requirement_of_the_rfcs_is_asked() -> None:
    known = catalog()
    used = {
        check.requirement
        for id in (s.id for s in known.select(["rfc"]))
        for step in known.sequences[id].steps
        for check in step.checks
    }
    profile = known.profile("rfc")
    used |= {watch.requirement for name in profile.watches for watch in known.watches[name]}
    mine = {rule.id for rule in known.requirements.values() if rule.authority in AUTHORITIES}
    assert mine - used == set()
    assert profile.gates == AUTHORITIES


def test_every_row_has_a_requirement_but_two() -> None:
    covered = {row for rule in catalog().requirements.values() for row in rule.rows}
    assert set(catalog().rows.levels) - covered == ROWS_WITHOUT_QUESTION
    assert len(catalog().rows.levels) == 475
    assert len(catalog().rows.explicit) == 278
    assert section_of("RFC7644-3.5.2-16") == ("rfc7644", "3.5.2")


@pytest.mark.nightly
def test_nearly_all_explicit_rows_are_asked_of_who_has_the_features() -> None:
    """Some exclude each other: a target has bulk or has none, redirects /Me or has none."""
    some = ((), ("minimal",), ("me-308", "formatted-made"))
    missing = set(catalog().rows.explicit).difference(*(held(whole(*variants)) for variants in some))
    assert len(catalog().rows.explicit) - len(missing) >= 262, sorted(missing)


@pytest.mark.nightly
@pytest.mark.parametrize("name", VARIANTS)
def test_a_legal_variant_is_quiet(name: str) -> None:
    played = whole(name)
    assert played.told(*BAD, quiet=VARIANTS[name].warns, watched=True) == []
    assert played.left == 0


def test_there_are_enough_faults() -> None:
    assert len(RFC_FAULTS) >= 110
    known = catalog().requirements
    for fault in RFC_FAULTS.values():
        assert fault.trips, fault.name
        assert set(fault.trips) | set(fault.also) <= set(known), fault.name
    for variant in VARIANTS.values():
        assert set(variant.warns) <= set(known), variant.name


def test_nothing_of_the_suite_is_there_without_use() -> None:
    known = catalog()
    every = [*known.preparations.values(), *known.sequences.values()]
    used = {step.request for sequence in every for step in sequence.steps}
    used |= set(known.senders["rfc"].requests.values())
    assert {name for name in known.templates if name.startswith("rfc/")} <= used
    rules = set().union(*(known.templates[name].rules for name in used if name))
    assert {name for name in known.rules if name.startswith("rfc-")} <= rules
    expanded = {one.each for one in every} | {step.each for one in every for step in one.steps}
    assert set(known.expansions) <= expanded
