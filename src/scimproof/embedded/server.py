"""Server of the embedded target on a loopback port: in this process, or as a process of its own."""

import contextlib
import gc
import ipaddress
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, NoReturn, Self

from waitress.server import create_server  # type: ignore[import-untyped]

from scimproof.embedded import BASE_PATH
from scimproof.embedded.targets import DEFAULT_PRODUCT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TOKEN_VARIABLE = "SCIMPROOF_TOKEN"
DEFAULT_TOKEN = "secret-token"
_THREADS = 16  # Okta runs about seven chains at once; a slow fault must not starve the others


def serve(
    host: str, port: int, app: "WSGIApplication", *, ready: Callable[[str], None], base_path: str = BASE_PATH
) -> None:
    """Serve until interrupted; `ready` gets the URL that ends in `base_path` once connections are accepted.

    Port 0 picks a free port. Raises ValueError for a host that is not loopback: the token is well known
    and the faults include having no authentication at all.
    """
    if not is_loopback(host):
        raise ValueError(f"The embedded target serves loopback addresses only, not {host!r}.")
    # Twenty changes of a group come at once: that some wait for a thread is nothing to tell a person.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # Connections: a load run may open far more than waitress' default of 100.
    server = create_server(
        app, host=host, port=port, threads=_THREADS, connection_limit=1000, ident=None, backlog=1024
    )
    gc.collect()
    gc.freeze()  # the schemas are forty thousand objects that live for ever; do not walk them again
    name = f"[{host}]" if ":" in host else host
    ready(f"http://{name}:{server.effective_port}{base_path}")
    server.run()


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def end_with_parent() -> None:
    """End this process as soon as its standard input closes, as it does when the parent dies."""

    def watch() -> None:
        # Not through sys.stdin: whoever waits there holds its lock, and an interpreter that ends in the
        # meantime, as it does for a fault that nobody knows, aborts with "could not acquire lock".
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def leave(code: int = 0) -> NoReturn:
    """End this process at once, without waiting for the threads that serve requests.

    They are daemons, and one that writes to standard error while the interpreter takes it down aborts it.
    """
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code)


class Served:
    """The embedded target as its own process, so that it does not share the caller's interpreter lock.

    A context manager: inside, `base_url`, `token` and `pid` are set and connections are accepted. The
    process ends with the block, or with this process however that dies. Raises RuntimeError if it does
    not come up (its own words are on standard error). `product`, `knobs` and `variants` are those of
    `scimproof serve`: its `--as`, the KEY=VALUE of its `--with`, and its `--variant`.
    """

    base_url: str
    pid: int

    def __init__(
        self,
        *,
        faults: Sequence[str] = (),
        delay: float = 0.0,
        token: str = DEFAULT_TOKEN,
        port: int = 0,
        product: str = DEFAULT_PRODUCT,
        knobs: Sequence[str] = (),
        variants: Sequence[str] = (),
    ) -> None:
        self.token = token
        self._command = [sys.executable, "-m", "scimproof.embedded", "--while-stdin-open"]
        self._command += ["--port", str(port), "--delay-ms", str(delay * 1000)]
        self._command += ["--as", product]
        for name in faults:
            self._command += ["--fault", name]
        for knob in knobs:
            self._command += ["--with", knob]
        for name in variants:
            self._command += ["--variant", name]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, TOKEN_VARIABLE: self.token},
        )
        line = _pipe(self._process.stdout).readline().strip()
        if not line.startswith("http://"):
            self._end()
            raise RuntimeError("The embedded target did not start.")
        self.base_url = line
        self.pid = self._process.pid
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        with contextlib.suppress(OSError):
            _pipe(process.stdin).close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _pipe(process.stdout).close()
        self._process = None


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None, "the process is started with pipes"
    return stream
