"""File of a history (scimproof.history-1): written for each failure, read back to be played again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scimproof.catalog.actions import Repertoire, repertoire_named
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.validation import published, wrongs
from scimproof.explore.cast import HistoryCast, Naming
from scimproof.explore.history import ActionCall, Failure, Rounds
from scimproof.explore.narrative import conversation, lines

FORMAT = "scimproof.history-1"


@dataclass(frozen=True)
class SavedHistory:
    """A history as a file has it: who sends, how its values are made, its rounds, and what it showed."""

    sender: str
    dialect: str
    seed: int
    label: str
    rounds: Rounds
    shown: str
    kind: str
    paths: frozenset[str]
    requirement: str


def document(failure: Failure, repertoire: Repertoire, seed: int) -> dict[str, Any]:
    """The failure as it is saved."""
    found = failure.discrepancy
    return {
        "format": FORMAT,
        "id": repertoire.finding(failure.action, failure.requirement),
        "sender": repertoire.name,
        "dialect": failure.dialect,
        "seed": seed,
        "values": failure.label,
        "rounds": [[call.json() for call in some] for some in failure.rounds],
        "failure": {
            "shown": found.shown,
            "kind": found.kind,
            "paths": sorted(found.paths),
            "expected": found.expected,
            "found": found.observed,
            "again": failure.certain,
            "shrunk_from": failure.whole,
            "requests": failure.requests,
        },
        "conversation": conversation(failure.telling.performed, repertoire),
        "told": list(lines(failure, repertoire)),
    }


def read_history(path: Path, repertoires: Mapping[str, Repertoire]) -> SavedHistory:
    """A saved history; UsageError with the place where the file is wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UsageError(f"{path}: {problem}") from None
    wrong = next(wrongs(published(FORMAT), data), None)
    if wrong:
        raise UsageError(f"{path}: {wrong.pointer or 'the whole'}: {wrong.sentence}")
    failure = data["failure"]
    saved = SavedHistory(
        sender=data["sender"],
        dialect=data["dialect"],
        seed=data["seed"],
        label=data["values"],
        rounds=tuple(tuple(ActionCall(**call) for call in some) for some in data["rounds"]),
        shown=failure["shown"],
        kind=failure["kind"],
        paths=frozenset(failure["paths"]),
        requirement=data["id"].rpartition("#")[2],
    )
    _check(path, saved, repertoires)
    return saved


def _check(path: Path, saved: SavedHistory, repertoires: Mapping[str, Repertoire]) -> None:
    """What it names exists, so that nothing is sent for a history that cannot be played."""
    repertoire = repertoire_named(saved.sender, repertoires)
    if repertoire is None:
        raise UsageError(
            f"{path}: /sender: there is no {saved.sender!r}{did_you_mean(saved.sender, repertoires)}"
        )
    if saved.dialect not in repertoire.dialects:
        hint = did_you_mean(saved.dialect, repertoire.dialects)
        raise UsageError(f"{path}: /dialect: there is no {saved.dialect!r}{hint}")
    cast = HistoryCast.of(Naming(saved.seed, "", saved.label, saved.label, repertoire), saved.dialect)
    for round_place, some in enumerate(saved.rounds):
        for place, call in enumerate(some):
            where = f"{path}: /rounds/{round_place}/{place}"
            action = repertoire.actions.get(call.action)
            if action is None:
                hint = did_you_mean(call.action, repertoire.actions)
                raise UsageError(f"{where}/action: nobody does {call.action!r}{hint}")
            if set(call.roles) != set(action.roles):
                wanted = ", ".join(action.roles) or "none"
                raise UsageError(f"{where}/roles: {call.action} has the roles {wanted}")
            for role, name in call.roles.items():
                actor = cast.actors.get(name)
                if actor is None or actor.kind != action.kinds[role]:
                    hint = did_you_mean(name, cast.actors)
                    raise UsageError(f"{where}/roles/{role}: {name!r} cannot play that{hint}")
