"""Runs a sequence against the embedded target in this process, as an example of its traffic."""

from __future__ import annotations

import io
import itertools
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from scimproof.catalog.loader import Catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Profile, Sequence
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Outcome
from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS
from scimproof.engine.executor import execute
from scimproof.engine.runner import Runner
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target

PREFIX = "scimproof-00000000"
TOKEN = "secret-token"


class Inside:
    """Transport that hands requests to a WSGI application instead of a network."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._numbers = itertools.count(1)

    def until(self, moment: float) -> None:
        """No-op: in-process calls need no deadline."""

    def send(self, request: Request, seconds: float | None = None) -> Exchange:
        """The application's answer."""
        told: list[tuple[str, tuple[tuple[str, str], ...]]] = []

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            told.append((status, tuple(headers)))

        chunks: Iterable[bytes] = self._app(_environ(request), start)
        body = b"".join(chunks)
        status, headers = told[0]
        code, _, reason = status.partition(" ")
        return Exchange(next(self._numbers), request, int(code), reason, headers, body)


def rehearse(catalog: Catalog, sequence: Sequence) -> tuple[list[Outcome], ExecutionContext]:
    """Run a sequence once (one chain) against an honest target: its outcomes, and its context at the end.

    A product's own sequences, whose ids begin with its name, are played to the product.
    """
    product = PRODUCTS.get(sequence.id.partition(".")[0], PRODUCTS[DEFAULT_PRODUCT])
    ready = product.build(TOKEN, (), 0.0, {})
    target = Target(f"http://scim.example.com{ready.base_path}", Bearer(TOKEN), embedded=True)
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "example.jsonl", target.url, PREFIX, embedded=True)
        profile = Profile("example", "", (), ())
        run = Runner(catalog, profile, [sequence], target, Inside(ready.app), ledger)
        members, _ = run.population(sequence.population)
        scene = run.scene(sequence, sequence.id, members)
        outcomes = list(execute(sequence, scene, catalog, run.stage))
        ledger.close()
    return outcomes, scene


def _environ(request: Request) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, encoding="latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "scim.example.com",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return environ
