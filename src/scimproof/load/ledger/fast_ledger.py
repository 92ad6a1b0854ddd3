"""Fast ledger for greenlets: the same file format, buffered ids, appends through mapped memory."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from json.encoder import encode_basestring_ascii

from scimproof.cleanup.ledger import Entries, Entry, Ledger, key, write
from scimproof.core.scim import Kind
from scimproof.load.ledger.mapped_file import MappedAppendFile

THROUGH_MEMORY = hasattr(os, "posix_fallocate")  # Linux and its like


class FastLedger(Ledger):
    """Ledger of one process of greenlets.

    What is about to be created is written before it is sent, as always. The id that came back is written
    together with the next line: after a `kill -9` the name alone leads to it. `entries` are made when
    somebody asks for them: a run of an hour creates a million of them.
    """

    _owed = ""
    _strip: MappedAppendFile | None = None
    _all: Entries
    _fresh: defaultdict[Kind, dict[str, str]]  # name -> id, empty while none is known
    _ids: defaultdict[Kind, set[str]]

    @property
    def entries(self) -> Entries:
        """As in Ledger, by kind and name."""
        fresh, self._fresh = self._fresh, defaultdict(dict)
        for kind, names in fresh.items():
            for name, id in names.items():
                entry = self._all.setdefault(key(kind, name), Entry(kind, name))
                if id:
                    entry.give(id)
                    self._owner.setdefault((kind, id), entry)
        return self._all

    @entries.setter
    def entries(self, value: Entries) -> None:
        self._all, self._fresh, self._ids = value, defaultdict(dict), defaultdict(set)

    def intend(self, kind: Kind, name: str) -> None:
        """About to send a create: from now on a resource of that name may exist."""
        if self.trouble:
            raise OSError(self.trouble)
        self._put(f'{{"op": "intend", "kind": "{kind}", "name": {encode_basestring_ascii(name)}}}\n')
        self._fresh[kind].setdefault(name, "")

    def made(self, kind: Kind, name: str, id: str) -> None:
        """The target gave this id for it."""
        fresh, ids = self._fresh[kind], self._ids[kind]
        if fresh.get(name) != "" or id in ids:
            self.entries  # noqa: B018 - a second create of one name, or one id: what Ledger does needs them
            return super().made(kind, name, id)
        fresh[name] = id
        ids.add(id)
        name, told = encode_basestring_ascii(name), encode_basestring_ascii(id)
        self._owed += f'{{"op": "made", "kind": "{kind}", "name": {name}, "id": {told}}}\n'
        return None

    def prove(self, kind: Kind, id: str) -> None:
        """The target, asked for this id, showed a resource of the run; the file need not say so."""
        self._proven.add((kind, id))

    def gone(self, kind: Kind, id: str) -> None:
        """As `removed`, of the entry that the id was given for."""
        self.entries  # noqa: B018 - the owner is known once they are made
        super().gone(kind, id)

    def is_ours(self, kind: Kind, id: str) -> bool:
        """Whether a create of this run was answered with that id."""
        return id in self._ids[kind] or (kind, id) in self._owner

    def settle(self) -> None:
        """Write what is still owed, and leave the file as any ledger leaves it."""
        self._write_owed()
        if self._strip is not None:
            self._strip.trim()

    def close(self) -> None:
        """As Ledger.close, with everything written."""
        self._write_owed()
        if self._strip is not None:
            self._strip.close()
            self._strip = None
        super().close()

    def _write_owed(self) -> None:
        """Write the ids that are owed; a full disk costs these, and their names still lead to them."""
        try:
            self._put("")
        except OSError as problem:
            self._fail(problem)

    def _append(self, fact: dict[str, object]) -> None:
        self._put(json.dumps(fact) + "\n")

    def _put(self, line: str) -> None:
        text, self._owed = (self._owed + line).encode(), ""
        if not text or self.trouble:
            return
        try:
            if not THROUGH_MEMORY:
                write(self._file.fileno(), text)  # unbuffered: out before the request is
                return
            if self._strip is None:
                self._strip = MappedAppendFile(self.path)
            self._strip.put(text)
        except OSError as problem:
            self._fail(problem)
            raise
