"""Puts a report's files into a folder, each one whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from scimproof.core.errors import UsageError
from scimproof.render.atomic_write import ready, why_not, write_whole
from scimproof.render.conformance.html import html
from scimproof.render.conformance.junit import junit
from scimproof.render.conformance.markdown import markdown


def as_json(report: dict[str, Any]) -> str:
    """The document itself, indented so that two runs can be compared line by line."""
    return "".join(_pieces(report))


WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "report.json": as_json,
    "junit.xml": junit,
    "report.html": html,
    "report.md": markdown,
}


def write_reports(report: dict[str, Any], folder: Path, link: str = "") -> list[Path]:
    """Write every form of the report and give the paths; raises UsageError when the folder cannot be used.

    `link` is where others find the full report; report.md has it.
    """
    writers = WRITERS | {"report.md": partial(markdown, link=link)}
    ready(folder, writers)
    try:
        return [
            write_whole(folder / name, _pieces(report) if writer is as_json else [writer(report)])
            for name, writer in writers.items()
        ]
    except OSError as problem:
        raise UsageError(f"the reports cannot be written to {folder}: {why_not(folder, problem)}") from None


def _pieces(report: dict[str, Any]) -> Iterator[str]:
    """The JSON document in pieces: as one text it would be the largest thing a run ever holds."""
    yield from json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(report)
    yield "\n"
