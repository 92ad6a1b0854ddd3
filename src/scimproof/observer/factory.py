"""Makes the observer that the user chose: a described HTTP API by name, or a program."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scimproof.core.errors import UsageError
from scimproof.observer.command_observer import SECONDS, make_command_observer
from scimproof.observer.descriptions import descriptions
from scimproof.observer.http_observer import make_http_observer
from scimproof.observer.protocol import Observer
from scimproof.target.target import Target


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The user's choice: the `name` of a file in suites/observers, or the words of a `command`.

    `token_url` and `url` are those of a described API whose description cannot derive them. `seconds` is the
    time limit of a command.
    """

    name: str = ""
    command: tuple[str, ...] = ()
    token_url: str = ""
    url: str = ""
    seconds: float = SECONDS


def choice(text: str, root: Path) -> Choice:
    """The choice in `--observer TEXT`: the name of a description, else a command line (without a shell)."""
    if text in descriptions(root):
        return Choice(name=text)
    try:
        return Choice(command=tuple(shlex.split(text)))
    except ValueError as problem:
        raise UsageError(f"--observer {text!r}: {problem}") from None


def make(chosen: Choice, target: Target, environment: Mapping[str, str], root: Path) -> Observer:
    """The observer, ready to be asked; UsageError for a choice that cannot work."""
    known = descriptions(root)
    if chosen.name and chosen.name not in known:
        raise UsageError(f"no observer is called {chosen.name!r}; there are: {', '.join(sorted(known))}")
    if chosen.name:
        described = known[chosen.name]
        return make_http_observer(described, target, environment, token_url=chosen.token_url, url=chosen.url)
    try:
        return make_command_observer(chosen.command, target, environment, chosen.seconds)
    except UsageError as problem:
        raise UsageError(
            f"{problem}, nor an observer of that name; there are: {', '.join(sorted(known))}"
        ) from None
