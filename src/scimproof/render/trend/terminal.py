"""Writes the trend for a terminal: the last releases of each line, and whether the last one is worse."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scimproof.core.escaping import line
from scimproof.render.trend import sentences, tables

Row = dict[str, Any]
MOST = 5  # releases of a table
COLOURS = {"worse": "red", "not-worse": "green", "cannot-tell": "yellow"}


def text(trend: Row, files: Iterable[Path] = ()) -> RenderableType:
    """The rich text; the paths of the pages are the last line."""
    parts: list[RenderableType] = []
    for row in trend["lines"]:
        parts += _line(row)
    parts += [Text(line(told, 400), style="yellow") for told in trend["left_out"]]
    parts.append(Text(sentences.counted(trend)))
    return Group(*parts, Text("Pages: " + ", ".join(map(str, files)), style="dim"))


def _line(row: Row) -> list[RenderableType]:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, name in enumerate(tables.heads(row)):
        table.add_column(name, justify="left" if place < 3 else "right")
    for cells in list(tables.rows(row))[:MOST]:
        table.add_row(*(Text(line(cell)) for cell in cells))
    found = row["comparison"]
    style = COLOURS[found["result"]] if found else ""
    told = [Text(line(sentence, 400), style=style) for sentence in sentences.last(row)]
    head = [Text(line(sentences.heading(row)), style="bold"), Text(line(row["load"], 200), style="dim")]
    more = len(row["points"]) - MOST
    return [*head, table, *([Text(f"and {more:,} earlier")] if more > 0 else []), *told, Text()]
