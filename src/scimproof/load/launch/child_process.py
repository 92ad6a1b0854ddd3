"""Generator processes as the command line has them: started, listened to, and ended in good order."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from scimproof.core.errors import CannotTell, ScimproofError, UsageError
from scimproof.load.plan.job import Job

COMMAND = [sys.executable, "-m", "scimproof.load.generator.main"]
KINDS = {kind.exit_code: kind for kind in (UsageError, CannotTell)}
PATIENCE = 10.0  # seconds that a process gets to end after it was told to


class GeneratorProcess:
    """Generator process. It ends with this one, however that happens: its standard input closes."""

    def __init__(self, job: Job, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(environment),
            start_new_session=os.name == "posix",  # Ctrl-C reaches this process only, which then says stop
        )
        self._say(job.as_text())

    def events(self) -> Iterator[dict[str, Any]]:
        """What it tells, until it ends; raises what it tells as trouble, and CannotTell when it is killed."""
        ended = False
        for line in _pipe(self._process.stdout):
            event = _event(line)
            ended = ended or event.get("event") == "done"
            if event.get("event") == "trouble":
                raise KINDS.get(event["code"], ScimproofError)(event["text"])
            yield event
        code = self._process.wait()
        if not ended:
            raise CannotTell(f"the process that made the load ended before the run did (code {code})")

    def drain(self) -> None:
        """Hear it without listening, so that it never waits for a reader; its master tells the rest."""

        def read() -> None:
            for _ in _pipe(self._process.stdout):
                pass

        threading.Thread(target=read, daemon=True).start()

    def stop(self, why: str) -> None:
        """Start nothing more; what is under way is finished and told."""
        self._say(why)

    def close(self) -> None:
        """End it, by force when it does not listen."""
        process = self._process
        with contextlib.suppress(OSError):
            _pipe(process.stdin).close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _pipe(process.stdout).close()

    def _say(self, text: str) -> None:
        pipe = _pipe(self._process.stdin)
        with contextlib.suppress(OSError):  # it has ended then, and `events` says so
            pipe.write(text.encode() + b"\n")
            pipe.flush()


def removed_by_a_process(
    job: Job, environment: Mapping[str, str], tell: Callable[[int, int], None]
) -> dict[str, Any] | None:
    """Have a process of its own remove what a run created; None where it could not, for whatever reason."""
    try:
        with contextlib.closing(GeneratorProcess(job, environment)) as process:
            for event in process.events():
                if event.get("event") == "done":
                    return dict(event["document"])
                if event.get("event") == "removal":
                    tell(event["done"], event["of"])
    except ScimproofError:
        pass  # the same is done here then, only slower
    return None


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "the process is started with pipes"
    return stream
