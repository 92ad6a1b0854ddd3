"""Each form in which Entra writes is understood: what a faulty target makes of it is found as what it is.

The audit follows names, active, displayName, title and members: what is refused was not promised, and of the
other attributes a certified run tells.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.core.context import ExecutionContext
from tests.load.audit.bench import bench, catalog, sorts

PEOPLE = 20  # shared users: twenty requests for one group at once
NIGHTLY = pytest.mark.nightly
DISABLED = (
    "entra.default.user.disable",
    "entra.default.user.disable-lower",
    "entra.default.user.soft-delete",
)
CAPITAL = (*DISABLED, "entra.default.user.disable-boolean", "entra.default.user.update")
GROUPS = tuple(
    f"entra.{dialect}.group.{name}"
    for dialect in ("default", "flag")
    for name in ("life", "rename", "remove-several", "at-once", "again", "nested", "unassign-user")
)
USERS = tuple(
    f"entra.{dialect}.user.{name}"
    for dialect in ("default", "flag")
    for name in ("disable", "enable", "update", "rename", "soft-delete", "delete", "manager", "role", "match")
)
# Of each fault: what is played, which sorts of violations must be found, which may, and of which attributes.
FOUND = [
    ("entra-active-text-truthy", DISABLED, {"undead"}, {"stale"}, {"active"}),
    ("entra-enable-text-ignored", ("entra.default.user.enable",), {"stale"}, set(), {"active"}),
    (
        "entra-capital-op-ignored",
        CAPITAL,
        {"undead", "stale"},
        set(),
        {"active", "displayName", "name.familyName", "name.givenName", "userName"},
    ),
    (
        "entra-last-path-only",
        ("entra.default.user.update",),
        {"stale"},
        set(),
        {"displayName", "name.familyName", "name.givenName"},
    ),
    (
        "entra-dotted-keys-dropped",
        ("entra.flag.user.update", "entra.flag.user.update-live"),
        {"stale"},
        set(),
        {"name.familyName", "name.givenName"},
    ),
    (
        "entra-dotted-keys-literal",
        ("entra.flag.user.update",),
        {"stale"},
        set(),
        {"name.familyName", "name.givenName"},
    ),
    ("entra-remove-list-clears", ("entra.default.group.again",), {"membership"}, {"stale"}, {"members"}),
    (
        "entra-remove-list-ignored",
        ("entra.default.group.remove-several",),
        {"membership"},
        {"stale"},
        {"members"},
    ),
    (
        "entra-remove-list-first-only",
        ("entra.default.group.remove-several",),
        {"membership"},
        {"stale"},
        {"members"},
    ),
    (
        "entra-null-reference-spoils",
        ("entra.default.group.ref-null",),
        {"membership"},
        {"stale"},
        {"members"},
    ),
    (
        "entra-group-replace-empties",
        ("entra.default.group.rename", "entra.flag.group.rename"),
        {"membership"},
        {"stale"},
        {"members"},
    ),
    (
        "entra-group-name-kept",
        ("entra.default.group.rename", "entra.flag.group.rename"),
        {"stale"},
        set(),
        {"displayName"},
    ),
    ("entra-nested-group-loses-all", ("entra.default.group.nested",), {"membership"}, {"stale"}, {"members"}),
    ("entra-user-delete-deactivates", ("entra.default.user.delete",), {"undead"}, set(), {"existence"}),
    ("patch-not-stored", USERS, {"undead", "stale"}, set(), None),
    ("active-always-true", DISABLED, {"undead"}, {"stale"}, {"active"}),
    ("group-add-replaces", GROUPS, {"membership"}, {"stale"}, {"members"}),
    ("large-add-cuts-to-100", ("entra.default.group.many",), {"membership"}, {"stale"}, {"members"}),
    ("lost-membership-updates", ("entra.flag.group.at-once",), {"membership"}, {"stale"}, {"members"}),
]
QUICK = {"entra-active-text-truthy", "entra-remove-list-clears", "entra-dotted-keys-dropped"}
# Refused, or wrong in what the audit does not follow, or what a target may do: the disabled leave groups.
QUIET = [
    "entra-active-text-refused",
    "entra-capital-op-refused",
    "entra-remove-list-refused",
    "entra-disable-leaves-groups",
    "entra-user-delete-405",
    "entra-manager-empty-stored",
    "entra-manager-text-refused",
    "entra-role-text-kept",
    "entra-operations-reversed",
    "entra-member-again-409",
    "entra-tombstone-refused",
]


def attributes(result: object) -> set[str]:
    """What the violations are about."""
    shown = getattr(result, "shown", {})
    return {violation.attribute for some in shown.values() for violation in some}


@pytest.mark.parametrize(
    ("fault", "played", "sure", "possible", "about"),
    [pytest.param(*row, id=row[0], marks=() if row[0] in QUICK else NIGHTLY) for row in FOUND],
)
def test_what_becomes_of_it_is_found(
    tmp_path: Path,
    fault: str,
    played: tuple[str, ...],
    sure: set[str],
    possible: set[str],
    about: set[str] | None,
) -> None:
    most = 250 if fault == "large-add-cuts-to-100" else PEOPLE
    with bench(tmp_path, fault, sender="entra") as load:
        load.play("entra", played, most, inferred=True)
        result = load.audit()
        assert sure <= sorts(result) <= sure | possible
        assert about is None or attributes(result) <= about
        assert (result.unjudged, result.unread) == (0, [])


@pytest.mark.parametrize(
    "fault", ["", *(pytest.param(fault, marks=NIGHTLY) for fault in QUIET)], ids=["honest", *QUIET]
)
def test_nothing_is_said_of_what_was_not_promised(tmp_path: Path, fault: str) -> None:
    with bench(tmp_path, *([fault] if fault else []), sender="entra") as load:
        load.play("entra", (*USERS, *GROUPS, *CAPITAL, "entra.default.group.ref-null"), PEOPLE, inferred=True)
        result = load.audit()
        assert result.holds, result.shown
        assert result.unread == []


def test_races_and_prefill_speak_the_senders_requests(tmp_path: Path) -> None:
    with bench(tmp_path, sender="entra") as load:
        people = load.prefill(12)
        result = load.audit(races=load.races(rounds=2).all(people))
        assert result.holds, result.shown
        assert (result.unknown, result.unjudged, result.unread) == (0, 0, [])
        wires = (exchange.request.wire() for exchange in load.sent)
        sent = b"\n".join(wire for wire in wires if b"ADSCIMVersion" in wire)  # the rest is the harness's own
        assert b'"op":"Replace","path":"active","value":"False"' in sent
        assert b'"op":"Remove","path":"members","value":[{"value":' in sent
        assert not any(word in sent for word in (b"User-Agent", b"Accept", b"startIndex"))


@pytest.mark.parametrize(
    ("fault", "sort"),
    [
        ("duplicate-under-race", "duplicate"),
        pytest.param("lost-membership-updates", "membership", marks=NIGHTLY),
        pytest.param("entra-active-text-truthy", "undead", marks=NIGHTLY),
    ],
)
def test_races_of_its_requests_are_judged(tmp_path: Path, fault: str, sort: str) -> None:
    with bench(tmp_path, fault, sender="entra") as load:
        races = load.races(rounds=4)
        found = {"duplicate": races.creates, "membership": races.members, "undead": races.active}[sort]
        assert sort in sorts(load.audit(races=list(found())))


def test_creates_that_were_dropped_are_lost(tmp_path: Path) -> None:
    with bench(tmp_path, "drop-one-create-in-fifty", sender="entra") as load:
        load.prefill(60)
        assert sorts(load.audit()) == {"lost"}


def test_growing_groups_get_everybody(tmp_path: Path) -> None:
    """The sender's own rule makes a batch of the members that it is given, the first among them."""
    sender = catalog().senders["entra"]
    rule = catalog().rules[sender.batch_rule]
    with bench(tmp_path, sender="entra") as load:
        people = tuple(load.prefill(3))
        batch = rule(ExecutionContext("group-sizes", {"group.id": "g"}, people))
        assert [one["value"] for one in batch] == [member.id for member in people]
        in_sequence = rule(ExecutionContext("many", {"user.id": people[0].id}, people))
        assert [one["value"] for one in in_sequence] == [member.id for member in people[1:]]
