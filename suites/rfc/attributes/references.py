"""References: URIs, and those to resources of the target lead there."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext, below_base
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, grave, held
from scimproof.core.scim import CORE_GROUP, CORE_USER, ENTERPRISE_USER, id_of, member_ids, usable_id, value_at

from ..asks import REFUSED, at
from .answers import created, every, subject_of
from .cases import Subject, body, mark, subjects, tag
from .company import COMPANY

ID = "rfc.attributes.reference"
NOBODY = "{{prefix}}-nobody"
SHARED = {CORE_USER.lower(): "{{whole.id}}", CORE_GROUP.lower(): "{{crowd.id}}"}
# Where the shared resources have references to resources, and to whom.
LEADS_TO = {"groups": "crowd.id", "manager": "boss.id", "members": "whole.id"}
PATHS = {"groups": "groups.0.$ref", "manager": f"{ENTERPRISE_USER}/manager/$ref", "members": "members.0.$ref"}
# What may be answered beside the resource itself.
PROPER = (301, 302, 303, 307, 308, 401, 403)


def cases(discovery: Discovery) -> list[Case] | str:
    """Each reference of users and groups: those that lead outside, and those between the shared resources."""
    found = []
    for subject in subjects(discovery):
        attribute, shared = subject.attribute, SHARED.get(subject.type.schema.lower())
        refers = attribute.type == "reference" or attribute.name.lower() == "$ref"
        if not refers or subject.hidden or shared is None:
            continue
        if inside(subject) and subject.root.name.lower() not in LEADS_TO:
            continue
        found.append(_case(subject, discovery, shared))
    return found or "no schema of users or groups has a reference"


def inside(subject: Subject) -> bool:
    """Whether it leads to a resource of the target."""
    return subject.attribute.name.lower() == "$ref" or not subject.attribute.leads_outside


def _case(subject: Subject, discovery: Discovery, shared: str) -> Case:
    root, marked = subject.root.name.lower(), mark(subject.type, discovery)
    without = {} if inside(subject) else {"follow": "it leads outside, where nothing is sent"}
    if root != "members":
        without |= dict.fromkeys(("group", "dangling"), "asked of the members of a group")
    named = f"{marked.name},{subject.root_path}" if marked else subject.root_path
    return Case(
        key=subject.key,
        blanks={
            "endpoint": subject.type.endpoint,
            "resource.id": shared,
            "reference": f"{{{{{root}.place}}}}",
            "asked": f"?attributes={named}" if subject.on_request else "",
            "body": body(subject.type, discovery, tag(ID, subject.key), {}),
        },
        facts={"subject": subject},
        without=without,
    )


def is_uri(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Every value that is shown is a URI, absolute or relative."""
    subject = subject_of(scene)
    if not exchange.ok:
        return cannot_tell("a resource with a reference", exchange.summary())
    found = every(subject, at(exchange.json, subject.root_path))
    if not found:
        return does_not_apply(f"the resource shows no {subject.path}")
    wrong = [one for one in found if not _is_uri(one)]
    return (broken if wrong else held)(f"{subject.path}, a URI", show((wrong or found)[0]))


def _is_uri(value: Json) -> bool:
    if not isinstance(value, str) or not value or any(one.isspace() or one in '<>"{}|\\^`' for one in value):
        return False
    try:
        found = urlsplit(value)
    except ValueError:
        return False
    return bool(found.path or found.netloc)


def leads_here(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A reference to a resource is below the base, where it can be followed."""
    subject, base = subject_of(scene), scene.blanks["base"]
    if not inside(subject):
        return does_not_apply("it leads outside, where nothing is sent")
    found = every(subject, at(exchange.json, subject.root_path))
    wrong = [one for one in found if not below_base(base, one)]
    expected = f"{subject.path} below {base}, or relative to it"
    return (broken if wrong else held)(expected, show((wrong or found)[0]))


def leads(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The resource that is referred to is where the reference says."""
    wanted = _referred(scene)
    expected = f"the resource {wanted}"
    if exchange.status in PROPER:
        return held(expected, str(exchange.status))
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = id_of(exchange.json)
    return held(expected, found) if found == wanted else grave(expected, found or exchange.summary())


def _referred(scene: ExecutionContext) -> str:
    """The id beside the reference that is followed; without one that of the shared resource."""
    subject = subject_of(scene)
    found = at(scene.answer("read"), subject.root_path)
    first: Json = next(iter(found), None) if isinstance(found, list) else found
    return usable_id(value_at(first, "value")) or scene.blanks.get(LEADS_TO[subject.root.name.lower()], "")


def checked(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A member whom nobody knows is refused or kept: which of them is told."""
    expected = "a member whom nobody knows refused, or kept"
    if exchange.status in REFUSED:
        return held(expected, f"refused: {exchange.status}")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    if not isinstance(exchange.json, dict):
        return held(expected, f"accepted: {exchange.status}")
    kept = any(one.startswith(scene.blanks["prefix"]) for one in member_ids(exchange.json))
    return held(expected, "kept") if kept else broken(expected, "accepted, and not shown")


def fails_properly(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Where a member whom nobody knows is not taken, that is the client's error and not the server's."""
    expected = "a 4xx, where it is not accepted"
    if exchange.ok:
        return does_not_apply(f"it was accepted: {exchange.status}")
    wrong = exchange.error or (exchange.status >= 500 and exchange.status != 501)
    return (grave if wrong else held)(expected, exchange.summary())


EXPANSIONS = {
    "attributes-reference": Expansion(
        cases=cases, blanks=frozenset({"endpoint", "resource.id", "reference", "asked", "body"})
    )
}

SEQUENCES = (
    Sequence(
        id=ID,
        title="Follow the references of a resource",
        source="RFC 7643 section 2.3.7",
        each="attributes-reference",
        shares=COMPANY,
        steps=(
            Step(
                id="read",
                request="rfc/resource-get-asked.http",
                save={f"{name}.place": f"reference:{path}" for name, path in PATHS.items()},
                checks=(
                    Check("rfc7643-2.3.7-uri", is_uri),
                    Check("rfc7643-2.3.7-leads", leads_here, gate=True),
                ),
            ),
            Step(
                id="follow",
                request="rfc/reference-get.http",
                checks=(Check("rfc7643-2.3.7-leads", leads),),
            ),
            Step(
                id="group",
                request="rfc/resource-create-as-is.http",
                creates="group",
                regardless=True,
                given=True,
                needs=("patch",),
                checks=(Check("rfc7644-3.3-create-201", created),),
            ),
            Step(
                id="dangling",
                request="rfc/resource-patch.http",
                cast={"resource": "group"},
                blanks={
                    "operations": json.dumps([{"op": "add", "path": "members", "value": [{"value": NOBODY}]}])
                },
                regardless=True,
                independent=True,
                needs=("patch",),
                checks=(
                    Check("rfc7643-2.3.7-checked", checked),
                    Check("rfc7644-3.5.2-failed", fails_properly),
                ),
            ),
        ),
    ),
)
