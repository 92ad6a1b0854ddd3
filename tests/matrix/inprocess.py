"""Plays the Okta profile against an embedded target in this process, without sockets."""

from __future__ import annotations

import io
import itertools
import tempfile
import time
from collections.abc import Container
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from scimproof.auth import Bearer
from scimproof.catalog import Catalog, load_catalog
from scimproof.embedded.app import build
from scimproof.ledger import Ledger
from scimproof.model import Exchange, Finding, Outcome, Request, Sequence
from scimproof.run import Run
from scimproof.target import Target

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TOKEN = "secret-token"
PREFIX = "scimproof-matrix00"
BASE = "http://127.0.0.1/scim/v2"
FEW = 12


class InProcess:
    """Hands requests to a WSGI callable as a server would."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._numbers = itertools.count(1)

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """The exchange; what the callable raises counts as a connection that broke."""
        head: dict[str, Any] = {}
        number, started = next(self._numbers), time.monotonic()
        self.began(number)
        try:
            chunks = self._app(
                _environ(request), lambda status, headers, _=None: _note(head, status, headers)
            )
            body = b"".join(chunks)
        except Exception as problem:  # noqa: BLE001 - a server would close the connection
            return Exchange(number, request, error=f"the connection broke: {problem!r}")
        code, _, reason = head["status"].partition(" ")
        status = int(code)
        return Exchange(
            number, request, status, reason, tuple(head["headers"]), body, time.monotonic() - started
        )

    def began(self, number: int) -> None:
        """Called before each request."""

    def until(self, moment: float) -> None:
        """Nothing here takes long enough to be cut short."""


def _note(head: dict[str, Any], status: str, headers: list[tuple[str, str]]) -> Any:
    head["status"], head["headers"] = status, headers
    return lambda _data: None


def _environ(request: Request) -> dict[str, Any]:
    parts = urlsplit(request.target)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ


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
    few = [replace(one, population=min(one.population, FEW)) for one in whole() if one.id in wanted]
    return [finding for outcome in outcomes_by(InProcess(app), few) for finding in outcome.findings]


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
        run = Run(
            catalog(),
            profile,
            sequences,
            Target(BASE, Bearer(TOKEN)),
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
