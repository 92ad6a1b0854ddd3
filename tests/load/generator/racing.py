"""Workers of one master in this process, for races whose requests they send in turn."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from scimproof.load.generator.racing_workers import RacingHand, WorkerRequests
from scimproof.load.ledger.process_ledger import ProcessLedger
from tests.load.audit.bench import PREFIX, Bench, catalog


class Workers:
    """So many workers of one master, each with a ledger of its own; `sent` is what each was told to send."""

    def __init__(self, load: Bench, folder: Path, count: int) -> None:
        self.sent: dict[str, list[str]] = {f"worker{n}": [] for n in range(count)}
        self.ledgers = [ProcessLedger(folder / f"{id}.jsonl", "http://x", PREFIX) for id in self.sent]
        self.hands = {
            id: RacingHand(catalog(), load.provider, ledger, load.blanks, load.send)
            for id, ledger in zip(self.sent, self.ledgers, strict=True)
        }
        self.requests = WorkerRequests(lambda: list(self.sent), self._told)

    def _told(self, id: str, asked: dict[str, Any]) -> None:
        def reply() -> None:
            self.requests.answered(self.hands[id].reply(asked))

        self.sent[id].append(asked["file"])
        threading.Thread(target=reply).start()

    def close(self) -> None:
        for ledger in self.ledgers:
            ledger.close()
