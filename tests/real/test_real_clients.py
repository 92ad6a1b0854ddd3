"""Third-party clients through `scimproof record`: what is kept and passed on is what they sent."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.reader import Capture
from scimproof.core.errors import Exit
from scimproof.embedded.server import Served
from tests.canary.leaks import leaks, leaks_in
from tests.engine.kit import scimproof
from tests.real.client_fleet import CLIENTS, PASSWORD, TOKEN, provision
from tests.real.fleet import TOKEN as SERVER_TOKEN
from tests.real.fleet import started
from tests.recording.record_command import RecordCommand, recording_command
from tests.recording.relay import Relay, relaying

pytestmark = pytest.mark.real

# The least that each client sends of each method: who sends less does not provision.
LEAST = {
    "scim2-client": {b"POST": 5, b"GET": 6, b"PUT": 1, b"PATCH": 4, b"DELETE": 4},
    "scim-client": {b"POST": 3, b"GET": 4, b"PUT": 2, b"DELETE": 3},
    "scim-sim": {b"POST": 4, b"GET": 12, b"PATCH": 3, b"DELETE": 4},
}
SECRETS = re.compile(rf"{TOKEN}|{PASSWORD}\d".encode())
HOST = re.compile(rb"(?im)^(host:[ \t]*)[^\r\n]*")
# What a server makes up anew at each start, and its clients send back.
MADE_UP = re.compile(
    rb"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    rb"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)"
    rb"|(?P<host>127\.0\.0\.1:\d+)"
)


# Where a client's history ends otherwise than at the embedded server, and the rules that say so. What is
# not here ends as it was recorded. Judged from what the servers are known for (ground_truth.toml): one
# answers 204 to a DELETE and keeps the user, and has no search of everything by POST; one loses its paging
# parameters.
OTHERWISE = {
    ("scimmy-routers-express5", "scim-client"): {"replay-found-as-recorded"},
    ("django-scim2-server", "scim2-client"): {"replay-state-as-written", "replay-status-as-recorded"},
    ("django-scim2-server", "scim-client"): {"replay-state-as-written"},
    ("django-scim2-server", "scim-sim"): {"replay-state-as-written"},
}
KEEPS_DELETED = {"django-scim2-server"}
SERVERS = ("embedded", "scim2-server", "scimmy-routers", "scimmy-routers-express5", "django-scim2-server")


@dataclass(frozen=True)
class Recorded:
    """A client directly at the server, and through the proxy with a relay on either side of it."""

    client: str
    direct: Relay
    before: Relay
    behind: Relay
    command: RecordCommand

    @property
    def exchanges(self) -> list[CapturedExchange]:
        """What was captured, one connection after another."""
        return sorted(Capture(self.command.out), key=lambda one: (one.connection, one.number))


@pytest.fixture(scope="module", params=CLIENTS)
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    name: str = request.param
    folder = tmp_path_factory.mktemp(name)
    with Served(token=TOKEN) as served, relaying(_port(served.base_url)) as direct:
        provision(name, _url(direct), folder / "home")
    with (
        Served(token=TOKEN) as served,
        relaying(_port(served.base_url)) as behind,
        recording_command(_url(behind), folder) as command,
        relaying(_port(command.url)) as before,
    ):
        provision(name, _url(before), folder / "home")
    return Recorded(name, direct, before, behind, command)


def test_the_client_provisions(recorded: Recorded) -> None:
    methods = [head.partition(b" ")[0] for head, _ in recorded.direct.requests()]
    for method, least in LEAST[recorded.client].items():
        assert methods.count(method) >= least, methods


def test_the_server_gets_what_the_client_sent_but_for_the_value_of_host(recorded: Recorded) -> None:
    host = b"127.0.0.1:%d" % recorded.behind.port
    sent = [HOST.sub(rb"\g<1>" + host, bytes(one.asked)) for one in recorded.before.connections]
    assert [bytes(one.asked) for one in recorded.behind.connections] == sent


def test_the_client_gets_what_the_server_answered(recorded: Recorded) -> None:
    answered = [bytes(one.answered) for one in recorded.behind.connections]
    assert [bytes(one.answered) for one in recorded.before.connections] == answered
    assert all(answered)


def test_every_exchange_is_captured_byte_for_byte_but_for_secrets(recorded: Recorded) -> None:
    passed = [
        (*asked, *answer)
        for connection in recorded.before.connections
        for asked, answer in zip(connection.requests(), connection.answers(), strict=True)
    ]
    for exchange, parts in zip(recorded.exchanges, passed, strict=True):
        assert exchange.answer
        request, answer = exchange.request, exchange.answer
        kept = (request.head, request.body, answer.head, answer.body)
        assert [_without_secrets(one) for one in parts] == [
            _marked_as(one, part) for one, part in zip(kept, parts, strict=True)
        ]
        assert (exchange.error, exchange.withheld, exchange.fidelity) == ("", "", "wire")
        assert exchange.masked[0] == "authorization"


def test_the_captured_requests_are_those_of_the_direct_socket(recorded: Recorded) -> None:
    captured = [(one.request.head, one.request.body) for one in recorded.exchanges]
    direct, number = recorded.direct.requests(), itertools.count()
    wanted = _names_given([part for request in direct for part in request])
    kept = _names_given([part for request in captured for part in request])
    assert len(kept) == len(wanted)
    for one, other in zip(kept, wanted, strict=True):
        assert _marked_as(one, other) == _without_secrets(other), f"part {next(number)}"


def test_the_connections_are_told_apart(recorded: Recorded) -> None:
    kept = [len(list(of)) for _, of in itertools.groupby(recorded.exchanges, lambda one: one.connection)]
    assert kept == [len(one.requests()) for one in recorded.before.connections]


def test_no_secret_is_on_the_disk_or_the_terminal(recorded: Recorded) -> None:
    sent = b"".join(bytes(one.asked) for one in recorded.before.connections)
    secrets = [TOKEN, PASSWORD] if recorded.client == "scim2-client" else [TOKEN]
    assert [secret for secret in secrets if secret.encode() not in sent] == []
    assert leaks_in(recorded.command.out, secrets) == {}
    assert leaks(recorded.command.said, secrets) == []


def test_the_command_says_what_passed_and_ends_well(recorded: Recorded) -> None:
    assert recorded.command.exit == Exit.HOLDS, recorded.command.said
    assert f"{len(recorded.exchanges)} exchanges" in recorded.command.said
    assert "POST /Users" in recorded.command.said


def test_it_is_learnt_to_be_no_identity_provider(recorded: Recorded, tmp_path: Path) -> None:
    words = ("learn", str(recorded.command.out), "--strict", "--out", "learnt")
    ran = scimproof(tmp_path, *words, more={})
    assert ran.returncode == Exit.DOES_NOT_HOLD, ran.stdout + ran.stderr
    learnt = json.loads((tmp_path / "learnt" / "learn.json").read_text(encoding="utf-8"))
    assert learnt["traffic"]["sender"] not in ("okta", "entra")
    assert learnt["capture"]["exchanges"] == len(recorded.exchanges)
    assert learnt["traffic"]["as_sent"] == 0
    assert leaks_in(tmp_path, [TOKEN, PASSWORD]) == {}


@pytest.mark.parametrize("server", SERVERS)
def test_it_replays_as_it_was_recorded_but_where_the_server_is_known_to_be_otherwise(
    recorded: Recorded, server: str, tmp_path: Path
) -> None:
    with _started(server) as (url, token):
        words = ("replay", str(recorded.command.out), "--target", url)
        ran = scimproof(tmp_path, *words, more={"SCIMPROOF_TOKEN": token})
    otherwise = OTHERWISE.get((server, recorded.client), set())
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    failed = {one["requirement"] for one in report["findings"] if one["verdict"] == "fail"}
    assert failed == otherwise, ran.stdout
    assert ran.returncode == (Exit.DOES_NOT_HOLD if otherwise else Exit.HOLDS), ran.stdout + ran.stderr
    assert server in KEEPS_DELETED or report["ledger"]["left"] == []
    assert leaks_in(tmp_path, [TOKEN, PASSWORD]) == {}


@contextmanager
def _started(server: str) -> Iterator[tuple[str, str]]:
    """The base URL and token of that server."""
    if server == "embedded":
        with Served() as served:
            yield served.base_url, served.token
    else:
        with started(server) as running:
            yield running.url, SERVER_TOKEN


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port


def _url(relay: Relay) -> str:
    return f"http://127.0.0.1:{relay.port}/scim/v2"


def _without_secrets(part: bytes) -> bytes:
    return SECRETS.sub(lambda found: b"*" * len(found[0]), part)


def _marked_as(kept: bytes, sent: bytes) -> bytes:
    """What was kept, with stars where what was sent has secrets: these have marks of any kind."""
    marked = bytearray(kept)
    for found in SECRETS.finditer(sent):
        assert marked[found.start() : found.end()] != found[0]
        marked[found.start() : found.end()] = b"*" * len(found[0])
    return bytes(marked)


def _names_given(parts: list[bytes]) -> list[bytes]:
    """The parts with numbers, by first appearance, for what their server made up."""
    seen: dict[bytes, bytes] = {}

    def name(found: re.Match[bytes]) -> bytes:
        kind = (found.lastgroup or "").encode()
        if kind != b"id":
            return b"<%b>" % kind
        return seen.setdefault(found[0], b"<%b %d>" % (kind, len(seen)))

    return [MADE_UP.sub(name, part) for part in parts]
