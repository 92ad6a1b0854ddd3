"""`scimproof compare`: compares two reports of one server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scimproof.cli.console import SafeConsole
from scimproof.cli.setting_options import FILE
from scimproof.core.errors import Exit, UsageError
from scimproof.core.paths import shown
from scimproof.render.atomic_write import ready_file
from scimproof.render.comparison.terminal import text
from scimproof.render.formats import DocumentKind, format_named, formats, write_file
from scimproof.report.comparison import compare
from scimproof.report.load_comparison import compare_load
from scimproof.report.reader import KNOWN, LOAD, REPORT, checked, held_together, peek

CODES = {"worse": Exit.DOES_NOT_HOLD, "not-worse": Exit.HOLDS, "cannot-tell": Exit.CANNOT_TELL}
SUFFIXES = {".html": "html", ".md": "markdown", ".json": "json"}
FORMS = [each.name for each in formats(DocumentKind.COMPARISON)]


@click.command()
@click.argument("old", type=FILE, metavar="OLD")
@click.argument("new", type=FILE, metavar="NEW")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    help="Form of the comparison; by default that of the name of --out (.html, .md, .json), else text.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Output file, instead of printing.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Count as worse also what newly fails without an earlier verdict, and what is no longer checked.",
)
def command(*, old: Path, new: Path, form: str | None, as_json: bool, out: Path | None, strict: bool) -> Exit:
    """Compare two reports of one server, OLD and NEW, and list regressions.

    Both are a report.json of `scimproof run`, or both a load.json of `scimproof load`. Exit code 1 only for
    a regression, 3 when that cannot be told, 0 otherwise, however much fails as before.
    """
    if out:
        ready_file(out)
    by_name = SUFFIXES.get(out.suffix, "text") if out else "text"
    with held_together(old, new):
        found = _compared(old, new, strict=strict)
        chosen = format_named(DocumentKind.COMPARISON, "json" if as_json else form or by_name)
        written = chosen.text(found)
    console = SafeConsole()
    if out:
        write_file(chosen, found, out)
        console.say(text(found).splitlines()[-1])
    else:
        click.echo(console.clean(written), nl=False)
    return CODES[found["result"]]


def _compared(old: Path, new: Path, *, strict: bool) -> dict[str, Any]:
    paths = shown(old), shown(new)
    reports = [peek(path) for path in (old, new)]
    kinds = [report.get("format") for report in reports]
    if LOAD in kinds and kinds[0] != kinds[1]:
        place = 1 - kinds.index(LOAD)
        what = KNOWN[REPORT] if kinds[place] == REPORT else "no report of scimproof"
        raise UsageError(f"a load run is compared with a load run, and {paths[place]} is {what}")
    form = LOAD if LOAD in kinds else REPORT
    first, second = (checked(path, report, form) for path, report in zip((old, new), reports, strict=True))
    if form == LOAD:
        return compare_load(first, second, paths=paths)
    return compare(first, second, paths=paths, strict=strict)
