"""The SCIM Validator's seven preview tests (wire-facts section 7)."""

from __future__ import annotations

from scimproof.checks import answers, members_are
from scimproof.checks.groups import ids_of
from scimproof.core.definitions import Check, Sequence, Step

from .asks import shows
from .steps import DISCOVERS, V, create_group, create_user, file, patch, read_group, read_user

SOURCE = "wire-facts section 7, preview tests"


def _delete(id: str, request: str, *, given: bool = False) -> Step:
    """The first delete, a preparation, or the one of what is not there."""
    group = "group-" if request.startswith("group") else ""
    if given:
        check = Check(f"{V}{group}delete-answered", answers(204))
    else:
        check = Check(f"{V}{group}delete-404", answers(404))
    return Step(id=id, request=file(request), given=given, checks=(check,))


SEQUENCES = (
    Sequence(
        id="entra.validator.preview.several-attributes",
        title="Several operations on different attributes",
        source=f"{SOURCE}; VALIDATOR-11",
        people={"user": "plain"},
        steps=(
            DISCOVERS,
            create_user("user-create"),
            patch("patch", "user-patch-several"),
            read_user("read-back", Check(f"{V}several-shown", shows("patch"))),
        ),
    ),
    Sequence(
        id="entra.validator.preview.same-attribute",
        title="Remove, add and replace one attribute in one request",
        source=f"{SOURCE}; VALIDATOR-11",
        people={"user": "plain"},
        steps=(
            create_user(),
            patch("patch", "user-patch-same"),
            read_user("read-back", Check(f"{V}same-shown", shows("patch"))),
        ),
    ),
    Sequence(
        id="entra.validator.preview.delete-unknown",
        title="Delete a user whom nobody made",
        source=f"{SOURCE}; VALIDATOR-10",
        steps=(_delete("delete", "user-delete-unknown"),),
    ),
    Sequence(
        id="entra.validator.preview.delete-twice",
        title="Delete a user twice",
        source=f"{SOURCE}; VALIDATOR-10",
        people={"user": "plain"},
        steps=(
            create_user(),
            _delete("delete", "user-delete", given=True),
            _delete("delete-again", "user-delete"),
        ),
    ),
    Sequence(
        id="entra.validator.preview.group-delete-unknown",
        title="Delete a group that nobody made",
        source=f"{SOURCE}; VALIDATOR-27",
        steps=(_delete("delete", "group-delete-unknown"),),
    ),
    Sequence(
        id="entra.validator.preview.group-delete-twice",
        title="Delete a group twice",
        source=f"{SOURCE}; VALIDATOR-27",
        groups={"group": "plain"},
        steps=(
            create_group(),
            _delete("delete", "group-delete", given=True),
            _delete("delete-again", "group-delete"),
        ),
    ),
    Sequence(
        id="entra.validator.preview.add-and-remove",
        title="Add a member and remove it in one request",
        source=f"{SOURCE}; VALIDATOR-26",
        people={"user": "plain"},
        groups={"group": "plain"},
        steps=(
            create_user(),
            create_group(),
            patch("patch", "group-add-and-remove", "member-answered"),
            read_group("read-back", Check(f"{V}member-added-and-removed", members_are(ids_of()))),
        ),
    ),
)
