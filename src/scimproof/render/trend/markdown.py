"""Writes the trend as Markdown: for each line the verdict on its last release and a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scimproof.core.escaping import prose
from scimproof.render.trend import sentences, tables

Row = dict[str, Any]
MOST = 20  # releases of a table


def markdown(trend: Row) -> str:
    """The whole text."""
    parts = [f"## scimproof trend: {prose(trend['folder'])}", "", prose(sentences.counted(trend))]
    for row in trend["lines"]:
        parts += _line(row)
    if trend["left_out"]:
        parts += ["", "### Left out", "", *(f"- {prose(told)}" for told in trend["left_out"])]
    return "\n".join(parts) + "\n"


def _line(row: Row) -> Iterator[str]:
    yield from ["", f"### {prose(sentences.heading(row))}", "", prose(row["load"]), ""]
    yield from (f"- {prose(told)}" for told in sentences.last(row))
    heads = tables.heads(row)
    yield from ["", f"| {' | '.join(heads)} |", f"| --- | --- | --- |{' ---: |' * (len(heads) - 4)} --- |"]
    cells = list(tables.rows(row))
    yield from (f"| {' | '.join(map(prose, one))} |" for one in cells[:MOST])
    if len(cells) > MOST:
        yield f"\nand {len(cells) - MOST:,} earlier: trend.html has all of them"
