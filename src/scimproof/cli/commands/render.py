"""`scimproof render`: writes all report formats from a report.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.text import Text

from scimproof.catalog.loader import load_catalog
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import pack_options, packs_in, submissions_for
from scimproof.cli.setting_options import FILE
from scimproof.render.conformance.terminal import text
from scimproof.render.formats import DocumentKind, ready_for, write_all, write_pack
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
@pack_options
def command(*, source: Path, out: Path | None, link: str, **given: Any) -> None:
    """Write the reports again from a report.json.

    Prints what `scimproof run` printed. The exit code is that of the writing, not that of the run.
    """
    document = read(source, REPORT)
    packs = packs_in(given)
    catalog = load_catalog() if packs else None
    profile = catalog.profile(document["profile"]["id"]) if catalog else None
    asked = submissions_for(packs, catalog, profile) if catalog and profile else []
    out = out or source.parent
    ready_for(out, DocumentKind.RUN, packs=asked)
    with held_together(source):
        files = write_all(DocumentKind.RUN, document, out, link)
        SafeConsole().show(text(document, files))
        for one in asked:
            SafeConsole().show(Text(write_pack(document, one, out), style="dim"))
