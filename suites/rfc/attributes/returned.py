"""When an attribute is shown: always, by default, on request, never."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.checks.schema_equality import nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, grave, held
from scimproof.core.scim import CORE_GROUP, CORE_USER

from ..asks import no_server_error
from .answers import created, shown, subject_of
from .cases import Subject, asked_types, body, mark, subjects, tag
from .company import COMPANY, full_value
from .read_only import ID as RESOURCE_ID

ID = "rfc.attributes.returned"
READS = ("plain", "only", "without", "asked")
# In which of the reads an attribute is shown, by its returned.
SHOWN_IN = {"always": READS, "default": ("plain", "asked"), "request": ("asked",), "never": ()}
SHARED = {CORE_USER.lower(): "{{whole.id}}", CORE_GROUP.lower(): "{{crowd.id}}"}


def cases(discovery: Discovery) -> list[Case]:
    """Each attribute, and each sub-attribute that is returned otherwise than by default."""
    some = [Subject(type, RESOURCE_ID) for type in asked_types(discovery)]
    some += [
        one
        for one in subjects(discovery)
        if one.above is None or (returned(one) != "default" and one.above.returned == "default")
    ]
    return [_case(one, discovery) for one in sorted(some, key=lambda one: returned(one) == "default")]


def returned(subject: Subject) -> str:
    """What the schema says of when it is shown; what is only written is never shown."""
    if subject.attribute is RESOURCE_ID:
        return "always"
    return "never" if subject.hidden else subject.attribute.returned


def _case(subject: Subject, discovery: Discovery) -> Case:
    shared = SHARED.get(subject.type.schema.lower(), "")
    own = tag(ID, subject.key)
    value = full_value(subject.root, own)
    whole = body(subject.type, discovery, own, subject.placed(value) if value is not None else {})
    return Case(
        key=subject.key,
        blanks={
            "endpoint": subject.type.endpoint,
            "body": whole,
            "path": subject.path,
            "another": _another(subject, discovery),
            **({"resource.id": shared} if shared else {}),
        },
        facts={"subject": subject},
        without={"create": "a resource that was made before is read"} if shared else {},
    )


def _another(subject: Subject, discovery: Discovery) -> str:
    """The path of an attribute that the resource has beside this one."""
    marked = mark(subject.type, discovery)
    if marked is not None and marked.name.lower() != subject.root.name.lower():
        return marked.name
    return "externalId"


def shown_when(word: str) -> Ask:
    """The attribute is shown in those reads, and in no others, in which one of that `returned` is."""

    def ask(scene: ExecutionContext, _: Exchange) -> CheckResult:
        subject, wanted = subject_of(scene), SHOWN_IN[word]
        if returned(subject) != word:
            return does_not_apply(f"returned {returned(subject)}")
        found = {step: not nothing(shown(subject, scene.answer(step))) for step in READS}
        seen = [step for step in READS if found[step]]
        if not seen and word != "never":
            return does_not_apply(f"the resource shows no {subject.path} in any read")
        expected = f"{subject.path}, returned {word}: shown in {_reads(wanted, subject)}"
        told = f"shown in {_reads(seen, subject)}"
        if not (refused := [step for step in READS if not _ok(scene, step)]):
            right = seen == list(wanted)
            return held(expected, told) if right else (grave if word == "never" else broken)(expected, told)
        return broken(expected, f"{told}; {', '.join(refused)} refused")

    return ask


def _ok(scene: ExecutionContext, step: str) -> bool:
    exchange = scene.exchange(step)
    return exchange is not None and exchange.ok


def _reads(steps: list[str] | tuple[str, ...], subject: Subject) -> str:
    """The reads in words."""
    words = {
        "plain": "a plain read",
        "only": "a read of another attribute",
        "without": f"a read with excludedAttributes={subject.path}",
        "asked": f"a read with attributes={subject.path}",
    }
    return ", ".join(words[step] for step in steps) or "none of the four reads"


EXPANSIONS = {
    "attributes-returned": Expansion(
        cases=cases, blanks=frozenset({"endpoint", "body", "path", "another", "resource.id"})
    )
}

ANSWERED = (Check("rfc7644-3.4.2-parameters-on-one", no_server_error()),)

SEQUENCES = (
    Sequence(
        id=ID,
        title="Read one attribute by what its returned says",
        source="RFC 7643 section 7, RFC 7644 section 3.9",
        each="attributes-returned",
        shares=COMPANY,
        steps=(
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                given=True,
                checks=(Check("rfc7644-3.3-create-201", created, gate=True),),
            ),
            Step(
                id="plain",
                request="rfc/resource-get.http",
                given=True,
                checks=(Check("rfc7644-3.4.1-resource-itself", answers(200)),),
            ),
            Step(
                id="only",
                request="rfc/resource-get-query.http",
                blanks={"query": "attributes={{%another}}"},
                given=True,
                checks=ANSWERED,
            ),
            Step(
                id="without",
                request="rfc/resource-get-query.http",
                blanks={"query": "excludedAttributes={{%path}}"},
                given=True,
                checks=ANSWERED,
            ),
            Step(
                id="asked",
                request="rfc/resource-get-query.http",
                blanks={"query": "attributes={{%path}}"},
                independent=True,
                checks=tuple(Check(f"rfc7643-7-{word}", shown_when(word)) for word in SHOWN_IN),
            ),
        ),
    ),
)
