"""Recognises by its content what a file is as a capture: capture file, HAR, report.json."""

from __future__ import annotations

import json
import re
from enum import Enum
from pathlib import Path

from scimproof.capture.capture_file import FORMAT
from scimproof.core.errors import UsageError

START = 64 * 1024  # bytes in which the form of a file shows
REPORT = re.compile(r'"format"\s*:\s*"scimproof\.report/1"')
NAMES = re.compile(r'\s*\{\s*"(\w+)"\s*:')
HAR_NAMES = re.compile(r'"(?:entries|creator|startedDateTime)"\s*:')


class FileForm(Enum):
    """The forms of files that are read as captures."""

    CAPTURE = "a capture file"
    HAR = "a HAR"
    REPORT = "a report of scimproof"


def file_form(path: Path) -> FileForm | None:
    """The form of a file by its beginning; None for anything else. Raises UsageError if it cannot be read."""
    try:
        with path.open("rb") as file:
            begun = file.read(START)
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror or problem}") from None
    text = begun.decode("utf-8-sig", "replace")
    if _is_capture(text):
        return FileForm.CAPTURE
    first = NAMES.match(text)
    if first and REPORT.search(text):
        return FileForm.REPORT
    # `log` stands first in all that is known; whoever sorts names may put something before it.
    if first and (first[1] == "log" or HAR_NAMES.search(text)):
        return FileForm.HAR
    return None


def _is_capture(text: str) -> bool:
    """Whether the first whole line is one of a capture file; of a file that was split it may be any."""
    lines = [line for line in text.splitlines()[:3] if line.strip()]
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            # The first line may be longer than what was read.
            if line.startswith(('{"n":', '{"format":"scimproof.capture')):
                return True
            continue
        if isinstance(row, dict) and (row.get("format") == FORMAT or {"n", "request"} <= row.keys()):
            return True
    return False
