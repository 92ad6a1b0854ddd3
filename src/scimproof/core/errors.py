"""What scimproof says when it cannot go on, and the exit code that goes with it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command; each means one thing."""

    HOLDS = 0
    DOES_NOT_HOLD = 1
    USAGE = 2
    CANNOT_TELL = 3
    TROUBLE = 4


class ScimproofError(Exception):
    """A sentence for a person: what happened, where, what to do."""

    exit_code = Exit.TROUBLE


class UsageError(ScimproofError):
    """The command line or a configuration file asks for something that does not exist."""

    exit_code = Exit.USAGE


class CatalogError(UsageError):
    """A file in one of the knowledge folders is wrong; raised when it loads, never while a run sends."""


class CannotTell(ScimproofError):
    """The target cannot be judged: unreachable, not SCIM, credentials refused, out of time.

    With `setup` it answers and does not let this run in: it stays so until somebody changes the credentials,
    the address or a certificate, where a target that is down comes back by itself.
    """

    exit_code = Exit.CANNOT_TELL

    def __init__(self, text: str = "", *, setup: bool = False) -> None:
        super().__init__(text)
        self.setup = setup


def did_you_mean(word: str, known: Iterable[str], also: Iterable[str] = ()) -> str:
    """`; did you mean X?` for the nearest of `known` and `also`; where none is near, what is known."""
    names = list(known)
    near = difflib.get_close_matches(word, [*names, *sorted(also)], n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(sorted(names)[:40])}"


class RunStopped(Exception):
    """The run stopped before the answer was there: nothing is known of the target. Its text is the cause."""
