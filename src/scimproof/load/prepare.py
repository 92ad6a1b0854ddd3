"""The users that have to be there before anything is measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from scimproof.catalog import Catalog
from scimproof.errors import CannotTell
from scimproof.ledger import Entry, Ledger
from scimproof.load.cast import Cast
from scimproof.load.compiled import Compiled
from scimproof.load.glance import load_json
from scimproof.load.hub import spawn
from scimproof.load.part import run_blanks
from scimproof.load.sender import Sender, Slot
from scimproof.load.tape import Tape
from scimproof.model import Sequence
from scimproof.run import POPULATION_FILE
from scimproof.scene import Member, look
from scimproof.target import Target

AT_ONCE = 8
NOBODY = Sequence(id="population", title="", source="", steps=(), people={"user": "plain"})
Tell = Callable[[int, int], None]


class Roll(Tape):
    """A ledger that also knows residents whom another process of the run created and will remove."""

    def adopt(self, members: list[Member]) -> None:
        """They are this run's and shown to be, yet not this ledger's to remove."""
        for member in members:
            self._owner.setdefault(member.id, Entry("User", member.user_name))
            self.prove(member.id)


@dataclass
class Populate:
    """Creates users, several at a time, each written to the ledger before it is sent.

    `number` is one that no worker has, so that nobody else gives these names.
    """

    catalog: Catalog
    target: Target
    ledger: Ledger
    sender: Sender
    number: int
    tell: Tell = lambda *_: None
    _found: list[Member] = field(default_factory=list)
    _trouble: str = ""

    def users(self, count: int, stopped: Callable[[], bool] = lambda: False) -> list[Member]:
        """So many users who were not there before; raises CannotTell when one cannot be created."""
        compiled = Compiled(
            self.catalog.templates[POPULATION_FILE],
            run_blanks(self.target, self.ledger.prefix),
            lambda blank: blank,
            self.target.headers,
        )
        blanks = Cast(NOBODY, self.ledger.prefix, worker=self.number).moulds()
        numbers = iter(range(count))

        def work() -> None:
            slot = self.sender.slot()
            try:
                for number in numbers:
                    if self._trouble or stopped():
                        return
                    self._create(compiled, blanks(number, ()), slot)
                    self.tell(len(self._found), count)
            finally:
                slot.close()

        workers = [spawn(work) for _ in range(min(AT_ONCE, count))]
        for worker in workers:
            worker.join()
        if self._trouble:
            raise CannotTell(f"creating the users that have to be there before failed: {self._trouble}")
        return self._found

    def _create(self, compiled: Compiled, blanks: dict[str, str], slot: Slot) -> None:
        name = blanks["user.userName"]
        self.ledger.intend("User", name)
        wire = compiled.fill(blanks, self.target.credentials.authorization()).wire
        answer = slot.exchange(wire, time.monotonic())
        id = look(load_json(answer.body), "id") if answer.status == 201 else None
        if not isinstance(id, str | int) or answer.error:
            self._trouble = answer.why or f"status {answer.status}"
            return
        self.ledger.made("User", name, str(id))
        self._found.append(Member(str(id), name))
