"""Recorded runs of our own: what a profile sends to the embedded target, and the template of each request."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path

import httpx2

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.request_template import Template
from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import FEW, InProcess

TOKEN = "secret-token"
PREFIX = "scimproof-learn000"


class TracedTemplate(Template):
    """Template that remembers which requests it made."""

    def fill(
        self, blanks: Mapping[str, str], rules: Mapping[str, Callable[[], Json]] | None = None
    ) -> Request:
        request = super().fill(blanks, rules)
        _MADE[request.method, request.target, request.body] = self.path
        return request


_MADE: dict[tuple[str, str, bytes], str] = {}


@cache
def catalog() -> Catalog:
    """The catalogue, loaded once."""
    return load_catalog()


def captured(number: int, exchange: Exchange, fidelity: str = "wire") -> CapturedExchange:
    """An exchange of ours as a recorder would have it."""
    head, _, body = exchange.request.wire().partition(b"\r\n\r\n")
    lines = [f"HTTP/1.1 {exchange.status} {exchange.reason}"]
    lines += [f"{name}: {value}" for name, value in exchange.headers if name.lower() != "content-encoding"]
    answer = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
    return CapturedExchange(
        number=number,
        connection=1,
        at=1_700_000_000.0 + number,
        request=CapturedMessage(head + b"\r\n\r\n", body),
        answer=CapturedMessage(answer, exchange.body) if exchange.status else None,
        seconds=exchange.seconds,
        error=exchange.error,
        fidelity=fidelity,  # type: ignore[arg-type]
    )


@dataclass(frozen=True)
class Recorded:
    """One exchange of a run, and the template that its request was made of."""

    exchange: CapturedExchange
    template: str


class RecordingTransport(InProcess):
    """The harness's client, which keeps every exchange."""

    recorded: list[Recorded]

    def send(
        self, request: Request, seconds: float | None = None, auth: httpx2.Auth | None = None
    ) -> Exchange:
        """Send a request, and keep what came of it."""
        exchange = super().send(request, seconds, auth)
        path = _MADE.get((request.method, request.target, request.body), "")
        self.recorded.append(Recorded(captured(len(self.recorded) + 1, exchange), path))
        return exchange


@cache
def recorded_run(profile: str, *, query: str = "", only: tuple[str, ...] = ()) -> tuple[Recorded, ...]:
    """All exchanges of a profile in this process, preparation and clean-up too.

    Without sequences that need many shared users, unless `only` names them.
    """
    knowledge = catalog()
    named = {field.name for field in fields(Template)}
    traced = {
        path: TracedTemplate(**{name: getattr(template, name) for name in named})
        for path, template in knowledge.templates.items()
    }
    knowledge = replace(knowledge, templates=traced)
    chosen = knowledge.profile(profile)
    every = knowledge.select(only or chosen.sequences, inferred=True)
    sequences = [one for one in every if only or one.population <= FEW]
    product = PRODUCTS.get(profile.partition("-")[0], PRODUCTS[DEFAULT_PRODUCT])
    ready = product.build(TOKEN, (), 0.0, {}, ())
    target = Target(f"http://127.0.0.1{ready.base_path}{query}", Bearer(TOKEN), embedded=True)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", target.url, PREFIX, embedded=True)
        transport = RecordingTransport(ready.app, target)
        transport.recorded = []
        run = Runner(
            knowledge.as_sent_by(knowledge.sender(chosen, sequences)),
            chosen,
            sequences,
            target,
            transport,
            ledger,
            budget=250,
        )
        for _ in run.play():
            pass
        run.tidy()
        ledger.close()
    return tuple(transport.recorded)
