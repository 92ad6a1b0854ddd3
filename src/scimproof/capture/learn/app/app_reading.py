"""Reads a capture for the app in it: what is mapped first, and with that known everything else."""

from __future__ import annotations

from dataclasses import replace

from scimproof.capture.learn.app.app_evidence import AppEvidence
from scimproof.capture.learn.app.app_settings import LearntApp
from scimproof.capture.learn.learning import Heard, learn
from scimproof.capture.learn.recogniser import TrafficOwner
from scimproof.capture.learn.second_reading import read_again, traffic_of
from scimproof.capture.reader import Capture
from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import Catalog
from scimproof.catalog.own_app import with_app


def learn_app(
    catalog: Catalog,
    capture: Capture,
    traffic: TrafficOwner,
    sender: str = "",
    heard: Heard = lambda _exchange: None,
) -> LearntApp:
    """What a capture says of the app; `catalog` is one without an app, `sender` what the user named, if so.

    Of an app with other mappings than the usual ones hardly a request is as we send it, and its dialect shows
    only once these are known. UsageError where it is nobody's app.
    """
    found = _learnt(catalog, capture, replace(traffic, dialect="", dialects=frozenset()), heard)
    mappings = found.settings.mappings
    known = with_app(catalog, catalog.senders[found.sender], AppSettings(mappings=mappings))
    again = traffic_of(learn(known, capture, sender=sender, heard=heard), known) if mappings else traffic
    return _learnt(known, capture, again, heard)


def _learnt(catalog: Catalog, capture: Capture, traffic: TrafficOwner, heard: Heard) -> LearntApp:
    evidence = AppEvidence(catalog)
    read_again(catalog, capture, traffic, [evidence], strictly=True, heard=heard)
    return LearntApp.of(evidence, catalog)
