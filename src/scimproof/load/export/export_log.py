"""Log of OpenTelemetry's exporter, kept from the terminal: why the last export failed, in a few words."""

from __future__ import annotations

import logging

LOGGERS = ("opentelemetry", "urllib3", "requests")


class ExportLog(logging.Handler):
    """Handler for what the exporter logs: `heard` records, and `why` it last did not export.

    Without a handler Python prints warnings to standard error, into the screen of the run, with addresses
    of objects, for each attempt.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.why, self.heard = "", 0
        self._before: dict[str, bool] = {}

    def listen(self) -> None:
        """Take what these libraries log, and let nobody else have it."""
        for name in LOGGERS:
            logger = logging.getLogger(name)
            self._before[name] = logger.propagate
            logger.propagate = False
            logger.addHandler(self)

    def leave(self) -> None:
        """As it was before."""
        for name, propagated in self._before.items():
            logger = logging.getLogger(name)
            logger.removeHandler(self)
            logger.propagate = propagated

    def clear(self) -> None:
        """Forget the reason, before another export."""
        self.why = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the reason: the error of the system, or the status and its words."""
        self.heard += 1
        arguments = record.args if isinstance(record.args, tuple) else ()
        for place, one in enumerate(arguments):
            if isinstance(one, BaseException):
                self.why = _cause(one)
            elif isinstance(one, int) and 300 <= one < 600:
                self.why = " ".join(["status", str(one), *map(str, arguments[place + 1 :])])


def _cause(error: BaseException) -> str:
    """What the system said below all that libraries put around it."""
    found, at = type(error).__name__, error
    seen: set[int] = set()
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        if isinstance(at, OSError) and at.strerror:
            return str(at.strerror)
        if isinstance(at, TimeoutError):
            return "no answer in time"
        found = type(at).__name__
        at = at.__cause__ or at.__context__  # type: ignore[assignment]
    return found
