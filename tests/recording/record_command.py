"""`scimproof record` as a process of its own, as people start it and end it."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engine.kit import command, environment
from tests.waiting import HANG

BASE_URL = re.compile(r"this base URL: (\S+)")


@dataclass
class RecordCommand:
    """A recording: the base URL for the sender, the folder of its capture; at its end what it came to."""

    url: str
    out: Path
    said: str = ""
    exit: int | None = None

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.url.split(":")[2].split("/")[0])


@contextmanager
def recording_command(
    target: str, folder: Path, *more: str, program: Sequence[str | Path] = ()
) -> Iterator[RecordCommand]:
    """Record in that folder until the block ends, then press Ctrl-C and wait for its end.

    `program` is another scimproof than this checkout's.
    """
    words = ("record", "--target", target, "--listen", "127.0.0.1:0", "--out", "capture", *more)
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [*program, *words] if program else command(*words),
        cwd=folder,
        env=environment(folder, {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    said: list[str] = []
    listening = threading.Event()
    reading = threading.Thread(target=_read, args=(process, said, listening), daemon=True)
    reading.start()
    try:
        assert listening.wait(HANG)
        found = BASE_URL.search("".join(said))
        assert found, "".join(said)
        recorded = RecordCommand(found[1], folder / "capture")
        yield recorded
        process.send_signal(signal.SIGINT)
        recorded.exit = process.wait(HANG)
        reading.join(HANG)
        recorded.said = "".join(said)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reading.join(HANG)


def _read(process: subprocess.Popen[str], said: list[str], listening: threading.Event) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            said.append(line)
            if BASE_URL.search(line):
                listening.set()
    listening.set()
