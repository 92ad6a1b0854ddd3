"""Writes documents as JSON: the report of a run, of a load run, a comparison, and what was learnt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]


def report_json(report: Row) -> Iterator[str]:
    """The report of a run in pieces, indented so that two runs can be compared line by line.

    As one text it would be the largest object that a run ever holds.
    """
    yield from json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(report)
    yield "\n"


def load_json(document: Row) -> str:
    """The report of a load run or a search; a row of a list is a line, so that eyes can compare runs."""
    lines = (f" {json.dumps(key)}: {_part(value)}" for key, value in document.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def comparison_json(comparison: Row) -> str:
    """What `compare --format json` prints."""
    return json.dumps(comparison, ensure_ascii=False, indent=1) + "\n"


def learn_json(document: Row) -> str:
    """How a capture compares with our requests."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _part(value: Any) -> str:
    """A list one row a line, everything else on one."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in value) + "\n ]"
    return json.dumps(value, ensure_ascii=False)
