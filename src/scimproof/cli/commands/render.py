"""`scimproof render`: writes all report formats from a report.json or load.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.text import Text

from scimproof.catalog.loader import load_catalog
from scimproof.cli.console import SafeConsole
from scimproof.cli.options import pack_options, packs_in, submissions_for
from scimproof.cli.setting_options import FILE
from scimproof.core.errors import UsageError
from scimproof.core.paths import shown
from scimproof.render.conformance.terminal import text
from scimproof.render.formats import DocumentKind, ready_for, write_all, write_pack
from scimproof.render.load.terminal import text as load_text
from scimproof.report.load_comparison import baseline, compare_load
from scimproof.report.reader import LOAD, REPORT, held_together, read


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
@click.option(
    "--baseline",
    "before",
    type=FILE,
    metavar="LOAD.JSON",
    help="Draw this earlier load run behind the one of a load.json.",
)
@pack_options
def command(*, source: Path, out: Path | None, link: str, before: Path | None, **given: Any) -> None:
    """Write the reports again from a report.json, or from the load.json of a load run.

    Prints what the run printed. The exit code is that of the writing, not that of the run.
    """
    document = read(source, REPORT, LOAD)
    packs = packs_in(given)
    out = out or source.parent
    if document["format"] == LOAD:
        if packs or link:
            raise UsageError(f"{source} is of a load run: --link and the packs are for a report.json")
        _load(source, document, before, out)
        return
    if before:
        raise UsageError(f"{source} is of a run, and --baseline is for a load.json: use `scimproof compare`")
    catalog = load_catalog() if packs else None
    profile = catalog.profile(document["profile"]["id"]) if catalog else None
    asked = submissions_for(packs, catalog, profile) if catalog and profile else []
    ready_for(out, DocumentKind.RUN, packs=asked)
    with held_together(source):
        files = write_all(DocumentKind.RUN, document, out, link)
        SafeConsole().show(text(document, files))
        for one in asked:
            SafeConsole().show(Text(write_pack(document, one, out), style="dim"))


def _load(source: Path, document: dict[str, Any], before: Path | None, out: Path) -> None:
    """Write the reports of a load run, with another baseline where one is named."""
    ready_for(out, DocumentKind.LOAD)
    old = read(before, LOAD) if before else None
    with held_together(*filter(None, (source, before))):
        if old and before:
            found = compare_load(old, document, paths=(shown(before), shown(source)))
            document["baseline"] = baseline(found, old, document)
        SafeConsole().show(load_text(document, write_all(DocumentKind.LOAD, document, out)))
