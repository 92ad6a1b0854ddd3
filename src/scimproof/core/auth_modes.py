"""Modes of authentication: their names in options and reports, and the variables that hold their secrets.

A new mode is a row here, a class in target/credentials.py and its making in target/options.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AuthMode:
    """One mode: `name` in --auth, `reported` in a report, `variables` of the environment, the secret last.

    `again` are further options of the command that repeats a run, with words in capitals for values that no
    report has.
    """

    name: str
    reported: str
    variables: tuple[str, ...]
    again: tuple[str, ...] = ()

    @property
    def secret(self) -> str:
        """The environment variable that holds the secret."""
        return self.variables[-1]


BEARER = AuthMode("bearer", "bearer", ("SCIMPROOF_TOKEN",))
HEADER = AuthMode("header", "header", ("SCIMPROOF_TOKEN",))
BASIC = AuthMode("basic", "basic", ("SCIMPROOF_USER", "SCIMPROOF_PASSWORD"), ("--user", "NAME"))
OAUTH = AuthMode(
    "oauth",
    "oauth2-client-credentials",
    ("SCIMPROOF_CLIENT_ID", "SCIMPROOF_CLIENT_SECRET"),
    ("--token-url", "URL", "--client-id", "ID"),
)
WORKER_SECRET = "SCIMPROOF_WORKER_SECRET"  # no target's: what master and workers of a load run share
MODES = {mode.name: mode for mode in (BEARER, HEADER, BASIC, OAUTH)}


def chosen(name: str | None, token_url: str | None) -> AuthMode:
    """The mode of that name; where none is named, OAuth if there is a token endpoint, else bearer."""
    return MODES.get(name, BEARER) if name else OAUTH if token_url else BEARER
