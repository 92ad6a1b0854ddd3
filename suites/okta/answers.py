"""What Okta relies on in every answer of a run."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.checks.watching import (
    anything,
    has_body,
    is_error,
    users,
    when,
)
from scimproof.model import Exchange, Json, Judgement, Watch, broken, held, parse_json
from scimproof.scene import look


def no_server_error(exchange: Exchange) -> tuple[bool, str, str]:
    right = not exchange.error and (exchange.status < 500 or exchange.status == 501)
    return right, "an answer, and no 5xx", exchange.summary()


def retry_after(exchange: Exchange) -> tuple[bool, str, str]:
    found = exchange.header("Retry-After")
    right = found is not None and found.strip().isascii() and found.strip().isdigit()
    return right, "Retry-After in whole seconds", show(found)


def token_not_echoed(exchange: Exchange) -> tuple[bool, str, str]:
    value = next((v for k, v in exchange.request.headers if k == "Authorization"), "")
    token = value.partition(" ")[2] or value
    head = "\n".join(v for _, v in exchange.headers)
    echoed = len(token) >= 6 and (token.encode() in exchange.body or token in head)
    return not echoed, "no Authorization value in the answer", "it is there" if echoed else "it is not"


def password_not_echoed(exchange: Exchange) -> tuple[bool, str, str]:
    password = look(exchange.request.json, "password")
    echoed = isinstance(password, str) and bool(password) and password.encode() in exchange.body
    return not echoed, "no password in the answer", "it is there" if echoed else "it is not"


def error_json(exchange: Exchange) -> tuple[bool, str, str]:
    return parse_json(exchange.body) is not None, "JSON in the error's body", exchange.summary()


def emails_are_list(_: Exchange, resource: Json) -> Judgement:
    found = look(resource, "emails")
    right = found is None or (isinstance(found, list) and all(isinstance(entry, dict) for entry in found))
    return (
        held("emails is a list of objects") if right else broken("emails is a list of objects", show(found))
    )


WATCHES: dict[str, tuple[Watch, ...]] = {
    "okta.answers": (
        Watch("okta-no-server-error", when(anything, no_server_error), ends=True),
        Watch("okta-error-is-json", when(lambda e: is_error(e) and has_body(e), error_json)),
        Watch("okta-retry-after", when(lambda e: e.status == 429, retry_after)),
        Watch("okta-no-token-echo", when(anything, token_not_echoed)),
        Watch("okta-email-is-list", users(emails_are_list)),
        Watch("okta-password-never-returned", when(anything, password_not_echoed)),
    ),
}
