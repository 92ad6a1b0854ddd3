"""Snapshot of the store after a load: by id, in lists, by filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scimproof.core.http_message import Exchange
from scimproof.core.scim import GONE, Kind, resources
from scimproof.load.fast_json import load_json
from scimproof.state.request_effects import ShownResource, facts, plain

Key = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """Resource in a list or in the result of a search, and the answer that shows it."""

    facts: ShownResource
    exchange: Exchange


@dataclass
class Snapshot:
    """Snapshot of the store, as it was read back.

    `by_id` has every read by id, `listed` what the whole list of a kind shows (no entry where it could not be
    read to its end), `found` what a search for a name gives (no entry where the target did not search).
    `unread` says of what could not be read why not. Where members are shown `elsewhere`, `observed` has them
    for each group that an observer was asked about, and what a read by id leaves out tells nothing.
    `expected` are those of a large store that are looked for in the list only, and `as_listed` those of them
    that it shows as they must be.
    """

    by_id: dict[Key, Exchange] = field(default_factory=dict)
    listed: dict[Kind, dict[str, Shown]] = field(default_factory=dict)
    found: dict[Key, tuple[Exchange, list[ShownResource]]] = field(default_factory=dict)
    unread: dict[object, str] = field(default_factory=dict)
    observed: dict[str, tuple[Exchange, frozenset[str]]] = field(default_factory=dict)
    elsewhere: bool = False
    expected: set[Key] = field(default_factory=set)
    as_listed: set[Key] = field(default_factory=set)

    def facts(self, key: Key) -> ShownResource | None:
        """What the read by id shows; None when it shows no resource."""
        exchange = self.by_id.get(key)
        if not exchange or not exchange.ok:
            return None
        return facts(key[0], load_json(exchange.body), whole=not self.elsewhere)

    def members(self, key: Key) -> tuple[Exchange, frozenset[str]] | None:
        """Who is in a group, and the answer that shows it: the observer's, else that of the read by id."""
        if key[0] == "Group" and key[1] in self.observed:
            return self.observed[key[1]]
        found = self.facts(key)
        return None if found is None or found.members is None else (self.by_id[key], found.members)

    def gone(self, key: Key) -> bool:
        """Whether the read by id says that it is not there."""
        exchange = self.by_id.get(key)
        return exchange is not None and exchange.status in GONE

    def read(self, key: Key) -> bool:
        """Whether a read told anything: that it is there, or that it is not."""
        return key in self.as_listed or self.gone(key) or self.facts(key) is not None

    def lists(self, key: Key) -> bool:
        """Whether the list of its kind shows it, as it must be or otherwise."""
        return key in self.as_listed or key[1] in self.listed.get(key[0], ())

    def search(
        self, kind: Kind, name: str, exchange: Exchange, bore: Callable[[str], bool] = lambda _: False
    ) -> bool:
        """Note what a search for that name gave; False where the target refuses or ignores the filter.

        `bore` says of an id whether it ever had the name: who is found by a former one was searched for.
        """
        key = (kind, plain(name))
        self.found.pop(key, None)
        hits = list(shown(kind, exchange)) if exchange.ok else []
        searched = exchange.status == 404 or (
            exchange.ok and all(plain(hit.name) == key[1] or bore(hit.id) for hit in hits)
        )
        if searched:
            self.found[key] = (exchange, hits)
        return searched

    def hits(self) -> dict[Key, list[tuple[str, Exchange]]]:
        """By whose name each resource was found: the names searched for as they are compared, by its id."""
        found: dict[Key, list[tuple[str, Exchange]]] = {}
        for (kind, name), (exchange, some) in self.found.items():
            for hit in some:
                found.setdefault((kind, hit.id), []).append((name, exchange))
        return found

    def named(self) -> dict[Key, dict[str, Exchange]]:
        """Who carries a name: ids with the answer that shows them; a read by id counts before all others."""
        names: dict[Key, dict[str, Exchange]] = {}
        for (kind, id), exchange in self.by_id.items():
            found = self.facts((kind, id))
            if found:
                names.setdefault((kind, plain(found.name)), {})[id] = exchange
        for key, id, exchange in self._elsewhere():
            read = self.by_id.get((key[0], id))
            if read is None or not (read.ok or read.status in GONE):
                names.setdefault(key, {}).setdefault(id, exchange)
        return names

    def _elsewhere(self) -> Iterator[tuple[Key, str, Exchange]]:
        for kind, listed in self.listed.items():
            for id, one in listed.items():
                yield (kind, plain(one.facts.name)), id, one.exchange
        for key, (exchange, hits) in self.found.items():
            for hit in hits:
                yield key, hit.id, exchange


def shown(kind: Kind, exchange: Exchange) -> Iterator[ShownResource]:
    """The resources of a list answer; their members count only where they are shown."""
    for resource in resources(load_json(exchange.body)):
        found = facts(kind, resource, whole=False)
        if found:
            yield found
