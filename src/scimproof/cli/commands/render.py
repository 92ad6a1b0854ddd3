"""`scimproof render`: write the reports anew from a report.json."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from scimproof.catalog.loader import load_catalog
from scimproof.cli.console import SafeConsole
from scimproof.cli.oin_option import oin_option, submission
from scimproof.cli.setting_options import FILE
from scimproof.render.atomic_write import ready
from scimproof.render.conformance.terminal import text
from scimproof.render.conformance.writers import WRITERS, write_reports
from scimproof.render.oin import PACK, write_pack
from scimproof.report.reader import REPORT, held_together, read


@click.command()
@click.argument("source", type=FILE, metavar="REPORT.JSON")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Output folder; that of REPORT.JSON by default.",
)
@click.option(
    "--link", default="", metavar="URL", help="Address of the full report, for the link in report.md."
)
@oin_option
def command(*, source: Path, out: Path | None, link: str, pack: bool) -> None:
    """Write the reports again from a report.json.

    Prints what `scimproof run` printed. The exit code is that of the writing, not that of the run.
    """
    document = read(source, REPORT)
    catalog = load_catalog() if pack else None
    asked = submission(catalog, catalog.profile(document["profile"]["id"])) if catalog else None
    out = out or source.parent
    ready(out, [*WRITERS, *(PACK if pack else ())])
    with held_together(source):
        files = write_reports(document, out, link)
        SafeConsole().show(text(document, files))
        if asked:
            SafeConsole().show(Text(write_pack(document, asked, out), style="dim"))
