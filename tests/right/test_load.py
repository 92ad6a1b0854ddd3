"""The audit of a load, and what else load says of right servers: rows L01, L07, L08 and C14."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Request
from scimproof.load.audit.document import document, merged
from scimproof.load.audit.violation import Result
from scimproof.load.client.client import LoadClient
from scimproof.load.client.response import Response
from scimproof.load.generator.auditor import Auditor
from scimproof.load.metrics.counters import Metrics
from scimproof.load.player.retry import LoadRetry, patiently
from scimproof.load.unscheduled.list_walk import ListWalk
from scimproof.render.load.terminal import stored
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.engine.kit import TOKEN
from tests.load.audit.bench import Send, bench, sorts
from tests.load.audit.test_procedure_targets import Rule, creates, first_only, ruled, told
from tests.load.scripted import Talk, scripted


def edited(edit: Callable[[dict[str, Any]], None]) -> Callable[[Send], Send]:
    """A target whose lists of users, not its searches, are changed so."""

    def around(send: Send) -> Send:
        def sent(request: Request) -> Exchange:
            exchange = send(request)
            path, _, query = request.target.partition("?")
            if not path.endswith("/Users") or not query or "filter" in query or not exchange.ok:
                return exchange
            body = exchange.json
            edit(body)
            return replace(exchange, body=json.dumps(body).encode())

        return sent

    return around


def capped(size: int, *, total: bool) -> Callable[[dict[str, Any]], None]:
    def edit(body: dict[str, Any]) -> None:
        rows = body["Resources"][:size]
        body |= {"Resources": rows, "itemsPerPage": len(rows)}
        if total:
            body["totalResults"] = min(size, body["totalResults"])

    return edit


def test_l07_a_list_that_is_cut_is_one_finding_and_nobody_is_lost(tmp_path: Path) -> None:
    with bench(tmp_path, read_back_by=edited(capped(5, total=True))) as load:
        load.prefill(30)
        result = load.audit()
    assert result.counts["unlisted"] == 1
    assert sorts(result) == {"unlisted"}
    (found,) = result.shown["unlisted"]
    assert found.observed == "it leaves out 25 of 30, this one first"
    assert found.expected == "the whole list shows every user that can be read by id"
    assert found.times == 25
    assert found.exchanges[-1].ok


def test_l07_a_search_that_misses_some_is_one_finding(tmp_path: Path) -> None:
    def nobody(request: Request, send: Send) -> Exchange | None:
        if "filter" not in request.target or "/Users" not in request.target:
            return None
        empty = {"schemas": [], "totalResults": 0, "Resources": []}
        return replace(send(request), body=json.dumps(empty).encode())

    with bench(tmp_path, read_back_by=ruled(nobody)) as load:
        load.prefill(6)
        result = load.audit()
    assert (sorts(result), result.counts["unlisted"]) == ({"unlisted"}, 1)
    assert "it leaves out 6 of 6" in result.shown["unlisted"][0].observed


def test_l07_who_is_not_there_by_id_either_is_lost(tmp_path: Path) -> None:
    with bench(tmp_path, "drop-one-create-in-fifty", read_back_by=edited(capped(5, total=True))) as load:
        load.prefill(60)
        result = load.audit()
    assert result.counts["lost"] == 1
    assert result.counts["unlisted"] == 1


@pytest.mark.parametrize("total", ["text", "words", "none", "null", "too large"])
def test_l08_a_list_without_a_number_of_results_is_walked_to_an_empty_page(
    tmp_path: Path, total: str
) -> None:
    def edit(body: dict[str, Any]) -> None:
        number = body.pop("totalResults")
        told = {"text": str(number), "words": "many", "null": None, "too large": number + 500}
        if total in told:
            body["totalResults"] = told[total]

    with bench(tmp_path, read_back_by=edited(edit)) as load:
        load.prefill(120)
        result = load.audit()
    assert (sorts(result), result.unread) == (set(), [])


def test_l08_a_list_whose_end_nobody_knows_is_unread_and_no_evidence(tmp_path: Path) -> None:
    """It has no totalResults, and shows its first page whatever is asked for."""

    def edit(body: dict[str, Any]) -> None:
        body.pop("totalResults")

    def first_page(request: Request, send: Send) -> Exchange | None:
        if "/Users?" not in request.target or "filter" in request.target:
            return None
        asked = re.sub(r"startIndex=\d+", "startIndex=1", request.target)
        return edited(edit)(send)(replace(request, target=asked))

    with bench(tmp_path, read_back_by=ruled(first_page)) as load:
        load.prefill(120)
        result = load.audit()
    assert sorts(result) == set()
    assert result.unread == ["walking the list of users: it comes to no end"]


def test_l08_an_import_without_a_number_of_results_skips_nobody() -> None:
    def page(start: int) -> Exchange:
        rows = [{"id": str(n)} for n in range(start, min(start + 10, 26))]
        return Exchange(
            start, Request("GET", "/Users", ()), status=200, body=json.dumps({"Resources": rows}).encode()
        )

    walk = ListWalk(page)
    while not walk.over:
        walk.step()
    assert list(walk.wrong(str(n) for n in range(1, 26))) == []
    assert not walk.broken


def test_l06_a_target_without_groups_is_not_asked_for_their_list(tmp_path: Path) -> None:
    rule: Rule = lambda r, _: told(r, 404) if "/Groups" in r.target else None  # noqa: E731
    with bench(tmp_path, read_back_by=ruled(rule)) as load:
        load.prefill(3)
        result = load.audit()
    assert (sorts(result), result.unread) == (set(), [])


@pytest.mark.parametrize("status", [503, 502, 504])
def test_c14_a_create_that_is_stored_though_its_answer_says_not_is_told(tmp_path: Path, status: int) -> None:
    chosen = first_only(creates)
    rule: Rule = lambda r, send: (send(r), told(r, status))[1] if chosen(r) else None  # noqa: E731
    with bench(tmp_path, around=ruled(rule)) as load:
        for number in range(3):
            load.ask("both/user-create", load.names("d", "stored").person(number))
        result = load.audit()
        answered = document(result, Target("http://127.0.0.1"), "scimproof-audit000")
    assert sorts(result) == set()
    assert answered["answered"] == {str(status): 1}
    (said,) = stored({"audit": answered})
    assert said == f"1 create was stored though answered {status}: Okta's retry meets 409."
    both = merged([answered, answered])
    assert list(stored({"audit": both})) == [
        f"2 creates were stored though answered {status}: Okta's retry meets 409."
    ]


def test_c14_a_retry_that_was_accepted_is_nothing_to_tell(tmp_path: Path) -> None:
    chosen = first_only(creates)
    rule: Rule = lambda r, _: told(r, 503) if chosen(r) else None  # noqa: E731
    with bench(tmp_path, around=ruled(rule)) as load:
        blanks = load.names("d", "again").person(1)
        for _ in range(3):
            load.ask("both/user-create", blanks)
        result: Result = load.audit()
    assert not result.answered


def test_c14_documents_of_earlier_versions_say_nothing_of_it() -> None:
    assert list(stored({"audit": {"counts": {}}})) == []


def answered_with(*heads: bytes) -> Callable[[Talk], None]:
    """Each request in turn gets one of these."""
    left = itertools.cycle(heads)

    def script(talk: Talk) -> None:
        while talk.request():
            talk.answer(next(left))

    return script


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LATER = b"HTTP/1.1 %d Later\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "status", "sent"), [("GET", 429, 2), ("POST", 429, 2), ("GET", 503, 2), ("POST", 503, 1)]
)
def test_l01_what_the_audit_asks_waits_after_a_429(
    tmp_path: Path, method: str, status: int, sent: int
) -> None:
    """A 503 is waited out by reads only: what became of a write is not known then."""
    with scripted(answered_with(LATER % status, OK)) as listener:
        target = Target(f"http://127.0.0.1:{listener.port}", Bearer(TOKEN))
        sender = LoadClient(target, 5.0)
        ledger = Ledger(tmp_path / "l.jsonl", target.url, "scimproof-audit000")
        auditor = Auditor(load_catalog(), target, ledger, sender, load_catalog().sender(None))
        found = auditor.send(Request(method, "/Users", (("Host", "x"), ("Content-Length", "0"))))
        auditor.close()
        sender.close()
        ledger.close()
    assert len(listener.requests) == sent
    assert found.status == (200 if sent == 2 else status)


def test_l01_the_look_of_the_guard_has_the_patience_of_the_load() -> None:
    statuses = iter([429, 429, 200])

    def ask() -> Response:
        answer = Response(time.monotonic())
        answer.status = next(statuses)
        answer.head = b"HTTP/1.1 429 Later\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
        return answer

    assert patiently(ask, LoadRetry(Metrics(), 1.0)).status == 200
    statuses = iter([429])
    assert patiently(ask, None).status == 429
