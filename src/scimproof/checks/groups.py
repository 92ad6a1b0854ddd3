"""Checks of a group's members, compared as a set."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scimproof.checks.status import answers
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import member_ids, value_at

MEMBERS = ("members",)
Wanted = Callable[[ExecutionContext], Iterable[str]]


def ids_of(*blanks: str) -> Wanted:
    """The ids saved in these template variables."""
    return lambda scene: [scene.blanks[blank] for blank in blanks]


def ids_of_population(scene: ExecutionContext) -> Iterable[str]:
    """The ids of the shared population."""
    return [member.id for member in scene.population]


def names(ids: set[str]) -> str:
    """The number of ids and the first five of them."""
    first = ", ".join(sorted(ids)[:5])
    return f"{len(ids)} ({first}{', …' if len(ids) > 5 else ''})" if ids else "none"


def members_are(wanted: Wanted) -> Ask:
    """The members are exactly these ids."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        right, found = set(wanted(scene)), member_ids(exchange.json)
        expected = f"members: {names(right)}"
        if right == found:
            return held(expected)
        observed = f"missing: {names(right - found)}; not wanted: {names(found - right)}"
        return broken(expected, observed + _none_shown(exchange), () if found else MEMBERS, MEMBERS)

    return ask


def members_include(wanted: Wanted) -> Ask:
    """These ids are among the members."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        right, found = set(wanted(scene)), member_ids(exchange.json)
        expected = f"members include {names(right)}"
        if right <= found:
            return held(expected)
        missing = f"missing: {names(right - found)}" + _none_shown(exchange)
        return broken(expected, missing, () if found else MEMBERS, MEMBERS)

    return ask


def members_exclude(unwanted: Wanted) -> Ask:
    """None of these ids is among the members."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        left = set(unwanted(scene)) & member_ids(exchange.json)
        expected = f"members without {names(set(unwanted(scene)))}"
        return broken(expected, f"still there: {names(left)}", wrong=MEMBERS) if left else held(expected)

    return ask


def _none_shown(exchange: Exchange) -> str:
    """A reason for the case that a target never shows members: then none of them is lost."""
    body = exchange.json
    silent = isinstance(body, dict) and value_at(body, "id") is not None and value_at(body, "members") is None
    return " (the group has no attribute members)" if silent else ""


def no_member_twice() -> Ask:
    """No id is in the list of members twice; inconclusive where no list is shown."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        members = value_at(exchange.json, "members")
        if members is None:
            return does_not_apply("the group has no attribute members")
        values = [str(value_at(entry, "value")) for entry in members] if isinstance(members, list) else []
        twice = {value for value in values if values.count(value) > 1} if len(values) < 2000 else set()
        told = f"twice: {names(twice)}"
        return broken("each member once", told, wrong=MEMBERS) if twice else held("each member once")

    return ask


def no_group(blank: str) -> Ask:
    """The user's groups, where they are shown, do not hold that one."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        groups = value_at(exchange.json, "groups")
        values = [str(value_at(entry, "value")) for entry in groups] if isinstance(groups, list) else []
        expected = "groups without the deleted one"
        return broken(expected, "it is still listed") if scene.blanks[blank] in values else held(expected)

    return ask


def joined(*blanks: str) -> Ask:
    """These ids are members, as far as the group shows any: where it never does, nobody can tell."""
    included = members_include(ids_of(*blanks))

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if value_at(exchange.json, "members") is None:
            return cannot_tell("the members", "the group has no attribute members")
        return included(scene, exchange)

    return ask


def still_joined(before: str, *blanks: str) -> Ask:
    """These are the members after a write about something else, where they were at the step `before`."""
    wanted = ids_of(*blanks)
    exactly = members_are(wanted)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not set(wanted(scene)) <= member_ids(scene.answer(before)):
            return does_not_apply(f"{before} does not show them as members either")
        return exactly(scene, exchange)

    return ask


def takes(count: int | None, what: str, *statuses: int) -> Ask:
    """A write of so many members (None: the whole population) is accepted; a refusal tells its size."""
    accepted = answers(*statuses)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        size = f"{len(scene.population) if count is None else count} members in one {what}"
        judgement = accepted(scene, exchange)
        return judgement._replace(
            expected=f"{judgement.expected} to {size}",
            observed=judgement.observed if judgement.held else f"{size}: {judgement.observed}",
        )

    return ask
