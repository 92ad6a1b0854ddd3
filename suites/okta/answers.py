"""What Okta relies on in every answer of a run."""

from __future__ import annotations

from collections.abc import Callable

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import (
    anything,
    collection,
    has_body,
    is_error,
    no_server_error,
    retry_after,
    token_not_echoed,
    users,
    when,
    written,
)
from scimproof.core.definitions import GlobalCheck
from scimproof.core.http_message import Exchange, Json, parse_json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import ERROR, value_at


def password_not_echoed(exchange: Exchange) -> tuple[bool, str, str]:
    password = value_at(exchange.request.json, "password")
    echoed = isinstance(password, str) and bool(password) and password.encode() in exchange.body
    return not echoed, "no password in the answer", "it is there" if echoed else "it is not"


def error_json(exchange: Exchange) -> tuple[bool, str, str]:
    return parse_json(exchange.body) is not None, "JSON in the error's body", exchange.summary()


def made(kind: str) -> Callable[[Exchange], bool]:
    """Creates of that kind, Users or Groups, that were answered with success and with what can be read."""

    def concerns(exchange: Exchange) -> bool:
        unread = exchange.body and exchange.json is None
        error = ERROR in (value_at(exchange.json, "schemas") or [])
        return written("POST")(exchange) and collection(exchange) == kind and not (unread or error)

    return concerns


def id_told(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "id")
    right = isinstance(found, str) and bool(found)
    return right, "an id, a string that is not empty", show(found)


def emails_are_list(_: Exchange, resource: Json) -> CheckResult:
    found = value_at(resource, "emails")
    right = found is None or (isinstance(found, list) and all(isinstance(entry, dict) for entry in found))
    return (
        held("emails is a list of objects") if right else broken("emails is a list of objects", show(found))
    )


WATCHES: dict[str, tuple[GlobalCheck, ...]] = {
    "okta.answers": (
        GlobalCheck("okta-no-server-error", when(anything, no_server_error), ends=True),
        # Wherever it happens: in a preparing step, or for one kind of name only.
        GlobalCheck("okta-create-id", when(made("Users"), id_told)),
        GlobalCheck("okta-group-create-id", when(made("Groups"), id_told)),
        GlobalCheck("okta-error-is-json", when(lambda e: is_error(e) and has_body(e), error_json)),
        GlobalCheck("okta-retry-after", when(lambda e: e.status == 429, retry_after)),
        GlobalCheck("okta-no-token-echo", when(anything, token_not_echoed)),
        GlobalCheck("okta-email-is-list", users(emails_are_list)),
        GlobalCheck("okta-password-never-returned", when(anything, password_not_echoed)),
        GlobalCheck("okta-attributes-declined", of_state="declined"),
        GlobalCheck("okta-attributes-lost", of_state="lost"),
        GlobalCheck("okta-bystanders-unchanged", of_state="bystanders"),
        GlobalCheck("okta-deactivated-stay-members", of_state="departed"),
    ),
}
