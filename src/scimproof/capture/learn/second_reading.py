"""Second reading of a capture: each request recognised as the traffic that the first reading has found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.document import Row
from scimproof.capture.learn.learning import recogniser_for
from scimproof.capture.learn.owner import applications
from scimproof.capture.learn.recogniser import Recogniser, TrafficOwner
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.reader import Capture
from scimproof.catalog.loader import Catalog

Heard = Callable[[CapturedExchange], None]


class Watcher(Protocol):
    """What takes each exchange of a capture with what it is."""

    def look(self, exchange: CapturedExchange, recognition: Recognition) -> None:
        """Take one exchange."""


def traffic_of(document: Row, catalog: Catalog) -> TrafficOwner:
    """Whose traffic a learn document says that its capture is."""
    told = document["traffic"]
    sender = catalog.senders.get(told["sender"])
    if sender is None:
        return TrafficOwner()
    dialects = dict(applications(sender)).get(told["dialect"], frozenset())
    return TrafficOwner(sender.id, told["dialect"], dialects, strictly=told["named"])


def read_again(
    catalog: Catalog,
    capture: Capture,
    traffic: TrafficOwner,
    watchers: Sequence[Watcher],
    *,
    strictly: bool = False,
    heard: Heard = lambda _exchange: None,
) -> None:
    """Read a capture as that traffic; with `strictly` nothing is taken for another sender's or dialect's."""
    recogniser: Recogniser = recogniser_for(catalog, capture)
    recogniser.traffic = replace(traffic, strictly=traffic.strictly or (strictly and bool(traffic.sender)))
    for exchange in capture:
        recognition = recogniser.look(exchange)
        for watcher in watchers:
            watcher.look(exchange, recognition)
        heard(exchange)
