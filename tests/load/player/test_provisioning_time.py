from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response
from scimproof.load.metrics.counters import Metrics
from scimproof.load.plan.thresholds import DEPROVISION, PROVISION, Threshold, judge
from scimproof.load.player.delivery import Delivery
from scimproof.load.player.provisioning_time import ProvisioningTime
from tests.load.appslot import AppSlot
from tests.load.player.test_player import TARGET, World, arrival, world
from tests.matrix.inprocess import catalog

__all__ = ["world"]
READ = b"GET %b HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer secret-token\r\n\r\n"
OIN, AIW = "okta.oin.user.deactivate", "okta.aiw.user.deactivate"


def played(here: World, *ids: str, sample: int = 0, counts_from: float = 0.0) -> Metrics:
    sender = catalog().sender(None, [catalog().sequences[id] for id in ids])
    spans = ProvisioningTime(here.figures, sender.deprovisions, counts_from)
    parts = [here.part(catalog().sequences[id]) for id in ids]
    player = here.player(*parts, sample=sample, delivery=Delivery(witness=spans, over=spans.over))
    for number, id in enumerate(ids):
        player.play(arrival(catalog().sequences[id], number), 0.0, here.slot())
    return here.figures


def counted(shown: int, never: int = 0, under_way: int = 0, span: str = DEPROVISION) -> Metrics:
    made = Metrics()
    whole = made.sequence(span)
    whole.due = whole.sent = shown + never + under_way
    whole.answered = shown
    if never:
        whole.errors["never shown inactive"] = never
    for _ in range(shown):
        whole.response.record(0.01)
    return made


@pytest.mark.parametrize("sample", [0, 1])
def test_a_deactivation_that_was_ignored_is_due_and_an_error(
    world: Callable[..., World], sample: int
) -> None:
    whole = played(world(2, ("patch-active-ignored",)), OIN, AIW, sample=sample).sequence(DEPROVISION)
    assert (whole.due, whole.answered, whole.errors.total()) == (2, 1, 1)


@pytest.mark.parametrize("dialect", ["default", "flag"])
@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("user.disable", 1),  # twice, of whom the second time a read has shown it
        ("user.soft-delete", 1),  # with another name
        ("user.delete", 1),  # disabled, then deleted: 404 shows it
        ("group.unassign-user", 1),
        ("user.enable", 1),  # a search shows it before the account is given back
    ],
)
def test_every_way_in_which_entra_takes_an_account_away_is_timed_once(
    world: Callable[..., World], dialect: str, name: str, people: int
) -> None:
    whole = played(world(2), f"entra.{dialect}.{name}").sequence(DEPROVISION)
    assert (whole.due, whole.answered, whole.errors.total()) == (people, people, 0)


@pytest.mark.parametrize(
    ("fault", "id"),
    [
        ("entra-active-text-truthy", "entra.default.user.disable"),
        ("entra-active-text-truthy", "entra.default.user.disable-lower"),
        ("entra-active-text-truthy", "entra.default.user.soft-delete"),
        ("patch-not-stored", "entra.flag.user.disable"),
        ("entra-capital-op-ignored", "entra.default.user.disable-boolean"),
    ],
)
def test_who_keeps_access_is_never_shown_inactive(world: Callable[..., World], fault: str, id: str) -> None:
    whole = played(world(2, (fault,)), id).sequence(DEPROVISION)
    assert (whole.due > 0, whole.answered, whole.errors.total()) == (True, 0, whole.due)


def test_somebody_who_was_deleted_and_is_still_there_was_not_deprovisioned(
    world: Callable[..., World],
) -> None:
    class Kept(AppSlot):
        def exchange(self, filled: Filled, due: float) -> Response:
            if filled.method == "DELETE" or (b'"active"' in filled.body and filled.method == "PATCH"):
                answer = super().exchange(filled._replace(wire=READ % filled.target.encode()), due)
                answer.status, answer.body = 204, b""
                return answer
            return super().exchange(filled, due)

    here, sequence = world(), catalog().sequences["entra.default.user.delete"]
    spans = ProvisioningTime(here.figures, catalog().senders["entra"].deprovisions)
    player = here.player(here.part(sequence), delivery=Delivery(witness=spans, over=spans.over))
    player.play(arrival(sequence), 0.0, Kept(TARGET, here.app))
    whole = here.figures.sequence(DEPROVISION)
    assert (whole.due, whole.answered, dict(whole.errors)) == (1, 0, {"never shown inactive": 1})


def test_a_read_that_still_shows_the_old_state_is_an_error_at_the_end(world: Callable[..., World]) -> None:
    class Stale(AppSlot):
        def exchange(self, filled: Filled, due: float) -> Response:
            answer = super().exchange(filled, due)
            if filled.method == "GET":
                answer.body = re.sub(rb'"active": ?false', b'"active":true', answer.body)
            return answer

    here = world(2)
    spans, sequence = (
        ProvisioningTime(here.figures, catalog().sender(None).deprovisions),
        catalog().sequences[OIN],
    )
    player = here.player(here.part(sequence), delivery=Delivery(witness=spans, over=spans.over))
    player.play(arrival(sequence), 0.0, Stale(TARGET, here.app))
    whole = here.figures.sequence(DEPROVISION)
    assert (whole.due, whole.answered, dict(whole.errors)) == (1, 0, {"never shown inactive": 1})


def test_what_was_asked_in_the_warm_up_is_in_no_span(world: Callable[..., World]) -> None:
    figures = played(world(2, ("patch-active-ignored",)), OIN, AIW, counts_from=1.0)
    assert figures.sequence(DEPROVISION).due == 0


@pytest.mark.parametrize(
    ("measure", "made", "expected", "why"),
    [
        ("p95_ms", counted(95, 5), "held", ""),
        ("p95_ms", counted(94, 6), "broken", "6 of 100 were never shown inactive"),
        ("p50_ms", counted(6, 12), "broken", "12 of 18 were never shown inactive"),
        ("p50_ms", counted(12, 6), "held", ""),
        ("max_ms", counted(99, 1), "broken", "1 of 100 were never shown inactive"),
        ("p95_ms", counted(0, 7), "broken", "7 of 7 were never shown inactive"),
        ("p95_ms", counted(95, 0, 5), "held", ""),
        ("p95_ms", counted(90, 0, 10), "undecided", "10 of 100 were under way at the end"),
        ("p95_ms", counted(90, 6, 4), "broken", "6 of 100 were never shown inactive"),
        ("p999_ms", counted(100), "undecided", "p999 needs 10,000, 100 came"),
        ("errors", counted(99, 1), "broken", ""),
    ],
)
def test_whoever_is_never_shown_took_infinitely_long(
    measure: str, made: Metrics, expected: str, why: str
) -> None:
    (judged,) = judge((Threshold(DEPROVISION, measure, 20 if measure != "errors" else 0.001),), made, {})
    assert (judged.verdict, judged.why) == (expected, why)


def test_a_limit_of_time_holds_only_those_that_were_quick_enough() -> None:
    (judged,) = judge((Threshold(PROVISION, "p95_ms", 5),), counted(96, 4, span=PROVISION), {})
    assert judged.verdict == "broken"
    assert judged.value == pytest.approx(10, rel=0.005)
    (judged,) = judge((Threshold(PROVISION, "p95_ms", 50),), counted(1, 4, span=PROVISION), {})
    assert judged.why == "4 of 5 were never found"
