"""What a client writes once: immutable attributes."""

from __future__ import annotations

import json

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, grave, held

from ..asks import REFUSED, at, no_server_error, refused, word
from .answers import accepted, created, likeness, part, sent_at, subject_of, told
from .cases import body, subjects, tag, value_of

IMMUTABLE = "rfc.attributes.immutable"
FIRST = ("empty", "put", "empty-again", "add", "read-added")


def immutable_cases(discovery: Discovery) -> list[Case] | str:
    """Each immutable attribute that is in no list: an element of a list is replaced as a whole."""
    found = []
    for subject in subjects(discovery):
        around = subject.above
        inside = around is not None and (around.mutability == "readOnly" or around.multi_valued)
        if subject.attribute.mutability != "immutable" or inside:
            continue
        own, later, last = (tag(IMMUTABLE, subject.key, role) for role in ("", "empty", "again"))
        values = [value_of(subject, own, number, beside=True) for number in (0, 1)]
        if None in values:
            continue
        bodies = [body(subject.type, discovery, own, subject.placed(value)) for value in values]
        value = part(subject, values[0])
        optional = "it is required" if subject.required else ""
        found.append(
            Case(
                key=subject.key,
                blanks={
                    "endpoint": subject.type.endpoint,
                    "body": bodies[0],
                    "another": bodies[1],
                    "changed": json.dumps(
                        [{"op": "replace", "path": subject.path, "value": part(subject, values[1])}]
                    ),
                    "empty": body(subject.type, discovery, later, {}),
                    "first": body(subject.type, discovery, later, subject.placed(values[0])),
                    "empty-again": body(subject.type, discovery, last, {}),
                    "added": json.dumps([{"op": "add", "path": subject.path, "value": value}]),
                },
                facts={"subject": subject},
                without=dict.fromkeys(FIRST, optional) if optional else {},
            )
        )
    return found or "no schema has an immutable attribute outside lists"


def unchanged_by(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A PATCH with another value does not change it, as far as the answer shows."""
    subject, sent = subject_of(scene), sent_at(scene, "set")
    expected = f"{told(subject, sent)}, as created"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    if exchange.status in REFUSED:
        return held(expected, f"refused: {exchange.status}")
    if not isinstance(exchange.json, dict):
        return held(expected, f"{exchange.status}; the read shows the value")
    found = at(exchange.json, subject.root_path)
    return (held if likeness(subject, sent, found) == "equal" else grave)(expected, told(subject, found))


def immutable(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """After all the writes it has its first value."""
    subject, sent = subject_of(scene), sent_at(scene, "set")
    expected, found = f"{told(subject, sent)}, as created", at(exchange.json, subject.root_path)
    if not exchange.ok:
        return broken(expected, exchange.summary())
    return (held if likeness(subject, sent, found) == "equal" else broken)(expected, told(subject, found))


def same_again(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A PUT that repeats the value is accepted."""
    expected = f"a PUT with the same {subject_of(scene).path} accepted"
    return held(expected, str(exchange.status)) if exchange.ok else broken(expected, exchange.summary())


def first_put(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A PUT gives the attribute its first value; what an answer without a body did is not known."""
    subject, sent = subject_of(scene), sent_at(scene, "put")
    expected = told(subject, sent)
    if not exchange.ok:
        return broken(expected, exchange.summary())
    if not isinstance(exchange.json, dict):
        return cannot_tell(expected, f"{exchange.status} without a body")
    found = at(exchange.json, subject.root_path)
    return (held if likeness(subject, sent, found) == "equal" else broken)(expected, told(subject, found))


def first_added(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A PATCH add gave the attribute its first value, or was refused: which of them is told."""
    subject, sent = subject_of(scene), sent_at(scene, "add")
    expected, add = told(subject, sent), scene.exchange("add")
    if add is None or not add.ok or not exchange.ok:
        return broken(expected, add.summary() if add else exchange.summary())
    found = at(exchange.json, subject.root_path)
    return (held if likeness(subject, sent, found) == "equal" else broken)(expected, told(subject, found))


EXPANSIONS = {
    "attributes-immutable": Expansion(
        cases=immutable_cases,
        blanks=frozenset(
            {"endpoint", "body", "another", "changed", "empty", "first", "empty-again", "added"}
        ),
    ),
}

GIVEN = (Check("rfc7644-3.3-create-201", created, gate=True),)

SEQUENCES = (
    Sequence(
        id=IMMUTABLE,
        title="What is immutable is written once",
        source="RFC 7643 section 7, RFC 7644 sections 3.5.1 and 3.5.2",
        each="attributes-immutable",
        steps=(
            Step(
                id="set",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                checks=(
                    Check("rfc7643-4.1.1-kept", accepted),
                    Check("rfc7644-3.3-create-201", created, gate=True),
                ),
            ),
            Step(
                id="same",
                request="rfc/resource-put-as-is.http",
                independent=True,
                checks=(Check("rfc7644-3.5.1-immutable-same", same_again),),
            ),
            Step(
                id="other",
                request="rfc/resource-put-as-is.http",
                blanks={"body": "{{!another}}"},
                independent=True,
                checks=(
                    Check("rfc7644-3.5.1-immutable-other", refused(400, harmful=False)),
                    Check("rfc7644-3.5.1-immutable-other-type", word("mutability")),
                ),
            ),
            Step(
                id="patch",
                request="rfc/resource-patch.http",
                blanks={"operations": "{{!changed}}"},
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7643-7-immutable", unchanged_by),),
            ),
            Step(
                id="read",
                request="rfc/resource-get.http",
                independent=True,
                checks=(Check("rfc7643-7-immutable", immutable),),
            ),
            Step(
                id="empty",
                request="rfc/resource-create-as-is.http",
                creates="other",
                blanks={"body": "{{!empty}}"},
                given=True,
                checks=GIVEN,
            ),
            Step(
                id="put",
                request="rfc/resource-put-as-is.http",
                cast={"resource": "other"},
                blanks={"body": "{{!first}}"},
                independent=True,
                checks=(Check("rfc7644-3.5.1-immutable-first", first_put),),
            ),
            Step(
                id="empty-again",
                request="rfc/resource-create-as-is.http",
                creates="third",
                blanks={"body": "{{!empty-again}}"},
                needs=("patch",),
                given=True,
                checks=GIVEN,
            ),
            Step(
                id="add",
                request="rfc/resource-patch.http",
                cast={"resource": "third"},
                blanks={"operations": "{{!added}}"},
                needs=("patch",),
                given=True,
                checks=(Check("rfc7644-3.5.2-immutable-first", no_server_error()),),
            ),
            Step(
                id="read-added",
                request="rfc/resource-get.http",
                cast={"resource": "third"},
                needs=("patch",),
                checks=(Check("rfc7644-3.5.2-immutable-first", first_added),),
            ),
        ),
    ),
)
