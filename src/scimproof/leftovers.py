"""Finds what earlier runs left on a target: in their ledgers, or by the names they gave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scimproof.cleanup import NAME, Cleaner, Tell
from scimproof.conduct import GaveUp
from scimproof.errors import CannotTell
from scimproof.ledger import Entry, Left, key
from scimproof.line import Line
from scimproof.model import Kind
from scimproof.run import TIDY_SECONDS
from scimproof.target import Target
from scimproof.wire import Template

# Every name a run gives is the run's prefix, a dot, and a tag: six hexadecimal digits (people.py), or the
# number of a person under load with an x in it (load/cast.py), which has more digits in a long run.
MADE = re.compile(r"(scimproof-[0-9a-z]{8})\.[0-9a-z]{6,12}[. ]")
SECONDS = 600.0


@dataclass
class Sweep:
    """Looks for leftovers on one target and removes them; each is looked at again before it is deleted."""

    target: Target
    line: Line
    templates: Mapping[str, Template]

    def cleaner(self, book: Left) -> Cleaner:
        """A cleaner that only deletes what carries that run's prefix, and writes into that book."""
        return Cleaner(
            send=lambda request: self.line.send(request, min(self.target.seconds, TIDY_SECONDS)),
            templates=self.templates,
            blanks=self._blanks,
            prefix=book.prefix,
            book=book,
        )

    def remove(self, left: Left, tell: Tell = lambda *_: None) -> list[Entry]:
        """Remove what a run left; gives the entries of which something is still there."""
        self.cleaner(left).remove(left.entries.values(), tell=tell)
        return [entry for entry in left.entries.values() if entry.left]

    def by_name(self, prefix: str = "") -> list[Left]:
        """What the lists show of runs whose ledger is lost, by prefix; of that one only, when it is given.

        Raises CannotTell when the lists cannot be read.
        """
        found: dict[str, Left] = {}
        for kind in NAME:
            for id, name in self._walk(kind):
                made = MADE.match(name.casefold())
                if made and made[1] == (prefix or made[1]):
                    book = found.setdefault(
                        made[1], Left(Path(), self.target.url, made[1], embedded=False, running=False)
                    )
                    book.entries.setdefault(key(kind, name), Entry(kind, name)).ids.append(id)
        return list(found.values())

    def _walk(self, kind: Kind) -> list[tuple[str, str]]:
        book = Left(Path(), self.target.url, "scimproof-", embedded=False, running=False)
        try:
            return self.cleaner(book).by_prefix(kind)
        except GaveUp as cause:
            raise CannotTell(f"the list of {kind.lower()}s cannot be read: {cause}") from None

    def _blanks(self) -> dict[str, str]:
        return {
            "base": self.target.base,
            "host": self.target.host_header,
            "authorization": self.line.authorization(),
        }
