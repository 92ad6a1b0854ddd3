"""What scimproof says when it cannot go on, and the exit code that goes with it."""

from __future__ import annotations

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
    """The target cannot be judged: unreachable, not SCIM, credentials refused, out of time."""

    exit_code = Exit.CANNOT_TELL
