"""Questions that only Bitwarden's documented limits ask."""

from __future__ import annotations

import re

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, held
from scimproof.core.scim import has, resources, value_at

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_guid(path: str = "id") -> Ask:
    """The attribute is a GUID in its usual form."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, path)
        right = isinstance(found, str) and GUID.fullmatch(found) is not None
        return (held if right else broken)(f"{path} is a GUID", show(found))

    return ask


def one_email(blank: str) -> Ask:
    """There is one address and it is that of the blank, in small letters; primary, of type work."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = [{"primary": True, "value": scene.blanks[blank].lower(), "type": "work"}]
        found = value_at(exchange.json, "emails")
        return (held if found == wanted else broken)(f"emails {show(wanted)}", show(found))

    return ask


def email_is(blank: str) -> Ask:
    """The first address is that of the blank, in any letters."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted, found = scene.blanks[blank], value_at(exchange.json, "emails.0.value")
        right = isinstance(found, str) and found.casefold() == wanted.casefold()
        return (held if right else broken)(f"emails[0].value {show(wanted)}", show(found))

    return ask


def user_name_is_email(blank: str) -> Ask:
    """The userName is the address of the blank in small letters, and so is the first of emails."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks[blank].lower()
        found = (value_at(exchange.json, "userName"), value_at(exchange.json, "emails.0.value"))
        expected = f"userName and emails[0].value {show(wanted)}"
        return (held if found == (wanted, wanted) else broken)(
            expected, f"userName {show(found[0])}, emails[0].value {show(found[1])}"
        )

    return ask


def no_names() -> Ask:
    """No name has a value: none is known of somebody who has not accepted."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        paths = ("displayName", "name.formatted", "name.givenName", "name.familyName")
        known = [
            f"{path} {show(value_at(exchange.json, path))}" for path in paths if has(exchange.json, path)
        ]
        return broken("no name has a value", "; ".join(known)) if known else held("no name has a value")

    return ask


def account_name() -> Ask:
    """There is a displayName, and name.formatted is the same: the name of the person's account."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = [value_at(exchange.json, path) for path in ("displayName", "name.formatted")]
        right = isinstance(found[0], str) and found[0] and found[0] == found[1]
        expected = "displayName and name.formatted are the account's name"
        return (held if right else broken)(expected, f"{show(found[0])} and {show(found[1])}")

    return ask


def in_order_of_email() -> Ask:
    """Those of this run that a walked list shows stand in the order of their addresses."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        prefix = scene.blanks["prefix"]
        pages = next((pages for pages in scene.exchanges.values() if exchange in pages), [exchange])
        found = [str(value_at(user, "userName")) for page in pages for user in resources(page.json)]
        ours = [name for name in found if prefix in name]
        if len(ours) < 2:
            return cannot_tell("users in the order of their addresses", f"{len(ours)} of this run are listed")
        right = ours == sorted(ours)
        return (held if right else broken)("users in the order of their addresses", show(ours[:4]))

    return ask
