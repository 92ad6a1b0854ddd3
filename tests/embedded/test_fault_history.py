"""Faults of histories do not show in what every user goes through once."""

from __future__ import annotations

from functools import cache

import pytest

from scimproof.embedded.faults import HISTORIES
from tests.embedded.client import ENTERPRISE
from tests.embedded.faults.organization import Organization
from tests.embedded.traffic import normal

AIW, OIN = "aiw", "oin"


def life(org: Organization, dialect: str) -> list[str]:
    """All answers from the first lookup of a new user to the reactivation, others being there already."""
    org.hire("ann")
    org.hire("bob")
    org.push("Staff", "ann", "bob")
    began = len(org.client.answers)
    org.found("new")
    org.hire("new")
    _look(org)
    org.update("new", title="Boss")
    _look(org)
    for active in (False, True):
        if dialect == AIW:
            org.update("new", active=active)
        else:
            org.active("new", active=active)
        _look(org)
    for other in ("ann", "bob", "Staff"):
        org.read(other)
    return [normal(answer) for answer in org.client.answers[began:]]


def _look(org: Organization) -> None:
    """Read by id, as a lookup and in the list."""
    org.read("new")
    org.found("new")
    org.listed("new")


@cache
def honest(dialect: str) -> list[str]:
    """The answers of the honest target."""
    return life(Organization(), dialect)


@pytest.mark.parametrize("dialect", [OIN, AIW])
@pytest.mark.parametrize("name", sorted(HISTORIES))
def test_a_plain_life_of_one_user_is_as_on_the_honest_target(name: str, dialect: str) -> None:
    assert life(Organization(name), dialect) == honest(dialect)


def test_the_plain_life_is_one() -> None:
    org = Organization()
    life(org, OIN)
    assert {answer.status for answer in org.client.answers} == {200, 201}
    user = org.read("new")
    assert (user["title"], user["active"], user[ENTERPRISE]) == ("Boss", True, {"department": "dept-new"})


def test_there_are_histories_enough() -> None:
    """At least twenty-five, and each says when it shows."""
    assert len(HISTORIES) >= 25
    assert [name for name, fault in HISTORIES.items() if " Shows " not in fault.summary] == []
