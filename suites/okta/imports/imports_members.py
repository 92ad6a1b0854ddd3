"""Importing a group with its members: the list has to show what a read by id shows (OKTA-04, OKTA-23)."""

from __future__ import annotations

from scimproof.checks import members_are
from scimproof.checks.groups import ids_of_population, names
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import member_ids

from ..bundles import GROUP_GET, given, given_group
from ..groups.groups_oin import THE_GROUP
from .imports import GROUPS
from .pages import on_the_pages, pages_answered, unseen


def members_as_by_id(group: str, read: str) -> Ask:
    """The group of that id has the very members on a walked page that the read by id showed.

    A list that shows no members at all breaks a rule of its own.
    """

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        by_id = member_ids(scene.answer(read))
        found = on_the_pages(scene, exchange, scene.blanks[group])
        expected = f"the imported group with the {len(by_id)} members that a read by id shows"
        if found is None:
            cut = unseen(scene, exchange)
            return does_not_apply(cut) if cut else cannot_tell(expected, "the group is on none of the pages")
        members = member_ids(found)
        if by_id and not members:
            return does_not_apply("the list shows no members at all")
        if by_id == members:
            return held(expected)
        missing, more = names(by_id - members), names(members - by_id)
        return broken(expected, f"{len(members)} members; missing: {missing}; not there by id: {more}")

    return ask


SEQUENCES = (
    Sequence(
        id="okta.oin.group.import-members",
        title="Import a group of 25 members",
        source="OKTA-04, OKTA-23; D-214",
        about="The list of groups has to show the members that a read by id shows, all and no others.",
        population=25,
        groups={"group": "plain"},
        alone=True,
        steps=(
            given_group(),
            given("prepare-members", "okta/oin/group-add-batch-1.http", "okta-group-add-answered", 200, 204),
            Step(
                id="read",
                request=GROUP_GET,
                checks=(
                    *THE_GROUP,
                    Check("okta-group-add-persists", members_are(ids_of_population), gate=True),
                ),
            ),
            Step(
                id="pages",
                request=GROUPS,
                pages=True,
                checks=(
                    Check("okta-import-answered", pages_answered()),
                    Check("okta-import-members-as-by-id", members_as_by_id("group.id", "read")),
                ),
            ),
        ),
    ),
)
