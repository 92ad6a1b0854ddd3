"""The SCIM Validator's tests of groups (wire-facts section 7)."""

from __future__ import annotations

from scimproof.checks import answers, members_are
from scimproof.checks.groups import ids_of
from scimproof.core.definitions import Check, Sequence, Step

from .asks import no_members, shows
from .steps import ACCEPTED, V, create_group, create_user, file, find, find_nothing, patch, read_group

SOURCE = "wire-facts section 7"
# Prepares a group with one member: without one, nothing shows that members are left out.
WITH_A_MEMBER = Step(
    id="add-member",
    request=file("group-add-member"),
    given=True,
    checks=(Check(f"{V}member-answered", answers(*ACCEPTED)),),
)
NO_MEMBERS = Check(f"{V}members-excluded", no_members())

SEQUENCES = (
    Sequence(
        id="entra.validator.group.create",
        title="Create a group and look for it",
        source=f"{SOURCE}; VALIDATOR-20, VALIDATOR-21",
        groups={"group": "plain"},
        steps=(
            create_group(given=False),
            find("find", "group-find-bare", f"{V}group-filter-finds", "group.displayName"),
            read_group("read-back", Check(f"{V}group-create-shown", shows("create"))),
        ),
    ),
    Sequence(
        id="entra.validator.group.create-duplicate",
        title="Create a group whose name is taken",
        source=f"{SOURCE}; VALIDATOR-20",
        groups={"group": "plain"},
        steps=(
            create_group(),
            Step(
                id="create-again",
                request=file("group-create"),
                creates="group",
                checks=(Check(f"{V}group-duplicate-409", answers(409)),),
            ),
        ),
    ),
    Sequence(
        id="entra.validator.group.read",
        title="Read a group without its members, and look for it so",
        source=f"{SOURCE}; VALIDATOR-21, VALIDATOR-22",
        people={"user": "plain"},
        groups={"group": "plain"},
        steps=(
            create_user(),
            create_group(),
            WITH_A_MEMBER,
            read_group("read", NO_MEMBERS, request="group-get-bare"),
            find(
                "find-bare",
                "group-find-bare",
                f"{V}group-filter-finds",
                "group.displayName",
                NO_MEMBERS,
            ),
        ),
    ),
    Sequence(
        id="entra.validator.group.filter",
        title="Look for a group: existing, in other letters, not existing",
        source=f"{SOURCE}; VALIDATOR-21",
        groups={"group": "plain"},
        steps=(
            create_group(),
            find("existing", "group-find", f"{V}group-filter-finds", "group.displayName"),
            find("existing-bare", "group-find-bare", f"{V}group-filter-finds", "group.displayName"),
            find("other-case", "group-find-other-case", f"{V}group-filter-other-case", "group.displayName"),
            find_nothing("not-existing", "group-find-nobody"),
        ),
    ),
    Sequence(
        id="entra.validator.group.patch-external-id",
        title="Replace a group's externalId by a value without a path",
        source=f"{SOURCE}; VALIDATOR-23",
        groups={"group": "plain"},
        steps=(
            create_group(),
            patch("patch", "group-patch-external-id", "group-patch-answered"),
            read_group("read-back", Check(f"{V}group-external-id-replaced", shows("patch"))),
        ),
    ),
    Sequence(
        id="entra.validator.group.patch-name",
        title="Replace a group's name by a value without a path",
        source=f"{SOURCE}; VALIDATOR-23",
        groups={"group": "plain"},
        steps=(
            create_group(),
            patch("patch", "group-patch-name", "group-patch-answered"),
            read_group("read-back", Check(f"{V}group-name-replaced", shows("patch"))),
            find("find", "group-find-renamed", f"{V}group-filter-finds", "group.newDisplayName"),
        ),
    ),
    Sequence(
        id="entra.validator.group.members",
        title="Add a member by replacing the list, and remove it",
        source=f"{SOURCE}; VALIDATOR-24, VALIDATOR-25",
        people={"user": "plain"},
        groups={"group": "plain"},
        steps=(
            create_user(),
            create_group(),
            patch("add", "group-add-member", "member-answered"),
            read_group("read-added", Check(f"{V}member-added", members_are(ids_of("user.id")))),
            patch("remove", "group-remove-member", "member-answered"),
            read_group("read-removed", Check(f"{V}member-removed", members_are(ids_of()))),
        ),
    ),
    Sequence(
        id="entra.validator.group.delete",
        title="Delete a group, which is gone then",
        source=f"{SOURCE}; VALIDATOR-27",
        groups={"group": "plain"},
        steps=(
            create_group(),
            Step(
                id="delete",
                request=file("group-delete"),
                checks=(Check(f"{V}group-delete-answered", answers(204)),),
            ),
            Step(
                id="read-back",
                request=file("group-get"),
                checks=(Check(f"{V}group-deleted-404", answers(404)),),
            ),
            find_nothing("find-back", "group-find"),
        ),
    ),
)
