"""What Entra relies on in every answer of a run."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import (
    anything,
    has_body,
    no_server_error,
    retry_after,
    token_not_echoed,
    users,
    when,
)
from scimproof.core.definitions import GlobalCheck
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held

from .asks import extension

MEDIA = "application/scim+json"


def is_json(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.json is not None, "JSON in the body", exchange.summary()


def media_type(exchange: Exchange) -> tuple[bool, str, str]:
    found = exchange.header("Content-Type") or ""
    right = found.partition(";")[0].strip().lower() == MEDIA
    return right, f"Content-Type: {MEDIA}", show(found)


def manager_is_object(_: Exchange, resource: Json) -> CheckResult:
    told = extension(resource)
    found = told.get("manager") if isinstance(told, dict) else None
    expected = "a manager that is an object, or none"
    return held(expected) if found is None or isinstance(found, dict) else broken(expected, show(found))


def success(exchange: Exchange) -> bool:
    return exchange.ok and has_body(exchange)


WATCHES: dict[str, tuple[GlobalCheck, ...]] = {
    "entra.answers": (
        GlobalCheck("entra-no-server-error", when(anything, no_server_error), ends=True),
        GlobalCheck("entra-answer-is-json", when(success, is_json)),
        GlobalCheck("entra-media-type", when(success, media_type)),
        GlobalCheck("entra-manager-object", users(manager_is_object)),
        GlobalCheck("entra-retry-after", when(lambda e: e.status == 429, retry_after)),
        GlobalCheck("entra-no-token-echo", when(anything, token_not_echoed)),
        GlobalCheck("entra-attributes-declined", of_state="declined"),
        GlobalCheck("entra-attributes-lost", of_state="lost"),
        GlobalCheck("entra-bystanders-unchanged", of_state="bystanders"),
        GlobalCheck("entra-disabled-stay-members", of_state="departed"),
    ),
}
