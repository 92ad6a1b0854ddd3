"""The eleven tests that the gallery's workflow makes of a target directly (wire-facts section 8).

The other fourteen go through Entra's provisioning service: what it sends for them is in the sequences of
`entra.default` and `entra.both`.
"""

from __future__ import annotations

from scimproof.checks import answers, is_list
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.scim import CORE_GROUP, CORE_USER, ENTERPRISE_USER

from ..validator.asks import has_attributes, has_schemas, manager_gone, manager_is, shows
from .asks import begins_at, has_some, others_than
from .steps import G, create, file, patch, read

SOURCE = "wire-facts section 8"
# What the default mappings of an app write to: each has to be found in the schemas.
MAPPED = (
    "userName", "active", "displayName", "title", "preferredLanguage", "emails.value", "emails.type",
    "name.givenName", "name.familyName", "name.formatted", "addresses.formatted", "addresses.streetAddress",
    "addresses.locality", "addresses.region", "addresses.postalCode", "addresses.country",
    "phoneNumbers.value", "phoneNumbers.type",
    *(f"{ENTERPRISE_USER}:{name}" for name in ("employeeNumber", "department", "manager")),
)  # fmt: skip
SIX = tuple(f"group{number}" for number in range(1, 7))


def _page(kind: str, first: int, *before: str, least: int = 1) -> Step:
    """A page of five that begins at `first`."""
    rule = "" if kind == "users" else "groups-"
    return Step(
        id=f"page-{first}",
        request=file(f"{kind}-page"),
        blanks={"first": str(first)},
        checks=(
            Check(f"{G}{rule}page-answered", answers(200)),
            Check(f"{G}{rule}page-list", is_list()),
            Check(f"{G}{rule}page-start-index", begins_at(first)),
            Check(f"{G}{rule}page-size", has_some(least)),
            *((Check(f"{G}{rule}page-no-repeat", others_than(*before)),) if before else ()),
        ),
    )


def _emptied(suffix: str, title: str) -> Sequence:
    return Sequence(
        id=f"entra.gallery.user.empty{suffix}",
        title=title,
        source=f"{SOURCE}; GALLERY-05",
        people={"user": "plain"},
        steps=(
            create("user"),
            patch("empty", f"user-empty{suffix}", "empty-answered"),
            read("user", "read-back", Check(f"{G}emptied", shows("empty"))),
            *(
                (
                    patch("null", "user-null", "null-answered"),
                    read("user", "read-again", Check(f"{G}emptied", shows("null"))),
                )
                if not suffix
                else ()
            ),
        ),
    )


SEQUENCES = (
    Sequence(
        id="entra.gallery.schemas",
        title="Find the mapped attributes in the schemas",
        source=f"{SOURCE}; GALLERY-01",
        steps=(
            Step(
                id="schemas",
                request=file("schemas"),
                checks=(
                    Check(f"{G}schemas-answered", answers(200)),
                    Check(f"{G}schemas-user", has_schemas(CORE_USER)),
                    Check(f"{G}schemas-group", has_schemas(CORE_GROUP)),
                    Check(f"{G}schemas-attributes", has_attributes(*MAPPED)),
                ),
            ),
        ),
    ),
    Sequence(
        id="entra.gallery.user.create",
        title="Create a user directly",
        source=f"{SOURCE}; GALLERY-02",
        people={"user": "plain"},
        steps=(
            create("user", given=False),
            read("user", "read-back", Check(f"{G}create-shown", shows("create"))),
        ),
    ),
    Sequence(
        id="entra.gallery.user.update",
        title="Change a user's single-valued attributes directly",
        source=f"{SOURCE}; GALLERY-04",
        people={"user": "plain"},
        steps=(
            create("user"),
            patch("update", "user-update", "update-answered"),
            read("user", "read-back", Check(f"{G}update-shown", shows("update"))),
        ),
    ),
    _emptied("", "Empty a user's attributes by empty strings, then by nulls"),
    _emptied("-whole", "Empty a user's attributes in one operation without a path"),
    Sequence(
        id="entra.gallery.user.manager",
        title="Set, change and remove a manager",
        source=f"{SOURCE}; GALLERY-11",
        people={"user": "plain", "manager": "plain", "other": "plain"},
        steps=(
            create("user"),
            create("user", "manager"),
            create("user", "other"),
            patch("set", "manager-set", "manager-answered"),
            read("user", "read-set", Check(f"{G}manager-set", manager_is("manager.id"))),
            patch("change", "manager-change", "manager-answered"),
            read("user", "read-changed", Check(f"{G}manager-changed", manager_is("other.id"))),
            patch("remove", "manager-remove", "manager-answered"),
            read("user", "read-removed", Check(f"{G}manager-removed", manager_gone())),
        ),
    ),
    Sequence(
        id="entra.gallery.user.pages",
        title="Page through the users by fives",
        source=f"{SOURCE}; GALLERY-06",
        population=11,
        alone=True,  # who is made or removed meanwhile moves from one page to another
        steps=(
            _page("users", 1, least=5),
            _page("users", 6, "page-1", least=5),
            _page("users", 11, "page-1", "page-6"),
        ),
    ),
    Sequence(
        id="entra.gallery.group.create",
        title="Create a group directly",
        source=f"{SOURCE}; GALLERY-08",
        groups={"group": "plain"},
        steps=(
            create("group", given=False),
            read("group", "read-back", Check(f"{G}group-create-shown", shows("create"))),
        ),
    ),
    Sequence(
        id="entra.gallery.group.update",
        title="Change a group's single-valued attributes directly",
        source=f"{SOURCE}; GALLERY-10",
        groups={"group": "plain"},
        steps=(
            create("group"),
            patch("update", "group-update", "group-update-answered"),
            read("group", "read-back", Check(f"{G}group-update-shown", shows("update"))),
        ),
    ),
    Sequence(
        id="entra.gallery.group.pages",
        title="Page through the groups by fives",
        source=f"{SOURCE}; GALLERY-07",
        groups=dict.fromkeys(SIX, "plain"),
        alone=True,
        steps=(
            *(create("group", name) for name in SIX),
            _page("groups", 1, least=5),
            _page("groups", 6, "page-1"),
        ),
    ),
    Sequence(
        id="entra.gallery.credentials",
        title="Ask with the credentials of the run",
        source=f"{SOURCE}; GALLERY-12",
        steps=(
            Step(
                id="ask",
                request=file("credentials"),
                checks=(Check(f"{G}credentials-accepted", answers(200)),),
            ),
        ),
    ),
)
