"""Recording proxy: the forwarding process and the recorder together, as a context manager."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from scimproof import __version__
from scimproof.capture.capture_file import SUFFIX, CaptureWriter
from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.masking import Masking
from scimproof.capture.proxy.events import EventKind, EventReader
from scimproof.capture.proxy.forwarder import FINISH_SECONDS, STOP
from scimproof.capture.proxy.options import ProxyOptions
from scimproof.capture.proxy.recorder import ExchangeRecorder, RecordingSummary
from scimproof.core.errors import ScimproofError, UsageError

NICE = 5  # of the thread that writes, so that it waits where both want one core
START_SECONDS = 30.0
RECEIVE = 1024 * 1024  # bytes taken from the forwarding process at a time


class RecordingProxy:
    """Proxy in front of a target that records into a new file in the folder `out`.

    A context manager: inside, `base_url` is what a sender has to be given in place of the target's URL, and
    `path` is the file. `recorded` is called with each exchange as it was written (masked), `note` with
    sentences for a person, both from a thread that writes: they should return soon. Raises UsageError for a
    folder, an address or certificates that cannot be used.
    """

    base_url: str
    path: Path

    def __init__(
        self,
        target: str | ProxyOptions,
        out: Path,
        *,
        hidden: Iterable[str] = (),
        recorded: Callable[[CapturedExchange], None] = lambda _: None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._options = ProxyOptions(target) if isinstance(target, str) else target
        self._out = out
        self._masking = Masking(hidden)
        self._recorded, self._note = recorded, note
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._told_to_stop = False
        self._start_error = ""
        self.summary = RecordingSummary()

    def __enter__(self) -> Self:
        self._options.check()
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "scimproof.capture.proxy"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=None if os.environ.get("SCIMPROOF_DEBUG") else subprocess.DEVNULL,
                start_new_session=os.name == "posix",
            )
        try:
            self._line.sendall(self._options.as_text().encode() + b"\n")
            reader, port = self._listening()
            writer = self._writer()
        except BaseException:
            self._end_process()
            raise
        self.base_url = self._options.base_url(port)
        self.port = port
        self._thread = threading.Thread(target=self._record, args=(reader, writer), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.wait()
        self._end_process()

    def stop(self) -> None:
        """Accept no more connections; what is under way may finish. Returns at once."""
        self._told_to_stop = True
        with suppress(OSError):
            self._line.sendall(STOP)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all is written and closed; False when that takes longer than these seconds."""
        return self._ended.wait(seconds)

    @property
    def pid(self) -> int:
        """The forwarding process."""
        assert self._process, "it is a context manager: inside, there is one"
        return self._process.pid

    @property
    def crashed(self) -> bool:
        """Whether it ended although nobody told it to."""
        return self._ended.is_set() and not self._told_to_stop

    def _listening(self) -> tuple[EventReader, int]:
        """Wait until the process listens; the reader of what follows, and the port."""
        reader = EventReader()
        self._line.settimeout(START_SECONDS)
        try:
            while data := self._line.recv(RECEIVE):
                for event in reader.feed(data):
                    if event.kind == EventKind.FAILED:
                        raise UsageError(f"cannot listen on {self._options.address}: {event.text}")
                    if event.kind == EventKind.LISTENING:
                        return reader, int(event.fields["port"])
        except TimeoutError:
            pass
        finally:
            self._line.settimeout(None)
        raise ScimproofError("the forwarding process did not start (SCIMPROOF_DEBUG=1 shows why)")

    def _writer(self) -> CaptureWriter:
        started = time.time()
        moment = datetime.fromtimestamp(started, UTC).strftime("%Y%m%d-%H%M%S")
        try:
            self._out.mkdir(mode=0o700, parents=True, exist_ok=True)
            for more in ("", *(f"-{number}" for number in range(2, 100))):
                self.path = self._out / f"recorded-{moment}{more}{SUFFIX}"
                with suppress(FileExistsError):
                    return CaptureWriter(
                        self.path, self._masking.url(self._options.url), __version__, started
                    )
        except OSError as problem:
            raise UsageError(f"--out {self._out}: nothing can be written there: {problem}") from None
        raise UsageError(f"--out {self._out}: there are too many captures of this second")

    def _record(self, reader: EventReader, writer: CaptureWriter) -> None:
        _yield_to_forwarding()
        recorder = ExchangeRecorder(writer, self._masking, self._recorded, self._note)
        self.summary = recorder.summary
        try:
            with suppress(OSError):
                while data := self._line.recv(RECEIVE):
                    for event in reader.feed(data):
                        recorder.take(event)
            recorder.close()
        finally:
            writer.close()
            self._ended.set()

    def _end_process(self) -> None:
        process = self._process
        with suppress(OSError):
            self._line.close()
        if process is None:
            return
        try:
            process.wait(FINISH_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _yield_to_forwarding() -> None:
    """Let this thread get less of a core than the process that forwards; only Linux knows it for a thread."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
