"""Updates of a profile: one operation an attribute, or one without path (ENTRA-09 to ENTRA-11, ENTRA-17)."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.checks.convergence import converges
from scimproof.core.definitions import Check, Sequence, Step

from ..asks import CUSTOM, list_stays, no_literal_keys, one_of_type, one_with, where_kept
from ..bundles import (
    BEFORE,
    CREATE,
    DIALECTS,
    WHOLE,
    given_user,
    keeps,
    next_cycle,
    of,
    patch,
    persists,
    read_back,
)

NO_EMAIL = "entra/both/user-create-no-email.http"
NAMES = ("name.givenName", "name.familyName", "displayName", "emails")
ADDRESS = {
    "streetAddress": "user.street",
    "locality": "user.city",
    "region": "user.state",
    "postalCode": "user.zipCode",
    "country": "user.country",
}
SOURCE = {"default": "ENTRA-09", "flag": "ENTRA-10"}


def update(dialect: str) -> Sequence:
    """The profile as a whole: names, address, department or number."""
    keys = (Check("entra-update-no-literal-keys", no_literal_keys("update")),) if dialect == "flag" else ()
    return Sequence(
        id=f"entra.{dialect}.user.update",
        title="Update five attributes at once",
        source=f"wire-facts section 5, {7 if dialect == 'default' else 8}; {SOURCE[dialect]}",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("update", of(dialect, "user-update")),
            read_back(persists("update"), keeps(*NAMES), *keys),
            next_cycle(persists("update")),
        ),
    )


def update_title(dialect: str) -> Sequence:
    """One attribute."""
    return Sequence(
        id=f"entra.{dialect}.user.update-title",
        title="Update one attribute",
        source=SOURCE[dialect],
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("update", of(dialect, "user-update-title")),
            read_back(persists("update"), keeps("title")),
            next_cycle(persists("update")),
        ),
    )


def add_nick_name(dialect: str) -> Sequence:
    """An attribute that had no value: an operation add for a single one."""
    added = Check("entra-update-add-persists", converges("add"))
    return Sequence(
        id=f"entra.{dialect}.user.add",
        title="Fill in an attribute that was empty",
        source="ENTRA-11",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("add", of(dialect, "user-add-nick-name"), "entra-update-add"),
            read_back(added, keeps()),
            next_cycle(added),
        ),
    )


def add_email(dialect: str) -> Sequence:
    """An address for somebody who has none, and the same once more."""
    added = Check("entra-email-created-persists", converges("add"))
    single = Check("entra-email-single", one_of_type("emails", "work"))
    return Sequence(
        id=f"entra.{dialect}.user.add-email",
        title="Add an e-mail address to a user without one, and update it",
        source=f"{SOURCE[dialect]}; wire-facts section 9",
        people={"user": "plain"},
        steps=(
            given_user(request=NO_EMAIL),
            BEFORE,
            patch("add", of(dialect, "user-add-email"), "entra-email-created"),
            read_back(added, single, keeps("emails")),
            patch("add-again", of(dialect, "user-add-email"), "entra-email-created"),
            next_cycle(added, single),
        ),
    )


def update_email(dialect: str) -> Sequence:
    """Another address for somebody who has one, by the verb for what is there and the one for what is not."""
    single = Check("entra-email-single", one_of_type("emails", "work"))
    return Sequence(
        id=f"entra.{dialect}.user.update-email",
        title="Update the e-mail address, by replace and by add",
        source=f"{SOURCE[dialect]} (L9#1684621: add for an address that is there)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("update", of(dialect, "user-update-email")),
            read_back(persists("update"), single, keeps("emails")),
            patch("add", of(dialect, "user-add-old-email"), "entra-update-add"),
            next_cycle(Check("entra-update-add-persists", converges("add")), single),
        ),
    )


def add_address(dialect: str) -> Sequence:
    """A whole address, an operation for each part, for somebody who has none."""
    one = Check("entra-address-single", one_with("addresses", "work", ADDRESS))
    return Sequence(
        id=f"entra.{dialect}.user.add-address",
        title="Add a work address, an operation for each part",
        source="wire-facts section 5, 9 (L10 SimpleIdServer#808)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("add", of(dialect, "user-add-address"), "entra-address-answered"),
            read_back(one, keeps()),
            patch("add-again", of(dialect, "user-add-address"), "entra-address-answered"),
            next_cycle(one),
        ),
    )


def add_mobile(dialect: str) -> Sequence:
    """A mobile number for somebody who has no number at all."""
    one = Check("entra-phone-persists", one_with("phoneNumbers", "mobile", {"value": "user.mobile"}))
    return Sequence(
        id=f"entra.{dialect}.user.add-mobile",
        title="Add a mobile phone number",
        source="wire-facts section 5, 9 (M6, L4#119)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("add", of(dialect, "user-add-mobile"), "entra-phone-answered"),
            read_back(one, keeps()),
            next_cycle(one),
        ),
    )


def update_phone(dialect: str) -> Sequence:
    """Another work number for somebody who has a mobile one too."""
    one = Check("entra-phone-persists", one_with("phoneNumbers", "work", {"value": "user.newPhone"}))
    return Sequence(
        id=f"entra.{dialect}.user.update-phone",
        title="Update the work number of a user who has a mobile one too",
        source=f"{SOURCE[dialect]} (M6, L7#673)",
        people={"user": "plain"},
        steps=(
            given_user(request=WHOLE),
            BEFORE,
            patch("update", of(dialect, "user-update-work-phone"), "entra-phone-answered"),
            read_back(
                one, Check("entra-phone-others-kept", list_stays("before", "phoneNumbers", "mobile")), keeps()
            ),
            next_cycle(one),
        ),
    )


def custom(dialect: str) -> Sequence:
    """An attribute of a custom extension by its full URN, where the target takes the extension at all."""
    added = Check("entra-custom-persists", where_kept(CUSTOM, converges("add", CUSTOM)))
    return Sequence(
        id=f"entra.{dialect}.user.custom",
        title="Add an attribute of a custom extension",
        source="ENTRA-17",
        about="Asked where a create with that extension is accepted, and shown: nobody else would map it.",
        people={"user": "plain"},
        steps=(
            given_user(request="entra/both/user-create-custom.http"),
            BEFORE,
            Step(
                id="add",
                request=of(dialect, "user-custom"),
                checks=(Check("entra-custom-answered", where_kept(CUSTOM, answers(200, 204))),),
            ),
            read_back(added, keeps()),
            next_cycle(added),
        ),
    )


MADE = (
    update,
    update_title,
    add_nick_name,
    add_email,
    update_email,
    add_address,
    add_mobile,
    update_phone,
    custom,
)
SEQUENCES = (
    *(made(dialect) for dialect in DIALECTS for made in MADE),
    Sequence(
        id="entra.flag.user.update-live",
        title="Update two parts of the name, Operations before schemas",
        source="ENTRA-10 (L5)",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("update", "entra/flag/user-update-live.http"),
            read_back(
                persists("update"),
                keeps("name.familyName", "displayName"),
                Check("entra-update-no-literal-keys", no_literal_keys("update")),
            ),
            next_cycle(persists("update")),
        ),
    ),
    Sequence(
        id="entra.flag.user.update-display-name",
        title="Update one attribute without path",
        source="ENTRA-10; inferred from M2",
        people={"user": "plain"},
        steps=(
            given_user(),
            BEFORE,
            patch("update", "entra/flag/user-update-display-name.http"),
            read_back(persists("update"), keeps("displayName")),
            next_cycle(persists("update")),
        ),
    ),
    Sequence(
        id="entra.default.user.add-other-email",
        title="Add a further e-mail address by a path that ends in Value",
        source="ENTRA-09 (M1, mapping of proxy addresses)",
        people={"user": "plain"},
        steps=(
            given_user(request=CREATE),
            BEFORE,
            patch("add", "entra/default/user-add-other-email.http", "entra-other-email-answered"),
            read_back(Check("entra-other-email-persists", converges("add"))),
            next_cycle(Check("entra-other-email-persists", converges("add"))),
        ),
    ),
)
