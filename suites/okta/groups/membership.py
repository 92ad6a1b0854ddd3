"""Questions about members of groups as far as a target shows them, and about how many it takes at once."""

from __future__ import annotations

from scimproof.checks import answers, members_are, members_include
from scimproof.checks.groups import ids_of
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, cannot_tell, does_not_apply
from scimproof.core.scim import member_ids, value_at


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
