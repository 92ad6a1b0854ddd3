"""State checks: which questions about the whole resource a sequence gets, and which reads of the harness."""

from __future__ import annotations

import pytest

from scimproof.catalog.state_checks import as_written
from scimproof.core.definitions import Step
from scimproof.core.scim import Kind
from tests.matrix.inprocess import catalog


def steps(id: str) -> dict[str, Step]:
    return {step.id: step for step in catalog().sequences[id].steps}


def asked(step: Step) -> list[str]:
    return [check.requirement for check in step.checks if check.ask is as_written]


def test_every_read_after_a_write_is_held_to_the_whole_resource() -> None:
    played = steps("okta.oin.user.deactivate")
    assert asked(played["read-back"]) == ["okta-state-after-deactivate"]
    assert asked(played["find-back"]) == ["okta-state-after-deactivate"]
    assert asked(played["before"]) == []  # a preparation has no findings


def test_a_read_after_preparations_only_is_held_to_what_they_wrote() -> None:
    assert asked(steps("okta.oin.user.find-other-case")["search-capitals"]) == ["okta-state-shown"]


def test_a_write_that_the_sender_does_not_read_back_is_read_by_the_harness() -> None:
    played = steps("okta.oin.group.large")
    assert played["batch-1-state"].own
    assert asked(played["batch-1-state"]) == ["okta-state-after-group-change"]
    assert list(played).index("batch-1-state") == list(played).index("batch-1") + 1


def test_a_refused_request_has_changed_nothing() -> None:
    assert asked(steps("okta.oin.user.create-existing")["read-back"]) == ["okta-state-after-refused"]


def test_the_suites_of_the_provider_itself_ask_what_they_ask() -> None:
    suites = [id for id in catalog().sequences if id.startswith(("okta.spec", "okta.crud"))]
    assert suites
    assert not any(asked(step) for id in suites for step in steps(id).values())


@pytest.mark.parametrize("kind", ["User", "Group"])
def test_every_write_that_is_no_preparation_is_looked_at_afterwards(kind: Kind) -> None:
    """Of each write of a resource by its id some later step reads that resource by id."""
    place = {"User": "/Users/", "Group": "/Groups/"}[kind]
    templates, missing = catalog().templates, []
    for sequence in catalog().sequences.values():
        sender = catalog().senders.get(sequence.id.partition(".")[0])
        if sender is None or not sender.state.shown:
            continue
        if sequence.id.startswith(sender.state.excluded or ("\0",)):
            continue
        for position, step in enumerate(sequence.steps):
            template = templates.get(step.request)
            if template is None or step.given or template.method not in ("PUT", "PATCH"):
                continue
            if f"{place}{{{{" not in template.target or step.authorization is not None:
                continue
            after = [templates[later.request] for later in sequence.steps[position + 1 :] if later.request]
            if not any(one.method == "GET" and place in one.target for one in after):
                missing.append(f"{sequence.id}/{step.id}")
    assert missing == []
