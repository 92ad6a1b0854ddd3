import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scimproof.capture.capture_file import FORMAT, CaptureWriter, exchange_of, row_of
from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.reader import Capture
from scimproof.core.errors import UsageError
from scimproof.core.validation import published

REQUEST = CapturedMessage(
    b"POST /scim/v2/Users HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n", '{"name":"Zoë"}'.encode()
)
ANSWER = CapturedMessage(
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\n\xff\xfe\x00\r\n0\r\n\r\n"
)


def written(path: Path) -> CapturedExchange:
    exchange = CapturedExchange(1, 3, time.time(), REQUEST, ANSWER, 0.012, masked=("authorization",))
    writer = CaptureWriter(path, "https://host/scim/v2", "0.1.0", 0.0)
    writer.append(exchange)
    writer.close()
    return exchange


def test_an_exchange_is_read_as_it_was_written(tmp_path: Path) -> None:
    exchange = written(tmp_path / "a.jsonl")
    (read,) = Capture(tmp_path)
    assert (read.request, read.answer, read.masked) == (REQUEST, ANSWER, ("authorization",))
    assert read.at == pytest.approx(exchange.at, abs=1e-5)
    assert (read.method, read.target, read.status, read.reason) == ("POST", "/scim/v2/Users", 201, "Created")
    assert read.answer is not None
    assert read.answer.content == b"\xff\xfe\x00"
    assert read.as_exchange().request.json == {"name": "Zoë"}


def test_every_line_is_as_the_published_schema_says(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl")
    packed = replace(REQUEST, decoded=True)
    full = CapturedExchange(1, 0, 1.5, packed, None, 0.0, "gone", ("echo",), "why", "parsed")
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    for row in (*lines, row_of(full)):
        assert not list(published(FORMAT).iter_errors(row)), row
    assert exchange_of(row_of(full)) == full
    for wrong in ({"format": FORMAT}, {**lines[1], "request": {}}, {**lines[1], "fidelity": "guessed"}):
        assert list(published(FORMAT).iter_errors(wrong)), wrong


def test_a_torn_line_is_counted_and_costs_nothing_else(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl")
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(b'{"n":2,"conn')
    capture = Capture(tmp_path / "a.jsonl")
    assert len(list(capture)) == 1
    assert capture.unreadable == 1


def test_a_file_that_somebody_removes_is_told_not_written_into_nothing(tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path / "a.jsonl", "https://host/scim/v2", "0.1.0", 0.0)
    exchange = CapturedExchange(1, 1, 0.0, REQUEST)
    writer.append(exchange)
    (tmp_path / "a.jsonl").unlink()
    with pytest.raises(OSError, match="was removed"):
        writer.append(exchange)
    writer.close()


def test_what_is_no_capture_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        Capture(tmp_path / "gone")
    with pytest.raises(UsageError, match="no capture is in it"):
        Capture(tmp_path)
