"""What is shipped of each sender is used: requests are sent, requirements asked, operations played."""

from __future__ import annotations

import pytest

from scimproof.catalog.loader import Catalog
from tests.matrix.inprocess import catalog

SENDERS = ("okta", "entra")


def of(known: Catalog, sender: str) -> set[str]:
    """The authorities that speak for a sender: those that decide under profiles of its sequences."""
    ours = [one for one in known.profiles.values() if _is_all_of(one.sequences, sender)]
    return {gate for one in ours for gate in one.gates if gate.partition("-")[0] == sender}


def _is_all_of(ids: tuple[str, ...], sender: str) -> bool:
    return bool(ids) and all(id.partition(".")[0] == sender for id in ids)


def sent(known: Catalog) -> set[str]:
    """Every request file that some sequence, history or sender sends."""
    every = [*known.preparations.values(), *known.sequences.values()]
    found = {step.request for sequence in every for step in sequence.steps}
    for sender in known.senders.values():
        found |= set(sender.requests.values())
    for one in known.repertoires.values():
        found |= set(one.look.values())
        found |= {
            step.request
            for action in one.actions.values()
            for steps in action.steps.values()
            for step in steps
        }
    return found


@pytest.mark.parametrize("sender", SENDERS)
def test_every_requirement_of_a_sender_is_asked(sender: str) -> None:
    known = catalog()
    asked = {
        check.requirement for one in known.sequences.values() for step in one.steps for check in step.checks
    }
    asked |= {watch.requirement for watches in known.watches.values() for watch in watches}
    asked |= set(known.senders[sender].state.requirements)
    for one in known.repertoires.values():
        asked |= {one.answered, one.found, one.listed}
    authorities = of(known, sender)
    assert sender in authorities
    assert {rule.id for rule in known.requirements.values() if rule.authority in authorities} - asked == set()


@pytest.mark.parametrize("sender", SENDERS)
def test_every_request_of_a_sender_is_sent(sender: str) -> None:
    known = catalog()
    mine = {path for path in known.templates if path.startswith(f"{sender}/")}
    assert mine - sent(known) == set()


@pytest.mark.parametrize("sender", SENDERS)
def test_every_operation_of_a_sender_has_a_request_or_says_that_it_is_not_played(sender: str) -> None:
    known = catalog()
    mine = {id for id in known.operations if id.startswith(f"{sender.upper()}-")}
    assert len(mine) >= 25
    played = {template.operation for template in known.templates.values()}
    assert {id for id in mine - played if known.operations[id].played} == set()


@pytest.mark.parametrize("sender", SENDERS)
def test_every_request_has_the_operation_of_its_sender(sender: str) -> None:
    known = catalog()
    named = {path: one.operation for path, one in known.templates.items() if path.startswith(f"{sender}/")}
    others = {other.upper() for other in SENDERS if other != sender}
    assert {path for path, id in named.items() if id.partition("-")[0] in others} == set()
