"""Plays the profile against an embedded Bitwarden in this process, its Public API as the observer or none."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.core.results import Finding, Outcome
from scimproof.embedded.bitwarden import CLIENT_ID, CLIENT_SECRET, ORGANIZATION
from scimproof.embedded.bitwarden.app import Bitwarden
from scimproof.engine.runner import Runner
from scimproof.observer.descriptions import descriptions
from scimproof.observer.http_observer import ID, SECRET, make_http_observer
from scimproof.observer.protocol import Observer
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import InProcess, Served

KEY = "secret-token"
BASE = f"http://127.0.0.1/v2/{ORGANIZATION}"
PREFIX = "scimproof-matrix00"
CREDENTIALS = {ID: CLIENT_ID, SECRET: CLIENT_SECRET}


@cache
def catalog() -> Catalog:
    return load_catalog()


def public_api(app: Any) -> Observer:
    """The embedded one's Public API as `--observer bitwarden` reads it."""
    described = descriptions(catalog().root)["bitwarden"]
    target = Target(BASE, Bearer(KEY))
    return make_http_observer(described, target, CREDENTIALS, over=Served(app))


def outcomes(
    app: Any,
    *wanted: str,
    observer: Observer | None = None,
    pause: Callable[[float], None] = lambda _: None,
    parallel: int = 4,
) -> list[Outcome]:
    """What playing these sequences of the profile bitwarden gives, all of them when none is named.

    `pause` is how the run waits for what comes late; by itself no time passes.
    """
    profile = catalog().profile("bitwarden")
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        numbers = itertools.count(10_000)
        run = Runner(
            catalog(),
            profile,
            catalog().select(wanted or profile.sequences),
            Target(BASE, Bearer(KEY)),
            InProcess(app),
            ledger,
            budget=3600,  # no test of budgets: a busy machine may take its time
            observer=observer,
            numbers=numbers,
            parallel=parallel,
        )
        run.client.pause = pause  # type: ignore[assignment,method-assign]
        played = list(run.play())
        run.tidy()
        left = ledger.counts()["left"]
        ledger.close()
    assert not left, left
    return played


def findings(*faults: str, observed: bool = True, wanted: tuple[str, ...] = ("bitwarden",)) -> list[Finding]:
    """All findings against a fresh Bitwarden with these faults."""
    app = Bitwarden(key=KEY, faults=faults)
    observer = public_api(app) if observed else None
    return [one for outcome in outcomes(app, *wanted, observer=observer) for one in outcome.findings]
