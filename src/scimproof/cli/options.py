"""What the commands make of the options that they share."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scimproof.access import Access
from scimproof.cleanup import Tell
from scimproof.errors import UsageError
from scimproof.observer.choice import Choice, choice
from scimproof.settings.force import headers


def access(target: str | None, given: dict[str, Any]) -> Access | None:
    """The access that these options describe, None without a target; takes them out of `given`."""
    fields = {name: given.pop(name) for name in Access.__dataclass_fields__ if name in given}
    if not target:
        return None
    fields["headers"] = headers(fields.get("headers", ()), os.environ)
    return Access(url=target, **{name: value for name, value in fields.items() if value})


def observer(given: dict[str, Any], root: Path) -> Choice | None:
    """Who is to be asked beside SCIM, None for nobody; takes what says so out of `given`."""
    text, words, token_url, url, seconds = (
        given.pop(f"observer{part}") for part in ("", "_command", "_token_url", "_url", "_seconds")
    )
    if text and words:
        raise UsageError("[observer] has a name and a command, or --observer was given too: leave one out")
    if not text and not words:
        return None
    chosen = choice(text, root) if text else Choice(command=tuple(words))
    return replace(chosen, token_url=token_url, url=url, seconds=seconds)


def tidying(quiet: bool) -> Tell:  # noqa: FBT001 - one yes or no, named where it is given
    """Tells on a terminal how far tidying up has come."""

    def tell(done: int, of: int) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\rremoving what was created: {done} of {of}", err=True, nl=done == of)

    return tell
