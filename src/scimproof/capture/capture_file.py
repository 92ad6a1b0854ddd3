"""Capture file: a line of JSON for each exchange, appended whole; `record` writes it, all others read it."""

from __future__ import annotations

import base64
import binascii
import errno
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.core.http_message import Json

FORMAT = "scimproof.capture-1"
SUFFIX = ".jsonl"


def first_line(target: str, version: str, started: float) -> dict[str, Any]:
    """The first line of a file: its format, the base URL of the target, when it was begun."""
    return {"format": FORMAT, "target": target, "scimproof": version, "started": stamp(started)}


def stamp(moment: float) -> str:
    """A moment in seconds since 1970 as a date and time in UTC, to the microsecond."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def row_of(exchange: CapturedExchange) -> dict[str, Any]:
    """The exchange as a line of the file."""
    row: dict[str, Any] = {
        "n": exchange.number,
        "connection": exchange.connection,
        "at": stamp(exchange.at),
        "seconds": round(exchange.seconds, 6),
        "request": _message_row(exchange.request),
    }
    if exchange.answer:
        row["answer"] = _message_row(exchange.answer)
    more: dict[str, Any] = {
        "error": exchange.error,
        "masked": list(exchange.masked),
        "withheld": exchange.withheld,
        "fidelity": "" if exchange.fidelity == "wire" else exchange.fidelity,
    }
    return row | {key: value for key, value in more.items() if value}


def exchange_of(row: Json) -> CapturedExchange:
    """The exchange that a line holds; raises KeyError, TypeError or ValueError for anything else."""
    return CapturedExchange(
        number=row["n"],
        connection=row["connection"],
        at=datetime.fromisoformat(row["at"]).timestamp(),
        seconds=row["seconds"],
        request=_message_of(row["request"]),
        answer=_message_of(row["answer"]) if "answer" in row else None,
        error=row.get("error", ""),
        masked=tuple(row.get("masked", ())),
        withheld=row.get("withheld", ""),
        fidelity=row.get("fidelity", "wire"),
    )


def line_of(row: dict[str, Any]) -> bytes:
    """A row as the bytes of one line."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class CaptureWriter:
    """Appends exchanges to a new capture file, each with one write; raises OSError where that fails."""

    def __init__(self, path: Path, target: str, version: str, started: float) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._torn = False
        self._append(line_of(first_line(target, version, started)))

    def append(self, exchange: CapturedExchange) -> None:
        """Write one exchange."""
        self._append(line_of(row_of(exchange)))

    def _append(self, line: bytes) -> None:
        # A line of which a full disk took a part is ended before the next one, so that only it is lost.
        data = b"\n" + line if self._torn else line
        if not os.fstat(self._file).st_nlink:
            raise OSError(errno.ENOENT, "the capture file was removed")
        written = os.write(self._file, data)
        if written < len(data):
            self._torn = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._torn = False

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def read_lines(path: Path) -> Iterator[CapturedExchange | None]:
    """The exchanges of one file in the order in which they ended; None for a line that is none (torn)."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if number == 0 and isinstance(row, dict) and row.get("format") == FORMAT:
                    continue
                yield exchange_of(row)
            except (KeyError, TypeError, ValueError):
                yield None


def target_of(path: Path) -> str:
    """The base URL in the first line of a capture file; empty where that line is torn or missing."""
    with path.open("rb") as file:
        try:
            row = json.loads(file.readline())
        except ValueError:
            return ""
    return str(row.get("target") or "") if isinstance(row, dict) and row.get("format") == FORMAT else ""


def _message_row(message: CapturedMessage) -> dict[str, Any]:
    row: dict[str, Any] = _bytes_row("head", message.head)
    if message.body:
        row |= _bytes_row("body", message.body)
    return row | ({"decoded": True} if message.decoded else {})


def _bytes_row(key: str, data: bytes) -> dict[str, str]:
    """Bytes as text where they are UTF-8, else in base64 under another key."""
    try:
        return {key: data.decode()}
    except UnicodeDecodeError:
        return {f"{key}_base64": base64.b64encode(data).decode()}


def _message_of(row: Json) -> CapturedMessage:
    return CapturedMessage(_bytes_of("head", row), _bytes_of("body", row), row.get("decoded", False))


def _bytes_of(key: str, row: Json) -> bytes:
    if key in row:
        text: str = row[key]
        return text.encode()
    try:
        return base64.b64decode(row.get(f"{key}_base64", ""), validate=True)
    except binascii.Error as problem:
        raise ValueError(str(problem)) from None
