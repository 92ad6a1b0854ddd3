"""The types of attributes, and the values that a schema lists for them."""

from __future__ import annotations

from collections.abc import Mapping

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal, instant, nothing, zoned
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held

from ..asks import at, word, writable
from .answers import (
    REFUSALS,
    accepted,
    created,
    every,
    likeness,
    loose,
    part,
    sent_at,
    subject_of,
    told,
)
from .cases import (
    ELSEWHERE,
    Subject,
    body,
    element,
    subjects,
    tag,
    value_of,
)
from .company import full_value

TYPED, CANONICAL = "rfc.attributes.typed", "rfc.attributes.canonical"
# Attributes that servers list and refuse.
UNUSUAL = ("photos", "x509certificates", "entitlements", "roles")
# A value of another JSON type for each type, and none that could be turned into the right one.
WRONG: dict[str, Json] = {
    "boolean": "maybe",
    "integer": "many",
    "decimal": "much",
    "dateTime": True,
    "binary": 5,
    "reference": 5,
    "complex": "text",
}


def asked(subject: Subject) -> bool:
    """Whether its values can be made up and are shown; what is immutable is created too."""
    around = subject.above.mutability if subject.above else "readWrite"
    may = subject.attribute.mutability in ("readWrite", "immutable") and around in ("readWrite", "immutable")
    return may and not subject.hidden and subject.root.name.lower() not in ELSEWHERE


def typed_cases(discovery: Discovery) -> list[Case]:
    """Each attribute and sub-attribute that is no text, with a right value and a wrong one."""
    found = []
    for subject in subjects(discovery):
        wrong = WRONG.get(kind(subject.attribute))
        if wrong is None or not asked(subject):
            continue
        own, other = (tag(TYPED, subject.key, role) for role in ("right", "wrong"))
        right = _right(subject, own)
        if right is None:
            continue
        endpoint, placed = (
            subject.type.endpoint,
            subject.placed(_with(subject, _right(subject, other), wrong)),
        )
        found.append(
            Case(
                key=subject.key,
                blanks={
                    "endpoint": endpoint,
                    "body": body(subject.type, discovery, own, subject.placed(right)),
                    "wrong": body(subject.type, discovery, other, placed),
                    "asked": f"?attributes={subject.path}" if subject.on_request else "",
                },
                facts={"subject": subject, "wrong": wrong},
            )
        )
    return sorted(found, key=lambda case: case.facts["subject"].attribute.name.lower() == "primary")


def kind(attribute: Attribute) -> str:
    """The type; what has sub-attributes is complex, whatever else is said of it."""
    return "complex" if attribute.sub_attributes else attribute.type


def _right(subject: Subject, tag: str) -> Json:
    """A value of the attribute around the subject that its schema allows."""
    if subject.attribute.sub_attributes:
        return full_value(subject.attribute, tag)
    return value_of(subject, tag, beside=True)


def _with(subject: Subject, value: Json, wrong: Json) -> Json:
    """The value with the wrong one in the place of the subject."""
    if subject.above is None:
        return [wrong] if subject.listed and not subject.attribute.sub_attributes else wrong
    name = subject.attribute.name
    return [{**value[0], name: wrong}] if subject.listed else {**value, name: wrong}


def is_typed(value: Json, attribute: Attribute) -> bool:
    """Whether a value has the JSON type of the attribute's type (RFC 7643 section 2.3)."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    right = {
        "boolean": isinstance(value, bool),
        "integer": number and isinstance(value, int),
        "decimal": number,
        "dateTime": instant(value) is not None,
        "complex": isinstance(value, Mapping),
    }
    return right.get(kind(attribute), isinstance(value, str))


def typed(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The value reads back equal, and of the JSON type of its attribute."""
    subject, sent = subject_of(scene), sent_at(scene, "right")
    expected, found = f"{told(subject, sent)}, as created", at(exchange.json, subject.root_path)
    if not exchange.ok:
        return broken(expected, exchange.summary())
    if nothing(part(subject, found)):
        return does_not_apply(f"{subject.path} is not kept (rfc.attributes.kept)")
    shown = every(subject, found)
    if not all(is_typed(one, subject.attribute) for one in shown):
        return broken(f"{expected}, of type {kind(subject.attribute)}", told(subject, found))
    if not _alike(subject, sent, found):
        return broken(expected, told(subject, found))
    if kind(subject.attribute) == "dateTime" and not all(zoned(one) for one in shown):
        return declined(f"{expected}, with a time zone", told(subject, found))
    return held(expected, told(subject, found))


def _alike(subject: Subject, sent: Json, found: Json) -> bool:
    """Whether values are equal; of a complex attribute that each sub-attribute is kept is asked elsewhere."""
    if subject.attribute.sub_attributes:
        return True
    return likeness(subject, sent, found) == "equal"


def wrong_refused(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A value of another JSON type is answered 400; stored as it is it is a failure in any case."""
    subject, wrong = subject_of(scene), scene.facts["wrong"]
    expected = f"400 to {subject.path} = {show(wrong)}, which is no {kind(subject.attribute)}"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    if exchange.status == 400:
        return held(expected, "400")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = at(exchange.json, subject.root_path)
    stored = not all(is_typed(one, subject.attribute) for one in every(subject, found))
    return (grave if stored else broken)(expected, f"{exchange.status}: {told(subject, found)}")


def canonical_cases(discovery: Discovery) -> list[Case] | str:
    """Each attribute with canonicalValues: all in one list, or each alone where there is room for one."""
    found: list[Case] = []
    for subject in subjects(discovery):
        if not subject.attribute.canonical or not asked(subject) or subject.attribute.type != "string":
            continue
        some = _choices(subject)
        for key, value in some.items():
            own, other = (tag(CANONICAL, key, role) for role in ("listed", "other"))
            strange = _holding(subject, other, ("{{prefix}}",))
            found.append(
                Case(
                    key=key,
                    blanks={
                        "endpoint": subject.type.endpoint,
                        "body": body(subject.type, discovery, own, subject.placed(value)),
                        "strange": body(subject.type, discovery, other, subject.placed(strange)),
                        "asked": f"?attributes={subject.path}" if subject.on_request else "",
                    },
                    facts={"subject": subject},
                    without={} if key == next(iter(some)) else {"other": "asked with the first listed value"},
                )
            )
    return found or "no schema lists canonicalValues"


def _choices(subject: Subject) -> dict[str, Json]:
    """Values of the attribute around the subject with all listed values, by the keys of the cases."""
    listed = subject.attribute.canonical
    if subject.listed:
        return {subject.key: _holding(subject, tag(CANONICAL, subject.key, "listed"), listed)}
    made = tag(CANONICAL, subject.key)
    return {f"{subject.key}={one}": _holding(subject, made, (one,)) for one in listed}


def _holding(subject: Subject, tag: str, values: tuple[str, ...]) -> Json:
    """A value of the attribute around the subject with these values of it."""
    root, name = subject.root, subject.attribute.name
    if subject.above is None:
        return list(values) if subject.listed else values[0]
    if not subject.listed:
        return {name: values[0]}
    return [{**element(root, tag, place), name: one} for place, one in enumerate(values)]


def listed_accepted(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A create with listed values is not refused; that an attribute is refused at all is told elsewhere."""
    subject = subject_of(scene)
    if exchange.status in REFUSALS and subject.root.name.lower() not in UNUSUAL:
        return broken(f"{told(subject, sent_at(scene, 'listed'))} accepted", exchange.summary())
    return accepted(scene, exchange)


def listed_kept(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Every listed value reads back as it is."""
    subject, sent = subject_of(scene), sent_at(scene, "listed")
    expected, found = f"{told(subject, sent)}, as created", at(exchange.json, subject.root_path)
    if not exchange.ok:
        return broken(expected, exchange.summary())
    if nothing(part(subject, found)):
        return does_not_apply(f"{subject.path} is not kept (rfc.attributes.kept)")
    right = likeness(subject, sent, found) == "equal"
    return (held if right else broken)(expected, told(subject, found))


def other_value(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A value that is not listed is kept, left out or refused: which of them is told."""
    subject, sent = subject_of(scene), sent_at(scene, "other")
    expected = f"{told(subject, sent)} kept, or refused with 400"
    if exchange.status in REFUSALS:
        return held(expected, f"refused: {exchange.status}")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = at(exchange.json, subject.root_path)
    same = [equal(one, other, loose(subject.attribute)) for one, other in zip(
        every(subject, sent), every(subject, found), strict=False)]  # fmt: skip
    return (held if all(same) else broken)(expected, told(subject, found))


ANSWERED = Check("rfc7644-3.3-create-201", created, gate=True)

EXPANSIONS = {
    "attributes-typed": Expansion(
        cases=typed_cases, blanks=frozenset({"endpoint", "body", "wrong", "asked"})
    ),
    "attributes-canonical": Expansion(
        cases=canonical_cases, blanks=frozenset({"endpoint", "body", "strange", "asked"})
    ),
}

SEQUENCES = (
    Sequence(
        id=TYPED,
        title="Write one attribute with values of the right and a wrong type",
        source="RFC 7643 section 2.3",
        each="attributes-typed",
        steps=(
            Step(
                id="right",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                checks=(Check("rfc7643-4.1.1-kept", accepted), ANSWERED),
            ),
            Step(
                id="wrong",
                request="rfc/resource-create-as-is.http",
                blanks={"body": "{{!wrong}}"},
                independent=True,
                checks=(
                    Check("rfc7643-2.3-wrong-type", writable(wrong_refused)),
                    Check("rfc7643-2.3-wrong-type-type", writable(word("invalidValue"))),
                ),
            ),
            Step(
                id="read",
                request="rfc/resource-get-asked.http",
                checks=(Check("rfc7643-2.3-typed", typed),),
            ),
        ),
    ),
    Sequence(
        id=CANONICAL,
        title="Values that a schema lists",
        source="RFC 7643 sections 2.3.1 and 7",
        each="attributes-canonical",
        steps=(
            Step(
                id="listed",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                checks=(Check("rfc7643-2.3.1-listed", listed_accepted), ANSWERED),
            ),
            Step(
                id="other",
                request="rfc/resource-create-as-is.http",
                blanks={"body": "{{!strange}}"},
                independent=True,
                checks=(Check("rfc7643-2.3.1-other", other_value),),
            ),
            Step(
                id="read",
                request="rfc/resource-get-asked.http",
                checks=(Check("rfc7643-2.3.1-listed", listed_kept),),
            ),
        ),
    ),
)
