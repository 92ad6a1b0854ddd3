"""Secret that master and workers of one load run share: from a variable, or made for one run here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from scimproof.core.auth_modes import WORKER_SECRET
from scimproof.core.errors import UsageError
from scimproof.core.redaction import remember

SHORTEST = 16  # characters; who records a handshake may try guesses of the secret at leisure
MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


def worker_secret(environment: Mapping[str, str]) -> str:
    """The secret in SCIMPROOF_WORKER_SECRET; raises UsageError where it is missing or can be guessed."""
    found = environment.get(WORKER_SECRET, "").strip()
    if not found:
        raise UsageError(
            f"a master and its workers prove to each other that they belong together: set {WORKER_SECRET} to "
            f"the same secret on all of them. To make one: {MAKE_ONE}"
        )
    if len(found) < SHORTEST:
        raise UsageError(
            f"{WORKER_SECRET} has {len(found)} characters and could be guessed: it needs {SHORTEST} or more. "
            f"To make one: {MAKE_ONE}"
        )
    remember(found)
    return found


def for_one_run() -> dict[str, str]:
    """The variable with a secret of its own, for processes that this one starts and nobody else joins."""
    return {WORKER_SECRET: secrets.token_urlsafe(32)}
