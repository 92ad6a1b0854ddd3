"""What Entra's requests are on the wire: no headers of others, form-encoded filters, orders, the flag."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.core.http_message import Exchange
from tests.engine.kit import Recording, play, recording
from tests.matrix.inprocess import FEW

pytestmark = pytest.mark.xdist_group("entra on the wire")

FLAG = "aadOptscim062020"
SOME = (
    "entra.both.connect",
    "entra.both.connect-groups",
    "entra.both.user.create-whole",
    "entra.both.user.german",
    "entra.both.group.unicode",
    "entra.both.user.match-email",
    "entra.both.user.match-external-id",
    "entra.default.user.update",
    "entra.default.user.disable",
    "entra.default.user.soft-delete",
    "entra.default.group.life",
    "entra.flag.user.update",
    "entra.flag.user.update-live",
    "entra.flag.user.disable",
    "entra.flag.group.life",
)
# Each was lost, or added by an HTTP client, in some tool that plays Entra (wire-facts section 2).
OF_EVERY = ["Host", "Authorization", "ADSCIMVersion"]
OF_BODIES = [*OF_EVERY, "Content-Type", "Content-Length"]
ORDER = [
    "schemas", "externalId", "userName", "active", "addresses", "displayName", "emails", "locale", "meta",
    "name", "nickName", "phoneNumbers", "preferredLanguage", "roles", "timezone", "title", "userType",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _ledgers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIMPROOF_LEDGERS", str(tmp_path / "ledgers"))


@cache
def played(query: str = "") -> tuple[Recording, tuple[tuple[str, Exchange], ...]]:
    """Some of Entra's sequences: the target with all the bytes, and each exchange of the sender's own."""
    catalog = load_catalog()
    with recording() as target:
        session, report = play(target.url + query, *SOME, most=FEW, parallel=2, profile="entra")
    assert report["result"] == "inconclusive", "a part has no verdict"
    assert [one for one in report["findings"] if one["verdict"] in ("fail", "error")] == []
    sent = [
        (step.request, exchange)
        for sequence in session.sequences
        for step, outcome in zip(sequence.steps, session.run.outcomes[sequence.id], strict=True)
        if catalog.templates[step.request].operation.startswith("ENTRA-")
        for exchange in outcome.exchanges
    ]
    return target, tuple(sent)


def raw(exchange: Exchange) -> tuple[str, list[tuple[str, str]], str]:
    """First line, headers and body as they arrived: the evidence is compared with the socket's bytes."""
    arrived = exchange.request.wire()
    assert arrived in played()[0].arrived or arrived in played(f"?{FLAG}")[0].arrived
    head, _, body = arrived.decode().partition("\r\n\r\n")
    line, *headers = head.split("\r\n")
    return line, [(one.partition(": ")[0], one.partition(": ")[2]) for one in headers], body


def bodies(folder: str, *, method: str = "PATCH") -> Iterator[tuple[str, str]]:
    """The bodies of a dialect's requests of one method, each with its file."""
    found = 0
    for path, exchange in played()[1]:
        if path.startswith(f"entra/{folder}/") and exchange.request.method == method:
            yield path, raw(exchange)[2]
            found += 1
    assert found


def test_no_header_is_there_that_entra_does_not_send() -> None:
    for path, exchange in played()[1]:
        _, headers, body = raw(exchange)
        names = [name for name, _ in headers]
        assert names == (OF_BODIES if body else OF_EVERY), path
        known = dict(headers)
        assert known["Authorization"].startswith("Bearer ")
        if body:
            assert known["Content-Type"] == "application/scim+json; charset=utf-8"
            assert int(known["Content-Length"]) == len(body.encode())


def test_filters_are_form_encoded_with_small_hexadecimal_digits() -> None:
    queries = [raw(exchange)[0].split(" ")[1].partition("?")[2] for _, exchange in played()[1]]
    filters = [query for query in queries if "filter=" in query]
    assert len(filters) > 10
    for query in filters:
        assert re.fullmatch(r"[A-Za-z0-9._~&=+-]+(%[0-9a-f]{2}[A-Za-z0-9._~&=+-]*)*", query), query
        assert "%20" not in query
        assert re.search(r"filter=\S+\+eq\+%22.*%22$", query), query
    assert any("filter=emails%5btype+eq+%22work%22%5d.value+eq+%22" in query for query in filters)
    assert any("%40example.com%22" in query for query in filters)
    assert any(re.search(r"%[c-f][0-9a-f]%[89ab][0-9a-f]", query) for query in filters), (
        "a letter beyond ASCII"
    )


def test_parameters_are_in_entras_order_and_nothing_is_paged() -> None:
    order = ["attributes", "excludedAttributes", "filter"]
    for _, exchange in played()[1]:
        names = re.findall(r"[?&](\w+)=", raw(exchange)[0])
        assert names == [name for name in order if name in names]


def test_bodies_are_compact_and_keys_in_their_order() -> None:
    for path, exchange in played()[1]:
        body = raw(exchange)[2]
        if not body:
            continue
        read = json.loads(body)
        assert body == json.dumps(read, ensure_ascii=False, separators=(",", ":")), path
        if exchange.request.method == "PATCH":
            assert set(read) == {"schemas", "Operations"}
            for operation in read["Operations"]:
                assert list(operation) == [key for key in ("op", "path", "value") if key in operation], path
        elif "/Users" in exchange.request.target:
            core = [key for key in read if not key.startswith("urn:")]
            assert core == [key for key in ORDER if key in core], path
            assert list(read)[: len(core)] == core, "extensions come last"
            for address in read.get("emails", []):
                assert list(address) == ["primary", "type", "value"]


def test_the_default_dialect_has_capital_operations_and_texts_as_booleans() -> None:
    for path, body in bodies("default"):
        assert body.startswith(
            '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":'
        ), path
        assert set(re.findall(r'"op":"(\w+)"', body)) <= {"Add", "Replace", "Remove"}, path
        assert '{"op":"' in body
        assert not re.search(r'"path":"active","value":(true|false)', body), path
    every = [body for _, body in bodies("default")]
    assert any('{"op":"Replace","path":"active","value":"False"}' in body for body in every)
    assert any(re.search(r'{"op":"Remove","path":"members","value":\[{"value":"[^"]+"}\]}', b) for b in every)


def test_the_flag_has_small_operations_booleans_and_keys_that_are_paths() -> None:
    every = list(bodies("flag"))
    for path, body in every:
        assert set(re.findall(r'"op":"(\w+)"', body)) <= {"add", "replace", "remove"}, path
    assert any('{"op":"replace","path":"active","value":false}' in body for _, body in every)
    assert any('"name.givenName":"' in body for _, body in every)
    assert any(
        re.search(r'{"op":"remove","path":"members\[value eq \\"[^"]+\\"\]"}', body) for _, body in every
    )
    firsts = {body[:13] for _, body in every}
    assert {'{"schemas":["', '{"Operations"'} <= firsts, "both orders were seen (wire-facts section 10, 2)"


def test_a_query_of_the_tenant_url_stands_behind_the_requests_own() -> None:
    for path, exchange in played(f"?{FLAG}")[1]:
        target = raw(exchange)[0].split(" ")[1]
        place, _, query = target.partition("?")
        assert FLAG not in place
        assert query == FLAG or query.endswith(f"&{FLAG}"), path
        assert query.count(FLAG) == 1
    arrived = [one.split(b" ")[1].decode() for one in played(f"?{FLAG}")[0].arrived]
    assert not [target for target in arrived if f"{FLAG}/" in target], "an id belongs into the path"
