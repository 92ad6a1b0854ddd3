"""Response to one request of the load client, with its times; and the parser that reads it."""

from __future__ import annotations

from typing import Literal

from httptools import HttpParserError, HttpResponseParser

from scimproof.core.http_message import Exchange, Request
from scimproof.target.content_decoding import MAX_BODY, content_coding, read_body

Trouble = Literal["", "refused", "timeout", "closed", "garbled"]
LONGEST_HEAD = 32 * 1024
JSON_STARTS = b"{[ \t\r\n"
BODILESS = 204


class Response:
    """Response to one request, or the error that came instead.

    `due`, `sent`, `first` (byte of the answer), `done` and `read` are seconds of `time.monotonic()`; `sent`
    is the moment the request was begun, a connect included. `first` and `done` (the last byte) are when the
    kernel had it, `read` is when this process had read it: what lies between is the generator's own delay.
    `error` is empty when a complete answer came: `refused` (nothing was sent), `timeout`, `closed`,
    `garbled`; `why` says it in words. `unknown` means that a request that changes something was sent, at
    least in part, and no complete answer tells what became of it. `surplus` means that more came behind the
    answer, which belongs to none.
    """

    __slots__ = (
        "body",
        "done",
        "due",
        "error",
        "first",
        "head",
        "read",
        "sent",
        "stale",
        "status",
        "surplus",
        "unknown",
        "why",
    )

    def __init__(self, due: float) -> None:
        self.due = due
        self.sent = self.first = self.done = self.read = due
        self.status = 0
        self.head = self.body = b""
        self.error: Trouble = ""
        self.why = ""
        self.unknown = False
        self.stale = False
        self.surplus = False

    @property
    def response(self) -> float:
        """Seconds from when the request was due."""
        return self.done - self.due

    @property
    def service(self) -> float:
        """Seconds from when the request was begun."""
        return self.done - self.sent

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers in the order in which they came, parsed each time they are asked for."""
        return tuple(_Head(self.head).headers)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def exchange(self, number: int, request: Request) -> Exchange:
        """The same as evidence, for checks and rules of the certified run."""
        return Exchange(
            number=number,
            request=request,
            status=0 if self.error else self.status,
            reason=_Head(self.head).reason,
            headers=self.headers,
            body=self.body,
            seconds=self.service,
            error=self.why if self.error else "",
        )

    def unpack(self) -> None:
        """Undo a Content-Encoding; what starts like JSON has none. The answer is garbled if that fails."""
        if not self.body or (self.body[0] in JSON_STARTS and b"deflate" not in self.head.lower()):
            return
        encoding = content_coding(self.headers)
        if encoding:
            body = bytearray()
            self.why = read_body([self.body], encoding, body)
            self.body = bytes(body)
            self.error = "garbled" if self.why else ""


class _Head:
    """Status line and headers of the last message in these bytes."""

    def __init__(self, raw: bytes) -> None:
        self.headers: list[tuple[str, str]] = []
        self.reason = ""
        try:
            HttpResponseParser(self).feed_data(raw)
        except HttpParserError:
            return  # the body may break off or be wrong; the head came before it

    def on_message_begin(self) -> None:
        self.headers.clear()
        self.reason = ""

    def on_status(self, status: bytes) -> None:
        self.reason += status.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))


class ResponseParser:
    """Parser of the responses on one connection, one by one (llhttp: chunked, 1xx, 204, HTTP/1.0)."""

    __slots__ = (
        "_begun",
        "_chunks",
        "_headed",
        "_over",
        "_parser",
        "_raw",
        "_size",
        "_status",
        "heard",
        "keep",
    )

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self.start()

    def start(self) -> None:
        """The next answer begins; `heard`: something of it came, `keep`: another may follow."""
        self._raw = b""
        self._chunks: list[bytes] = []
        self._begun = self._over = self._size = self._status = 0
        self._headed = self.heard = self.keep = False

    def feed(self, data: memoryview, answer: Response) -> bool:
        """Take what came; True when the answer is complete, or over the limit of its size."""
        self.heard, failed = True, False
        if not self._headed:
            self._raw += data
        try:
            self._parser.feed_data(data)
        except HttpParserError as problem:
            self.keep, failed = False, True
            if not self._over:
                answer.error, answer.why = (
                    "garbled",
                    f"the answer is not HTTP: {problem or type(problem).__name__}",
                )
                return True
        if self._over:
            answer.surplus = (
                failed
                or not self._begun == self._over == 1
                or (self._status == BODILESS and self._announced())
            )
            self.keep = self.keep and not answer.surplus
            self._finish(answer)
            return True
        if self._size > MAX_BODY:
            self.keep = False
            self._finish(answer)
            answer.error, answer.why = "garbled", f"the body is over {MAX_BODY // 2**20} MiB; reading stopped"
            return True
        return False

    def _announced(self) -> bool:
        """Whether a 204, which has no body, announces one: it may come with the next packet."""
        if b"ontent-" not in self._raw:
            return False
        told = (value for name, value in _Head(self._raw).headers if name.lower() == "content-length")
        return next(told, "0").strip() != "0"

    def end(self, answer: Response) -> bool:
        """The other side closed: True when that ends the answer, False when it breaks off."""
        if not self._headed:
            return False
        names = {name.lower() for name, _ in _Head(self._raw).headers}
        if names & {"content-length", "transfer-encoding"}:
            return False
        self._finish(answer)
        return True

    def _finish(self, answer: Response) -> None:
        answer.status = self._status if self._over else self._parser.get_status_code()
        answer.head = self._raw[:LONGEST_HEAD]
        answer.body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._raw, self._chunks = b"", []  # an idle slot keeps nothing
        answer.unpack()

    def on_message_begin(self) -> None:
        self._begun += 1

    def on_headers_complete(self) -> None:
        self._headed = True

    def on_body(self, data: bytes) -> None:
        if not self._over:
            self._chunks.append(data)
            self._size += len(data)

    def on_message_complete(self) -> None:
        if self._over:
            self._over += 1  # a second answer that nobody asked for
            return
        self._status = self._parser.get_status_code()
        if self._status < 200:  # 100 Continue, 103 Early Hints: the answer is still to come
            self._headed = False
            self._begun -= 1
            return
        self._over = 1
        self.keep = self._parser.should_keep_alive()
