"""What arrives on a socket is the .http file, filled: nothing added, nothing reordered, nothing respelled."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import Any

import pytest

from scimproof.catalog.request_template import GRADES, PROVENANCE, Template, blanks_in
from scimproof.core.http_message import Exchange
from scimproof.core.results import Outcome
from scimproof.session.session import Session
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport
from tests.engine.kit import Recording, play, recording
from tests.matrix.inprocess import FEW, catalog

CATALOG = catalog()
TOGETHER = pytest.mark.xdist_group("one by one")
FILES = sorted(CATALOG.templates)

# One value with everything that is spelled differently in a URL and in JSON, spelled out by hand.
VALUE = 'Zoë "O" \\ a@b/+c'
IN_PATH = "Zo%C3%AB%20%22O%22%20%5C%20a%40b%2F%2Bc"
IN_QUERY = "Zo%C3%AB%20%5C%22O%5C%22%20%5C%5C%20a%40b%2F%2Bc"  # a filter's value is a JSON string
AS_FORM = "Zo%c3%ab+%5c%22O%5c%22+%5c%5c+a%40b%2f%2bc"  # the same as .NET writes it
IN_BODY = 'Zoë \\"O\\" \\\\ a@b/+c'
IN_PATHS = {"base": "/scim/v2", "parent": "/scim", "endpoint": "/Rooms"}
AS_IS = "count=1&a=b"
OF_RULE = {"b": [1, True, None], "a": "ë \\"}
AS_OKTA = '{"b":[1,true,null],"a":"ë \\\\"}'


def message(path: str) -> str:
    """The request in a file, as text with blanks: what stands below its comments."""
    text = (CATALOG.root / "fixtures" / path).read_text(encoding="utf-8")
    return re.sub(r"\A(#[^\n]*\n|\n)*", "", text)


def by_hand(path: str, host: str) -> bytes:
    """The bytes that file stands for, worked out without the code under test."""
    head, _, body = message(path).removesuffix("\n").partition("\n\n")
    body = re.sub(r"\{\{=[^}]+\}\}", lambda _: AS_OKTA, body)
    body = re.sub(r"\{\{![^}]+\}\}", lambda _: VALUE, body)
    for blank, value in IN_PATHS.items():
        body = body.replace("{{" + blank + "}}", value)
    body = re.sub(r"\{\{[^}]+\}\}", lambda _: IN_BODY, body)
    line, *headers = head.rstrip("\n").split("\n")
    for blank, value in IN_PATHS.items():
        line = line.replace("{{" + blank + "}}", value)
    # What a file takes as it is, and what it encodes by itself: no text in JSON.
    line = re.sub(r"\{\{![^}]+\}\}", lambda _: AS_IS, line)
    line = re.sub(r"\{\{%[^}]+\}\}", lambda _: IN_PATH, line)
    in_query = AS_FORM if path.startswith("entra/") else IN_QUERY
    place, mark, query = line.partition("?")
    line = re.sub(r"\{\{[^}]+\}\}", IN_PATH, place) + mark + re.sub(r"\{\{[^}]+\}\}", in_query, query)
    known = {"host": host, "authorization": "Bearer t", "content-length": str(len(body.encode()))}
    known |= {"agent": "scimproof/0"}
    headers = [re.sub(r"\{\{([^}]+)\}\}", lambda m: known.get(m[1], "v"), header) for header in headers]
    return "\r\n".join([line, *headers, "", ""]).encode() + body.encode()


def filled(template: Template, host: str) -> dict[str, str]:
    in_headers = blanks_in("".join(value for _, value in template.headers))
    as_is = {name for name in template.blanks if f"{{{{!{name}}}}}" in template.target}
    known = dict.fromkeys(template.blanks, VALUE) | dict.fromkeys(as_is, AS_IS)
    known |= dict.fromkeys(in_headers, "v")
    return known | IN_PATHS | {"host": host, "authorization": "Bearer t", "agent": "scimproof/0"}


@pytest.mark.fresh
def test_the_socket_gets_the_file() -> None:
    """Filled with what is spelt otherwise in a URL and in JSON."""
    with recording() as target:
        where = Target(target.url)
        transport = HttpTransport(where)
        wrong = []
        for path in FILES:
            template = CATALOG.templates[path]
            transport.send(
                template.fill(filled(template, where.host_header), dict.fromkeys(template.rules, rule))
            )
            wrong += [path] if target.arrived[-1] != by_hand(path, where.host_header) else []
        transport.close()
    assert wrong == []


def rule() -> dict[str, object]:
    return dict(OF_RULE)


def test_provenance_stands_above_every_request() -> None:
    for path, template in CATALOG.templates.items():
        assert all(getattr(template, key) for key in PROVENANCE), path
        assert template.grade in GRADES, path
        assert re.match(
            r"((OKTA|ENTRA|VALIDATOR|GALLERY)-\d\d|BITWARDEN-|HARNESS-|SPEC|CRUD|RFC-)", template.operation
        ), path


@cache
def one_by_one() -> tuple[Recording, Session, dict[str, Any]]:
    """The whole profile, the inferred sequences too, one request at a time: target, session and report."""
    with recording() as target:
        return target, *play(target.url, most=FEW, parallel=1, include_inferred=True)


@TOGETHER
def test_every_request_of_every_sequence_is_its_file() -> None:
    target, played, report = one_by_one()
    arrived = Counter(target.arrived)
    seen = 0
    for sequence in played.sequences:
        for step, outcome in zip(sequence.steps, played.run.outcomes[sequence.id], strict=True):
            pattern = shape(step.request, credentials=step.authorization != "")
            for exchange in outcome.exchanges:
                raw = exchange.request.wire()
                assert arrived[raw] > 0, f"{outcome.id}: the evidence is not what arrived"
                if step.effect and exchange.request.method == "GET":
                    continue  # the harness looks what a preparing write has done
                assert pattern.fullmatch(raw.decode()), f"{outcome.id} is not {step.request}"
                assert_okta_spelling(exchange)
                seen += 1
    steps = sum(len(sequence.steps) for sequence in played.sequences)
    assert seen >= 0.95 * steps  # what depends on an empty store is not asked once there are users
    assert report["ledger"]["left"] == []


def shape(path: str, *, credentials: bool) -> re.Pattern[str]:
    """What any filling of the file looks like; without credentials it has no line for them."""
    head, _, body = message(path).removesuffix("\n").partition("\n\n")
    if not credentials:
        head = head.replace("Authorization: {{authorization}}\n", "")
    text = head.rstrip("\n").replace("\n", "\r\n") + "\r\n\r\n" + body
    pieces = re.split(r"\{\{([^}]+)\}\}", text)
    return re.compile(
        "".join(".*?" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)), re.DOTALL
    )


def assert_okta_spelling(exchange: Exchange) -> None:
    request = exchange.request
    assert re.fullmatch(r"[A-Za-z0-9/._~%?=&+-]+", request.target)
    if request.body:
        text = request.body.decode()
        assert dict(request.headers)["Content-Length"] == str(len(request.body))
        assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    else:
        assert "Content-Length" not in dict(request.headers)


@pytest.mark.fresh
def test_custom_headers_come_after_oktas_own() -> None:
    with recording() as target:
        _, report = play(
            target.url, "okta.oin.connect", access={"headers": ("X-Tenant: a: b", "x-lower: Ünï")}
        )
    for raw in target.arrived:
        head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert head[-2:] == [b"X-Tenant: a: b", "x-lower: Ünï".encode("latin-1")]
        assert head[-3].startswith(b"Accept-Encoding:")
    assert [*report["options"]["headers"]] == ["X-Tenant", "x-lower"]


@TOGETHER
def test_a_second_run_with_the_same_seed_sends_the_same_bytes() -> None:
    target, played, _ = one_by_one()
    one, four = _sent(target, played), sent(parallel=4)
    assert set(one) > set(four)  # which are without the inferred ones
    differing = [name for name in four if one[name] != four[name]]
    assert not differing
    other = sent("okta.oin.user.create", parallel=1, seed=2)
    assert any(other[name] != one[name] for name in other if name.startswith("okta.oin.user.create/"))


def sent(*wanted: str, parallel: int, seed: int = 1) -> dict[str, list[str]]:
    """What a run sent, by step, without prefix, host and what the server made up."""
    with recording() as target:
        played, _ = play(target.url, *wanted, most=FEW, parallel=parallel, seed=seed)
    return _sent(target, played)


def _sent(target: Recording, played: Session) -> dict[str, list[str]]:
    outcomes = [outcome for some in played.run.outcomes.values() for outcome in some]
    host = Target(target.url).host_header
    return {outcome.id: _normal(outcome, played.prefix, host) for outcome in outcomes}


def _normal(outcome: Outcome, prefix: str, host: str) -> list[str]:
    """What one step sent; what was measured twice on a busy machine is there once."""
    return sorted({normal(e.request.wire().decode(), prefix, host) for e in outcome.exchanges})


def normal(text: str, prefix: str, host: str) -> str:
    text = text.replace(prefix, "PREFIX").replace(prefix.upper(), "PREFIX").replace(host, "HOST")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    text = re.sub(r"\b00u[A-Za-z0-9]{17}\b", "EXTERNAL", text)  # of the run: a target may keep its users
    return re.sub(r'W/\\"\d+\\"', "VERSION", text)
