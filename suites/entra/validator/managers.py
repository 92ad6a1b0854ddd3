"""The SCIM Validator's tests of the manager: a bare string, and an object, of an id that exists."""

from __future__ import annotations

from scimproof.core.definitions import Check, Sequence

from .asks import manager_gone, manager_is
from .steps import V, create_user, patch, read_user

PEOPLE = {"user": "plain", "manager": "plain", "other": "plain"}


def _manager(form: str, suffix: str, title: str) -> Sequence:
    return Sequence(
        id=f"entra.validator.user.manager-{form}",
        title=title,
        source="wire-facts section 7; VALIDATOR-08, VALIDATOR-09",
        people=PEOPLE,
        steps=(
            create_user(),
            create_user(name="manager"),
            create_user(name="other"),
            patch("add", f"manager-add{suffix}", "manager-answered"),
            read_user("read-added", Check(f"{V}manager-added", manager_is("manager.id"))),
            patch("replace", f"manager-replace{suffix}", "manager-answered"),
            read_user("read-replaced", Check(f"{V}manager-replaced", manager_is("other.id"))),
            patch("remove", f"manager-remove{suffix}", "manager-remove-answered"),
            read_user("read-removed", Check(f"{V}manager-removed", manager_gone())),
        ),
    )


SEQUENCES = (
    _manager("text", "", "Add, replace and remove a manager, by bare strings"),
    _manager("object", "-object", "Add, replace and remove a manager, by objects"),
)
