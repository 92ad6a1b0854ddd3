"""Puts the files of a load run into a folder, each one whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scimproof.core.errors import UsageError
from scimproof.render.atomic_write import ready, why_not, write_whole
from scimproof.render.load.html import html
from scimproof.render.load.junit import junit, unmade


def as_json(document: dict[str, Any]) -> str:
    """The document itself; lists of numbers stay on one line, so that two runs can be compared by eye."""
    lines = (f" {json.dumps(key)}: {_part(value)}" for key, value in document.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "load.json": as_json,
    "load-junit.xml": junit,
    "load.html": html,
}


def write_load(document: dict[str, Any], folder: Path) -> list[Path]:
    """Write every form of the document and give the paths; UsageError when the folder cannot be used."""
    ready(folder, WRITERS)
    try:
        return [write_whole(folder / name, [writer(document)]) for name, writer in WRITERS.items()]
    except OSError as problem:
        raise UsageError(f"the reports cannot be written to {folder}: {why_not(folder, problem)}") from None


def write_unmade(plan: str, url: str, why: str, started: str, folder: Path) -> None:
    """Write the JUnit file alone, of a run that could not be made: no file would say nothing of it.

    A folder that cannot be used is no second trouble.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "load-junit.xml", [unmade(plan, url, why, started)])
    except OSError:
        pass


def _part(value: Any) -> str:
    """A list one row a line, everything else on one."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value) + "\n ]"
    return json.dumps(value, ensure_ascii=False)
