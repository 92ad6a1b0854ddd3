"""What answers show of an attribute, against what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal, nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.discovery import Attribute
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import value_at

from ..asks import UNWRITABLE, at, not_writable
from .cases import Subject, anchor

Likeness = Literal["equal", "changed", "lost"]
REFUSALS = (400, 422)
CREATED = 201


def subject_of(scene: ExecutionContext) -> Subject:
    """The attribute that the case is about."""
    subject = scene.facts["subject"]
    assert isinstance(subject, Subject)
    return subject


def shown(subject: Subject, body: Json) -> Json:
    """What a resource shows of the subject; of a list all its elements."""
    return part(subject, at(body, subject.root_path))


def part(subject: Subject, value: Json) -> Json:
    """The subject in a value of the attribute around it; a list as it is."""
    if subject.above is None or subject.listed:
        return value
    return value_at(value, subject.attribute.name)


def every(subject: Subject, root: Json) -> list[Json]:
    """Every value of the subject in a value of the attribute around it."""
    if subject.listed:
        some = root if isinstance(root, list) else [root]
        values = [value_at(one, subject.attribute.name) for one in some] if subject.above else some
    else:
        values = [part(subject, root)]
    return [one for one in values if not nothing(one)]


def likeness(subject: Subject, sent: Json, found: Json, *, exact: bool = False) -> Likeness:
    """Whether the subject in a value is as it was sent, for its schema; letter case counts if `exact`."""
    root = subject.root if exact else loose(subject.root)
    if subject.listed:
        return _likeness_of_lists(subject, root, sent, found)
    attribute = (root.sub(subject.attribute.name) if subject.above else root) or root
    if nothing(part(subject, found)):
        return "lost"
    return "equal" if equal(part(subject, sent), part(subject, found), attribute) else "changed"


def _likeness_of_lists(subject: Subject, root: Attribute, sent: Json, found: Json) -> Likeness:
    name, known = subject.attribute.name, anchor(subject.root)
    inside = subject.above is not None
    if len(_with(found, name, inside=inside)) < len(_with(sent, name, inside=inside)):
        return "lost"
    if not isinstance(found, list) or len(found) != len(sent):
        return "changed"
    if not inside or known is None:
        return "equal" if equal(sent, found, root) else "changed"

    def same(*names: str) -> bool:
        return equal(_cut(sent, names), _cut(found, names), root)

    # That the elements themselves are other ones is told by the sub-attribute that tells them apart.
    right = same(known.name, name) or (not same(known.name) and same(name))
    return "equal" if right else "changed"


def _with(elements: Json, name: str, *, inside: bool) -> list[Json]:
    """The elements that have a value of that sub-attribute; where it is not `inside`, all of them."""
    some = elements if isinstance(elements, list) else []
    return [one for one in some if not inside or value_at(one, name) not in (None, "", False)]


def _cut(elements: Json, names: tuple[str, ...]) -> Json:
    """The elements of a list with these sub-attributes only."""
    wanted = {name.lower() for name in names}
    return [
        {key: value for key, value in one.items() if key.lower() in wanted}
        if isinstance(one, Mapping)
        else one
        for one in elements
    ]


def loose(attribute: Attribute) -> Attribute:
    """The attribute as if letter case never counted."""
    below = tuple(loose(sub) for sub in attribute.sub_attributes)
    return replace(attribute, case_exact=False, sub_attributes=below)


def sent_at(scene: ExecutionContext, step: str) -> Json:
    """The value of the attribute around the subject that a step sent, in a body or in the first operation."""
    subject, sent = subject_of(scene), scene.sent(step)
    operations = value_at(sent, "Operations")
    if not isinstance(operations, list):
        return at(sent, subject.root_path)
    value = value_at(operations[0], "value")
    whole = subject.above is None or subject.listed
    return value if whole else {subject.attribute.name: value}


def accepted(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A create with the attribute is accepted; a refusal of an optional one is a warning at most."""
    subject = subject_of(scene)
    expected = f"{subject.path} accepted"
    if exchange.error or (exchange.status >= 500 and exchange.status not in UNWRITABLE):
        return grave(expected, exchange.summary())
    if left_out := not_writable(scene, exchange):
        return left_out
    if exchange.status in REFUSALS:
        told = f"{subject.path} refused: {exchange.summary()}"
        return (broken if subject.required else declined)(expected, told)
    return held(expected, str(exchange.status))


def created(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A create is answered 201; nothing follows where an optional attribute was refused."""
    subject = subject_of(scene)
    if exchange.status in REFUSALS and not subject.required:
        return does_not_apply(f"{subject.path} was refused: {exchange.summary()}")
    if left_out := not_writable(scene, exchange):
        return left_out
    expected = f"status {CREATED}"
    right = not exchange.error and exchange.status == CREATED
    return held(expected, str(exchange.status)) if right else broken(expected, exchange.summary())


def told(subject: Subject, value: Json) -> str:
    """A value of the attribute around the subject as a report prints it."""
    return f"{subject.path if not subject.listed else subject.root_path} = {show(part(subject, value))}"
