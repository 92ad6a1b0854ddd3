"""Writes for a terminal what was replaced in a capture that is shared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scimproof.core.escaping import line
from scimproof.render.phrases import count

WIDTH = 100  # characters of a list of names
MOST = 20  # names and numbers that are shown; share.json has all


def text(document: dict[str, Any], files: Iterable[Path] = ()) -> RenderableType:
    """The rich text of a share.json: counts by kind, what somebody should look at, the files."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Replaced")
    table.add_column("", justify="right")
    table.add_column("Stand-ins, for example")
    for row in document["replaced"]:
        table.add_row(row["kind"], f"{row['count']:,}", line(", ".join(row["stand_ins"]), WIDTH))
    return Group(table, Text(), *_sentences(document), *(Text(str(path), "dim") for path in files))


def _sentences(document: dict[str, Any]) -> Iterator[Text]:
    yield Text(f"{count(document['exchanges'], 'exchange')} written with stand-ins.")
    if left := document["left_out"]:
        yield Text(f"Left out, since something in them cannot be placed: exchange {_listed(left)}.", "yellow")
    if names := document["attribute_names_kept"]:
        yield Text(f"Names of attributes that stayed, which only this server may have: {_listed(names)}.")
    yield Text("Look through the files before you give them away.")


def _listed(found: list[Any]) -> str:
    more = f" and {len(found) - MOST:,} more" if len(found) > MOST else ""
    return line(", ".join(map(str, found[:MOST]))) + more
