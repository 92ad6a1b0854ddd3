"""Reads the truth where SCIM cannot: who is in a group, who can really log in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from scimproof.model import Exchange, Json, Request
from scimproof.wire import compact

NOBODY = 404


class Silent(Exception):
    """The observer gave no answer; its text says why, in a sentence for a person."""


class Question(NamedTuple):
    """What an observer is asked: `about` is one of model.QUESTIONS, `name` the userName or displayName."""

    about: str
    id: str
    name: str

    def json(self) -> dict[str, str]:
        """The question as an observer outside this program gets it."""
        label = "userName" if self.about.startswith("user") else "displayName"
        return {"ask": self.about, "id": self.id, label: self.name}


@dataclass(frozen=True)
class Told:
    """An observer's answer: words such as `status`, `members` (ids), `canLogIn`; None for nobody there.

    `read` says what was read for it, a line each.
    """

    words: Mapping[str, Json] | None
    read: tuple[str, ...] = ()


Wait = Callable[[float], None]  # waits so many seconds; raises when the run ends first


class Observer(Protocol):
    """Somebody to ask beside SCIM. Safe to ask from several threads."""

    @property
    def kind(self) -> str:
        """The name of its description, or `command`."""
        ...

    @property
    def about(self) -> str:
        """What it is and where, for a reader."""
        ...

    def ready(self) -> None:
        """Return when it can be asked; raises CannotTell with one clear line when it cannot."""
        ...

    def ask(self, question: Question, wait: Wait) -> Told:
        """The answer; raises Silent when there is none."""
        ...

    def secrets(self) -> list[str]:
        """Every secret it holds or was given so far."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def witness(observer: Observer, question: Question, wait: Wait, number: int) -> Exchange:
    """Ask, and write the answer down as the evidence it is: an exchange `by` the observer.

    `headers` say what was read for it. `error` says why there is no answer.
    """
    asked = Request("OBSERVE", f"{question.about}/{question.id}", (), compact(question.json()).encode())
    started = time.monotonic()
    try:
        told = observer.ask(question, wait)
    except Silent as cause:
        seconds = time.monotonic() - started
        return Exchange(number, asked, seconds=seconds, error=str(cause), by="observer")
    return Exchange(
        number,
        asked,
        status=NOBODY if told.words is None else 200,
        reason="the observer knows nobody" if told.words is None else "told by the observer",
        headers=tuple(("read", line) for line in told.read),
        body=json.dumps(told.words if told.words is None else dict(told.words), ensure_ascii=False).encode(),
        seconds=time.monotonic() - started,
        by="observer",
    )
