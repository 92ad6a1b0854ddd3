"""Recorded runs of one's own app, and what is learnt of it from the capture."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.app.app_evidence import AppEvidence
from scimproof.capture.learn.app.app_settings import LearntApp
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import Catalog
from scimproof.catalog.own_app import with_app
from scimproof.cleanup.ledger import Ledger
from scimproof.core.definitions import Sequence
from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.capture.learn.runs import PREFIX, TOKEN, RecordingTransport, catalog
from tests.matrix.inprocess import FEW


def own_catalog(settings: AppSettings) -> Catalog:
    """The catalogue of an app with these settings."""
    known = catalog()
    return with_app(known, known.senders["okta"], settings)


def recorded_app(settings: AppSettings, *wanted: str, most: int = FEW) -> list[CapturedExchange]:
    """What an app with these settings sends in the Okta profile, or in the sequences that are wanted.

    Without sequences that need somebody whom the app would not have brought into that state, and without the
    clean-up, which is the harness's.
    """
    knowledge = own_catalog(settings)
    chosen = knowledge.profile("okta-oin")
    every = knowledge.select(wanted or chosen.sequences)
    sequences = [one for one in every if one.population <= most and _is_its_own(one, knowledge)]
    ready = PRODUCTS[DEFAULT_PRODUCT].build(TOKEN, (), 0.0, {}, ())
    target = Target(f"http://127.0.0.1{ready.base_path}", Bearer(TOKEN), embedded=True)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", target.url, PREFIX, embedded=True)
        transport = RecordingTransport(ready.app, target)
        transport.recorded = []
        sender = knowledge.sender(chosen, sequences)
        sent = knowledge.as_sent_by(sender)
        run = Runner(sent, chosen, sequences, target, transport, ledger, budget=250)
        for _ in run.play():
            pass
        ledger.close()
    return [one.exchange for one in transport.recorded]


def _is_its_own(sequence: Sequence, knowledge: Catalog) -> bool:
    """Whether the app sends all of a sequence itself, what it takes for granted included."""
    app = knowledge.app
    if sequence.id in knowledge.not_played or app is None:
        return app is None
    never = {one for action, some in app.rules.actions.items() if action not in app.actions for one in some}
    sent = (knowledge.templates[step.request] for step in sequence.sent)
    return not any({one.operation, f"{one.operation} {one.method}"} & never for one in sent)


def learnt(exchanges: list[CapturedExchange], settings: AppSettings | None = None) -> LearntApp:
    """What a capture says of the app; with `settings`, compared with what such an app sends."""
    knowledge = own_catalog(settings) if settings else catalog()
    recogniser, evidence = Recogniser(knowledge), AppEvidence(knowledge)
    recogniser.traffic = recogniser.traffic_named("okta.oin")
    for one in exchanges:
        evidence.look(one, recogniser.look(one))
    return LearntApp.of(evidence, knowledge)
