"""A history as a literal Sequence, to be pasted into suites/: its steps by name, values written out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from scimproof.catalog.actions import Repertoire
from scimproof.catalog.request_template import Template
from scimproof.core.errors import UsageError
from scimproof.explore.cast import HistoryCast, Naming
from scimproof.explore.history import ActionCall
from scimproof.explore.history_file import SavedHistory
from scimproof.explore.narrative import told

HEAD = """\
from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step
"""
PREFIX = "{{prefix}}"  # filled in by the run


def literal(saved: SavedHistory, repertoire: Repertoire, templates: Mapping[str, Template]) -> str:
    """Python text of the sequence; UsageError for a history of which no literal can be written."""
    rounds, label, dialect, seed = saved.rounds, saved.label, saved.dialect, saved.seed
    calls = [call for some in rounds for call in some]
    cast = HistoryCast.of(Naming(seed, PREFIX, label, label, repertoire), dialect)
    names = sorted({name for call in calls for name in call.roles.values()})
    roles = {kind: [n for n in names if cast.actors[n].kind == kind] for kind in ("User", "Group")}
    last = repertoire.actions[calls[-1].action]
    spoken = repertoire.dialect_of(last.sender, dialect)
    title = told(calls[-1], repertoire)
    keys = _keys(calls, dialect, repertoire, templates)
    steps = [
        line for number, call in enumerate(calls, 1) for line in _steps(number, call, cast, repertoire, keys)
    ]
    lines = [
        HEAD,
        "SEQUENCES = (",
        "    Sequence(",
        f'        id="{last.sender}.{spoken}.history.{last.name}",',
        f"        title={_text(title)},",
        '        source="found by scimproof explore",',
        f"        people={_table({_role(name): 'plain' for name in roles['User']})},",
        f"        groups={_table({_role(name): 'plain' for name in roles['Group']})},",
        "        steps=(",
        *(f"            {line}" for line in steps),
        "        ),",
        "    ),",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _keys(
    calls: list[ActionCall], dialect: str, repertoire: Repertoire, templates: Mapping[str, Template]
) -> frozenset[str]:
    """The values that matter in this history: what a file names, and what an action changes."""
    actions = [repertoire.actions[call.action] for call in calls]
    named = {
        blank
        for action in actions
        for step in action.sent(dialect)
        for blank in templates[step.request].blanks
    }
    named |= {blank for action in actions for blank in action.sets}
    return frozenset(blank.partition(".")[2] for blank in named) - {"id", ""}


def _steps(
    number: int, call: ActionCall, cast: HistoryCast, repertoire: Repertoire, keys: frozenset[str]
) -> Iterator[str]:
    action = repertoire.actions[call.action]
    values = cast.values(action, call)
    shown = {name: value for name, value in values.items() if name.partition(".")[2] in keys}
    played = {role: _role(name) for role, name in call.roles.items()}
    answered = repertoire.part(action.sender).answered
    yield f"# {number}. {told(call, repertoire)}"
    for place, step in enumerate(action.sent(cast.dialect), 1):
        if step.list:
            raise UsageError(
                f"{step.request} has the whole list of a group's members, which a literal sequence cannot say"
            )
        blanks = shown | {blank: values[source] for blank, source in step.values.items()}
        fields = [
            f'id="{call.action}-{number}-{place}"',
            f'request="{step.request}"',
            *([f"cast={_table(played)}"] if played else []),
            *([f"blanks={_table(blanks)}"] if blanks else []),
            *([f'creates="{played[step.creates]}"'] if step.creates else []),
            *(["pages=True"] if step.pages else []),
            f'checks=(Check("{answered}", answers({_statuses(step.expect)})),)',
        ]
        yield "Step("
        yield from (f"    {field}," for field in fields)
        yield "),"
    if not action.refused:
        cast.apply(action, call, {role: _role(call.roles[role]) for role in action.becomes})


def _statuses(expect: str) -> str:
    return {"accepted": "200, 201, 204", "refused": "409, 400"}.get(expect, "200, 201, 409")


def _role(name: str) -> str:
    return name.replace("-", "_")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(values: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{_text(key)}: {_text(value)}" for key, value in values.items()) + "}"
