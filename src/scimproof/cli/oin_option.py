"""`--oin`: the pack for a submission to Okta's catalog, beside the reports."""

from __future__ import annotations

import click

from scimproof.catalog import oin_submission
from scimproof.catalog.loader import Catalog
from scimproof.catalog.oin_submission import Submission
from scimproof.core.definitions import Profile

oin_option = click.option(  # of render; that of run is a line in the table of settings
    "--oin",
    "pack",
    is_flag=True,
    help="Also write the pack for an OIN submission: oin.html and oin.md.",
)


def submission(catalog: Catalog, profile: Profile) -> Submission:
    """What the pack is made of; UsageError when a run with that profile cannot give it."""
    asked = oin_submission.load(catalog)
    oin_submission.demand(catalog, asked, profile)
    return asked
