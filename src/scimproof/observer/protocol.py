"""Protocol for asking a second source (a vendor API or a program) about state that SCIM does not show."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from scimproof.catalog.request_template import compact
from scimproof.core.definitions import AGAIN, EMPTY, SETTLED, Question
from scimproof.core.http_message import Exchange, Json, Request

NOBODY = 404
FIRST, LONGEST = 1.0, 15.0  # seconds between two reads of a log that may be late


class ObserverUnavailable(Exception):
    """Raised when the observer gave no answer; the text is the reason, for a person."""


@dataclass(frozen=True)
class ObserverAnswer:
    """An observer's answer: words such as `status`, `members` (ids), `canLogIn`; None for no such user.

    `read` lists what was read for it. `empty` is a sentence for a log that has no entry at all.
    """

    words: Mapping[str, Json] | None
    read: tuple[str, ...] = ()
    empty: str = ""


Wait = Callable[[float], None]  # waits so many seconds; raises when the run ends first


class Observer(Protocol):
    """A second source that is asked about users and groups. Thread-safe."""

    @property
    def kind(self) -> str:
        """The name of its description, or `command`."""
        ...

    @property
    def about(self) -> str:
        """What the observer is and where, for a reader."""
        ...

    def ready(self) -> None:
        """Return when the observer can be asked; raises CannotTell with one line when it cannot."""
        ...

    def ask(self, question: Question, wait: Wait) -> ObserverAnswer:
        """The answer; raises ObserverUnavailable when there is none."""
        ...

    def late(self, about: str) -> float:
        """By how many seconds an answer to that question may be behind; 0 for current state."""
        ...

    def forgo(self, about: str) -> None:
        """Wait no longer for that log: it has stayed empty for as long as it may be late."""
        ...

    def act(self, what: str, question: Question, wait: Wait) -> ObserverAnswer | None:
        """Play an action of people on that user, such as `accept`; None where it cannot be played.

        Raises ObserverUnavailable when it can be played and failed.
        """
        ...

    def secrets(self) -> list[str]:
        """Every secret it has or was given so far."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


def ask_observer(observer: Observer, question: Question, wait: Wait, number: int) -> Exchange:
    """Ask, and record the answer as evidence: an exchange `by` the observer.

    Its `headers` list what was read; its `error` says why there is no answer.
    """
    asked = Request("OBSERVE", f"{question.about}/{question.id}", (), compact(question.json()).encode())
    started = time.monotonic()
    try:
        answer = observer.ask(question, wait)
    except ObserverUnavailable as cause:
        seconds = time.monotonic() - started
        return Exchange(number, asked, seconds=seconds, error=str(cause), by="observer")
    return _written(number, asked, answer, time.monotonic() - started)


def settle(
    observer: Observer,
    question: Question,
    wait: Wait,
    numbers: Iterator[int],
    enough: Callable[[Exchange], bool],
) -> Exchange:
    """Ask until the answer is `enough`, or for as long as it may still be behind.

    The answer of a log gets headers: for how long it was asked `again`, whether it is `settled` (no event
    before the first question can be missing any more), and whether it is `empty` altogether.
    """
    log, late = question.about.endswith("-events"), observer.late(question.about)
    waited, pause = 0.0, FIRST
    while True:
        answer = ask_observer(observer, question, wait, next(numbers))
        over = waited >= late  # at once where nothing is late
        empty = over and answer.header(EMPTY) is not None
        more = [(AGAIN, f"for {waited:g} s")] if waited else []
        more += [(SETTLED, "nothing of before can be missing")] if over and log else []
        kept = tuple(pair for pair in answer.headers if empty or pair[0] != EMPTY)
        answer = replace(answer, headers=(*kept, *more))
        if empty:
            observer.forgo(question.about)
        if answer.error or over or enough(answer):
            return answer
        step = min(pause, LONGEST, late - waited)
        wait(step)
        waited, pause = waited + step, pause * 2


def act(observer: Observer, what: str, question: Question, wait: Wait, number: int) -> Exchange | None:
    """Have the observer play an action of people, and record it; None where it cannot be played."""
    asked = Request("PEOPLE", f"{what}/{question.id}", (), compact(question.json() | {"ask": what}).encode())
    started = time.monotonic()
    try:
        answer = observer.act(what, question, wait)
    except ObserverUnavailable as cause:
        seconds = time.monotonic() - started
        return Exchange(number, asked, seconds=seconds, error=str(cause), by="observer")
    return None if answer is None else _written(number, asked, answer, time.monotonic() - started)


def _written(number: int, asked: Request, answer: ObserverAnswer, seconds: float) -> Exchange:
    headers = tuple(("read", line) for line in answer.read)
    return Exchange(
        number,
        asked,
        status=NOBODY if answer.words is None else 200,
        reason="the observer knows nobody" if answer.words is None else "told by the observer",
        headers=headers + (((EMPTY, answer.empty),) if answer.empty else ()),
        body=json.dumps(
            answer.words if answer.words is None else dict(answer.words), ensure_ascii=False
        ).encode(),
        seconds=seconds,
        by="observer",
    )
