"""Variants of the form in which values are stored and shown."""

import re
from collections.abc import Callable
from typing import Any

from scim2_models import Resource

from scimproof.embedded.discovery import Documents
from scimproof.embedded.protocol.assignment import assign
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Arrange, Variant

_DEFAULTS = {"active": True, "locale": "en-US", "user_type": "Employee"}
_NO_DIGIT = re.compile(r"[^\d+]")


def _users(change: Callable[[Any], None]) -> Arrange:
    def adjust(kind: str, resource: Resource[Any]) -> None:
        if kind == "User":
            change(resource)

    def arrange(_: Service, store: Store) -> None:
        store.adjust.append(adjust)

    return arrange


def _values(name: str, form: Callable[[str], str]) -> Arrange:
    """The values of a list in another form."""

    def change(user: Any) -> None:
        entries = getattr(user, name) or []
        if entries:
            changed = [each.model_copy(update={"value": each.value and form(each.value)}) for each in entries]
            assign(user, name, changed)

    return _users(change)


def _small_domain(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _canonical_number(number: str) -> str:
    digits = _NO_DIGIT.sub("", number)
    return digits if len(digits) > 1 else number


def _lower_name(user: Any) -> None:
    assign(user, "user_name", user.user_name.lower())


def _fill(user: Any) -> None:
    for name, value in {**_DEFAULTS, "display_name": user.user_name}.items():
        if getattr(user, name) is None:
            assign(user, name, value)


def _format(user: Any) -> None:
    if user.name is not None:
        parts = (user.name.given_name, user.name.middle_name, user.name.family_name)
        formatted = " ".join(part for part in parts if part) or None
        assign(user, "name", user.name.model_copy(update={"formatted": formatted}))


def _formatted_is_read_only(documents: Documents) -> None:
    for sub in documents.attribute("User", "name")["subAttributes"]:
        if sub["name"] == "formatted":
            sub["mutability"] = "readOnly"


def _prefer_the_only_one(user: Any) -> None:
    if user.emails and len(user.emails) == 1 and not user.emails[0].primary:
        assign(user, "emails", [user.emails[0].model_copy(update={"primary": True})])


def _placeholders(service: Service, _: Store) -> None:
    service.placeholders = True


VARIANTS = (
    Variant("username-lower-cased", "userName is stored in small letters.", arrange=_users(_lower_name)),
    Variant(
        "email-domain-lower-cased",
        "The domain of an e-mail address is stored in small letters.",
        arrange=_values("emails", _small_domain),
    ),
    Variant(
        "phone-canonical",
        "Telephone numbers are stored without punctuation.",
        arrange=_values("phone_numbers", _canonical_number),
    ),
    Variant(
        "defaults",
        "active, displayName, locale and userType are filled by the server.",
        arrange=_users(_fill),
    ),
    Variant(
        "formatted-made",
        "name.formatted is made of the parts of the name, and follows them.",
        describe=_formatted_is_read_only,
        arrange=_users(_format),
    ),
    Variant(
        "first-email-primary",
        "The only e-mail address of a user becomes the primary one.",
        arrange=_users(_prefer_the_only_one),
    ),
    Variant("null-placeholders", "What has no value is shown as null, lists as [].", arrange=_placeholders),
)
