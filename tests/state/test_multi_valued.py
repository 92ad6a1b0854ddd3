"""Edits of multi-valued attributes by PATCH: what the list is afterwards, as far as it can be known."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.state.multi_valued import Edit
from scimproof.state.register import ANY

WORK, HOME = {"type": "work", "value": "w"}, {"type": "home", "value": "h"}


def edited(entries: Any, op: str, path: str, value: Any = None) -> Any:
    edit = Edit.of(op, path, value)
    assert edit is not None
    return edit.applied(entries)


@pytest.mark.parametrize(
    ("op", "path", "value", "after"),
    [
        ("replace", 'emails[type eq "work"].value', "new", [{"type": "work", "value": "new"}, HOME]),
        ("add", 'emails[type eq "work"].display', "W", [{**WORK, "display": "W"}, HOME]),
        ("remove", 'emails[type eq "home"]', None, [WORK]),
        ("remove", 'emails[type eq "home"].value', None, [WORK, {"type": "home"}]),
        ("add", "emails", [{"value": "n"}], [WORK, HOME, {"value": "n"}]),
        ("add", "emails", [{"value": "h"}], [WORK, {"value": "h"}]),
        ("remove", "emails", [{"value": "h"}], [WORK]),
        ("replace", 'emails[type eq "other"].value', "x", ANY),
    ],
)
def test_what_a_list_is_after_an_edit(op: str, path: str, value: Any, after: Any) -> None:
    assert edited([WORK, HOME], op, path, value) == after


def test_a_list_that_is_not_known_stays_so() -> None:
    assert edited(ANY, "add", "emails", [WORK]) is ANY
    assert edited(None, "add", "emails", [WORK]) == [WORK]


def test_the_last_entry_removed_leaves_the_default_to_the_target() -> None:
    assert edited([WORK], "remove", 'emails[type eq "work"]') is ANY


def test_two_edits_of_one_request_follow_each_other() -> None:
    first, second = Edit.of("add", "emails", [HOME]), Edit.of("remove", 'emails[type eq "work"]', None)
    assert first is not None
    assert second is not None
    assert second.after(first).applied([WORK]) == [HOME]
    assert second.after([WORK, HOME]) == [HOME]


def test_a_whole_list_is_no_edit() -> None:
    assert Edit.of("replace", "emails", [WORK]) is None
    assert Edit.of("replace", "title", "x") is None
