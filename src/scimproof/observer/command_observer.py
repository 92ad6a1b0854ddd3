"""Observer that is a program of the user: it gets each question as JSON and prints JSON."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

from scimproof.core.auth_modes import MODES, WORKER_SECRET
from scimproof.core.definitions import Question
from scimproof.core.errors import UsageError
from scimproof.core.http_message import Json, parse_json
from scimproof.core.redaction import SHORTEST
from scimproof.observer.protocol import ObserverAnswer, ObserverUnavailable, Wait
from scimproof.target.target import Target

SECONDS = 30.0
SECRET = "SCIMPROOF_OBSERVER_CLIENT_SECRET"
OUTPUT = 1024 * 1024  # bytes of an answer that are read
SLICE = 0.05  # poll interval in seconds
# Variables with secrets of the target and of a load run, which another program does not get.
KEPT_FROM_IT = (*dict.fromkeys(mode.secret for mode in MODES.values()), "SCIMPROOF_HEADER", WORKER_SECRET)


@dataclass(frozen=True)
class CommandObserver:
    """Runs the program once for each question, without a shell.

    Standard input is one JSON object, `{"ask": "user", "id": ..., "userName": ..., "target": URL}`; standard
    output has to be one JSON object of words, or null for nobody. Anything else, an exit code other than 0,
    or more than `seconds`, is no answer.
    """

    argv: tuple[str, ...]
    target: str
    environment: Mapping[str, str]
    seconds: float = SECONDS

    @property
    def kind(self) -> str:
        """Always `command`."""
        return "command"

    @property
    def about(self) -> str:
        """The program's name; its arguments may be secret."""
        return f"the command {os.path.basename(self.argv[0])}"  # noqa: PTH119 - a name, no file is touched

    def ready(self) -> None:
        """No-op: the program is started for each question."""

    def late(self, about: str) -> float:
        """Always 0: the program is asked once and may wait by itself."""
        return 0.0

    def forgo(self, about: str) -> None:
        """No-op: the program is never late."""

    def act(self, what: str, question: Question, wait: Wait) -> ObserverAnswer | None:
        """Always None: a program plays no actions of people."""
        return None

    def secrets(self) -> list[str]:
        """The values that the environment gives the program under names of secrets."""
        return [value for name, value in self.environment.items() if name == SECRET]

    def close(self) -> None:
        """No-op: no process runs between two questions."""

    def ask(self, question: Question, wait: Wait) -> ObserverAnswer:
        """The words that the program printed."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            code = self._run(question.json() | {"target": self.target}, out, err, wait)
            answer, complaint = _text(out, OUTPUT + 1), _text(err, 4096).decode("utf-8", "replace")
        if len(answer) > OUTPUT:
            raise ObserverUnavailable(f"{self.about} printed more than {OUTPUT // 1024} KiB")
        if code is None:
            raise ObserverUnavailable(f"{self.about} was stopped after {self.seconds:g} s without an answer")
        if code:
            raise ObserverUnavailable(f"{self.about} ended with {code}{_first_line(complaint)}")
        return ObserverAnswer(self._words(answer), (f"{self.about} ended with 0",))

    def _words(self, answer: bytes) -> Mapping[str, Json] | None:
        found = parse_json(answer)
        if found is None and answer.strip() == b"null":
            return None
        if not isinstance(found, dict):
            raise ObserverUnavailable(f"{self.about} printed something else than one JSON object or null")
        return found

    def _run(self, question: Json, out: IO[bytes], err: IO[bytes], wait: Wait) -> int | None:
        """The exit code; None when it took too long."""
        kept = {name: value for name, value in self.environment.items() if name not in KEPT_FROM_IT}
        own_group: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}
        try:
            process = subprocess.Popen(
                self.argv, stdin=subprocess.PIPE, stdout=out, stderr=err, env=kept, **own_group
            )
        except OSError as problem:
            raise ObserverUnavailable(f"{self.about} cannot be started: {problem.strerror}") from None
        try:
            _hand(process, json.dumps(question).encode())
            ends_at = time.monotonic() + self.seconds
            while process.poll() is None and time.monotonic() < ends_at and _size(out) <= OUTPUT:
                wait(SLICE)
            return process.returncode
        finally:
            _end(process)


def make_command_observer(
    argv: tuple[str, ...], target: Target, environment: Mapping[str, str], seconds: float
) -> CommandObserver:
    """The observer of that command line; UsageError when there is no such program.

    Variables that hold a secret of the target's, under whatever name, are kept from it.
    """
    if not argv or shutil.which(argv[0], path=environment.get("PATH")) is None:
        name = argv[0] if argv else ""
        raise UsageError(f"--observer: there is no program {name!r}")
    secrets = set(target.secrets())
    secrets = {secret for secret in secrets if len(secret) >= SHORTEST}
    kept = {name: value for name, value in environment.items() if name == SECRET or value not in secrets}
    return CommandObserver(argv, target.url, kept, seconds)


def _hand(process: subprocess.Popen[bytes], question: bytes) -> None:
    """Write the question to the program; it fits into a pipe's buffer, so that this never blocks."""
    assert process.stdin is not None
    try:
        process.stdin.write(question + b"\n")
        process.stdin.close()
    except OSError:
        return  # it does not read: its answer is what counts


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program with its children."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _text(file: IO[bytes], most: int) -> bytes:
    file.seek(0)
    return file.read(most)


def _first_line(complaint: str) -> str:
    line = next((line.strip() for line in complaint.splitlines() if line.strip()), "")
    return f": {line[:200]}" if line else ""
