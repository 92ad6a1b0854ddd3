"""Detects whether a target has groups: applications with users only are conforming."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from scimproof.catalog.identities import group
from scimproof.catalog.request_template import Template
from scimproof.catalog.senders import Sender
from scimproof.core.http_message import Exchange
from scimproof.core.scim import resources, value_at
from scimproof.engine.target_session import LiveTargetSession

NOWHERE = (404, 405, 501)  # no such path, or one that does nothing
TYPES = "harness/resource-types.http"


def no_groups(
    stage: LiveTargetSession,
    templates: Mapping[str, Template],
    run_blanks: Callable[[], dict[str, str]],
    provider: Sender,
) -> str:
    """Why the target has no groups; empty when it may have. RunStopped when the run is stopped meanwhile.

    A list that is answered 404 may be empty or broken. A target has no groups if its discovery documents name
    none, and a create of a group has no effect either.
    """

    def ask(file: str, **more: str) -> Exchange:
        known = run_blanks() | {"authorization": stage.authorization()} | more
        return stage.look_at(templates[file].fill(known))

    if not provider.has("list_groups", "create_group"):
        return ""
    listed = ask(provider.request("list_groups"))
    if listed.status not in NOWHERE or _names_groups(ask(TYPES)):
        return ""
    blanks = group(stage.guard.ledger.prefix, "absence/group")
    name = blanks["displayName"]
    stage.intend("Group", name)
    made = ask(provider.request("create_group"), **{f"group.{key}": text for key, text in blanks.items()})
    stage.made("Group", name, made)
    if made.status not in NOWHERE:
        return ""
    return (
        f"the target has no groups: GET /Groups is answered {listed.status}, POST /Groups {made.status}, and "
        "/ResourceTypes names none. If the app should have groups, --groups makes this a failure"
    )


def _names_groups(exchange: Exchange) -> bool:
    """Whether the target's discovery documents name groups."""
    if not exchange.ok:
        return False
    every = [*resources(exchange.json), *(exchange.json if isinstance(exchange.json, list) else [])]
    words = {
        str(value_at(row, key)).strip("/").casefold() for row in every for key in ("id", "name", "endpoint")
    }
    return bool(words & {"group", "groups"})
