"""429 is obeyed as Okta does, within the budget; slow is no failure; a secret that is echoed is not shown."""

from __future__ import annotations

import base64
import itertools
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scimproof.core.errors import Exit
from scimproof.embedded.app import build
from tests.engine.kit import TOKEN, recording, scimproof
from tests.hostile.servers import hostile, says
from tests.hostile.test_wire import SMALL, at, check

Start = Callable[..., None]
CANARY = 'canary-Zz9/+"\\tail'


def throttled(app: Any, refuse: Callable[[int], bool], *headers: tuple[str, str]) -> Any:
    """The application, answering 429 to those requests (counted from 0) that `refuse` picks."""
    count = itertools.count()

    def call(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if refuse(next(count)):
            start("429 Too Many Requests", [*headers, ("Content-Type", "application/scim+json")])
            return [b'{"status": "429", "detail": "slow down"}']
        answer: Iterable[bytes] = app(environ, start)
        return answer

    return call


def test_429_with_retry_after_is_waited_out_exactly(tmp_path: Path) -> None:
    # One in the preflight, one in the run, one while tidying up.
    app = throttled(build(token=TOKEN), lambda n: n in (0, 5, 20), ("Retry-After", "1"))
    started = time.monotonic()
    with recording(app) as target:
        ran = scimproof(tmp_path, "run", *SMALL, *at(target.url))
        sent = len(target.arrived)
    check(ran, Exit.HOLDS, "")
    assert time.monotonic() - started > 3
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["ledger"]["left"] == []
    assert sent > 22


@pytest.mark.parametrize("refuse", [lambda _: True, lambda n: n > 3], ids=["from the start", "later"])
def test_429_without_retry_after_would_take_five_minutes(
    tmp_path: Path, refuse: Callable[[int], bool]
) -> None:
    # 200 s for tidying up would not reach either: what is left is said, and `clean` finds it.
    app = throttled(build(token=TOKEN), refuse)
    with recording(app) as target:
        ran = scimproof(tmp_path, "run", *SMALL, "--target", target.url, "--budget", "200")
        sent = len(target.arrived)
    check(ran, Exit.CANNOT_TELL, "Okta would wait 300 s")
    assert "--budget" in ran.stderr
    assert sent < 12


def test_429_without_end_is_given_up_after_ten_attempts(tmp_path: Path) -> None:
    with hostile(says("429 Too Many Requests", "{}", "Retry-After: 0")) as server:
        ran = scimproof(tmp_path, "run", "okta.oin.connect", *at(server.url))
    check(ran, Exit.DOES_NOT_HOLD, "")
    assert len(server.requests) % 10 == 0


def test_a_retry_after_that_is_no_whole_number_is_none(tmp_path: Path) -> None:
    with hostile(says("429 Too Many Requests", "{}", "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT")) as server:
        ran = scimproof(tmp_path, "run", "okta.oin.connect", "--target", server.url, "--budget", "200")
    check(ran, Exit.CANNOT_TELL, "Okta would wait 300 s")
    assert len(server.requests) == 1


def test_seven_hundred_milliseconds_an_answer_are_slow_and_nothing_else(tmp_path: Path) -> None:
    with recording(build(token=TOKEN, delay=0.7)) as target:
        ran = scimproof(tmp_path, "run", "okta.oin.user.create", *at(target.url))
    check(ran, Exit.HOLDS, "")


class Echo:
    """Repeats the credentials wherever an answer has room: body, headers, names, in several spellings."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        told: list[Any] = []
        body = b"".join(self._app(environ, lambda *answer: told.append(answer)))
        sent = str(environ.get("HTTP_AUTHORIZATION", ""))
        token = sent.partition(" ")[2]
        found = json.loads(body) if body else {}
        found["detail"] = f"you sent {sent}"
        found["spelled"] = [
            token,
            quote(token),
            quote(token, safe=""),
            base64.b64encode(sent.encode()).decode(),
        ]
        if "displayName" in found:
            found["displayName"] = token
        for resource in found.get("Resources", []):
            resource["displayName"] = sent
        extra = [
            ("X-Echo", sent),
            ("Set-Cookie", f"token={token}"),
            ("Location", f"http://localhost/{quote(token)}"),
        ]
        headers = [(name, value) for name, value in told[0][1] if name not in ("Content-Length", "Location")]
        status = told[0][0] if told[0][0] != "204 No Content" else "200 OK"
        start(f"{status} {token}", headers + extra)
        return [json.dumps(found).encode()]


@pytest.mark.parametrize("auth", ["bearer", pytest.param("header", marks=pytest.mark.nightly), "basic"])
def test_echoed_credentials_are_shown_nowhere(tmp_path: Path, auth: str) -> None:
    secrets = {
        "SCIMPROOF_TOKEN": CANARY,
        "SCIMPROOF_USER": "someone",
        "SCIMPROOF_PASSWORD": CANARY,
        "SCIMPROOF_DEBUG": "1",
    }
    app = build(token=CANARY)
    app.check_auth = lambda _: None  # type: ignore[attr-defined]
    with recording(Echo(app)) as target:
        arguments = ("run", *SMALL, "--auth", auth, *at(target.url))
        ran = scimproof(tmp_path, *arguments, more=secrets)
        assert any(CANARY.encode() in raw or b"Basic " in raw for raw in target.arrived)
    assert ran.returncode == Exit.DOES_NOT_HOLD, ran.stdout + ran.stderr
    both = f"someone:{CANARY}"
    spellings = [CANARY, quote(CANARY), quote(CANARY, safe=""), json.dumps(CANARY)[1:-1], "canary-"]
    spellings += [
        base64.b64encode(text.encode()).decode().rstrip("=") for text in (CANARY, both, f"Bearer {CANARY}")
    ]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 4
    for text in (ran.stdout, ran.stderr, *(path.read_text(encoding="utf-8") for path in files)):
        assert [spelling for spelling in spellings if spelling in text] == []
