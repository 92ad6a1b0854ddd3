"""Filters that need people or values of their own: defaults, dates, managers, signs, Unicode, pages."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Generator, Mapping
from datetime import UTC, datetime, timedelta, timezone

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import instant
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Dialogue, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, ENTERPRISE_USER, value_at

from ..asks import refused
from ..people import USER, create_user
from ..population import OWN, SETTLES, user_name
from .filters import SECTION, of_table
from .questions import Answered, concluded, page_of, shown_of

SIGNS = '{{prefix}} say "hi" \\ é'
PLUS = "{{prefix}}.plusone.a+x@example.com"
ACCENT = "{{prefix}}.accents.zoé@example.com"
WIDE = ACCENT.replace("zo", "\uff5a\uff4f")


def search(
    id: str, filter: str, *checks: Check, on: str = "users", settles: float = 0.0, needs: tuple[str, ...] = ()
) -> Step:
    """A step that searches by one expression."""
    return Step(
        id=id,
        request=f"rfc/{on}-filter.http",
        pages="follow",
        blanks={"filter": filter, "own": OWN},
        independent=True,
        settles=settles,
        needs=needs,
        checks=checks,
    )


# Defaults: a user who was created without active


def _defaulted(*, value: bool) -> Step:
    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        shown = value_at(scene.answer("create"), "active")
        if not isinstance(shown, bool):
            return does_not_apply(f"a user who was created without active shows {show(shown)}")
        return Answered(names=("user",) if shown is value else ())(scene, exchange)

    filter = 'userName eq "{{user.userName}}" and active eq ' + json.dumps(value)
    check = Check(f"{SECTION}defaulted", ask)
    return search(f"defaulted-{json.dumps(value)}", filter, check, settles=SETTLES, needs=("attr:active",))


# Dates: written a second beside what the target shows, in two zones


def _dates(filter: str, seconds: int, hours: int, names: tuple[str, ...]) -> Dialogue:
    attribute = filter.partition(" ")[0]

    def dialogue(scene: ExecutionContext) -> Generator[Mapping[str, str], Exchange, CheckResult]:
        shown = value_at(shown_of(scene, "anna"), attribute)
        when = instant(shown)
        if when is None:
            return does_not_apply(f"a user shows {attribute} as {show(shown)}")
        exchange = yield {"filter": filter, "moment": _written(when + timedelta(seconds=seconds), hours)}
        return Answered(names=names, refusal="declined")(scene, exchange)

    return dialogue


def _written(when: datetime, hours: int) -> str:
    """The time in whole seconds, in UTC or so many hours east of it."""
    text = when.astimezone(timezone(timedelta(hours=hours)) if hours else UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}+{hours:02}:00" if hours else f"{text}Z"


def _dated(id: str, comparison: str, seconds: int, names: tuple[str, ...], hours: int = 0) -> Step:
    filter = f'{comparison} "{{{{moment}}}}" and userName eq "{user_name("anna")}"'
    return Step(
        id=id,
        request="rfc/users-filter.http",
        pages="follow",
        blanks={"filter": ""},
        independent=True,
        dialogue=_dates(filter, seconds, hours, names),
        checks=(Check(f"{SECTION}dates", concluded(id)),),
    )


DATES = (
    _dated("date-ge", "meta.lastModified ge", -1, ("anna",)),
    _dated("date-ge-east", "meta.lastModified ge", -1, ("anna",), 2),
    _dated("date-gt", "meta.lastModified gt", 1, ()),
    _dated("date-lt", "meta.lastModified lt", -1, ()),
    _dated("date-lt-east", "meta.lastModified lt", -1, (), 2),
    _dated("date-le", "meta.created le", 1, ("anna",)),
)

# Names, signs and letters beyond ASCII


def _body(user_name: str, **more: str) -> str:
    return json.dumps({"schemas": [CORE_USER], "userName": user_name, "displayName": SIGNS, **more})


def _managed() -> str:
    body = {**json.loads(USER), ENTERPRISE_USER: {"manager": {"value": "{{anna.id}}"}}}
    return json.dumps({**body, "schemas": [CORE_USER, ENTERPRISE_USER]})


def _accepted(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Whether letters beyond ASCII are accepted at all in a userName; a refusal is no fault."""
    if exchange.status in (400, 409, 422):
        return does_not_apply(f"a userName with é is refused: {exchange.summary()}")
    wanted = "a userName with é is accepted or refused"
    return (held if exchange.status == 201 else grave)(wanted, exchange.summary())


def _same_name(id: str, name: str) -> Step:
    """A second user whose name is the same after preparation."""
    taken = refused(409, understood=(400,), harmful=False)
    return Step(
        id=id,
        request="rfc/user-create.http",
        creates=id,
        blanks={"body": _body(name)},
        independent=True,
        checks=(Check("rfc7644-5-precis", taken),),
    )


def _one(name: str, nobody: str = "", refusal: str = "broken") -> Answered:
    return Answered(names=(name,), nobody=nobody, refusal=refusal)


def _in_quotes(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


TEXT = (
    create_user("create-signs", "signs", body=_body(PLUS)),
    search("plus", f'userName eq "{PLUS}"', Check("rfc7644-1.2-decoded", _one("signs")), settles=SETTLES),
    search(
        "escapes",
        f"displayName eq {_in_quotes(SIGNS)}",
        Check(f"{SECTION}escapes", _one("signs", refusal="declined")),
        needs=("attr:displayName",),
    ),
    search(
        "escaped-letter",
        f"displayName eq {_in_quotes(SIGNS).replace('é', chr(92) + 'u00e9')}",
        Check(f"{SECTION}escapes", _one("signs", refusal="declined")),
        needs=("attr:displayName",),
    ),
    search(
        "decomposed",
        f"displayName eq {_in_quotes(unicodedata.normalize('NFD', SIGNS))}",
        Check("rfc7644-7.8-prepared", _one("signs", nobody="mild", refusal="declined")),
        needs=("attr:displayName",),
    ),
    Step(
        id="create-accent",
        request="rfc/user-create.http",
        creates="accent",
        blanks={"body": _body(ACCENT).replace(json.dumps(SIGNS), '"{{prefix}} accent"')},
        checks=(Check("rfc7644-5-precis", _accepted, gate=True),),
    ),
    search(
        "accent", f'userName eq "{ACCENT}"', Check(f"{SECTION}only-matches", _one("accent")), settles=SETTLES
    ),
    search(
        "capital-accent",
        f'userName eq "{ACCENT.replace("é", "É")}"',
        Check("rfc7644-7.8-prepared", _one("accent", nobody="mild", refusal="declined")),
    ),
    _same_name("same-decomposed", unicodedata.normalize("NFD", ACCENT)),
    _same_name("same-wide", WIDE),
)


def _total(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    wanted = page_of(start=3, count=2, total=6)
    if exchange.status == 400:
        return declined("a page of the six", exchange.summary())
    return wanted(scene, exchange)


PAGE = Step(
    id="page",
    request="rfc/users-query.http",
    blanks={"query": "filter={{%own}}&startIndex=3&count=2", "own": OWN},
    independent=True,
    needs=("pagination.index",),
    checks=(Check(f"{SECTION}pages", _total),),
)

_MANAGER = f'{ENTERPRISE_USER}:manager.value eq "{{{{anna.id}}}}"'

SEQUENCES = (
    of_table(
        "types",
        *DATES,
        create_user(),
        _defaulted(value=True),
        _defaulted(value=False),
        people={"user": "plain"},
    ),
    of_table(
        "names",
        create_user("create-managed", body=_managed()),
        search(
            "manager",
            _MANAGER,
            Check(f"{SECTION}extension", _one("user", refusal="declined")),
            settles=SETTLES,
            needs=("extension:enterprise", f"attr:{ENTERPRISE_USER}:manager.value"),
        ),
        people={"user": "plain"},
    ),
    of_table("text", *TEXT),
    of_table("pages", PAGE),
)
