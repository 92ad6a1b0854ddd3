"""Writes a learn document for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scimproof.core.escaping import line
from scimproof.render.learn import sentences
from scimproof.render.phrases import count

Row = dict[str, Any]
COLOURS = {"as-sent": "green", "differs": "red", "unknown": "yellow"}
MOST = 6  # differences of one operation that are shown; the files have all
MOST_UNKNOWN, MOST_NEVER = 12, 12
WIDTH = 100  # characters of one difference


def text(document: Row, files: Iterable[Path] = ()) -> RenderableType:
    """The rich text: operations, what is unknown, what was never seen and, last, the result."""
    parts: list[RenderableType] = []
    if document["operations"]:
        parts += [_table(document), Text()]
    parts += _unknown(document)
    parts += _never_seen(document)
    parts += [Text(line(one)) for one in [*sentences.shares(document), *document["notes"]]]
    return Group(*parts, *_end(document, files))


def _table(document: Row) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Operation")
    table.add_column("")
    table.add_column("Seen", justify="right")
    table.add_column("Compared with ours")
    for row in document["operations"]:
        style = "green" if not row["differs"] else "red"
        table.add_row(row["id"], line(row["title"]), f"{row['seen']:,}", Text(sentences.standing(row), style))
        for told in row["differences"][:MOST]:
            words = f"{count(told['count'], 'time')} {sentences.difference(told)}"
            table.add_row("", "", "", Text(line(words, WIDTH), "dim"))
        if (more := len(row["differences"]) - MOST) > 0:
            table.add_row("", "", "", Text(f"and {count(more, 'more difference')}", "dim"))
    return table


def _unknown(document: Row) -> Iterator[Text]:
    rows = document["unknown"]
    if not rows:
        return
    yield Text("Unknown to us", "bold")
    for row in rows[:MOST_UNKNOWN]:
        yield Text(f"  {count(row['count'], 'time')} {line(row['request'], WIDTH)} (exchange {row['first']})")
    if len(rows) > MOST_UNKNOWN:
        yield Text(f"  and {len(rows) - MOST_UNKNOWN:,} more forms")
    yield Text()


def _never_seen(document: Row) -> Iterator[Text]:
    rows = document["never_seen"]
    if not rows:
        return
    yield Text("Operations of ours that were never seen", "bold")
    for row in rows[:MOST_NEVER]:
        yield Text(f"  {row['id']}  {line(row['title'])}", "dim")
    if len(rows) > MOST_NEVER:
        yield Text(f"  and {len(rows) - MOST_NEVER:,} more", "dim")
    yield Text()


def _end(document: Row, files: Iterable[Path]) -> Iterator[Text]:
    style = f"bold {COLOURS[document['result']]}"
    yield Text.assemble((sentences.headline(document).upper(), style), "  ", sentences.summary(document))
    names = [str(path) for path in files]
    if names:
        yield Text(f"Written: {', '.join(names)}", style="dim")
