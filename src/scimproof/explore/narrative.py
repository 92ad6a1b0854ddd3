"""Narrative of a failure: what was done in an administrator's words, what was sent, expected and found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from scimproof.catalog.actions import Repertoire
from scimproof.explore.history import ActionCall, Failure, Performed, Sent, Telling

MOST_LOOKS = 3  # reads after the last action that are told


def told(call: ActionCall, repertoire: Repertoire) -> str:
    """The action in an administrator's words, and whose it is where there are several senders."""
    action = repertoire.actions[call.action]
    said = action.says.format(**call.roles)
    return f"{repertoire.part(action.sender).sender.name}: {said}" if repertoire.shared else said


def summary(failure: Failure, repertoire: Repertoire) -> str:
    """The history in one line."""
    calls = [call for some in failure.rounds for call in some]
    return "; ".join(f"{number}. {told(call, repertoire)}" for number, call in enumerate(calls, 1))


def lines(failure: Failure, repertoire: Repertoire) -> Iterator[str]:
    """The shortest history of a failure as a conversation."""
    return narrated(failure.telling, repertoire)


def narrated(telling: Telling, repertoire: Repertoire) -> Iterator[str]:
    """A history as a conversation: numbered actions, their requests with the status, expected and found."""
    for number, done in enumerate(telling.performed, 1):
        yield f"{number}. {told(done.call, repertoire)}"
        yield from (f"     {line}" for line in _requests(done.sent))
    looks = _telling(telling)
    if looks:
        yield f"{len(telling.performed) + 1}. scimproof looks"
        yield from (f"     {line}" for line in _requests(looks))
    if telling.discrepancy:
        seen = repertoire.part(telling.discrepancy.sender).sender.name if repertoire.shared else ""
        yield f"   expected  {telling.discrepancy.expected}{seen and f' (shown by a request of {seen})'}"
        yield f"   found     {telling.discrepancy.observed}"


def _telling(telling: Telling) -> list[Sent]:
    """The looks that matter: the one that shows it, and those before it."""
    found = telling.discrepancy
    if found is None or found.exchange is None:
        return telling.looks[-MOST_LOOKS:]
    return [look for look in telling.looks if look.exchange.number == found.exchange.number]


def _requests(sent: list[Sent]) -> Iterator[str]:
    for one in sent:
        exchange = one.exchange
        answer = str(exchange.status) if exchange.status else exchange.error
        yield f"{exchange.request.method} {unquote(exchange.request.target)} -> {answer}"


def conversation(performed: list[Performed], repertoire: Repertoire) -> list[dict[str, Any]]:
    """The actions with their requests, as they are saved."""
    return [
        {
            "action": done.call.action,
            "says": told(done.call, repertoire),
            "requests": list(_requests(done.sent)),
        }
        for done in performed
    ]
