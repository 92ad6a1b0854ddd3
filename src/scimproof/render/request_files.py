"""Writes for a terminal which request files were made of a capture, with the diff of each to ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from scimproof.core.escaping import line, visible
from scimproof.render.phrases import count

STYLES = {"+": "green", "-": "red", "@": "cyan"}
MOST_LINES = 60  # of one diff
WIDTH = 180  # characters of a line of it


def text(
    rows: Sequence[Mapping[str, Any]], left_out: Mapping[str, int], withheld: int, unwritable: int = 0
) -> RenderableType:
    """The rich text of the files: where each is, how often it was seen, what has to be looked at, its diff.

    A row has `path`, `count`, `diff`, `to_review`, `not_expressed`, `known_already`, and `leaks`: how many
    values of the capture would show in it, so that it was not written. `left_out` counts forms by operation,
    `withheld` requests whose body is not in the capture, `unwritable` those that no request file can hold.
    """
    parts = [part for row in rows for part in _file(row)]
    return Group(*parts, *_sentences(rows, left_out, withheld, unwritable))


def _file(row: Mapping[str, Any]) -> Iterator[Text]:
    if row["leaks"]:
        values = count(row["leaks"], "value")
        yield Text(f"Not written: {row['path']}, in which {values} of the capture would still show.", "red")
        return
    there = ", which is there already" if row["known_already"] else ""
    yield Text(f"{line(row['path'], WIDTH)}{there}: seen {count(row['count'], 'time')}", "bold")
    for name in row["to_review"]:
        yield Text(f"  look at {{{{{line(name, WIDTH)}}}}}: nobody could place its value", "yellow")
    for what in row["not_expressed"]:
        yield Text(f"  not byte for byte, since no request file says it: {line(what, WIDTH)}", "yellow")
    lines = row["diff"].split("\n") if row["diff"] else []
    for one in lines[:MOST_LINES]:
        cut = one if len(one) <= WIDTH else f"{one[: WIDTH - 1]}…"
        yield Text(f"  {visible(cut)}", STYLES.get(one[:1], ""))
    if len(lines) > MOST_LINES:
        yield Text(f"  and {count(len(lines) - MOST_LINES, 'more line')}", "dim")


def _sentences(
    rows: Sequence[Mapping[str, Any]], left_out: Mapping[str, int], withheld: int, unwritable: int
) -> Iterator[Text]:
    if not rows and not withheld and not unwritable:
        yield Text("No request file was written: nothing differs from ours, and nothing is unknown.")
    for operation, number in left_out.items():
        yield Text(f"{operation}: {count(number, 'more form')} that came less often, not written.", "yellow")
    if withheld:
        requests = count(withheld, "request")
        yield Text(f"Not written: {requests} whose body is not whole in the capture.", "yellow")
    if unwritable:
        requests = count(unwritable, "request")
        yield Text(
            f"Not written: {requests} that no request file can hold (header lines that are none).", "yellow"
        )
