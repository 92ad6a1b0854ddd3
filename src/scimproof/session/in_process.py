"""Runs a sequence against the embedded target in this process, as an example of its traffic."""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpx2

from scimproof.catalog.loader import Catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Profile, Sequence
from scimproof.core.results import Outcome
from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS
from scimproof.engine.executor import execute
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

PREFIX = "scimproof-00000000"
TOKEN = "secret-token"


def rehearse(catalog: Catalog, sequence: Sequence) -> tuple[list[Outcome], ExecutionContext]:
    """Run a sequence once (one chain) against an honest target: its outcomes, and its context at the end.

    A product's own sequences, whose ids begin with its name, are played to the product.
    """
    product = PRODUCTS.get(sequence.id.partition(".")[0], PRODUCTS[DEFAULT_PRODUCT])
    ready = product.build(TOKEN, (), 0.0, {}, ())
    target = Target(f"http://scim.example.com{ready.base_path}", Bearer(TOKEN), embedded=True)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "example.jsonl", target.url, PREFIX, embedded=True)
        profile = Profile("example", "", (), ())
        transport = HttpTransport(target, over=httpx2.WSGITransport(ready.app))
        run = Runner(catalog, profile, [sequence], target, transport, ledger)
        members, _ = run.population(sequence.population)
        scene = run.scene(sequence, sequence.id, members)
        outcomes = list(execute(sequence, scene, catalog, run.stage))
        ledger.close()
    return outcomes, scene
