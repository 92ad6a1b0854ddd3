"""Lists of values: one of them is primary at most, and none stands there twice."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import id_of, value_at

from ..asks import at, ours
from .answers import REFUSALS, created, loose, subject_of
from .cases import ELSEWHERE, Subject, anchor, body, element, mark, subjects, tag

ID = "rfc.attributes.primary"
DECLINED = (400, 403, 501)  # what a filter or a path is refused with that is not supported


def cases(discovery: Discovery) -> list[Case] | str:
    """Each list of values of which one may be primary, with bodies and operations for it."""
    found = []
    for subject in subjects(discovery):
        primary = subject.attribute.sub("primary")
        fit = subject.attribute.multi_valued and subject.written and primary is not None
        if not fit or subject.hidden or subject.root.name.lower() in ELSEWHERE:
            continue
        made = [element(subject.attribute, tag(ID, subject.key), number) for number in (0, 1)]
        if all(made):
            found.append(_case(subject, discovery))
    return found or "no schema has a list of values with primary"


def _case(subject: Subject, discovery: Discovery) -> Case:
    root, path, type = subject.attribute, subject.path, subject.type

    def elements(role: str, *primary: int) -> tuple[str, list[dict[str, Json]]]:
        own = tag(ID, subject.key, role)
        some = [element(root, own, number) for number in (0, 1)]
        return own, [{**one, "primary": True} if at in primary else one for at, one in enumerate(some)]

    def made(own: str, value: Json) -> str:
        return body(type, discovery, own, subject.placed(value))

    two, none, twice, moved = (
        elements(*some) for some in (("two", 0, 1), ("none",), ("twice",), ("moved", 0, 1))
    )
    old, new = moved[1]
    marked = mark(type, discovery)
    name = marked.name if marked else "userName"
    return Case(
        key=subject.key,
        blanks={
            "endpoint": type.endpoint,
            "none": made(*none),
            "two": made(*two),
            "twice": made(twice[0], [twice[1][0], twice[1][0]]),
            "one": made(moved[0], [old]),
            "filter": f'{path}[primary eq true] and {name} eq "{json.loads(made(*none))[name]}"',
            "moved": json.dumps([{"op": "add", "path": path, "value": [new]}]),
            "back": json.dumps(
                [
                    {
                        "op": "replace",
                        "path": f"{path}[{_told_apart(subject, old, new)}].primary",
                        "value": True,
                    }
                ]
            ),
        },
        facts={"subject": subject},
        without={}
        if root.sub("value") and root.sub("type")
        else {"twice": "it has no pairs of type and value"},
    )


def _told_apart(subject: Subject, old: Mapping[str, Json], new: Mapping[str, Json]) -> str:
    """The expression for one of two elements: by type, where they have two, else by what tells them apart."""
    known = anchor(subject.root)
    typed = "type" in old and old["type"] != new.get("type")
    name = "type" if typed else (known.name if known else "value")
    return f"{name} eq {json.dumps(old[name])}"


def _elements(scene: ExecutionContext, body: Json) -> list[Json]:
    found = at(body, subject_of(scene).path)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _primaries(elements: list[Json]) -> list[Json]:
    return [one for one in elements if value_at(one, "primary") is True]


def _about(scene: ExecutionContext, sent: Json) -> str:
    """What tells an element from the other."""
    known = anchor(subject_of(scene).root)
    return str(value_at(sent, known.name)) if known else show(sent)


def one_of_two(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Two primaries are refused, or one of them is stored as primary at most."""
    expected = "two primaries refused with 400, or stored as one at most"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    if exchange.status in REFUSALS:
        return held(expected, f"refused: {exchange.status}")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    if not isinstance(exchange.json, Mapping):
        return cannot_tell(expected, f"{exchange.status} without a body")
    count = len(_primaries(_elements(scene, exchange.json)))
    return (held if count <= 1 else broken)(expected, f"{exchange.status}, with {count} primaries")


def once(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A pair of type and value is refused or shown once where it was sent twice."""
    expected = "one pair of type and value, or a refusal with 400"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    if exchange.status in REFUSALS:
        return held(expected, f"refused: {exchange.status}")
    if not isinstance(exchange.json, Mapping):
        return cannot_tell(expected, exchange.summary())
    sent, attribute = _elements(scene, scene.sent("twice"))[0], loose(subject_of(scene).attribute)
    count = sum(equal(sent, one, attribute) for one in _elements(scene, exchange.json))
    return (held if count <= 1 else broken)(expected, f"{count} of {show(sent)}")


def none_primary(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Nobody without a primary is found by primary, unless an answer shows one that the server chose."""
    subject, made = subject_of(scene), scene.answer("none")
    expected = f"no {subject.path} primary that none was sent for, unless it is shown"
    if exchange.status in DECLINED and not exchange.error:
        return does_not_apply(f"such a filter is not supported (rfc.filter.value-paths): {exchange.status}")
    if not exchange.ok:
        return grave(expected, exchange.summary())
    found = id_of(made) in [id_of(row) for row in ours(scene, exchange)]
    seen = _primaries(_elements(scene, made))
    if not found:
        return held(expected, f"not found; {len(seen)} shown as primary")
    if not isinstance(made, Mapping):
        return cannot_tell(expected, "found, and the create showed no resource")
    return (held if seen else broken)(expected, f"found; {len(seen)} shown as primary")


def moves(to: str) -> Ask:
    """The element that a PATCH made primary is the only one, and the other is still there."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        by = "move" if to == "new" else "by-filter"
        write = scene.exchange(by)
        if write is None or not write.ok:
            return does_not_apply(f"{by} was refused")
        old = _elements(scene, scene.sent("create"))[0]
        new = value_at(scene.sent("move"), "Operations.0.value.0")
        wanted, other = (new, old) if to == "new" else (old, new)
        expected = f"{_about(scene, wanted)} primary, {_about(scene, other)} there and not primary"
        if not exchange.ok:
            return broken(expected, exchange.summary())
        found, attribute = _elements(scene, exchange.json), loose(subject_of(scene).attribute)
        there = any(equal({**other, "primary": None}, one, attribute) for one in found)
        primary = _primaries(found)
        right = there and len(primary) == 1 and equal({**wanted, "primary": True}, primary[0], attribute)
        return (held if right else broken)(expected, show(found))

    return ask


def by_filter(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A PATCH of one element's primary by its filter; a clean refusal of such a path is a warning."""
    expected = "status 200 or 204"
    if exchange.status in DECLINED and not exchange.error:
        return declined(expected, exchange.summary())
    return answers(200, 204)(scene, exchange)


EXPANSIONS = {
    "attributes-primary": Expansion(
        cases=cases,
        blanks=frozenset({"endpoint", "none", "two", "twice", "one", "filter", "moved", "back"}),
    )
}

SEQUENCES = (
    Sequence(
        id=ID,
        title="Lists of values",
        source="RFC 7643 section 2.4, RFC 7644 section 3.5.2",
        each="attributes-primary",
        steps=(
            Step(
                id="none",
                request="rfc/resource-create-as-is.http",
                creates="none",
                blanks={"body": "{{!none}}"},
                checks=(Check("rfc7644-3.3-create-201", created, gate=True),),
            ),
            Step(
                id="search",
                request="rfc/resources-filter.http",
                pages="follow",
                needs=("filter",),
                independent=True,
                checks=(Check("rfc7643-2.4-no-primary", none_primary),),
            ),
            Step(
                id="two",
                request="rfc/resource-create-as-is.http",
                blanks={"body": "{{!two}}"},
                independent=True,
                checks=(Check("rfc7643-2.4-two-primaries", one_of_two),),
            ),
            Step(
                id="twice",
                request="rfc/resource-create-as-is.http",
                blanks={"body": "{{!twice}}"},
                independent=True,
                checks=(Check("rfc7643-2.4-pair-once", once),),
            ),
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                blanks={"body": "{{!one}}"},
                given=True,
                needs=("patch",),
                checks=(Check("rfc7644-3.3-create-201", created, gate=True),),
            ),
            Step(
                id="move",
                request="rfc/resource-patch.http",
                blanks={"operations": "{{!moved}}"},
                needs=("patch",),
                checks=(Check("rfc7644-3.5.2-patch-status", answers(200, 204)),),
            ),
            Step(
                id="read-moved",
                request="rfc/resource-get.http",
                needs=("patch",),
                independent=True,
                checks=(Check("rfc7644-3.5.2-primary-moves", moves("new")),),
            ),
            Step(
                id="by-filter",
                request="rfc/resource-patch.http",
                blanks={"operations": "{{!back}}"},
                needs=("patch",),
                checks=(Check("rfc7644-3.5.2-patch-status", by_filter),),
            ),
            Step(
                id="read-back",
                request="rfc/resource-get.http",
                needs=("patch",),
                checks=(Check("rfc7644-3.5.2-primary-moves", moves("old")),),
            ),
        ),
    ),
)
