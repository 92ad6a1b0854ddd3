"""Our own traffic is recognised as ours, down to the last byte."""

from __future__ import annotations

from collections import Counter

import pytest

from scimproof.capture.learn.base_query import base_query
from scimproof.capture.learn.owner import owner_of
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.learn.shapes.sender_shapes import OWN
from scimproof.capture.learn.tally import OutcomeTally
from tests.capture.learn.runs import Recorded, catalog, recorded_run

OWNERS = {
    "okta-oin": ("okta", "okta.oin"),
    "okta-aiw": ("okta", "okta.aiw"),
    "entra-default": ("entra", "entra.default"),
    "entra-flag": ("entra", "entra.flag"),
    "bitwarden": ("okta", "okta.oin"),
}
pytestmark = pytest.mark.xdist_group("own runs")
FLAG = "?aadOptscim062020"
LARGE = ("okta.oin.group.large", "okta.aiw.group.large", "okta.oin.group.import-members")


def tallied(recogniser: Recogniser, exchanges: tuple[Recorded, ...]) -> OutcomeTally:
    """The tally of a run, with what was learnt of its base URL."""
    recogniser.base_query = base_query((one.exchange for one in exchanges), recogniser.parameters)
    tally = OutcomeTally(recogniser)
    for one in exchanges:
        tally.add(one.exchange)
    return tally


@pytest.mark.parametrize("profile", OWNERS)
def test_our_own_run_is_as_we_send_it_by_the_sender_for_the_operation(profile: str) -> None:
    recogniser = Recogniser(catalog())
    tally = tallied(recogniser, recorded_run(profile))
    assert tally.exchanges > 400
    owner = owner_of(recogniser, tally.outcomes.values())
    assert (owner.sender, owner.dialect) == OWNERS[profile]
    other = []
    for one in tally.outcomes.values():
        best = recogniser.best(one.candidates, owner)
        if best is None or best.differences or best.shape.sender not in (owner.sender, OWN):
            other.append(
                (one.count, best and best.shape.template.path, best and best.differences, one.example)
            )
    assert not other
    recogniser.traffic = owner
    wrong: Counter[tuple[str, str]] = Counter()
    for each in recorded_run(profile):
        found = recogniser.look(each.exchange)
        if not each.template or each.template.startswith("harness/"):
            continue
        made_for = catalog().templates[each.template].operation
        if made_for not in (found.operation, *found.also):
            wrong[each.template, found.template] += 1
    assert not wrong


def test_lists_of_many_members_are_as_we_send_them() -> None:
    recogniser = Recogniser(catalog())
    other = [
        (one.template, found.differences)
        for one in recorded_run("okta", only=LARGE)
        if not (found := recogniser.look(one.exchange)).as_sent
    ]
    assert not other


def test_a_query_of_the_base_url_is_learnt_and_no_difference() -> None:
    exchanges = recorded_run("entra-flag", query=FLAG, only=("entra.flag.user", "entra.both.connect"))
    recogniser = Recogniser(catalog())
    tally = tallied(recogniser, exchanges)
    assert recogniser.base_query == FLAG.removeprefix("?")
    nearest = [recogniser.best(one.candidates) for one in tally.outcomes.values()]
    assert all(best is not None and not best.differences for best in nearest)


@pytest.mark.parametrize("profile", ["okta-aiw", "entra-default"])
def test_what_was_compared_before_is_what_a_new_comparison_finds(profile: str) -> None:
    known = Recogniser(catalog())
    for place, one in enumerate(recorded_run(profile)):
        found, seen = known.candidates(one.exchange)
        if place % 5 == 0:
            read = known.reads.of(one.exchange)
            assert known.compare(seen, read).outcome() == found.outcome(), one.exchange.request.start_line
    assert known.misses < 150
