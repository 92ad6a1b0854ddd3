"""Attributes keep their values: created, replaced, changed by their path and removed by it."""

from __future__ import annotations

import json

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal, nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, grave, held
from scimproof.core.scim import value_at

from ..asks import at
from ..values import choices
from .answers import (
    accepted,
    created,
    likeness,
    part,
    sent_at,
    shown,
    subject_of,
    told,
)
from .cases import (
    ELSEWHERE,
    EXTERNAL_ID,
    Subject,
    body,
    mark,
    subjects,
    tag,
    value_of,
)

ID = "rfc.attributes.kept"
NEVER = "it is never shown"
BLANKS = frozenset({"endpoint", "body", "put", "plain", "replaced", "removed", "asked"})
# RFC 7643 prints caseExact false for these, against its own text (errata 6000 and 6001).
CASE_FREE = ("x509certificates.value", "photos.value", "profileurl")
# What is not text and reads back as another value is wrong, and no form of what was sent.
PLAIN = ("boolean", "integer", "decimal", "dateTime")
MILD = ("externalid", "formatted")  # which a server may leave to others, or make of others


def cases(discovery: Discovery) -> list[Case]:
    """Each attribute that a client may set; what there is least to learn from comes last."""
    own = [one for one in subjects(discovery) if one.written and not one.attribute.sub_attributes]
    own += [Subject(discovery.user, EXTERNAL_ID)]
    some = sorted(own, key=_place)
    made = [_case(one, discovery) for one in some if one.root.name.lower() not in ELSEWHERE]
    return made + _elsewhere(discovery)


def _place(subject: Subject) -> int:
    """Sub-attributes of lists after all others, and those that RFC 7643 says least about at the end."""
    if subject.above is None or not subject.listed or subject.attribute.name.lower() == "value":
        return 0
    return 2 if subject.attribute.name.lower() in ("display", "formatted") else 1


def _elsewhere(discovery: Discovery) -> list[Case]:
    """The attributes that other sequences ask about, named as such."""
    return [
        _not_asked(one, ELSEWHERE[one.root.name.lower()])
        for one in subjects(discovery)
        if one.above is None and one.written and one.root.name.lower() in ELSEWHERE
    ]


def _not_asked(subject: Subject, why: str) -> Case:
    without = {step.id: why for step in SEQUENCES[0].steps}
    return Case(
        key=subject.key, blanks=dict.fromkeys(BLANKS, ""), facts={"subject": subject}, without=without
    )


def _case(subject: Subject, discovery: Discovery) -> Case:
    own = tag(ID, subject.key)
    values = [value_of(subject, own, 0, beside=True), value_of(subject, own, 1), value_of(subject, own, 2)]
    if values[0] is None:
        return _not_asked(subject, "no value can be made up for it")
    bodies = [body(subject.type, discovery, own, subject.placed(value)) for value in values[:2]]
    path = subject.root_path if subject.listed else subject.path
    operations = (
        {"op": "replace", "path": path, "value": part(subject, values[2])},
        {"op": "remove", "path": path},
    )
    marked = mark(subject.type, discovery)
    named = f"{marked.name},{subject.path}" if marked else subject.path
    return Case(
        key=subject.key,
        blanks={
            "endpoint": subject.type.endpoint,
            "body": bodies[0],
            "put": bodies[1],
            "plain": body(subject.type, discovery, tag(ID, subject.key, "plain"), {}),
            "replaced": json.dumps([operations[0]]),
            "removed": json.dumps([operations[1]]),
            "asked": f"?attributes={named}" if subject.on_request else "",
        },
        facts={"subject": subject},
        without=_without(subject),
    )


def _without(subject: Subject) -> dict[str, str]:
    """The steps that do not apply, and why."""
    left_out: dict[str, str] = {}
    if subject.hidden:
        left_out |= dict.fromkeys(("read-again", "read-patched", "read-removed"), NEVER)
    if subject.required:
        left_out |= dict.fromkeys(("plain", "remove", "read-removed"), "it is required")
    elif subject.listed or not (choices(subject.attribute) or subject.attribute.type == "boolean"):
        left_out["plain"] = "its values are the run's: none of them is a default"
    return left_out


def kept(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The attribute reads back as it was sent: not lost, and not another value."""
    subject, sent = subject_of(scene), sent_at(scene, "create")
    found = at(exchange.json, subject.root_path)
    expected = f"{told(subject, sent)}, as created"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    if subject.hidden:
        seen = shown(subject, exchange.json)
        return (
            held(f"{subject.path} is not shown") if nothing(seen) else does_not_apply(f"shown: {show(seen)}")
        )
    like, name = likeness(subject, sent, found), subject.attribute.name.lower()
    if like == "equal":
        return held(expected, told(subject, found))
    if like == "changed" and name == "formatted":
        return does_not_apply(f"the server makes it of other values: {told(subject, found)}")
    wrong = like == "lost" or subject.attribute.type in PLAIN
    return (grave if wrong and name not in MILD else broken)(expected, told(subject, found))


def case_kept(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The letters of a case-exact text are the same."""
    subject, sent = subject_of(scene), sent_at(scene, "create")
    attribute, found = subject.attribute, at(exchange.json, subject.root_path)
    exact = attribute.type == "string" and attribute.case_exact and attribute.name.lower() != "$ref"
    if not exact or attribute.dotted.lower() in CASE_FREE:
        return does_not_apply("its letter case does not count")
    if subject.hidden or likeness(subject, sent, found) != "equal":
        return does_not_apply("it is not shown as it was sent")
    right = likeness(subject, sent, found, exact=True) == "equal"
    return (held if right else broken)(told(subject, sent), told(subject, found))


def canonical(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What the server made of the value on the way, which is told and not judged."""
    subject, sent = subject_of(scene), sent_at(scene, "create")
    found = at(exchange.json, subject.root_path)
    if subject.hidden or nothing(part(subject, found)):
        return does_not_apply("it is not shown")
    same = part(subject, sent) == part(subject, found)
    return held(told(subject, sent), "as sent" if same else told(subject, found))


def replaced(step: str) -> Ask:
    """The attribute has the value that a write gave it, and nothing of the one before."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        subject, sent = subject_of(scene), sent_at(scene, step)
        found = at(exchange.json, subject.root_path)
        expected = f"{told(subject, sent)}, as sent in {step}"
        if _refused(scene, step):
            return does_not_apply(f"{step} was refused")
        if not exchange.ok:
            return broken(expected, exchange.summary())
        first = at(scene.answer("read"), subject.root_path)
        if likeness(subject, sent_at(scene, "create"), first) != "equal":
            return does_not_apply("its values do not read back as they are sent: see read")
        if likeness(subject, sent, found) != "equal":
            return broken(expected, told(subject, found))
        left = _left_over(subject, first, sent, found) if step == "put" else ""
        return broken(f"{expected}, alone", left) if left else held(expected, told(subject, found))

    return ask


def _refused(scene: ExecutionContext, step: str) -> bool:
    exchange = scene.exchange(step)
    return exchange is None or not exchange.ok


def _left_over(subject: Subject, before: Json, sent: Json, found: Json) -> str:
    """What a PUT leaves out of a complex attribute and is still there; empty for nothing."""
    if subject.above is None or subject.listed:
        return ""
    for sub in subject.above.sub_attributes:
        old, new = value_at(before, sub.name), value_at(found, sub.name)
        gone = sub.name.lower() == "formatted" or sub.mutability == "readOnly" or nothing(old)
        if not gone and value_at(sent, sub.name) is None and equal(old, new, sub):
            return f"{subject.root_path}.{sub.name} is still {show(new)}"
    return ""


def removed(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The attribute has no value any more, or the one that it has without the client's doing."""
    subject = subject_of(scene)
    expected = f"{subject.path} without a value"
    if _refused(scene, "remove"):
        return does_not_apply("remove was refused")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = at(exchange.json, subject.root_path)
    if nothing(part(subject, found)):
        return held(expected, "without a value")
    usual = at(scene.answer("plain"), subject.root_path)
    if not nothing(part(subject, usual)) and likeness(subject, usual, found) == "equal":
        return held(expected, f"the default: {told(subject, found)}")
    if subject.listed:
        left = [one for step in ("create", "put", "patch") for one in sent_at(scene, step) or ()]
        still = any(equal(one, other, subject.root) for one in left for other in found)
    else:
        some = (sent_at(scene, step) for step in ("create", "put", "patch"))
        still = any(likeness(subject, one, found) == "equal" for one in some)
    return (broken if still else held)(expected, told(subject, found))


EXPANSIONS = {"attributes-kept": Expansion(cases=cases, blanks=BLANKS)}

PATCHED = answers(200, 204)

SEQUENCES = (
    Sequence(
        id=ID,
        title="Write, replace, change and remove one attribute",
        source="RFC 7643 sections 4.1 to 4.3 and 7, RFC 7644 sections 3.5.1 and 3.5.2",
        each="attributes-kept",
        steps=(
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                checks=(
                    Check("rfc7643-4.1.1-kept", accepted),
                    Check("rfc7644-3.3-create-201", created, gate=True),
                ),
            ),
            Step(
                id="read",
                request="rfc/resource-get-asked.http",
                checks=(
                    Check("rfc7643-4.1.1-kept", kept),
                    Check("rfc7643-7-case-kept", case_kept),
                    Check("rfc7643-2.4-canonical", canonical),
                ),
            ),
            Step(
                id="put",
                request="rfc/resource-put-as-is.http",
                blanks={"body": "{{!put}}"},
                independent=True,
                checks=(Check("rfc7644-3.5.1-put-200", answers(200)),),
            ),
            Step(
                id="read-again",
                request="rfc/resource-get-asked.http",
                independent=True,
                checks=(Check("rfc7644-3.5.1-replaces", replaced("put")),),
            ),
            Step(
                id="patch",
                request="rfc/resource-patch.http",
                blanks={"operations": "{{!replaced}}"},
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7644-3.5.2-patch-status", PATCHED),),
            ),
            Step(
                id="read-patched",
                request="rfc/resource-get-asked.http",
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7644-3.5.2.3-replaces", replaced("patch")),),
            ),
            Step(
                id="plain",
                about="What the server fills in by itself",
                request="rfc/resource-create-as-is.http",
                creates="other",
                blanks={"body": "{{!plain}}"},
                needs=("patch",),
                given=True,
                checks=(Check("rfc7644-3.3-create-201", created),),
            ),
            Step(
                id="remove",
                request="rfc/resource-patch.http",
                blanks={"operations": "{{!removed}}"},
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7644-3.5.2-patch-status", PATCHED),),
            ),
            Step(
                id="read-removed",
                request="rfc/resource-get-asked.http",
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7644-3.5.2.2-removed", removed),),
            ),
        ),
    ),
)
