"""Starts scimproof as a process of its own without starting Python anew: a fork of one that has imported it.

Half of what a short command costs is the imports, and the tests start hundreds. So it is with pytest, which
loads the plugin as a part of that. A process that has imported
every command waits on a socket; for each call it forks, and the fork takes the folder, the environment, the
arguments and the files for what is said, as a new Python would have them.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
# What Python itself reads as it starts: with another value, only a new one will do.
READ_AT_START = ("PYTHON", "LC_", "LANG", "COVERAGE")
LONGEST = 2**20
# The same for a shell that looks for `scimproof` on its PATH: the fork has this program's files and signals.
PROGRAM = """#!{python} -IS
import json, os, signal, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect({path!r})
told = json.dumps(["scimproof", os.getcwd(), sys.argv[1:], dict(os.environ)]).encode()
socket.send_fds(asked, [len(told).to_bytes(4, "big")], [1, 2])
asked.sendall(told)
pid = int.from_bytes(asked.recv(4, socket.MSG_WAITALL), "big")
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: os.kill(pid, number))
code = int.from_bytes(asked.recv(4, socket.MSG_WAITALL), "big", signed=True)
sys.exit(code if code >= 0 else 128 - code)
"""


class Forks:
    """The process that forks, as the tests see it."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="forks-")
        self.path = f"{folder}/s"
        self.program = Path(folder) / "scimproof"
        self.program.write_text(PROGRAM.format(python=sys.executable, path=self.path))
        self.program.chmod(0o755)
        self.begun_with = _at_start(os.environ)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self.path)
            listening.listen(64)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.engine.forks", str(listening.fileno())],
                cwd=ROOT,
                pass_fds=[listening.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
            )
        atexit.register(self._end)

    def _end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()  # it ends when nobody holds the other end, so with us in any case
        self._process.wait()
        self.program.unlink(missing_ok=True)
        Path(self.path).unlink(missing_ok=True)
        Path(self.path).parent.rmdir()

    def run(
        self,
        folder: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        seconds: float,
        program: str = "scimproof",
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run` with captured text and no input."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, self._asked() as asked:
            told = json.dumps([program, str(folder), list(arguments), dict(environment)]).encode()
            socket.send_fds(asked, [len(told).to_bytes(4, "big")], [out.fileno(), err.fileno()])
            asked.sendall(told)
            asked.settimeout(seconds)
            pid = int.from_bytes(asked.recv(4, socket.MSG_WAITALL), "big")
            try:
                code = int.from_bytes(asked.recv(4, socket.MSG_WAITALL), "big", signed=True)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired([program, *arguments], seconds) from None
            return subprocess.CompletedProcess(
                [program, *arguments], code, *(_text(file.fileno()) for file in (out, err))
            )

    def _asked(self) -> socket.socket:
        asked = socket.socket(socket.AF_UNIX)
        asked.connect(self.path)
        return asked


@cache
def _forks() -> Forks:
    return Forks()


def program() -> Path:
    """A `scimproof` to put on somebody's PATH."""
    return _forks().program


def run(
    folder: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    seconds: float,
    program: str = "scimproof",
) -> subprocess.CompletedProcess[str] | None:
    """What came of scimproof, or of pytest; None where only a new Python will do."""
    forks = _forks()
    if _at_start(environment) != forks.begun_with:
        return None
    return forks.run(folder, arguments, environment, seconds, program)


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _text(number: int) -> str:
    size = os.fstat(number).st_size
    return os.pread(number, size, 0).decode().replace("\r\n", "\n").replace("\r", "\n")


# --- the process that forks


def _imported() -> None:
    """Everything that any command imports; nothing of it may have patched the process."""
    import click  # noqa: PLC0415
    import pytest  # noqa: F401, PLC0415

    from scimproof.cli import root_command  # noqa: PLC0415

    context = click.Context(root_command)
    for name in root_command.list_commands(context):
        root_command.get_command(context, name)
    assert "gevent" not in sys.modules


def _asked_for(listening: socket.socket) -> list[str]:
    """The next call's program and its arguments; returns in the fork that is to be the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait
    while True:
        ready, _, _ = select.select([listening, sys.stdin], [], [])
        if listening not in ready:
            os._exit(0)
        asked, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            return _forked(asked)
        asked.close()


def _forked(asked: socket.socket) -> list[str]:
    length, files, _, _ = socket.recv_fds(asked, 4, 2)
    data = bytearray()
    while len(data) < int.from_bytes(length, "big"):
        data += asked.recv(LONGEST)
    program, folder, arguments, environment = json.loads(data)
    pid = os.fork()
    if pid:
        _waits(asked, pid)
    asked.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, *files)):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = folder
    return [str(program), *map(str, arguments)]


def _waits(asked: socket.socket, pid: int) -> NoReturn:
    asked.sendall(pid.to_bytes(4, "big"))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        asked.sendall(code.to_bytes(4, "big", signed=True))
    finally:
        os._exit(0)


if __name__ == "__main__":
    _imported()
    gc.freeze()
    called, *sys.argv[1:] = _asked_for(socket.socket(fileno=int(sys.argv[1])))
    if called == "pytest":
        import pytest

        sys.exit(pytest.main())
    from scimproof.cli import main

    main()
