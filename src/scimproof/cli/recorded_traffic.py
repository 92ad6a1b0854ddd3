"""Recorded traffic on a terminal: a line for each exchange, and what a recording comes to."""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.proxy.recorder import RecordingSummary
from scimproof.cli.console import SafeConsole
from scimproof.core.redaction import HIDDEN_HEADERS
from scimproof.render.phrases import count

WAITING_LINES = 2000  # a terminal that is slower loses lines, never an exchange
HURRY = 200  # lines that wait: with more, there is no time to name operations
MOST_OPERATIONS = 40  # different ones that the summary names


class LiveLines:
    """Lines for what is recorded, put by the thread that writes and printed by the one that waits.

    `base` is the path of the target's URL. `operations` counts what was seen, with the statuses. Once there
    is a `recogniser`, lines name the sender's operation.
    """

    def __init__(self, base: str) -> None:
        self.operations: dict[str, Counter[int]] = {}
        self.recogniser: Recogniser | None = None
        self._base = base
        self._lines: queue.Queue[CapturedExchange | str] = queue.Queue(WAITING_LINES)
        self._left_out = 0

    def put_exchange(self, exchange: CapturedExchange) -> None:
        """An exchange was recorded."""
        self.operations.setdefault(operation(exchange, self._base), Counter())[exchange.status] += 1
        self._put(exchange)

    def put_note(self, text: str) -> None:
        """There is something to tell."""
        self._put(text)

    def _put(self, line: CapturedExchange | str) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._left_out += 1

    def print_waiting(self, console: SafeConsole, seconds: float) -> None:
        """Print what waits, after waiting for it for at most so long."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return
        self._print(console, line)
        for _ in range(self._lines.qsize()):
            self._print(console, self._lines.get_nowait())

    def print_rest(self, console: SafeConsole) -> None:
        """Print all that still waits."""
        while not self._lines.empty():
            self._print(console, self._lines.get_nowait())
        if self._left_out:
            console.warn(f"{count(self._left_out, 'line')} not printed: the terminal was too slow")

    def _print(self, console: SafeConsole, line: CapturedExchange | str) -> None:
        if isinstance(line, str):
            console.warn(line)
        elif not console.quiet:
            console.say(live_line(line, self._base, self._named(line)))

    def _named(self, exchange: CapturedExchange) -> str:
        """The operation that it is, empty where it is none or there is no time to look."""
        if self.recogniser is None or self._lines.qsize() > HURRY:
            return ""
        try:
            found = self.recogniser.look(exchange)
        except Exception:  # noqa: BLE001 - a name that cannot be told must not end a recording
            return ""
        known = self.recogniser.catalog.operations.get(found.operation)
        return f"{found.operation} {known.title}" if known else ""


def operation(exchange: CapturedExchange, base: str) -> str:
    """What a request is, from its method and path: ids and values left out."""
    path, _, query = exchange.target.partition("?")
    below = path.removeprefix(base) if path.startswith(base) else path
    words = below.split("/")
    shape = "/".join("{id}" if place > 1 else word for place, word in enumerate(words))
    names = sorted({pair.partition("=")[0] for pair in query.split("&") if pair})
    return f"{exchange.method} {shape or '/'}{'?' + '&'.join(names) if names else ''}"


def live_line(exchange: CapturedExchange, base: str, name: str = "") -> str:
    """One line for an exchange: when, connection, what, status, duration, bytes; `name` of the operation."""
    moment = datetime.fromtimestamp(exchange.at).astimezone().strftime("%H:%M:%S.%f")[:-3]
    answer = exchange.answer
    size = len(exchange.request.body) + (len(answer.body) if answer else 0)
    told = [*filter(None, (name, exchange.error))]
    unusual = [name for name in exchange.masked if name not in HIDDEN_HEADERS]
    if unusual:
        told.append(f"masked: {', '.join(unusual)}")
    if exchange.withheld:
        told.append(exchange.withheld)
    return (
        f"{moment}  #{exchange.connection:<3} {operation(exchange, base):<40} {exchange.status or '-':>3} "
        f"{exchange.seconds * 1000:>7.0f} ms {size:>9,} B{'  ' if told else ''}{'; '.join(told)}"
    )


def summary_lines(summary: RecordingSummary, operations: Mapping[str, Counter[int]]) -> Iterator[str]:
    """What was recorded, in a few lines."""
    over = count(summary.connections, "connection")
    yield f"{count(summary.exchanges, 'exchange')} over {over}."
    by_number = sorted(operations.items(), key=lambda one: -one[1].total())
    for name, statuses in by_number[:MOST_OPERATIONS]:
        seen = ", ".join(f"{status or 'no answer'} x {number}" for status, number in sorted(statuses.items()))
        yield f"  {statuses.total():>6}  {name}  ({seen})"
    if len(by_number) > MOST_OPERATIONS:
        yield f"  and {len(by_number) - MOST_OPERATIONS} more"
    if summary.failed:
        yield f"{count(summary.failed, 'exchange')} without a complete answer; each says why."
    if summary.unwritten:
        yield f"{count(summary.unwritten, 'exchange')} could not be written: {summary.write_error}."
    if summary.lost:
        yield f"{count(summary.lost, 'exchange')} passed too fast to be written; they are not in the capture."
