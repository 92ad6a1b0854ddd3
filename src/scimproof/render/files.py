"""Puts a report's files into a folder, each one whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scimproof.errors import UsageError
from scimproof.render.html import html
from scimproof.render.junit import junit
from scimproof.render.markdown import markdown


def as_json(report: dict[str, Any]) -> str:
    """The document itself, indented so that two runs can be compared line by line."""
    return json.dumps(report, ensure_ascii=False, indent=1) + "\n"


WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "report.json": as_json,
    "junit.xml": junit,
    "report.html": html,
    "report.md": markdown,
}


def write_reports(report: dict[str, Any], folder: Path) -> list[Path]:
    """Write every form of the report and give the paths; raises UsageError when the folder cannot be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_write(folder / name, writer(report)) for name, writer in WRITERS.items()]
    except OSError as problem:
        raise UsageError(f"the reports cannot be written to {folder}: {problem.strerror}") from None


def _write(path: Path, text: str) -> Path:
    """Under a temporary name first, so that a reader never meets half a report."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path
