"""Recorder: puts exchanges together from the events of what passed, masks them, writes each at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.masking import Masking
from scimproof.capture.proxy.events import EventKind, ProxyEvent, began

LEFT_OVER = "the forwarding process ended before the exchange was over"


class ExchangeWriter(Protocol):
    """Where exchanges are written, as CaptureWriter does it."""

    def append(self, exchange: CapturedExchange) -> None:
        """Write one exchange; raises OSError."""


@dataclass
class RecordingSummary:
    """What was recorded. `unwritten` exchanges could not be written, `lost` ones came too fast to be kept."""

    connections: int = 0
    exchanges: int = 0
    written: int = 0
    unwritten: int = 0
    lost: int = 0
    failed: int = 0  # exchanges without a complete answer
    masked: int = 0
    write_error: str = ""


@dataclass
class _UnderWay:
    connection: int
    at: float
    request_head: bytearray = field(default_factory=bytearray)
    request_body: bytearray = field(default_factory=bytearray)
    answer_head: bytearray = field(default_factory=bytearray)
    answer_body: bytearray = field(default_factory=bytearray)
    unread: bool = False  # its request is complete, and nobody has looked for secrets in it yet

    def request(self) -> CapturedMessage:
        return CapturedMessage(bytes(self.request_head), bytes(self.request_body))

    def answer(self) -> CapturedMessage | None:
        if not self.answer_head:
            return None
        return CapturedMessage(bytes(self.answer_head), bytes(self.answer_body))

    def part(self, kind: int) -> bytearray:
        return {
            EventKind.REQUEST_HEAD: self.request_head,
            EventKind.REQUEST_BODY: self.request_body,
            EventKind.ANSWER_HEAD: self.answer_head,
            EventKind.ANSWER_BODY: self.answer_body,
        }[EventKind(kind)]


class ExchangeRecorder:
    """Takes events and writes exchanges; `recorded` gets each one as it was written, `note` sentences.

    An exchange that cannot be written is told once, then counted; with each later one it is tried again.
    """

    def __init__(
        self,
        writer: ExchangeWriter,
        masking: Masking,
        recorded: Callable[[CapturedExchange], None],
        note: Callable[[str], None],
    ) -> None:
        self.summary = RecordingSummary()
        self._writer, self._masking = writer, masking
        self._recorded, self._note = recorded, note
        self._under_way: dict[int, _UnderWay] = {}

    def take(self, event: ProxyEvent) -> None:
        """One event of the forwarding process."""
        if event.kind == EventKind.BEGAN:
            self._under_way[event.number] = _UnderWay(*began(event.data))
        elif event.kind == EventKind.ENDED:
            self._ended(event)
        elif event.kind == EventKind.NOTE:
            self._note(event.text)
        elif event.kind == EventKind.CONNECTED:
            self.summary.connections += 1
        elif event.number in self._under_way:
            found = self._under_way[event.number]
            if event.kind == EventKind.REQUEST_ENDED:
                found.unread = True
            else:
                part = found.part(event.kind)
                part += event.data

    def close(self) -> None:
        """No more events come: what is still under way is written as far as it came."""
        for number in sorted(self._under_way):
            self._finish(number, self._under_way[number], 0.0, LEFT_OVER)
        self._under_way.clear()

    def _ended(self, event: ProxyEvent) -> None:
        found = self._under_way.pop(event.number, None)
        fields = event.fields
        if found is None or fields.get("lost"):
            self.summary.exchanges += 1
            self.summary.lost += 1
            if self.summary.lost == 1:
                self._note("more passes than can be written: exchanges are left out, and counted")
            return
        cut = [
            f"of the {who}'s body of {fields[key]:,} bytes the first {len(part):,}"
            for who, key, part in (
                ("request", "request_size", found.request_body),
                ("answer", "answer_size", found.answer_body),
            )
            if key in fields
        ]
        withheld = f"{' and '.join(cut)} are kept" if cut else ""
        self._finish(event.number, found, fields["seconds"], fields.get("error", ""), withheld)

    def _finish(self, number: int, found: _UnderWay, seconds: float, error: str, withheld: str = "") -> None:
        if not found.request_head:
            return  # what was no HTTP: a note tells of it
        raw = CapturedExchange(
            number,
            found.connection,
            found.at,
            found.request(),
            found.answer(),
            seconds,
            error,
            withheld=withheld,
        )
        self.summary.exchanges += 1
        try:
            self._learn_from_others()
            exchange = self._masking.exchange(raw)
        except Exception as problem:  # noqa: BLE001 - traffic goes on, and nothing is written unmasked
            self._unwritten(number, f"its secrets cannot be masked ({type(problem).__name__})")
            return
        self.summary.failed += bool(error)
        self.summary.masked += bool(exchange.masked)
        self._write(exchange)
        self._recorded(exchange)

    def _learn_from_others(self) -> None:
        """Take note of the secrets of what is under way, which this exchange may show already."""
        for other in self._under_way.values():
            if other.unread:
                other.unread = False
                self._masking.learn(other.request())

    def _write(self, exchange: CapturedExchange) -> None:
        try:
            self._writer.append(exchange)
        except OSError as problem:
            self._unwritten(exchange.number, problem.strerror or str(problem))
        else:
            self.summary.written += 1

    def _unwritten(self, number: int, why: str) -> None:
        self.summary.unwritten += 1
        if not self.summary.write_error:
            self.summary.write_error = why
            self._note(
                f"exchange {number} could not be written: {why}. "
                "Traffic goes on; writing is tried again with each exchange"
            )
