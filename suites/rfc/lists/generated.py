"""Filters made from the grammar over the shared people by the run's seed; an evaluator of ours judges."""

from __future__ import annotations

import json
import operator
import random
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from scimproof.checks.schema_equality import nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, held

from ..population import OWN, PEOPLE, POPULATION, limits
from .questions import CLEAN, concluded, found, path_of, shown_of, told_of, unkept, values_at

MANY = 60  # expressions
SHRINKING = 40  # requests at most to make a failing one smaller
DEEPEST = 3
TEXTS = ("userName", "displayName", "name.familyName", "title", "userType", "nickName")
ALWAYS = TEXTS[:3]  # of which everybody has a value: what ne means of no value is left open
# An expression: a word and its parts, which for "and" and "or" are two expressions, for "not" one, for "[]" a
# path and an expression, for an operator a path and a value.
Node = tuple[Any, ...]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "co": lambda one, value: value in one,
    "sw": lambda one, value: one.startswith(value),
    "ew": lambda one, value: one.endswith(value),
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def holds(node: Node, person: Json) -> bool:
    """Whether an expression is true of a resource, or of one value of a list."""
    kind, first, *rest = node
    if kind == "and":
        return holds(first, person) and holds(rest[0], person)
    if kind == "or":
        return holds(first, person) or holds(rest[0], person)
    if kind == "not":
        return not holds(first, person)
    values = values_at(person, first)
    if kind == "[]":
        return any(holds(rest[0], one) for one in values)
    if kind == "pr":
        return bool(values)
    return any(COMPARE[kind](_folded(one), _folded(rest[0])) for one in values)


def _folded(value: Json) -> Json:
    return value.casefold() if isinstance(value, str) else value


def text(node: Node, around: str = "") -> str:
    """The expression as a filter has it, with no more brackets than it needs."""
    kind, first, *rest = node
    if kind in ("and", "or"):
        inner = f"{text(first, kind)} {kind} {text(rest[0], kind)}"
        return f"({inner})" if (around, kind) == ("and", "or") else inner
    if kind == "not":
        return f"not ({text(first)})"
    if kind == "[]":
        return f"{first}[{text(rest[0])}]"
    return f"{first} pr" if kind == "pr" else f"{first} {kind} {json.dumps(rest[0], ensure_ascii=False)}"


def smaller(node: Node) -> Iterator[Node]:
    """Expressions with a part less: a side of and or or, a not, a letter of a value."""
    kind, first, *rest = node
    if kind in ("and", "or"):
        yield first
        yield rest[0]
        yield from ((kind, one, rest[0]) for one in smaller(first))
        yield from ((kind, first, one) for one in smaller(rest[0]))
    elif kind == "not":
        yield first
        yield from (("not", one) for one in smaller(first))
    elif kind == "[]":
        yield from ((kind, first, one) for one in smaller(rest[0]))
    elif kind in ("co", "sw", "ew") and len(rest[0]) > 1:
        half = len(rest[0]) // 2
        yield (kind, first, rest[0][half:] if kind == "ew" else rest[0][:half])


class Grammar:
    """Makes expressions of the attributes that the target has kept of its people."""

    def __init__(self, seed: str, people: Mapping[str, Json], paths: tuple[str, ...], *, lists: bool) -> None:
        self._random = random.Random(f"filters/{seed}")
        self._people = people
        self._paths = paths
        self._lists = lists

    def expression(self, deep: int = 0) -> Node:
        """One expression: a comparison, or several of them."""
        kind = self._random.choice(("and", "or", "not", "one")) if deep < DEEPEST else "one"
        if kind == "not":
            return ("not", self.expression(deep + 1))
        if kind != "one":
            return (kind, self.expression(deep + 1), self.expression(deep + 1))
        return self._value_path() if self._lists and self._random.random() < 0.15 else self._comparison()

    def _comparison(self) -> Node:
        path = self._random.choice(self._paths)
        if path == "active":
            return ("eq", path, self._random.random() < 0.5)
        known = sorted({one for person in self._people.values() for one in values_at(person, path)})
        kinds = (
            ["eq", "co", "sw", "ew", "pr"]
            + ["ne"] * (path in ALWAYS)
            + ["gt", "le"] * (path == self._paths[-1])
        )
        kind = self._random.choice(kinds)
        return (kind, path, self._part(kind, self._random.choice(known)))

    def _part(self, kind: str, value: str) -> str:
        place = self._random.randrange(len(value) // 2, len(value))  # behind what all have in common
        return {"sw": value[:place], "ew": value[place:], "co": value[place - 1 : place + 3]}.get(kind, value)

    def _value_path(self) -> Node:
        type = self._random.choice(("work", "home"))
        mail = self._random.choice(
            [one for person in self._people.values() for one in values_at(person, "emails")]
        )
        other = ("sw", "value", mail["value"].partition(".")[0])
        return ("[]", "emails", (self._random.choice(("and", "or")), ("eq", "type", type), other))


def _known_paths(scene: ExecutionContext) -> tuple[str, ...]:
    """The attributes of the people that were kept, and in which letter case does not count.

    Those that compare as greater and less come last: their values differ in letters of one case only.
    """
    kept = [trait for trait in TEXTS if unkept(scene, [trait], [trait]) is None]
    named = [path_of(scene, trait) for trait in kept]
    known = scene.discovery
    exact = [known.attribute(known.user, path) for path in named] if known else []
    plain = [path for path, one in zip(named, exact, strict=False) if one and not one.case_exact]
    active = ["active"] if unkept(scene, ["active"]) is None else []
    title = path_of(scene, "title")
    return tuple(sorted([*plain, *active], key=lambda path: path == title))


def many(scene: ExecutionContext) -> Generator[Mapping[str, str], Exchange, CheckResult]:
    """Ask for each expression; the first that is answered wrongly is made smaller by asking again."""
    people, paths = {name: shown_of(scene, name) for name in PEOPLE}, _known_paths(scene)
    if any(nothing(one) for one in people.values()) or not paths:
        return does_not_apply("the people that are searched for cannot be read")
    if not limits(scene):
        return does_not_apply(
            "sw is declined, by which the expressions are limited to the people of this run"
        )
    grammar = Grammar(scene.blanks["seed"], people, paths, lists=unkept(scene, ["emails"]) is None)
    declined = 0
    for _ in range(MANY):
        node = grammar.expression()
        exchange = yield _asked(node)
        if wrong := _wrong(scene, exchange, node, people):
            smallest = yield from _shrunk(scene, node, people)
            return broken(*(smallest or wrong))
        declined += exchange.status in CLEAN
    told = f"{MANY} expressions, {declined} of them declined"
    return (
        held("each expression gives those for whom it is true", told)
        if declined < MANY
        else does_not_apply(told)
    )


def _asked(node: Node) -> dict[str, str]:
    return {"filter": "{{!generated}} and {{!own}}", "generated": f"({text(node)})", "own": OWN}


def _wrong(
    scene: ExecutionContext, exchange: Exchange, node: Node, people: Mapping[str, Json]
) -> tuple[str, str] | None:
    """What was expected and found, where an answer is neither right nor declined."""
    wanted = [name for name, person in people.items() if holds(node, person)]
    expected = f"{text(node)}: {told_of(wanted)}"
    if exchange.status in CLEAN and not exchange.error:
        return None
    if not exchange.ok:
        return expected, exchange.summary()
    names = found(scene, exchange)
    return None if sorted(names) == sorted(wanted) else (expected, told_of(names))


def _shrunk(
    scene: ExecutionContext, node: Node, people: Mapping[str, Json]
) -> Generator[Mapping[str, str], Exchange, tuple[str, str] | None]:
    """The smallest expression that is still answered wrongly; None where nothing smaller is."""
    left, smallest = SHRINKING, None
    candidates = smaller(node)
    while left and (node := next(candidates, ())):
        left -= 1
        exchange = yield _asked(node)
        if wrong := _wrong(scene, exchange, node, people):
            smallest, candidates = wrong, smaller(node)
    return smallest


SEQUENCES = (
    Sequence(
        id="rfc.filter.generated",
        title="Filters that are made from the grammar",
        source="RFC 7644 section 3.4.2.2",
        needs=("filter",),
        shares=POPULATION,
        steps=(
            Step(
                id="many",
                request="rfc/users-filter.http",
                pages="follow",
                blanks={"filter": ""},
                dialogue=many,
                checks=(Check("rfc7644-3.4.2.2-agrees", concluded("many")),),
            ),
        ),
    ),
)
