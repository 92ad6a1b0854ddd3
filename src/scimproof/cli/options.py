"""Options and output that several commands share: packs for submissions, and progress of the clean-up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from scimproof.catalog.loader import Catalog
from scimproof.catalog.submission import Submission, demand, load, submissions
from scimproof.cleanup.cleaner import Tell
from scimproof.core.definitions import Profile
from scimproof.settings.every_setting import PACK


def pack_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of render that write packs; those of run are lines in the table of settings."""
    for id, called in reversed(list(submissions().items())):
        said = f"Also write the pack for {called}: {id}.html and {id}.md."
        command = click.option(f"--{id}", f"{PACK}{id}", is_flag=True, help=said)(command)
    return command


def packs_in(given: dict[str, Any]) -> list[str]:
    """The submissions whose options were given; takes their parameters out of `given`."""
    return [id for id in submissions() if given.pop(f"{PACK}{id}", False)]


def submissions_for(ids: list[str], catalog: Catalog, profile: Profile) -> list[Submission]:
    """What these packs are made of; UsageError when a run with that profile cannot give one."""
    asked = [load(catalog, id) for id in ids]
    for one in asked:
        demand(catalog, one, profile)
    return asked


def cleanup_progress(quiet: bool) -> Tell:  # noqa: FBT001 - one yes or no, named where it is given
    """A callback that shows on a terminal how many resources have been removed, of how many."""

    def tell(done: int, of: int) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\rremoving what was created: {done} of {of}", err=True, nl=done == of)

    return tell
