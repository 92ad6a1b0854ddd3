"""What Microsoft's test tools need of every answer: the media type of SCIM."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import has_body, when
from scimproof.core.definitions import GlobalCheck
from scimproof.core.http_message import Exchange


def scim_media_type(exchange: Exchange) -> tuple[bool, str, str]:
    found = exchange.header("Content-Type")
    right = (found or "").partition(";")[0].strip().lower() == "application/scim+json"
    return right, "Content-Type: application/scim+json", show(found)


WATCHES: dict[str, tuple[GlobalCheck, ...]] = {
    "entra.validator.answers": (GlobalCheck("entra-validator-media-type", when(has_body, scim_media_type)),),
}
