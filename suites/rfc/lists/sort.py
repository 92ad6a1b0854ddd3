"""Sorting: the six in order, by letters, by dates, by the primary of several values, over all pages."""

from __future__ import annotations

from collections.abc import Callable

from scimproof.checks.schema_equality import instant
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import value_at

from ..asks import refused
from ..population import MADE, PEOPLE, POPULATION, TRAITS, limits
from .questions import CLEAN, found, shown_of, unkept

SECTION = "rfc7644-3.4.2.3-"
BY_LETTERS = list(PEOPLE)  # whatever the case of their letters
BY_CODES = sorted(PEOPLE)  # capitals first
NICKED = ["Bob", "carl"]  # those with a nickName, in its order


def _ordered(
    right: Callable[[ExecutionContext, list[str]], CheckResult],
    *,
    keeps: tuple[str, ...] = (),
    lacks: tuple[str, ...] = (),
    needed: bool = False,
) -> Ask:
    """The six in an order; a refusal to sort by this attribute is a warning, unless it is a `needed` one."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if why := unkept(scene, keeps, lacks):
            return why
        if exchange.status in CLEAN and not exchange.error:
            if scene.blanks["limited"] and not limits(scene):
                return does_not_apply("sw is declined, by which the list is limited to the six")
            return (broken if needed else declined)("the six in order", exchange.summary())
        if not exchange.ok:
            return grave("the six in order", exchange.summary())
        names = [name for name in found(scene, exchange) if name in PEOPLE]
        if sorted(names) != sorted(PEOPLE):
            return _incomplete(scene, names)
        return right(scene, names)

    return ask


def _incomplete(scene: ExecutionContext, names: list[str]) -> CheckResult:
    """Not each of the six once: of a list that is not limited to them the end may not have been reached."""
    told = f"{', '.join(names) or 'nobody'} of the six"
    limited = scene.blanks["limited"]
    return (grave if limited else cannot_tell)("each of the six once", told)


def order(*lists: list[str], mild: tuple[list[str], ...] = ()) -> Callable[..., CheckResult]:
    """The names in one of these orders; in a `mild` one it is a warning at most."""

    def right(_: ExecutionContext, names: list[str]) -> CheckResult:
        expected, told = " or ".join(", ".join(one) for one in lists), ", ".join(names)
        if names in lists:
            return held(expected, told)
        note = " (as they were made)" if names == list(MADE) else ""
        return (declined if names in mild else grave)(expected, told + note)

    return right


def _turned(names: list[str]) -> list[str]:
    return names[::-1]


UPWARDS = order(BY_LETTERS, BY_CODES)
DOWNWARDS = order(_turned(BY_LETTERS), _turned(BY_CODES))
EITHER = order(BY_LETTERS, BY_CODES, _turned(BY_LETTERS), _turned(BY_CODES))


def _newest_first(scene: ExecutionContext, names: list[str]) -> CheckResult:
    times = [instant(value_at(shown_of(scene, name), "meta.created")) for name in names]
    if None in times:
        return does_not_apply("meta.created of the six is not shown")
    given = [one for one in times if one is not None]
    if len(set(given)) == 1:
        return does_not_apply("all six were created at one moment, as meta.created shows it")
    expected, told = "meta.created from the latest to the earliest", ", ".join(names)
    return (held if given == sorted(given, reverse=True) else grave)(expected, told)


def _without_last(_: ExecutionContext, names: list[str]) -> CheckResult:
    """Those with a nickName in its order, then those without in any."""
    right = names[: len(NICKED)] == NICKED
    return (held if right else grave)(f"{', '.join(NICKED)}, then those without a value", ", ".join(names))


def _without_first(_: ExecutionContext, names: list[str]) -> CheckResult:
    expected = f"those without a value, then {', '.join(_turned(NICKED))}"
    if names[-len(NICKED) :] == _turned(NICKED):
        return held(expected, ", ".join(names))
    mild = names[: len(NICKED)] == _turned(NICKED)  # last in both directions
    return (declined if mild else grave)(expected, ", ".join(names))


def step(id: str, query: str, *checks: tuple[str, Ask], needs: tuple[str, ...] = ()) -> Step:
    """A step that sorts the six; where a target cannot filter its whole list is walked, so far as allowed."""
    return Step(
        id=id,
        request="rfc/users-query.http",
        blanks={"query": "{{!limited}}" + query},
        pages="follow",
        independent=True,
        needs=needs,
        checks=tuple(Check(SECTION + name, ask) for name, ask in checks),
    )


_BY_NAME = "sortBy=userName"
_FAMILIES = sorted(PEOPLE, key=lambda name: str(TRAITS[name]["name"][1]).casefold())

SEQUENCES = (
    Sequence(
        id="rfc.sort.order",
        title="Sorted lists",
        source="RFC 7644 section 3.4.2.3",
        needs=("sort",),
        shares=POPULATION,
        steps=(
            step(
                "default",
                _BY_NAME,
                ("sorted", _ordered(EITHER, needed=True)),
                ("ascending", _ordered(UPWARDS, needed=True)),
                (
                    "case-ignored",
                    _ordered(order(BY_LETTERS, _turned(BY_LETTERS)), needed=True),
                ),
            ),
            step(
                "ascending", f"{_BY_NAME}&sortOrder=ascending", ("ascending", _ordered(UPWARDS, needed=True))
            ),
            step(
                "descending",
                f"{_BY_NAME}&sortOrder=descending",
                ("descending", _ordered(DOWNWARDS, needed=True)),
            ),
            step(
                "exact",
                "sortBy=externalId",
                # A collation puts capitals beside small letters, and tells them apart only there.
                ("case-exact", _ordered(order(BY_CODES, mild=(BY_LETTERS,)), keeps=("externalId",))),
            ),
            step(
                "dates",
                "sortBy=meta.created&sortOrder=descending",
                ("case-exact", _ordered(_newest_first)),
            ),
            step("primary", "sortBy=emails", ("primary", _ordered(order(BY_LETTERS), keeps=("emails",)))),
            step(
                "sub",
                "sortBy=name.familyName",
                ("sub-attribute", _ordered(order(_FAMILIES), keeps=("name.familyName",))),
            ),
            step(
                "missing",
                "sortBy={{!nickName}}",
                ("missing", _ordered(_without_last, keeps=("nickName",), lacks=("nickName",))),
            ),
            step(
                "missing-descending",
                "sortBy={{!nickName}}&sortOrder=descending",
                ("missing", _ordered(_without_first, keeps=("nickName",), lacks=("nickName",))),
            ),
            step(
                "pages",
                f"{_BY_NAME}&count=2",
                ("over-pages", _ordered(UPWARDS, needed=True)),
                needs=("filter",),
            ),
            Step(
                id="sideways",
                request="rfc/users-query.http",
                blanks={"query": "{{!limited}}" + f"{_BY_NAME}&sortOrder=sideways&count=1"},
                independent=True,
                checks=(Check(f"{SECTION}order-refused", refused(400, harmful=False)),),
            ),
        ),
    ),
)
