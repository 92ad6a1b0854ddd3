"""What a client may not write: readOnly attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from scimproof.checks import answers
from scimproof.checks.schema_equality import equal, nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held

from ..asks import at, refused, word
from ..values import one_value
from .answers import created, part, subject_of, told
from .cases import Subject, asked_types, body, subjects, tag
from .company import COMPANY

READ_ONLY = "rfc.attributes.read-only"
LONG_AGO = "1999-01-01T00:00:00Z"
# Attributes of every resource that are the server's (RFC 7643 section 3.1).
ID = Attribute("id", mutability="readOnly", case_exact=True)
MADE = Attribute("created", parent="meta", type="dateTime", mutability="readOnly")
META = Attribute("meta", type="complex", mutability="readOnly", sub_attributes=(MADE,))


def read_only(discovery: Discovery) -> Iterator[Subject]:
    """The readOnly attributes: of every resource, then those of the schemas. A list is asked as a whole."""
    for type in asked_types(discovery):
        yield Subject(type, ID)
        yield Subject(type, MADE, META)
    for subject in subjects(discovery):
        around = subject.above
        inside = around is not None and (around.mutability == "readOnly" or around.multi_valued)
        if subject.attribute.mutability == "readOnly" and not inside:
            yield subject


def read_only_cases(discovery: Discovery) -> list[Case] | str:
    """Each readOnly attribute, with a value that a client would give it."""
    found = []
    for subject in read_only(discovery):
        own = tag(READ_ONLY, subject.key)
        value, beside = _forbidden(subject, discovery, own), _beside(subject, own)
        whole = {**(beside or {}), subject.attribute.name: value} if subject.above else value
        plain = subject.placed(beside) if beside else {}
        path = subject.path
        found.append(
            Case(
                key=subject.key,
                blanks={
                    "endpoint": subject.type.endpoint,
                    "body": body(subject.type, discovery, own, plain),
                    "put": body(subject.type, discovery, own, subject.placed(whole)),
                    "replaced": json.dumps([{"op": "replace", "path": path, "value": value}]),
                    "removed": json.dumps([{"op": "remove", "path": path}]),
                },
                facts={"subject": subject},
            )
        )
    return found


def _forbidden(subject: Subject, discovery: Discovery, tag: str) -> Json:
    """A value that a client might want it to have."""
    attribute = subject.attribute
    if attribute is MADE:
        return LONG_AGO
    if attribute is ID:
        return "{{prefix}}-other"
    if attribute.name.lower() == "groups":
        return [{"value": "{{crowd.id}}" if discovery.group else "{{prefix}}-nobody"}]
    value = one_value(attribute, tag, 5)
    if value is None and attribute.sub_attributes:
        made = {one.name: one_value(one, tag, 5) for one in attribute.sub_attributes}
        value = {name: one for name, one in made.items() if one is not None}
    return [value] if attribute.multi_valued else value


def _beside(subject: Subject, tag: str) -> dict[str, Json] | None:
    """What stands beside a readOnly sub-attribute; None for any other attribute."""
    if subject.above is None or subject.above is META:
        return None
    if subject.above.name.lower() == "manager":
        return {"value": "{{boss.id}}"}
    made = {
        one.name: one_value(one, tag) for one in subject.above.sub_attributes if one.mutability != "readOnly"
    }
    return {name: value for name, value in made.items() if value is not None}


def as_before(scene: ExecutionContext, found: Json) -> bool:
    """Whether the attribute is as the read before the writes showed it."""
    subject = subject_of(scene)
    before = at(scene.answer("before"), subject.root_path)
    return _same(subject, before, found)


def _same(subject: Subject, before: Json, found: Json) -> bool:
    one, other = part(subject, before), part(subject, found)
    attribute = subject.root.sub(subject.attribute.name) if subject.above else subject.root
    return equal(one, other, attribute) and equal(other, one, attribute)


def ignored(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A PUT with a value for it is not refused."""
    subject = subject_of(scene)
    expected = f"a PUT with {subject.path}, which is readOnly, is answered 200"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    return held(expected, str(exchange.status)) if exchange.ok else broken(expected, exchange.summary())


def not_taken(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The answer to a PUT shows the attribute as it was."""
    subject = subject_of(scene)
    before, found = (at(one, subject.root_path) for one in (scene.answer("before"), exchange.json))
    expected = f"{told(subject, before)}, as before"
    if not exchange.ok or not isinstance(exchange.json, dict):
        return does_not_apply(f"the PUT shows no resource: {exchange.summary()}")
    return (held if as_before(scene, found) else grave)(expected, told(subject, found))


def refused_here(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A PATCH of it is answered 400; a success without an effect is a warning."""
    subject = subject_of(scene)
    expected = f"400 to a PATCH of {subject.path}, which is readOnly"
    if not exchange.ok:
        return refused(400)(scene, exchange)
    found = at(exchange.json, subject.root_path)
    shows = isinstance(exchange.json, dict)
    if shows and not as_before(scene, found):
        return grave(expected, f"{exchange.status}: {told(subject, found)}")
    return declined(expected, f"{exchange.status}, without an effect in the answer")


def named(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The refusal is for mutability; what is not there can be no target either."""
    subject = subject_of(scene)
    absent = nothing(part(subject, at(scene.answer("before"), subject.root_path)))
    return word("mutability", "noTarget")(scene, exchange) if absent else word("mutability")(scene, exchange)


def stays(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """After all the writes it is as it was."""
    subject = subject_of(scene)
    before, found = (at(one, subject.root_path) for one in (scene.answer("before"), exchange.json))
    expected = f"{told(subject, before)}, as before"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    return (held if as_before(scene, found) else broken)(expected, told(subject, found))


EXPANSIONS = {
    "attributes-read-only": Expansion(
        cases=read_only_cases, blanks=frozenset({"endpoint", "body", "put", "replaced", "removed"})
    ),
}

GIVEN = (Check("rfc7644-3.3-create-201", created, gate=True),)

SEQUENCES = (
    Sequence(
        id=READ_ONLY,
        title="What is readOnly no client writes",
        source="RFC 7643 section 7, RFC 7644 sections 3.5.1 and 3.5.2",
        each="attributes-read-only",
        shares=COMPANY,
        steps=(
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                given=True,
                checks=GIVEN,
            ),
            Step(
                id="before",
                request="rfc/resource-get.http",
                given=True,
                checks=(Check("rfc7644-3.4.1-resource-itself", answers(200)),),
            ),
            Step(
                id="put",
                request="rfc/resource-put-as-is.http",
                blanks={"body": "{{!put}}"},
                independent=True,
                checks=(
                    Check("rfc7644-3.5.1-read-only-ignored", ignored),
                    Check("rfc7643-7-read-only", not_taken),
                ),
            ),
            Step(
                id="patch",
                request="rfc/resource-patch.http",
                blanks={"operations": "{{!replaced}}"},
                needs=("patch",),
                independent=True,
                checks=(
                    Check("rfc7644-3.5.2-read-only-refused", refused_here),
                    Check("rfc7644-3.5.2-read-only-refused-type", named),
                ),
            ),
            Step(
                id="remove",
                request="rfc/resource-patch.http",
                blanks={"operations": "{{!removed}}"},
                needs=("patch",),
                independent=True,
                checks=(
                    Check("rfc7644-3.5.2.2-read-only-stays", refused_here),
                    Check("rfc7644-3.5.2.2-read-only-stays-type", named),
                ),
            ),
            Step(
                id="read",
                request="rfc/resource-get.http",
                checks=(Check("rfc7643-7-read-only-stays", stays),),
            ),
        ),
    ),
)
