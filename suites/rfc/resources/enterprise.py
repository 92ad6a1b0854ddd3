"""The enterprise extension: its container, and the manager."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, grave, held
from scimproof.core.scim import ENTERPRISE_USER, value_at

from ..asks import at, refused
from ..people import USER, create_user
from .answers import after
from .groups import leads_to

MANAGER = f"{ENTERPRISE_USER}:manager"
NAME = "{{prefix}} nobody"
PLAIN: dict[str, Json] = json.loads(USER)
# Attributes of the extension (RFC 7643 section 4.3), none of which is one of users themselves.
BELOW = ("employeenumber", "costcenter", "organization", "division", "department", "manager")


def manager_kept(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Manager is an object with the id that was set and a $ref to that user."""
    id, found = scene.blanks["boss.id"], at(exchange.json, MANAGER)
    expected = f"manager with value {id} and a $ref to it"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    right = isinstance(found, Mapping) and value_at(found, "value") == id
    right = right and leads_to(value_at(found, "$ref"), id, "/Users")
    return held(expected) if right else broken(expected, show(found))


def in_container(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What is the extension's stands below its URN, in an object, and nowhere else."""
    expected = f"all of it below {ENTERPRISE_USER}"
    if not exchange.ok or not isinstance(exchange.json, Mapping):
        return broken(expected, exchange.summary())
    outside = [name for name in exchange.json if name.lower() in BELOW]
    if outside:
        return broken(expected, f"{', '.join(outside)} at the top")
    container = next((value for key, value in exchange.json.items() if key.lower() == URN), None)
    if not isinstance(container, Mapping):
        return broken(expected, show(container))
    manager = value_at(container, "manager")
    if not nothing(manager) and not isinstance(manager, Mapping):
        return broken(expected, f"manager is {show(manager)}")
    return held(expected)


URN = ENTERPRISE_USER.lower()


def name_ignored(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The manager has no displayName that a client made up."""
    sent = NAME.replace("{{prefix}}", scene.blanks["prefix"])
    found = at(exchange.json, f"{MANAGER}.displayName")
    expected = f"a displayName that is not {sent}"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    return broken(expected, show(found)) if found == sent else held(expected)


def refused_or_ignored(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The change of a readOnly value is refused with 400, or has no effect; the read after it decides."""
    expected = "400, or no effect"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    right = exchange.status in (200, 204, 400)
    return held(expected, str(exchange.status)) if right else broken(expected, exchange.summary())


def _managed(value: Json) -> str:
    return json.dumps({**PLAIN, ENTERPRISE_USER: {"department": "Sales", "manager": value}})


SEQUENCES = (
    Sequence(
        id="rfc.enterprise.manager",
        title="A user's manager in the enterprise extension",
        source="RFC 7643 section 4.3",
        needs=("extension:enterprise", "attr:manager"),
        people={"boss": "plain", "user": "plain", "texted": "plain"},
        steps=(
            create_user("create-boss", "boss"),
            create_user(
                body=_managed({"value": "{{boss.id}}"}),
                checks=(Check("rfc7644-3.3-create-201", answers(201), gate=True),),
            ),
            Step(
                id="read",
                request="rfc/user-get.http",
                independent=True,
                checks=(
                    Check("rfc7643-4.3-manager", manager_kept),
                    Check("rfc7643-4.3-container", in_container),
                ),
            ),
            Step(
                id="name",
                request="rfc/user-patch.http",
                blanks={
                    "operations": json.dumps(
                        [{"op": "replace", "path": f"{MANAGER}.displayName", "value": NAME}]
                    )
                },
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7643-4.3-manager-name", refused_or_ignored),),
            ),
            Step(
                id="name-read",
                request="rfc/user-get.http",
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7643-4.3-manager-name", after("name", name_ignored, refused=True)),),
            ),
            Step(
                id="text",
                request="rfc/user-create.http",
                creates="texted",
                cast={"user": "texted"},
                blanks={"body": _managed("x")},
                independent=True,
                checks=(Check("rfc7643-4.3-manager-text", refused(400, harmful=False)),),
            ),
        ),
    ),
)
