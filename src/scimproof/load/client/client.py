"""HTTP client of the load: sends filled requests over one kept connection a slot and times the answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from scimproof.load.client.connection import Route, TcpConnection
from scimproof.load.client.filled import Filled
from scimproof.load.client.response import Response, ResponseParser, Trouble
from scimproof.load.greenlets import Deadlines, Late, Waiter
from scimproof.target.target import Target

monotonic = time.monotonic
# A connection that was idle for less is used without asking the kernel whether it is still open.
FRESH = 0.002


@dataclass
class Connections:
    """Count of connections `opened` in all, and of those found `stale`: closed since they were last used.

    That is no error of the target; servers close what is idle, as they may.
    """

    opened: int = 0
    stale: int = 0


@dataclass
class LoadClient:
    """HTTP client that hands out slots; `seconds` is the deadline of an exchange, connect and TLS included.

    A `careful` one asks the kernel before every request whether the connection is open and silent.
    """

    target: Target
    seconds: float = 0.0
    careful: bool = False
    connections: Connections = field(default_factory=Connections)
    deadlines: Deadlines = field(init=False)
    route: Route = field(init=False)

    def __post_init__(self) -> None:
        self.route = Route(self.target)
        self.deadlines = Deadlines(self.seconds or self.target.seconds)

    def slot(self) -> Slot:
        """A place for one request at a time."""
        return Slot(self)

    def close(self) -> None:
        """Stop the clock of the deadlines; slots are closed by those who made them."""
        self.deadlines.close()


class Slot:
    """Slot for one request at a time: a connection, opened when needed and kept while the target keeps it."""

    __slots__ = ("_connection", "_deadlines", "_reading", "_sender", "_used", "_waits", "_wrote")

    def __init__(self, sender: LoadClient) -> None:
        self._sender = sender
        self._deadlines = sender.deadlines
        self._connection: TcpConnection | None = None
        self._reading = ResponseParser()
        self._used = 0.0
        self._waits = self._waiter
        self._wrote = False

    def exchange(self, filled: Filled, due: float) -> Response:
        """Send the request and read the answer, within the deadline; never raises for what a target does.

        Only a GET is sent a second time, and only when a kept connection turns out to be closed before
        anything of an answer came. `due` is when the request should have been sent.
        """
        wire, answer = filled.wire, Response(due)
        self._wrote = False
        started = answer.sent = monotonic()
        self._deadlines.start(self, started, self._waits)
        try:
            reused = self._kept(started, answer)
            if not self._attempt(wire, answer) and reused and self._stale(answer):
                self._gone(answer)
                if filled.method == "GET":
                    answer.error, answer.why = "", ""
                    self._attempt(wire, answer)
        except BaseException:
            self.close()  # whoever stops this greenlet leaves half an answer on the connection
            raise
        finally:
            self._deadlines.stop(self)
            self._used = answer.read = monotonic()
            if answer.error or not started <= answer.done <= answer.read:
                answer.done = answer.read
        answer.unknown = bool(answer.error) and self._wrote and filled.method != "GET"
        return answer

    def close(self) -> None:
        """Close the connection; a later exchange opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _waiter(self) -> Waiter | None:
        return self._connection.waiter if self._connection is not None else None

    def _kept(self, now: float, answer: Response) -> bool:
        """Whether a connection from before is there; one that was closed meanwhile is dropped and counted."""
        if self._connection is None:
            return False
        if (self._sender.careful or now - self._used > FRESH) and not self._connection.usable():
            self._gone(answer)
            return False
        return True

    def _stale(self, answer: Response) -> bool:
        return answer.error == "closed" and not self._reading.heard

    def _gone(self, answer: Response) -> None:
        self.close()
        answer.stale = True
        self._sender.connections.stale += 1

    def _attempt(self, wire: bytes, answer: Response) -> bool:
        """Send and read once; False when no complete answer came, with the reason in the answer."""
        try:
            connection = self._connection or self._open()
        except Late:
            return self._failed(answer, "timeout", "no connection within the deadline")
        except OSError as problem:
            return self._failed(answer, "refused", f"no connection: {problem}")
        reading = self._reading
        reading.start()
        self._wrote = True
        try:
            try:
                connection.send(wire)
            except OSError:
                if not self._read(connection, answer):  # an early answer to a request that is cut short
                    raise
            else:
                self._read(connection, answer)
        except Late:
            return self._failed(answer, "timeout", f"no complete answer within {self._deadlines.seconds:g} s")
        except OSError as problem:
            return self._failed(answer, "closed", f"the connection broke: {problem}")
        if not reading.keep:
            self.close()
        if answer.surplus or answer.error == "garbled":
            self._sender.careful = True  # what comes late from now on is not taken for the next answer
        return not answer.error

    def _read(self, connection: TcpConnection, answer: Response) -> bool:
        """Read one answer; False, with the reason in it, when the other side closed before its end."""
        reading = self._reading
        data = connection.receive()
        answer.first = connection.arrived
        while data:
            answer.done = connection.arrived
            if reading.feed(data, answer):
                return True
            data = connection.receive()
        if reading.end(answer):
            return True
        answer.error = "closed"
        answer.why = (
            "the answer broke off" if reading.heard else "the connection was closed without an answer"
        )
        return False

    def _open(self) -> TcpConnection:
        """Connect to the first address that takes it; raises OSError of the last that does not, or Late."""
        route, problem = self._sender.route, OSError("the name has no address")
        for family, address in route.addresses():
            self._connection = connection = route.new(family)
            try:
                connection.connect(address)
            except OSError as cause:
                self.close()
                problem = cause
            except BaseException:
                self.close()
                raise
            else:
                self._reading = ResponseParser()
                self._sender.connections.opened += 1
                return connection
        route.forget()
        raise problem

    def _failed(self, answer: Response, error: Trouble, why: str) -> bool:
        self.close()
        answer.error, answer.why = error, why
        return False
