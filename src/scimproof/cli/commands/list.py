"""`scimproof list`: the sequences there are."""

from __future__ import annotations

import click

from scimproof.catalog.loader import load_catalog
from scimproof.cli import completers
from scimproof.core.definitions import Profile, Sequence
from scimproof.report.summary import dialect

COLUMNS = ("ID", "DIALECT", "REQUESTS", "GRADE", "TITLE")


@click.command()
@click.option(
    "--profile",
    metavar="NAME",
    shell_complete=completers.profiles,
    help="Only the sequences of this profile.",
)
def command(*, profile: str | None) -> None:
    """List the sequences and profiles.

    The grade is that of the least attested request: A documentation and live capture agree, B
    documentation only, C one capture, D inferred (sent with --include-inferred only).
    """
    catalog = load_catalog()
    sequences = list(catalog.sequences.values())
    if profile:
        sequences = catalog.select(catalog.profile(profile).sequences, inferred=True)
    rows = [COLUMNS, *(_row(sequence, catalog.grade(sequence)) for sequence in sequences)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        click.echo("  ".join([*cells, row[-1]]))
    if not profile:
        click.echo("\nProfiles (run --profile NAME):")
        for known in catalog.profiles.values():
            click.echo(f"  {known.id.ljust(12)}  {_about(known)}")


def _row(sequence: Sequence, grade: str) -> tuple[str, ...]:
    requests = f"{len(sequence.steps)}" + (f" x {sequence.chains}" if sequence.chains > 1 else "")
    return sequence.id, dialect(sequence.id) or sequence.id, requests, grade, sequence.title


def _about(profile: Profile) -> str:
    return f"{profile.title}: {', '.join(profile.sequences)}; {' and '.join(profile.gates)} decide"
