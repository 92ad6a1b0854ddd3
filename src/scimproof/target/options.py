"""Builds a Target (URL, TLS, credentials) from command-line options and environment variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from scimproof.core.auth_modes import BASIC, HEADER, OAUTH, chosen
from scimproof.core.errors import UsageError
from scimproof.target.credentials import (
    Basic,
    Bearer,
    ClientCredentials,
    Credentials,
    HeaderValue,
    header_value,
)
from scimproof.target.target import Target, parse_header, parse_url
from scimproof.target.token_endpoint import TokenEndpoint, token_url

TIMEOUT = 60.0
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Environment = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class TargetOptions:
    """Options to reach a target and authenticate; secrets come from `token_file` or the environment.

    `token_env` is the environment variable with the secret, instead of SCIMPROOF_TOKEN and its like, and
    `other_token_env` that with the token of another tenant. `headers` are sent after the sender's own,
    `header_file` has more of them, one a line.
    """

    url: str
    auth: str = ""
    token_env: str = ""
    token_file: Path | None = None
    user: str = ""
    token_url: str = ""
    client_id: str = ""
    scope: str = ""
    timeout: float | None = None
    insecure: bool = False
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    headers: tuple[str, ...] = ()
    header_file: Path | None = None
    groups: bool | None = None
    other_token_env: str = ""

    def target(self, environment: Environment, patience: float = TIMEOUT) -> Target:
        """The target, ready to be talked to; raises UsageError for what cannot work."""
        if self.client_key and not self.client_cert:
            raise UsageError("--client-key needs --client-cert")
        target = Target(
            url=parse_url(self.url, query=True),
            headers=(*map(parse_header, self.headers), *self._filed_headers()),
            ca_bundle=self.ca_bundle,
            client_certificate=self.client_cert,
            client_key=self.client_key,
            insecure=self.insecure,
            seconds=self.timeout or patience,
            groups=self.groups,
        )
        target.ssl_context()
        own = self._credentials(target, environment)
        return replace(target, credentials=own, other=self._other(own, environment))

    def _other(self, own: Credentials, environment: Environment) -> Credentials | None:
        """The credentials of another tenant; with --auth oauth an access token, else as the own ones."""
        variable = self.other_token_env
        if not variable:
            return None
        if not VARIABLE.fullmatch(variable):  # perhaps the token itself, which is not repeated
            raise UsageError("--other-token-env takes the name of an environment variable, never a token")
        if not environment.get(variable):
            raise UsageError(f"no token of another tenant: put it into {variable}")
        other = self._of(header_value(environment[variable], f"the token in {variable}"), variable)
        if {*other.secrets()} & {*own.secrets()} - {""}:
            raise UsageError(f"{variable} holds the run's own credentials, not those of another tenant")
        return other

    def _of(self, text: str, variable: str) -> Credentials:
        """The credentials in that text."""
        mode = chosen(self.auth, self.token_url)
        if mode is BASIC:
            user, colon, password = text.partition(":")
            if not colon or not password:
                raise UsageError(f"{variable}: for --auth basic it holds USER:PASSWORD")
            return Basic(user, header_value(password, f"the password in {variable}"))
        return HeaderValue(text) if mode is HEADER else _bearer(text)

    def _filed_headers(self) -> Iterator[tuple[str, str]]:
        """The headers in the file; empty lines and lines that begin with # are ignored."""
        if not self.header_file:
            return
        for number, line in enumerate(self._header_text.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                yield parse_header(line, f"--header-file {self.header_file}, line {number}")

    # Each is read once, however many targets are made: it may be a pipe.
    @cached_property
    def _header_text(self) -> str:
        return _text("--header-file", self.header_file)

    @cached_property
    def _token_text(self) -> str:
        return _text("--token-file", self.token_file)

    def _credentials(self, target: Target, environment: Environment) -> Credentials:
        mode = chosen(self.auth, self.token_url)
        if mode is not OAUTH and self.token_url:
            raise UsageError(f"--token-url belongs to --auth oauth, not to --auth {mode.name}")
        if mode is BASIC:
            user = self.user or environment.get(BASIC.variables[0], "")
            password = self._secret(environment, BASIC.secret, "the password")
            if not user or ":" in user:
                raise UsageError("--auth basic needs a user name without a colon in SCIMPROOF_USER")
            return Basic(user, password)
        if mode is OAUTH:
            return self._oauth(target, environment)
        token = self._secret(environment, mode.secret, "the token")
        if mode is HEADER:
            return HeaderValue(token)
        return _bearer(token)

    def _oauth(self, target: Target, environment: Environment) -> Credentials:
        client_id = self.client_id or environment.get("SCIMPROOF_CLIENT_ID", "")
        if not self.token_url or not client_id:
            raise UsageError("--auth oauth needs --token-url and --client-id (or SCIMPROOF_CLIENT_ID)")
        secret = self._secret(environment, OAUTH.secret, "the client secret")
        fetch = TokenEndpoint(token_url(self.token_url), client_id, secret, like=target)
        return ClientCredentials(fetch, secret, self.scope, fetch.pair)

    def _secret(self, environment: Environment, variable: str, what: str) -> str:
        if self.token_file:
            return header_value(self._token_text, f"{what} in {self.token_file}")
        variable = self.token_env or variable
        if not environment.get(variable):
            raise UsageError(
                f"no credentials: put {what} into {variable} or into a file named with --token-file "
                "(a target without authentication takes any)"
            )
        return header_value(environment[variable], f"{what} in {variable}")


def _text(option: str, file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8") if file else ""
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{option} {file} cannot be read: {problem}") from None


def _bearer(token: str) -> Bearer:
    """The token, typed with the word Bearer or without it."""
    scheme, blank, rest = token.partition(" ")
    return Bearer(rest if blank and scheme.lower() == "bearer" else token)
