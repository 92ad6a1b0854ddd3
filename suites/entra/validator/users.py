"""The SCIM Validator's tests of users: create, search, PATCH, delete (wire-facts section 7)."""

from __future__ import annotations

from scimproof.checks import answers, is_list, value_is
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.scim import CORE_USER

from .asks import each_type_once, found_active, has_schemas, shows
from .steps import DISCOVERS, V, create_user, file, find, find_nothing, patch, read_user

SOURCE = "wire-facts section 7"


def _verbose(verb: str, title: str) -> Sequence:
    return Sequence(
        id=f"entra.validator.user.patch-{verb}",
        title=title,
        source=f"{SOURCE}; VALIDATOR-05",
        about="36 operations in one request; which attributes beyond those named there is our choice.",
        people={"user": "plain"},
        steps=(
            DISCOVERS,
            create_user("user-create"),
            patch("patch", f"user-patch-{verb}"),
            read_user(
                "read-back",
                Check(f"{V}patch-{verb}-shown", shows("patch")),
                Check(f"{V}type-once", each_type_once("patch")),
            ),
        ),
    )


SEQUENCES = (
    Sequence(
        id="entra.validator.schemas",
        title="Read the schemas (discover schema)",
        source=f"{SOURCE}; VALIDATOR-01",
        steps=(
            Step(
                id="schemas",
                request=file("schemas"),
                checks=(
                    Check(f"{V}schemas-answered", answers(200)),
                    Check(f"{V}schemas-list", is_list()),
                    Check(f"{V}schemas-user", has_schemas(CORE_USER)),
                ),
            ),
        ),
    ),
    Sequence(
        id="entra.validator.user.create",
        title="Create a user and look for it",
        source=f"{SOURCE}; VALIDATOR-02, VALIDATOR-03",
        people={"user": "plain"},
        steps=(
            DISCOVERS,
            create_user("user-create", given=False),
            find("find", "user-find", f"{V}filter-finds", "user.userName"),
            read_user("read-back", Check(f"{V}create-shown", shows("create"))),
        ),
    ),
    Sequence(
        id="entra.validator.user.create-duplicate",
        title="Create a user whose userName is taken",
        source=f"{SOURCE}; VALIDATOR-02",
        people={"user": "plain"},
        steps=(
            create_user(),
            Step(
                id="create-again",
                request=file("user-create-plain"),
                creates="user",
                checks=(Check(f"{V}duplicate-409", answers(409)),),
            ),
        ),
    ),
    Sequence(
        id="entra.validator.user.filter",
        title="Look for a user: existing, in other letters, not existing",
        source=f"{SOURCE}; VALIDATOR-03",
        people={"user": "plain"},
        steps=(
            create_user(),
            find("existing", "user-find", f"{V}filter-finds", "user.userName"),
            find("other-case", "user-find-other-case", f"{V}filter-other-case", "user.userName"),
            find_nothing("not-existing", "user-find-nobody"),
        ),
    ),
    _verbose("replace", "Replace every attribute of a user, one operation each"),
    _verbose("add", "Add every attribute of a user, one operation each"),
    Sequence(
        id="entra.validator.user.patch-user-name",
        title="Replace a userName by a value without a path",
        source=f"{SOURCE}; VALIDATOR-06",
        people={"user": "plain"},
        steps=(
            create_user(),
            patch("patch", "user-patch-user-name"),
            read_user("read-back", Check(f"{V}user-name-replaced", shows("patch"))),
            find("find", "user-find-renamed", f"{V}filter-finds", "user.newUserName"),
        ),
    ),
    Sequence(
        id="entra.validator.user.disable",
        title="Disable a user, who is still found",
        source=f"{SOURCE}; VALIDATOR-07",
        people={"user": "plain"},
        steps=(
            create_user(),
            patch("disable", "user-disable"),
            find(
                "find",
                "user-find",
                f"{V}disabled-found",
                "user.userName",
                Check(f"{V}disabled-shown", found_active(active=False)),
            ),
            read_user("read-back", Check(f"{V}disabled-shown", value_is("active", value=False))),
        ),
    ),
    Sequence(
        id="entra.validator.user.delete",
        title="Delete a user, who is gone then",
        source=f"{SOURCE}; VALIDATOR-10",
        people={"user": "plain"},
        steps=(
            create_user(),
            Step(
                id="delete",
                request=file("user-delete"),
                checks=(Check(f"{V}delete-answered", answers(204)),),
            ),
            Step(
                id="read-back",
                request=file("user-get"),
                checks=(Check(f"{V}deleted-404", answers(404)),),
            ),
            find_nothing("find-back", "user-find"),
        ),
    ),
)
