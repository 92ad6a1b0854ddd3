"""S05, S06, S07: "removed" is said after a look that did not find it, and of what is not known nothing."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.cleanup.ledger_reader import StaleLedger, earlier
from scimproof.core.errors import Exit
from scimproof.report.document import exit_code
from tests.engine.kit import Recording, play, scimproof
from tests.matrix.inprocess import FEW
from tests.safety.bent import Call, Said, bent, past, refused

SOME = ("okta.oin.user.create", "okta.oin.user.deactivate", "okta.oin.group.push", "okta.aiw.user.reassign")


def there(target: Recording) -> int:
    return sum(target.app.store.size(kind) for kind in ("User", "Group"))


def deletes(target: Recording) -> int:
    return sum(raw.startswith(b"DELETE") for raw in target.arrived)


def no_route(call: Call) -> Said | None:
    return refused(404, "Cannot DELETE") if call.method == "DELETE" else None


def test_s05_a_delete_without_a_route_removes_nothing_and_is_said_once(tmp_path: Any) -> None:
    with bent(no_route) as target:
        _, report = play(target.url, most=FEW, strict=True)
        stays = there(target)
        asked = deletes(target)
        left = report["ledger"]["left"]
        assert stays > 100
        assert len(left) == stays
        assert report["ledger"]["removed"] == 0
        assert asked < 40
        assert report["summary"]["requests_to_tidy_up"] < 300
        assert exit_code(report) is Exit.DOES_NOT_HOLD
        (book,) = earlier()
        assert isinstance(book, StaleLedger)
        cleaned = scimproof(tmp_path, "clean")
    assert cleaned.returncode == Exit.CANNOT_TELL
    assert f"left {stays}" in cleaned.stdout
    assert cleaned.stdout.count("Cannot DELETE") < 20
    assert book.path.exists()


@pytest.mark.parametrize("status", [204, 200, 202, 404, 405, 410, 500, 501, 403])
def test_s05_whatever_a_delete_answers_a_look_decides(status: int) -> None:
    """Every second DELETE does nothing, whatever it answers."""
    count = iter(range(10_000))

    def bend(call: Call) -> Said | None:
        if call.method != "DELETE" or next(count) % 2:
            return None
        return Said(204) if status == 204 else refused(status)

    with bent(bend) as target:
        _, report = play(target.url, *SOME)
        assert len(report["ledger"]["left"]) == there(target) > 0
        assert report["ledger"]["removed"] == report["ledger"]["created"] - there(target)


def test_s05_a_delete_that_works_and_says_not_found_has_removed() -> None:
    def bend(call: Call) -> Said | None:
        if call.method == "DELETE":
            call.ask()
            return refused(404)
        return None

    with bent(bend) as target:
        _, report = play(target.url, *SOME)
        assert there(target) == 0
    assert report["ledger"]["left"] == []
    assert report["ledger"]["removed"] == report["ledger"]["created"] > 5


def test_s05_a_read_that_always_says_not_found_removes_nothing() -> None:
    """GET by id has no route either: then 404 is no news, and the search finds them."""

    def bend(call: Call) -> Said | None:
        return refused(404) if call.id and call.method in ("DELETE", "GET") else None

    with bent(bend) as target:
        _, report = play(target.url, *SOME)
        left = report["ledger"]["left"]
        assert there(target) == len(left) > 0
        assert report["ledger"]["removed"] == 0


@pytest.mark.parametrize("searchable", [True, False])
def test_s06_a_create_without_an_id_is_made(searchable: bool) -> None:
    """A 201 without id, found by no search: the list is walked, and where that fails too, it is said."""

    def bend(call: Call) -> Said | None:
        if call.kind != "Users":
            return None
        if call.method == "POST":
            said = call.ask()
            if said.status == 201:
                said.body.pop("id")
            return said
        if call.method == "GET" and not call.id and ("filter=" in call.query or not searchable):
            return Said(200, {"totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []})
        return None

    with bent(bend) as target:
        _, report = play(target.url, "okta.oin.user.create")
        left, stays = report["ledger"]["left"], there(target)
    assert report["ledger"]["created"] >= 1
    if searchable:
        assert (stays, left) == (0, [])
    else:
        assert stays == len(left) > 0
        assert "without an id" in left[0]["why"]


@pytest.mark.parametrize("status", [400, 409, 500, 503])
def test_s07_a_refused_create_that_cannot_be_looked_for_is_not_left(status: int) -> None:
    begun: list[str] = []

    def bend(call: Call) -> Said | None:
        if call.kind != "Users":
            return None
        if call.method == "POST":
            begun.append(call.path)
            return refused(status)
        return refused(403) if begun else None

    with bent(bend) as target:
        _, report = play(target.url, "okta.oin.user.create", "okta.aiw.user.create")
        assert there(target) == 0
    assert report["ledger"]["left"] == []
    assert len(report["ledger"]["unknown"]) > 0
    assert "403" in report["ledger"]["unknown"][0]["why"]


def test_a_refused_create_that_was_stored_all_the_same_is_found() -> None:
    def bend(call: Call) -> Said | None:
        if call.method == "POST":
            call.ask()
            return refused(503)
        return None

    with bent(bend) as target:
        _, report = play(target.url, "okta.oin.user.create", "okta.oin.group.push")
        assert past(target).everything() == {"Users": [], "Groups": []}
    assert report["ledger"]["left"] == []


def test_the_second_of_two_that_one_create_made_is_found() -> None:
    def bend(call: Call) -> Said | None:
        if call.method == "POST" and call.kind == "Users":
            call.ask()
        return None

    with bent(bend, "create-duplicate-accepted") as target:
        play(target.url, "okta.oin.user.create")
        assert past(target).everything() == {"Users": [], "Groups": []}
