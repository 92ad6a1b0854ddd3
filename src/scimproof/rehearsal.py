"""Plays a sequence against the embedded target inside this process, as a worked example of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpx2

from scimproof.auth import Bearer
from scimproof.catalog import Catalog
from scimproof.conduct import conduct
from scimproof.embedded.products import DEFAULT_PRODUCT, PRODUCTS
from scimproof.ledger import Ledger
from scimproof.model import Outcome, Profile, Sequence
from scimproof.run import Run
from scimproof.scene import Scene
from scimproof.target import Target
from scimproof.transport import HttpTransport

PREFIX = "scimproof-00000000"
TOKEN = "secret-token"


def rehearse(catalog: Catalog, sequence: Sequence) -> tuple[list[Outcome], Scene]:
    """The outcomes of playing the sequence once (one chain) to an honest target, and what it ended with.

    A product's own sequences, whose ids begin with its name, are played to the product.
    """
    product = PRODUCTS.get(sequence.id.partition(".")[0], PRODUCTS[DEFAULT_PRODUCT])
    ready = product.build(TOKEN, (), 0.0, {})
    target = Target(f"http://scim.example.com{ready.base_path}", Bearer(TOKEN), embedded=True)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "example.jsonl", target.url, PREFIX, embedded=True)
        profile = Profile("example", "", (), ())
        transport = HttpTransport(target, over=httpx2.WSGITransport(ready.app))
        run = Run(catalog, profile, [sequence], target, transport, ledger)
        members, _ = run.population(sequence.population)
        scene = run.scene(sequence, sequence.id, members)
        outcomes = list(conduct(sequence, scene, catalog, run.stage))
        ledger.close()
    return outcomes, scene
