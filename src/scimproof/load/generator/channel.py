"""Control channel to the command line: a job comes in, progress and the document go out, as JSON lines."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Protocol

import orjson
from gevent.fileobject import FileObject  # type: ignore[import-untyped]
from gevent.lock import RLock  # type: ignore[import-untyped]

from scimproof.load.greenlets import spawn
from scimproof.load.plan.job import Job

STDIN, STDOUT = 0, 1
PLAIN = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


class EventSink(Protocol):
    """Sink for events of a generator process: ControlChannel, or whoever leads a test that Locust started."""

    def tell(self, event: str, **more: object) -> None:
        """Take one event with its figures."""
        ...


class ControlChannel:
    """Control channel: JSON lines on standard output; on standard input the job, and later perhaps `stop`."""

    def __init__(self) -> None:
        self._in = FileObject(STDIN, "rb", close=False)
        self._out = FileObject(STDOUT, "wb", close=False)
        self._whole = RLock()  # a line longer than the pipe has room for is written in parts

    def job(self) -> Job:
        """The first line that comes in."""
        return Job.from_text(self._in.readline().decode())

    def listen(self, stop: Callable[[str], None]) -> None:
        """From now on, call `stop` with the reason when one comes in, or when nobody is there any more."""

        def wait() -> None:
            line = self._in.readline().decode().strip()
            stop(line or "the command line that started this run has ended")

        spawn(wait)

    def tell(self, event: str, **more: object) -> None:
        """Write one JSON event; a closed pipe is ignored, since the parent is gone then."""
        line = as_line({"event": event, **more})
        with self._whole, contextlib.suppress(OSError):
            self._out.write(line)
            self._out.flush()


def as_line(event: Mapping[str, object]) -> bytes:
    """An event as a line of JSON; what a target sent may be half a surrogate pair, which is replaced."""
    try:
        return orjson.dumps(event, default=str, option=PLAIN) + b"\n"
    except TypeError:
        text = json.dumps(event, ensure_ascii=False, default=str)
        return text.encode("utf-8", "replace") + b"\n"
