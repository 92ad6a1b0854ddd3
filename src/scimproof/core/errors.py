"""Errors whose text is a sentence for a person, and the exit code of each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of all commands."""

    HOLDS = 0
    DOES_NOT_HOLD = 1
    USAGE = 2
    CANNOT_TELL = 3
    TROUBLE = 4


class ScimproofError(Exception):
    """Base of all errors; its text says what happened, where, and what to do."""

    exit_code = Exit.TROUBLE


class UsageError(ScimproofError):
    """The command line or a configuration file asks for something that does not exist or cannot be used."""

    exit_code = Exit.USAGE


class CatalogError(UsageError):
    """A file in suites/ or fixtures/ is wrong; raised when it is loaded, never during a run."""


class CannotTell(ScimproofError):
    """The target cannot be tested: unreachable, not SCIM, credentials refused, or out of time.

    With `setup` it answers but refuses this run until somebody changes credentials, address or certificate;
    otherwise it may come back by itself.
    """

    exit_code = Exit.CANNOT_TELL

    def __init__(self, text: str = "", *, setup: bool = False) -> None:
        super().__init__(text)
        self.setup = setup


def did_you_mean(word: str, known: Iterable[str], also: Iterable[str] = ()) -> str:
    """A hint `; did you mean X?` with the nearest of `known` and `also`; without one, all of `known`."""
    names = list(known)
    near = difflib.get_close_matches(word, [*names, *sorted(also)], n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(sorted(names)[:40])}"


class RunStopped(Exception):
    """Raised when the run was stopped before a response arrived; the text is the reason."""
