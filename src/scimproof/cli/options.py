"""What the commands make of the options that they share."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from scimproof.cleanup.cleaner import Tell
from scimproof.settings import target_options
from scimproof.target.options import TargetOptions


def access(target: str | None, given: dict[str, Any]) -> TargetOptions | None:
    """The access that these options describe, None without a target; takes them out of `given`."""
    return target_options.access(target, given, os.environ)


def tidying(quiet: bool) -> Tell:  # noqa: FBT001 - one yes or no, named where it is given
    """Tells on a terminal how far tidying up has come."""

    def tell(done: int, of: int) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\rremoving what was created: {done} of {of}", err=True, nl=done == of)

    return tell
