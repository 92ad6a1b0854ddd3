"""`scimproof render`: write the reports anew from a report.json."""

from __future__ import annotations

from pathlib import Path

import click

from scimproof.cli.configured import FILE
from scimproof.cli.voice import Voice
from scimproof.render.files import write_reports
from scimproof.render.text import text
from scimproof.report import read_report


@click.command()
@click.argument("source", type=FILE, metavar="REPORT.JSON")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Where to; beside REPORT.JSON by default."
)
def command(*, source: Path, out: Path | None) -> None:
    """Write the reports anew from a report.json.

    Prints what `scimproof run` printed. The exit code says whether that worked, not what the report says.
    """
    document = read_report(source)
    files = write_reports(document, out or source.parent)
    Voice().show(text(document, files))
