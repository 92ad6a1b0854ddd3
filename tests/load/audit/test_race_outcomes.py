"""A write sent again while the first is under way: what a right server answers, what a wrong one does."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scimproof.core.http_message import Exchange, Request
from scimproof.load.audit.race_outcomes import sent_again
from scimproof.load.plan.identities import Blanks
from tests.load.audit.bench import Bench, Send, bench, sorts
from tests.load.audit.test_procedure_targets import ruled

USER, GROUP, ONE = "/scim/v2/Users", "/scim/v2/Groups", "/scim/v2/Groups/7"
AFTER = 0.005  # seconds


def answered(method: str, target: str, *answers: tuple[int, str]) -> list[Exchange]:
    """These statuses, each with the id that its answer shows."""
    request = Request(method, target, ())
    return [
        Exchange(1, request, status, body=json.dumps({"id": id}).encode() if id else b"")
        for status, id in answers
    ]


@pytest.mark.parametrize(
    ("method", "target", "answers"),
    [
        ("POST", USER, ((201, "a"), (409, ""))),
        ("POST", USER, ((409, ""), (201, "a"))),
        ("POST", USER, ((201, "a"), (201, "a"))),
        ("POST", USER, ((201, "a"), (200, "a"))),
        ("POST", USER, ((409, ""), (409, ""))),
        ("POST", USER, ((201, "a"), (503, ""))),
        ("POST", USER, ((201, "a"), (429, ""))),
        ("POST", GROUP, ((201, "a"), (201, "b"))),
        ("PATCH", ONE, ((204, ""), (200, "7"))),
        ("PATCH", ONE, ((204, ""), (409, ""))),
        ("PATCH", ONE, ((204, ""), (400, ""))),
        ("PATCH", ONE, ((500, ""), (500, ""))),
        ("DELETE", ONE, ((204, ""), (404, ""))),
        ("DELETE", ONE, ((204, ""), (204, ""))),
    ],
)
def test_what_a_right_server_may_answer(
    method: str, target: str, answers: tuple[tuple[int, str], ...]
) -> None:
    assert sent_again(answered(method, target, *answers)) == ""


@pytest.mark.parametrize(
    ("method", "target", "answers", "why"),
    [
        ("POST", USER, ((201, "a"), (201, "b")), "answered 201, 201 with two ids: two users"),
        ("POST", USER, ((201, "a"), (500, "")), "answered 201, 500"),
        ("POST", USER, ((400, ""), (201, "a")), "answered 201, 400"),
        ("POST", USER, ((409, ""), (500, "")), "answered 409, 500"),
        ("PATCH", ONE, ((204, ""), (500, "")), "answered 204, 500"),
        ("PATCH", ONE, ((404, ""), (400, "")), "answered 400, 404"),
    ],
)
def test_what_a_wrong_server_answers(
    method: str, target: str, answers: tuple[tuple[int, str], ...], why: str
) -> None:
    assert sent_again(answered(method, target, *answers)) == why


def twice(load: Bench, file: str, blanks: Blanks) -> str:
    """Send a request, and the same again while the first is under way; what is wrong with the two answers."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        first = pool.submit(load.ask, file, blanks)
        time.sleep(AFTER)
        second = pool.submit(load.ask, file, blanks)
        return sent_again([first.result(), second.result()])


@pytest.mark.parametrize(
    ("fault", "why", "found"),
    [
        ("", "", set()),
        ("duplicate-under-race", "answered 201, 201 with two ids: two users", {"duplicate"}),
        ("race-500", "answered 201, 500", set()),
    ],
)
def test_a_create_sent_twice(tmp_path: Path, fault: str, why: str, found: set[str]) -> None:
    with bench(tmp_path, *([fault] if fault else [])) as load:
        said = {twice(load, "both/user-create", load.names("d", "again").person(n)) for n in range(3)}
        assert why in said
        assert said <= {"", why}
        assert sorts(load.audit()) == found


class UndoneByItself:
    """A server that gives up a change when the same one comes in, and the other when the first is gone."""

    def __init__(self) -> None:
        self.under_way: set[bytes] = set()
        self.lock = threading.Lock()

    def __call__(self, request: Request, send: Send) -> Exchange | None:
        """Both are answered 204."""
        if request.method != "PATCH":
            return None
        with self.lock:
            again = request.body in self.under_way
            (self.under_way.discard if again else self.under_way.add)(request.body)
        time.sleep(AFTER * 4)
        with self.lock:
            kept = request.body in self.under_way
        return send(request) if kept else Exchange(1, request, status=204)


@pytest.mark.parametrize("undone", [False, True])
def test_a_member_that_is_lost_because_the_change_came_twice(tmp_path: Path, undone: bool) -> None:
    around = ruled(UndoneByItself()) if undone else ruled(lambda _, __: None)
    with bench(tmp_path, around=around) as load:
        (person,) = load.prefill(1)
        group = load.names("d", "again").group(0)
        made = load.ask("both/group-create-empty", group)
        blanks = group | {
            "group.id": str(made.json["id"]),
            "user.id": person.id,
            "user.userName": person.user_name,
        }
        assert twice(load, "oin/group-add-member", blanks) == ""
        assert sorts(load.audit()) == ({"membership"} if undone else set())
