"""Explores an embedded target in this process, without sockets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scimproof.catalog.actions import merged
from scimproof.cleanup.ledger import Ledger
from scimproof.embedded.app import Application, build
from scimproof.embedded.fault import Fault
from scimproof.engine.runner import Runner
from scimproof.explore.explorer import Bounds, Explorer
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, PREFIX, TOKEN, InProcess, catalog

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SECONDS = 600.0  # for whatever is to be explored: a busy machine decides nothing


@contextmanager
def exploring(
    app: WSGIApplication, seed: int = 1, prefix: str = PREFIX, profile: str = "okta", **bounds: int
) -> Iterator[Explorer]:
    """An explorer of that target, as the profile's sender."""
    target = Target(BASE, Bearer(TOKEN))
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, prefix)
        chosen, transport = catalog().combined_profile(profile), InProcess(app, target)
        run = Runner(catalog(), chosen, [], target, transport, ledger, budget=SECONDS + 60)
        senders = dict.fromkeys(catalog().sender(one).id for one in catalog().profiles_in(profile))
        known = (catalog().repertoires[sender] for sender in senders)
        repertoire = merged(one.limited(chosen.sequences) for one in known)
        try:
            yield Explorer(run, repertoire, seed, Bounds(seconds=SECONDS, **bounds))
        finally:
            ledger.close()


def honest() -> WSGIApplication:
    """A right target."""
    return build(token=TOKEN)


def faulty(*faults: str) -> WSGIApplication:
    """A target with these faults."""
    return build(token=TOKEN, faults=faults)


def with_behaviour(*faults: Fault) -> Application:
    """A target with behaviours that a test made."""
    return Application(TOKEN, list(faults), 0.0)


def until_found(explorer: Explorer) -> None:
    """Explore until the first failure that shows again with other people."""
    for _ in explorer.explore():
        if any(failure.certain for failure in explorer.failures):
            return
