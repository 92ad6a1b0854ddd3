"""The recorder where writing fails: traffic goes on, it is told once, counted and tried again."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path

import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.masking import Masking
from scimproof.capture.proxy.events import EventKind, EventReader, packed, packed_began, packed_fields
from scimproof.capture.proxy.recorder import ExchangeRecorder
from scimproof.capture.proxy.recording import RecordingProxy
from scimproof.capture.reader import Capture
from scimproof.core.errors import UsageError
from tests.capture.proxy.raw import client, raw_server, recorded
from tests.capture.proxy.test_recording_connections import GET, OK, answering_any


class FullDisk:
    """A writer on whose disk there is no room for some exchanges."""

    def __init__(self, full: set[int]) -> None:
        self.full, self.written = full, list[int]()

    def append(self, exchange: CapturedExchange) -> None:
        if exchange.number in self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.written.append(exchange.number)


def events(number: int, **fields: object) -> bytes:
    return (
        packed_began(number, 1, 1.5)
        + packed(EventKind.REQUEST_HEAD, number, GET)
        + packed(EventKind.ANSWER_HEAD, number, OK[:-2])
        + packed(EventKind.ANSWER_BODY, number, OK[-2:])
        + packed_fields(EventKind.ENDED, number, {"seconds": 0.25, **fields})
    )


def test_a_full_disk_is_told_once_and_writing_is_tried_again() -> None:
    notes: list[str] = []
    seen: list[CapturedExchange] = []
    writer = FullDisk({2, 3})
    recorder = ExchangeRecorder(writer, Masking(), seen.append, notes.append)
    for event in EventReader().feed(b"".join(events(number) for number in (1, 2, 3, 4))):
        recorder.take(event)
    assert writer.written == [1, 4]
    assert [one.number for one in seen] == [1, 2, 3, 4]
    (note,) = notes
    assert "exchange 2 could not be written: No space left on device" in note
    assert (recorder.summary.exchanges, recorder.summary.written, recorder.summary.unwritten) == (4, 2, 2)


def test_exchanges_that_came_too_fast_are_counted() -> None:
    notes: list[str] = []
    writer = FullDisk(set())
    recorder = ExchangeRecorder(writer, Masking(), lambda _: None, notes.append)
    for event in EventReader().feed(events(1, lost=True) + packed_fields(EventKind.ENDED, 2, {"lost": True})):
        recorder.take(event)
    assert (recorder.summary.lost, writer.written, len(notes)) == (2, [], 1)


def test_events_are_read_however_they_are_cut() -> None:
    reader, data = EventReader(), events(7, error="x")
    found = [event for at in range(len(data)) for event in reader.feed(data[at : at + 1])]
    assert [event.kind for event in found] == [3, 4, 6, 7, 8]
    assert found[-1].fields == {"seconds": 0.25, "error": "x"}


def test_what_was_under_way_when_the_process_ended_is_written() -> None:
    writer = FullDisk(set())
    seen: list[CapturedExchange] = []
    recorder = ExchangeRecorder(writer, Masking(), seen.append, lambda _: None)
    for event in EventReader().feed(packed_began(1, 1, 0.0) + packed(EventKind.REQUEST_HEAD, 1, GET)):
        recorder.take(event)
    recorder.close()
    assert seen[0].error == "the forwarding process ended before the exchange was over"


def test_what_cannot_be_masked_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Masking, exchange: CapturedExchange) -> CapturedExchange:
        if exchange.number == 1:
            raise RuntimeError("trouble")
        return exchange

    monkeypatch.setattr(Masking, "exchange", broken)
    notes: list[str] = []
    writer = FullDisk(set())
    recorder = ExchangeRecorder(writer, Masking(), lambda _: None, notes.append)
    for event in EventReader().feed(events(1) + events(2)):
        recorder.take(event)
    assert (writer.written, recorder.summary.unwritten) == ([2], 1)
    assert "its secrets cannot be masked (RuntimeError)" in notes[0]


def test_a_secret_of_a_request_that_is_under_way_is_known_already() -> None:
    """The server tells it to another request, whose answer is over first."""
    seen: list[CapturedExchange] = []
    recorder = ExchangeRecorder(FullDisk(set()), Masking(), seen.append, lambda _: None)
    body = b'{"password":"hunter22"}'
    head = b"POST /Users HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    under_way = (
        packed_began(1, 1, 0.0)
        + packed(EventKind.REQUEST_HEAD, 1, head)
        + packed(EventKind.REQUEST_BODY, 1, body)
        + packed(EventKind.REQUEST_ENDED, 1)
    )
    other = (
        packed_began(2, 2, 0.0)
        + packed(EventKind.REQUEST_HEAD, 2, GET)
        + packed(EventKind.ANSWER_HEAD, 2, b"HTTP/1.1 500 hunter22\r\n\r\n")
        + packed_fields(EventKind.ENDED, 2, {"seconds": 0.25})
    )
    for event in EventReader().feed(under_way + other):
        recorder.take(event)
    assert seen[0].answer
    assert seen[0].answer.head == b"HTTP/1.1 500 ********\r\n\r\n"


def test_traffic_goes_on_while_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    full = {"now": False}

    def write(descriptor: int, data: bytes) -> int:
        if full["now"] and data.startswith((b'{"n"', b'\n{"n"')):
            return real(descriptor, data[:10])  # what a disk that is nearly full takes
        return real(descriptor, data)

    monkeypatch.setattr("scimproof.capture.capture_file.os.write", write)
    notes: list[str] = []
    with (
        raw_server(answering_any) as server,
        RecordingProxy(server.url, tmp_path, note=notes.append) as proxy,
        client(proxy.port) as peer,
    ):
        for number, full_now in enumerate((False, True, False), 1):
            full["now"] = full_now
            peer.send(GET)
            assert peer.expect(len(OK)) == OK
            while proxy.summary.written + proxy.summary.unwritten < number:
                time.sleep(0.005)
    assert (proxy.summary.written, proxy.summary.unwritten, len(notes)) == (2, 1, 1)
    assert [one.number for one in recorded(proxy)] == [1, 3]
    capture = Capture(proxy.path)
    list(capture)
    assert capture.unreadable == 1


def test_each_line_is_there_as_soon_as_its_exchange_is_over(tmp_path: Path) -> None:
    with (
        raw_server(answering_any) as server,
        RecordingProxy(server.url, tmp_path) as proxy,
        client(proxy.port) as peer,
    ):
        peer.send(GET)
        assert peer.expect(len(OK)) == OK
        while proxy.summary.written < 1:
            time.sleep(0.005)
        lines = proxy.path.read_text().splitlines()
        assert [json.loads(line).get("n") for line in lines] == [None, 1]
    assert proxy.path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(UsageError, match=r"--out .*nothing can be written there"),
        RecordingProxy("http://127.0.0.1:9/scim", tmp_path / "file" / "out"),
    ):
        pass


def test_two_recordings_of_one_second_are_two_files(tmp_path: Path) -> None:
    with (
        RecordingProxy("http://127.0.0.1:9/a", tmp_path) as one,
        RecordingProxy("http://127.0.0.1:9/b", tmp_path) as two,
    ):
        assert one.path != two.path
