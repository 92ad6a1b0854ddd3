"""Options and output that several commands share: `--oin`, and progress of the clean-up."""

from __future__ import annotations

import sys

import click

from scimproof.catalog import oin_submission
from scimproof.catalog.loader import Catalog
from scimproof.catalog.oin_submission import Submission
from scimproof.cleanup.cleaner import Tell
from scimproof.core.definitions import Profile

oin_option = click.option(  # of render; that of run is a line in the table of settings
    "--oin",
    "pack",
    is_flag=True,
    help="Also write the pack for an OIN submission: oin.html and oin.md.",
)


def submission(catalog: Catalog, profile: Profile) -> Submission:
    """What the OIN pack is made of; UsageError when a run with that profile cannot give it."""
    asked = oin_submission.load(catalog)
    oin_submission.demand(catalog, asked, profile)
    return asked


def cleanup_progress(quiet: bool) -> Tell:  # noqa: FBT001 - one yes or no, named where it is given
    """A callback that shows on a terminal how many resources have been removed, of how many."""

    def tell(done: int, of: int) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\rremoving what was created: {done} of {of}", err=True, nl=done == of)

    return tell
