"""Options that several commands share, each worded once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from scimproof.access import KINDS, Access
from scimproof.cleanup import Tell

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Command = Callable[..., Any]

_ACCESS: list[Callable[[Command], Command]] = [
    click.option(
        "--auth",
        type=click.Choice(KINDS),
        help="How to be let in: bearer (default) and header send SCIMPROOF_TOKEN, with and without the word "
        "Bearer; basic sends SCIMPROOF_USER and SCIMPROOF_PASSWORD; oauth gets a token with "
        "SCIMPROOF_CLIENT_SECRET.",
    ),
    click.option("--token-file", type=FILE, help="Read the token, password or client secret from here."),
    click.option(
        "--token-url", default="", metavar="URL", help="OAuth2 token endpoint (client credentials)."
    ),
    click.option("--client-id", default="", metavar="ID", help="OAuth2 client id, else SCIMPROOF_CLIENT_ID."),
    click.option("--scope", default="", metavar="SCOPE", help="OAuth2 scope."),
    click.option("--ca-bundle", type=FILE, help="Trust the CAs in this PEM file."),
    click.option("--client-cert", type=FILE, help="Show this client certificate (PEM)."),
    click.option(
        "--client-key", type=FILE, help="The client certificate's key, if it is not in the same file."
    ),
    click.option("--insecure", is_flag=True, help="Accept any certificate; the report says so."),
    click.option(
        "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Send this too, after Okta's own."
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        metavar="SECONDS",
        help="The longest an answer may take (60, as Okta; 10 for the first).",
    ),
]


def access_options(command: Command) -> Command:
    """Add what it takes to be let in by a target."""
    for decorate in reversed(_ACCESS):
        command = decorate(command)
    return command


def access(target: str | None, given: dict[str, Any]) -> Access | None:
    """The access that these options describe, None without a target; takes them out of `given`."""
    fields = {name: given.pop(name) for name in Access.__dataclass_fields__ if name in given}
    return Access(url=target, **{name: value for name, value in fields.items() if value}) if target else None


def tidying(quiet: bool) -> Tell:  # noqa: FBT001 - one yes or no, named where it is given
    """Tells on a terminal how far tidying up has come."""

    def tell(done: int, of: int) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\rremoving what was created: {done} of {of}", err=True, nl=done == of)

    return tell
