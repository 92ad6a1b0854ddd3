"""Learns from a capture: reads it, counts what was recognised, and says whose traffic it is."""

from __future__ import annotations

from collections.abc import Callable

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.base_query import base_query
from scimproof.capture.learn.document import CaptureFacts, Row, learn_document
from scimproof.capture.learn.owner import owner_of
from scimproof.capture.learn.recogniser import Recogniser, TrafficOwner
from scimproof.capture.learn.tally import OutcomeTally
from scimproof.capture.reader import Capture
from scimproof.catalog.loader import Catalog
from scimproof.core.errors import UsageError

Heard = Callable[[CapturedExchange], None]


def learn(
    catalog: Catalog, capture: Capture, *, sender: str = "", heard: Heard = lambda _exchange: None
) -> Row:
    """The learn document of a capture.

    `sender` names a sender or one of its dialects, where it is not to be recognised; `heard` is called with
    each exchange. UsageError where there is nothing to learn from, or no sender of that name.
    """
    recogniser = recogniser_for(catalog, capture, sender)
    tally = OutcomeTally(recogniser)
    for exchange in capture:
        tally.add(exchange)
        heard(exchange)
    if not tally.exchanges:
        lines = f", and {capture.unreadable} lines that are none" if capture.unreadable else ""
        raise UsageError(f"{capture.path}: there is no exchange in it{lines}; nothing can be learnt from it")
    owner = recogniser.traffic if sender else owner_of(recogniser, tally.outcomes.values())
    return learn_document(tally, owner, CaptureFacts(str(capture.path), capture.unreadable))


def recogniser_for(catalog: Catalog, capture: Capture, sender: str = "") -> Recogniser:
    """A recogniser that knows the query of the capture's base URL, for the sender or dialect named."""
    recogniser = Recogniser(catalog)
    owner = recogniser.traffic_named(sender) if sender else TrafficOwner()
    recogniser.traffic = owner
    recogniser.base_query = base_query(capture, recogniser.parameters)
    return recogniser
