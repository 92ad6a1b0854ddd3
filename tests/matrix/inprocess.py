"""Plays the Okta profile against an embedded target in this process, without sockets."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import httpx2

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.core.definitions import Sequence
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Finding, Outcome
from scimproof.embedded.app import build
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TOKEN = "secret-token"
OTHER = "token-of-another-tenant"  # which the embedded target does not know
PREFIX = "scimproof-matrix00"
BASE = "http://127.0.0.1/scim/v2"
FEW = 12


class InProcess(HttpTransport):
    """The harness's client over a WSGI callable instead of a network."""

    def __init__(
        self, app: WSGIApplication, target: Target | None = None, numbers: Iterator[int] | None = None
    ) -> None:
        super().__init__(target or Target(BASE, Bearer(TOKEN)), numbers, over=Served(app))


class Served(httpx2.BaseTransport):
    """Calls it as a server would: what it raises is a connection that broke.

    httpx2's own way of calling it takes headers for ASCII and a path for UTF-8; to WSGI both are bytes.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        path, _, _ = request.url.raw_path.partition(b"?")
        odd = {name: value for name, value in request.headers.raw if not value.isascii()}
        for name in odd:
            del request.headers[name.decode()]

        def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
            for name, value in odd.items():
                environ["HTTP_" + name.decode().upper().replace("-", "_")] = value.decode("latin-1")
            return self._app(environ, start)

        try:
            answer = httpx2.WSGITransport(app).handle_request(request)
            assert isinstance(answer.stream, httpx2.SyncByteStream)
            body = b"".join(answer.stream)
        except Exception as problem:
            raise httpx2.ProtocolError(repr(problem)) from problem
        return httpx2.Response(answer.status_code, headers=answer.headers.raw, stream=httpx2.ByteStream(body))


def answered(app: WSGIApplication, request: Request) -> Exchange:
    """What a WSGI callable answers, as it is: the harness's client would refuse the largest, and unpack.

    What the callable raises goes through.
    """
    url = httpx2.URL(BASE).copy_with(raw_path=request.target.encode("latin-1"))
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    sent = httpx2.Request(request.method, url, headers=pairs, content=request.body)
    answer = Served(app).handle_request(sent)
    assert isinstance(answer.stream, httpx2.SyncByteStream)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
    body = b"".join(answer.stream)
    return Exchange(0, request, answer.status_code, answer.reason_phrase, headers, body)


@cache
def catalog() -> Catalog:
    """The catalogue, loaded once for all faults."""
    return load_catalog()


def whole() -> list[Sequence]:
    """Every sequence of the Okta profile, the inferred ones too."""
    return catalog().select(catalog().profile("okta").sequences, inferred=True)


def play_few(app: WSGIApplication, wanted: Container[str]) -> list[Finding]:
    """The findings of these sequences with a dozen shared users at most, where the profile wants 250.

    The same requirements are asked, for a tenth of the requests.
    """
    return [finding for outcome in outcomes_few(app, wanted) for finding in outcome.findings]


def outcomes_few(app: WSGIApplication, wanted: Container[str]) -> list[Outcome]:
    """The outcomes, with their exchanges."""
    few = [replace(one, population=min(one.population, FEW)) for one in whole() if one.id in wanted]
    return outcomes_by(InProcess(app), few)


def play(*faults: str) -> list[Finding]:
    """All findings of the Okta profile, inferred shapes included, against a target with these faults."""
    return play_against(build(token=TOKEN, faults=faults))


def play_against(app: WSGIApplication, *wanted: str) -> list[Finding]:
    """The same against any target that is a WSGI callable; of these sequences only, where any are named."""
    return [finding for outcome in outcomes_of(app, *wanted) for finding in outcome.findings]


def outcomes_of(app: WSGIApplication, *wanted: str) -> list[Outcome]:
    """The outcomes, with their exchanges."""
    return outcomes_by(InProcess(app), catalog().select(wanted, inferred=True) if wanted else whole())


def outcomes_by(transport: InProcess, sequences: list[Sequence]) -> list[Outcome]:
    """The outcomes of these sequences, sent by that transport."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, PREFIX)
        profile = catalog().profile("okta")
        run = Runner(
            catalog(),
            profile,
            sequences,
            Target(BASE, Bearer(TOKEN), other=Bearer(OTHER)),
            transport,
            ledger,
            parallel=1,
            budget=250,  # enough on a busy machine, and less than the 300 s that Okta waits after a 429
        )
        outcomes = list(run.play())
        ledger.close()
    return outcomes


def tripped(findings: list[Finding]) -> set[str]:
    """The requirements that did not hold: fail for a MUST, warning for a SHOULD."""
    return {f.requirement for f in findings if f.verdict in ("fail", "warning", "error")}


# Asked by the clock: on a busy machine it may fail beside any fault, and proves nothing then.
TIMED = {"spec-groups-in-time"}
