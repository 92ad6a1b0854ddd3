"""Both senders put on the wire what the .http file says, byte for byte: read from a socket."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from scimproof.catalog.request_template import BLANK, Template
from scimproof.load.client.client import LoadClient, Slot
from scimproof.load.workload.compiled_request import CompiledRequest
from scimproof.load.workload.compiled_sequence import run_blanks
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport
from tests.load.scripted import OK, Listener, answering, scripted
from tests.matrix.inprocess import catalog

# What follows from an RFC, or is sent to any endpoint, is no load of anybody.
TEMPLATES = {
    name: template
    for name, template in catalog().templates.items()
    if template.grade != "N" and "endpoint" not in template.blanks
}
WRITTEN = '{"userName":"straße@example.com","note":"a \\"quoted\\" \\\\ 🙂"}'
BODY = {"userName": "straße@example.com", "note": 'a "quoted" \\ 🙂'}


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with scripted(answering(OK)) as listening:
        yield listening


@pytest.fixture(scope="module")
def target(listener: Listener) -> Target:
    return Target(f"http://127.0.0.1:{listener.port}/scim/v2", Bearer("secret"))


@pytest.fixture(scope="module")
def slot(target: Target) -> Iterator[Slot]:
    sends = LoadClient(target)
    slot = sends.slot()
    yield slot
    slot.close()
    sends.close()


@pytest.fixture(scope="module")
def certified(target: Target) -> Iterator[HttpTransport]:
    transport = HttpTransport(target)
    yield transport
    transport.close()


def by_hand(template: Template, text: str, blanks: dict[str, str]) -> bytes:
    """The file's own text with the blanks filled in the plainest way: their values need no encoding."""
    message = text[text.index(f"\n{template.method} ") + 1 :].removesuffix("\n")
    head, _, body = message.partition("\n\n")
    for rule in template.rules:
        body = body.replace("{{=" + rule + "}}", WRITTEN)
    body = BLANK.sub(lambda m: blanks[m[1]], body)
    known = {**blanks, "content-length": str(len(body.encode()))}
    head = BLANK.sub(lambda m: known[m[1]], head.removesuffix("\n"))
    return (head.replace("\n", "\r\n") + "\r\n\r\n" + body).encode()


def test_the_wire_carries_every_file(
    listener: Listener, target: Target, slot: Slot, certified: HttpTransport
) -> None:
    run, fixtures = run_blanks(target, "scimproof-0a1b2c3d"), catalog().root / "fixtures"
    secret = target.credentials.authorization()
    for name, template in TEMPLATES.items():
        blanks = {blank: f"v{number}" for number, blank in enumerate(sorted(template.blanks))} | run
        blanks["authorization"] = secret
        rules = {rule: lambda: BODY for rule in template.rules}
        expected = by_hand(template, (fixtures / name).read_text(encoding="utf-8"), blanks)

        slot.exchange(CompiledRequest(template, run).fill(blanks, secret, rules), time.monotonic())
        assert listener.requests[-1] == expected, name
        certified.send(template.fill(blanks, rules))
        assert listener.requests[-1] == expected, name
