"""Targets that break one promise each, targets that only look as if they did, and answers that were lost."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.scim import LIST_RESPONSE, resources
from tests.load.audit.bench import OFF, ON, Bench, Send, bench, sorts

Rule = Callable[[Request, Send], Exchange | None]


def ruled(rule: Rule) -> Callable[[Send], Send]:
    """A way to the target on which a rule may answer instead."""

    def around(send: Send) -> Send:
        return lambda request: rule(request, send) or send(request)

    return around


def told(request: Request, status: int) -> Exchange:
    return Exchange(1, request, status=status, body=b"{}")


def creates(request: Request) -> bool:
    return request.method == "POST" and request.target.endswith("/Users")


def switches_off(request: Request) -> bool:
    return request.method == "PATCH" and b'"active":false' in request.body


def first_only(applies: Callable[[Request], bool]) -> Callable[[Request], bool]:
    """Of the requests to which it applies, only the second."""
    count = itertools.count()
    return lambda request: applies(request) and next(count) == 1


def lived(load: Bench, people: int = 3) -> set[str]:
    load.lives(load.prefill(people), parallel=1)
    return sorts(load.audit())


@pytest.mark.parametrize("status", [400, 409, 500])
def test_a_refused_create_that_is_there_is_a_phantom(tmp_path: Path, status: int) -> None:
    chosen = first_only(creates)
    rule: Rule = lambda r, send: send(r) and told(r, status) if chosen(r) else None  # noqa: E731
    with bench(tmp_path, around=ruled(rule)) as load:
        for number in range(3):
            load.ask("both/user-create", load.names("d", "phantom").person(number))
        result = load.audit()
        assert sorts(result) == {"phantom"}
        assert [e.status for e in result.shown["phantom"][0].exchanges] == [status, 200]


@pytest.mark.parametrize("status", [202, 408, 502, 503, 504])
def test_an_answer_of_somebody_in_front_of_the_target_proves_nothing(tmp_path: Path, status: int) -> None:
    for happens in (True, False):
        chosen = first_only(creates)
        rule: Rule = lambda r, send, c=chosen, h=happens: (  # type: ignore[misc] # noqa: E731
            ((send(r) if h else None), told(r, status))[1] if c(r) else None
        )
        with bench(tmp_path, around=ruled(rule)) as load:
            for number in range(3):
                load.ask("both/user-create", load.names("d", "phantom").person(number))
            result = load.audit()
            assert (sorts(result), result.unknown) == (set(), 1)


def test_a_deactivation_that_was_answered_and_not_done_is_undead(tmp_path: Path) -> None:
    with bench(tmp_path, around=ruled(lambda r, _: told(r, 200) if switches_off(r) else None)) as load:
        for person in load.prefill(3):
            load.ask(OFF, {"user.id": person.id})
        result = load.audit()
        assert sorts(result) == {"undead"}
        assert result.counts["undead"] == 3


def test_a_refused_deactivation_that_was_done_is_a_phantom(tmp_path: Path) -> None:
    rule: Rule = lambda r, send: send(r) and told(r, 400) if switches_off(r) else None  # noqa: E731
    with bench(tmp_path, around=ruled(rule)) as load:
        person = load.prefill(1)[0]
        load.ask(OFF, {"user.id": person.id})
        assert sorts(load.audit()) == {"phantom"}


def test_a_reactivation_or_a_rename_that_was_not_done_leaves_it_stale(tmp_path: Path) -> None:
    rule: Rule = lambda r, _: told(r, 200) if b'"active":true}' in r.body and r.method == "PATCH" else None  # noqa: E731
    with bench(tmp_path, around=ruled(rule)) as load:
        person = load.prefill(1)[0]
        load.ask(OFF, {"user.id": person.id})
        load.ask(ON, {"user.id": person.id})
        assert sorts(load.audit()) == {"stale"}
    rule = lambda r, _: told(r, 204) if r.method == "PATCH" else None  # noqa: E731
    with bench(tmp_path, around=ruled(rule)) as load:
        blanks = load.names("d", "rename").group(1)
        made = load.ask("both/group-create-empty", blanks)
        load.ask("oin/group-rename", blanks | {"group.id": made.json["id"]})
        assert sorts(load.audit()) == {"stale"}


def test_a_deleted_group_that_is_there_is_undead(tmp_path: Path) -> None:
    with bench(tmp_path, around=ruled(lambda r, _: told(r, 204) if r.method == "DELETE" else None)) as load:
        blanks = load.names("d", "gone").group(1)
        made = load.ask("both/group-create-empty", blanks)
        load.ask("both/group-delete", blanks | {"group.id": made.json["id"]})
        assert sorts(load.audit()) == {"undead"}


def test_groups_that_are_deleted_are_expected_to_be_gone(tmp_path: Path) -> None:
    with bench(tmp_path) as load:
        blanks = load.names("d", "gone").group(1)
        made = load.ask("both/group-create-empty", blanks)
        load.ask("both/group-delete", blanks | {"group.id": made.json["id"]})
        assert sorts(load.audit()) == set()


def hiding(way: str, *, times: int = 10**9) -> Callable[[Send], Send]:
    """A target whose lists (or searches) do not show the first user, so many times."""
    left = itertools.count()

    def around(send: Send) -> Send:
        def sent(request: Request) -> Exchange:
            exchange = send(request)
            path, _, query = request.target.partition("?")
            searched = "filter" in query
            if not path.endswith("/Users") or not query or searched != (way == "search"):
                return exchange
            body = exchange.json
            if next(left) < times and body["Resources"]:
                body["Resources"] = body["Resources"][1:]
                body["totalResults"] -= 1
            return replace(exchange, body=json.dumps(body).encode())

        return sent

    return around


@pytest.mark.parametrize("way", ["list", "search"])
def test_who_can_be_read_by_id_but_not_found_otherwise_is_unlisted_and_not_lost(
    tmp_path: Path, way: str
) -> None:
    with bench(tmp_path, read_back_by=hiding(way)) as load:
        load.prefill(3)
        result = load.audit()
        assert sorts(result) == {"unlisted"}
        assert "it leaves out 1 of 3" in result.shown["unlisted"][0].observed or way == "search"


@pytest.mark.parametrize("way", ["list", "search"])
def test_what_shows_at_the_second_look_is_no_violation(tmp_path: Path, way: str) -> None:
    with bench(tmp_path, read_back_by=hiding(way, times=1)) as load:
        load.prefill(3)
        assert sorts(load.audit()) == set()


@pytest.mark.parametrize("fault", ["new-user-not-listed", "new-user-not-found-by-name"])
def test_lists_and_searches_may_lag_for_as_long_as_they_have_to_settle(tmp_path: Path, fault: str) -> None:
    with bench(tmp_path, fault) as load:
        load.prefill(3)
        assert sorts(load.audit(settle=1.6)) == set()


def test_a_create_that_makes_two_is_a_duplicate(tmp_path: Path) -> None:
    def twice(request: Request, send: Send) -> Exchange | None:
        if creates(request):
            send(replace(request, body=request.body.replace(b'"userName":"scim', b'"userName":"SCIM')))
        return None

    with bench(tmp_path, "duplicate-under-race", around=ruled(twice)) as load:
        race = list(load.races(rounds=1).creates())
        assert "duplicate" in sorts(load.audit(races=race))


def test_a_target_without_filters_is_audited_by_its_lists(tmp_path: Path) -> None:
    rule: Rule = lambda r, _: told(r, 400) if "filter" in r.target else None  # noqa: E731
    with bench(tmp_path, read_back_by=ruled(rule)) as load:
        load.lives(load.prefill(3))
        result = load.audit()
        assert sorts(result) == set()
        assert len(result.unread) == 1


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(1, 4))]
)
def test_answers_that_are_lost_on_the_way_are_never_held_against_the_target(
    tmp_path: Path, seed: int
) -> None:
    """Every fifth write is done and its answer lost, every seventh never arrives."""
    count, lock = itertools.count(seed), threading.Lock()

    def lossy(request: Request, send: Send) -> Exchange | None:
        if request.method == "GET":
            return None
        with lock:
            number = next(count)
        if number % 5 == 0:
            send(request)
        return Exchange(1, request, error="no complete answer") if not number % 5 or not number % 7 else None

    with bench(tmp_path, around=ruled(lossy), seed=seed) as load:
        for number in range(20):
            load.ask("both/user-create", load.names("d", "lossy").person(number))
        people = [id for kind, id in load.book.resources if kind == "User"]
        group = load.names("d", "lossy").group(0)
        for number in range(8):
            made = load.ask("both/group-create-empty", load.names("d", "lossy").group(number))
            if not made.error:
                break
        group |= {"group.id": made.json["id"]}
        for turn, id in enumerate(people * 3):
            files = ("oin/group-add-member", "oin/group-remove-member")
            load.ask(files[turn % 2], group | {"user.id": id, "user.userName": "x"})
            load.ask((OFF, ON)[turn % 2], {"user.id": id})
        result = load.audit()
        assert result.holds, result.shown
        assert result.unknown > 20


def test_a_store_that_cannot_be_read_back_is_not_judged(tmp_path: Path) -> None:
    for rule in (lambda r, _: told(r, 401), lambda r, _: told(r, 500)):
        with bench(tmp_path, read_back_by=ruled(rule)) as load:
            load.prefill(3)
            result = load.audit()
            assert (sorts(result), result.unjudged, len(result.unread)) == (set(), 3, 3)


def test_an_audit_that_was_interrupted_says_so_and_judges_what_it_saw(tmp_path: Path) -> None:
    count = itertools.count()

    def stopping(_request: Request, _: Send) -> Exchange | None:
        if next(count) > 1:
            raise RunStopped("interrupted")
        return None

    with bench(tmp_path, read_back_by=ruled(stopping)) as load:
        load.prefill(4)
        result = load.audit()
        assert (sorts(result), result.unread) == (set(), ["not read back: interrupted"])
        assert result.unjudged == 2


def test_somebody_whom_an_import_skips_is_told(tmp_path: Path) -> None:
    def skipping(request: Request, send: Send) -> Exchange | None:
        moved = request.target.replace("startIndex=101&", "startIndex=102&")
        return send(replace(request, target=moved)) if moved != request.target else None

    with bench(tmp_path, around=ruled(skipping)) as load:
        found = list(load.races().imports())
        assert [violation.observed for violation in found] == ["on no page"]
        assert [exchange.status for exchange in found[0].exchanges] == [200, 200, 200]


def test_a_target_without_patch_loses_no_race(tmp_path: Path) -> None:
    with bench(tmp_path, around=ruled(lambda r, _: told(r, 501) if r.method == "PATCH" else None)) as load:
        result = load.audit(races=[*load.races().members(), *load.races(letter="c").active()])
        assert sorts(result) == set()


def test_who_was_lost_is_not_said_to_be_skipped_by_an_import(tmp_path: Path) -> None:
    with bench(tmp_path, "drop-one-create-in-fifty") as load:
        assert list(load.races().imports()) == []
        assert sorts(load.audit()) == {"lost"}


def test_somebody_whom_an_import_repeats_is_told(tmp_path: Path) -> None:
    def repeating(request: Request, send: Send) -> Exchange | None:
        moved = request.target.replace("startIndex=101&", "startIndex=100&")
        return send(replace(request, target=moved)) if moved != request.target else None

    with bench(tmp_path, around=ruled(repeating)) as load:
        found = list(load.races().imports())
        assert [violation.observed for violation in found] == ["on 2 pages"]


def renamed_and_deleted(load: Bench) -> None:
    """A group that is renamed, one that is deleted, and one that stays as it is."""
    for number in range(3):
        group = load.names("d", "groups").group(number)
        made = load.ask("both/group-create-empty", group)
        group |= {
            "group.id": str(made.json["id"]),
            "group.newDisplayName": f"{group['group.displayName']} new",
        }
        if number == 0:
            load.ask("oin/group-rename", group)
        elif number == 1:
            load.ask("both/group-delete", group)


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        ("", set()),
        ("search", {"stale", "undead"}),
        ("index", {"stale", "undead"}),
        ("list", {"stale", "undead"}),
    ],
)
def test_a_group_is_found_by_its_present_name_and_not_after_its_deletion(
    tmp_path: Path, kept: str, found: set[str]
) -> None:
    """A server's search, index or list does not hear of renames and deletions."""
    made: list[dict[str, str]] = []

    def rule(request: Request, send: Send) -> Exchange | None:
        answer = send(request)
        if request.method == "POST" and answer.ok:
            made.append({"id": answer.json["id"], "displayName": answer.json["displayName"]})
        if request.method != "GET" or "/Groups?" not in request.target or not kept:
            return answer
        searches = "filter=" in request.target
        rows = [row for row in made if not searches or f"{quote(row['displayName'])}%22&" in request.target]
        if searches == (kept == "list") or (searches and resources(answer.json)):
            return answer
        new = {"displayName": "as it is now"} if kept == "index" else {}
        body = {
            "schemas": [LIST_RESPONSE],
            "totalResults": len(rows),
            "Resources": [row | new for row in rows],
        }
        return replace(answer, body=json.dumps(body).encode())

    with bench(tmp_path, around=ruled(rule), read_back_by=ruled(rule)) as load:
        renamed_and_deleted(load)
        result = load.audit()
        assert sorts(result) == found
        assert result.unread == []
        if kept in ("search", "index"):
            assert "still finds it" in result.shown["stale"][0].observed
        if found:
            assert result.shown["undead"][0].expected.startswith("deleted")
