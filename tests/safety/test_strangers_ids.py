"""S01, S03, S04: an id is this run's only while the target, asked for that id, shows it."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.engine.kit import Recording, play
from tests.matrix.inprocess import FEW
from tests.safety.bent import Call, Said, bent, colleague, past

GROUPS = ("okta.oin.group", "okta.aiw.group")
SOME = ("okta.oin.user.deactivate", "okta.oin.user.update", "okta.aiw.user.reassign", *GROUPS)


@dataclass
class Rows:
    """Ids as a table's row numbers: what is deleted frees its number, and a colleague gets it at once."""

    target: Recording | None = None
    inner: dict[tuple[str, str], str] = field(default_factory=dict)
    outer: dict[str, str] = field(default_factory=dict)
    theirs: list[tuple[str, str]] = field(default_factory=list)
    free_by: tuple[str, ...] = ("DELETE",)
    shared: bool = False  # users and groups count apart, so that a user and a group have one number
    last: dict[str, int] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.RLock)

    def number(self, kind: str, inner: str, outer: str = "") -> str:
        self.last[kind] = self.last.get(kind, 0) + 1
        told = outer or f"row-{self.last[kind]:06d}"
        self.inner[kind, told], self.outer[inner] = inner, told
        return told

    def __call__(self, call: Call) -> Said | None:
        with self.lock:  # several requests come at a time, and one changes what another looks through
            return self.answer(call)

    def answer(self, call: Call) -> Said | None:
        assert self.target is not None
        given = call.id
        inner = self.inner.get((call.kind, given), given)
        text = json.dumps(call.body) if call.body is not None else ""
        for (kind, told), id in self.inner.items():
            if f'"{told}"' in text.replace('\\"', '"') and kind == "Users":
                text = text.replace(told, id)
        path = call.path.replace(given, inner) if given else call.path
        said = call.ask(json.loads(text) if text else None, PATH_INFO=path)
        if call.method == "POST" and said.status == 201:
            self.number(call.kind, said.body["id"])
        off = call.method == "PATCH" and '"active": false' in text and "deactivate" in self.free_by
        if said.status < 300 and (call.method in self.free_by or off):
            if off:
                past(self.target).ask("DELETE", f"/{call.kind}/{inner}")
            made = colleague(self.target, call.kind, len(self.theirs))
            del self.inner[call.kind, given]
            self.number(call.kind, made["id"], given)
            self.theirs.append((call.kind, made["id"]))
        if said.body is not None:
            answer = json.dumps(said.body)
            for id in re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", answer):
                answer = answer.replace(id, self.outer.get(id, id))
            said.body = json.loads(answer)
        return said


def theirs(target: Recording, rows: Rows) -> list[Any]:
    return [past(target).ask("GET", f"/{kind}/{id}").json for kind, id in rows.theirs]


@pytest.mark.parametrize(
    "free_by",
    [pytest.param(("DELETE",), marks=pytest.mark.nightly), ("DELETE", "deactivate")],
    ids=["delete", "deactivate"],
)
def test_s01_a_freed_id_that_a_colleague_got_is_left_alone(free_by: tuple[str, ...]) -> None:
    rows = Rows(free_by=free_by)
    with bent(rows) as target:
        rows.target = target
        _, report = play(target.url, *SOME, most=FEW)
        after = theirs(target, rows)
        written = [raw for raw in target.arrived if raw.startswith((b"DELETE", b"PUT", b"PATCH"))]
    assert len(rows.theirs) > 10
    assert all(one and ("corp.example" in json.dumps(one) or "Team " in json.dumps(one)) for one in after)
    assert [one["meta"]["created"] for one in after] == [one["meta"]["lastModified"] for one in after]
    assert written
    assert report["ledger"]["left"] == []


def test_s01_numbers_that_users_and_groups_have_alike_are_told_apart() -> None:
    """A group create is answered with a stranger's number, which one of the run's own users has too."""
    users: list[str] = []

    def bend(call: Call) -> Said | None:
        said = call.ask()
        if call.method == "POST" and said.status == 201 and call.kind == "Users":
            users.append(said.body["id"])
        return said

    with bent(bend) as target:
        stranger = colleague(target, "Groups", 1)
        before = past(target).ask("GET", f"/Groups/{stranger['id']}").body
        app = target.app

        def confuse(call: Call) -> Said | None:
            """Users have the stranger's group id as their own id; groups are created under it."""
            said = call.ask()
            if call.method == "POST" and said.status == 201:
                said.body["id"] = stranger["id"]
            return said

        app.bend = confuse
        _, report = play(target.url, "okta.oin.group", "okta.oin.user.deactivate", most=FEW)
        app.bend = bend
        after = past(target).ask("GET", f"/Groups/{stranger['id']}").body
    assert after == before
    assert report["ledger"]["left"] == []


@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_s03_a_stale_index_that_names_a_stranger_is_not_believed(kind: str) -> None:
    """Creates are refused; the search shows a stranger under the name that was asked for."""
    stranger: dict[str, Any] = {}

    def bend(call: Call) -> Said | None:
        if call.kind != kind:
            return None
        if call.method == "POST":
            return Said(500, {"detail": "no"})
        if call.method == "GET" and "filter=" in call.query:
            name = re.search(r"eq%20%22(.*?)%22", call.query) or re.search(r'eq "(.*?)"', call.query)
            shown = {**stranger, "userName" if kind == "Users" else "displayName": name and name[1]}
            return Said(200, {"totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [shown]})
        return None

    with bent(bend) as target:
        stranger |= colleague(target, kind, 1)
        before = past(target).ask("GET", f"/{kind}/{stranger['id']}").body
        play(target.url, "okta.oin.user.create", "okta.oin.group.push", "okta.oin.group.delete")
        after = past(target).ask("GET", f"/{kind}/{stranger['id']}").body
        touched = [
            raw
            for raw in target.arrived
            if stranger["id"].encode() in raw and not raw.startswith((b"GET", b"POST"))
        ]
    assert after == before
    assert touched == []


def test_s03_an_answer_that_is_about_somebody_else_proves_nothing() -> None:
    """Every read by id shows the run's own last user, whatever id was asked for."""
    last: dict[str, Any] = {}
    stranger: dict[str, Any] = {}

    def bend(call: Call) -> Said | None:
        if call.kind != "Users":
            return None
        if call.method == "POST":
            said = call.ask()
            if said.status == 201:
                last.update(said.body)
                said.body = {**said.body, "id": stranger["id"]}
            return said
        if call.method == "GET" and call.id and last:
            return Said(200, last)
        return None

    with bent(bend) as target:
        stranger |= colleague(target, "Users", 1)
        before = past(target).ask("GET", f"/Users/{stranger['id']}").body
        play(target.url, "okta.oin.user.deactivate", "okta.oin.user.update", "okta.aiw.user")
        assert past(target).ask("GET", f"/Users/{stranger['id']}").body == before


@pytest.mark.parametrize("dialect", ["okta.oin.group", "okta.aiw.group"])
def test_s04_a_stranger_is_made_a_member_of_nothing(dialect: str) -> None:
    """A create of a user is answered with a stranger's id; bodies are held to the same proof as paths."""
    stranger: dict[str, Any] = {}

    def bend(call: Call) -> Said | None:
        said = call.ask()
        if call.method == "POST" and call.kind == "Users" and said.status == 201:
            said.body = {**said.body, "id": stranger["id"]}
        return said

    with bent(bend) as target:
        stranger |= colleague(target, "Users", 1)
        _, report = play(target.url, dialect, most=FEW)
        sent = [raw for raw in target.arrived if stranger["id"].encode() in raw.partition(b"\r\n\r\n")[2]]
        left = {kind: len(some) for kind, some in past(target).everything().items()}
    assert sent == []
    assert left == {"Users": 1, "Groups": 0}
    assert report["ledger"]["left"] == []


def test_s04_a_stranger_whom_the_target_shows_in_our_group_is_not_sent_back() -> None:
    """The wizard's merge takes over what a read showed: a member who is not of this run is not sent."""
    stranger: dict[str, Any] = {}

    def bend(call: Call) -> Said | None:
        said = call.ask()
        if call.kind == "Groups" and call.method == "GET" and call.id and said.status == 200:
            said.body["members"] = [*said.body.get("members", []), {"value": stranger["id"]}]
        return said

    with bent(bend) as target:
        stranger |= colleague(target, "Users", 1)
        play(target.url, "okta.aiw.group", "okta.oin.group", most=FEW)
        sent = [raw for raw in target.arrived if stranger["id"].encode() in raw.partition(b"\r\n\r\n")[2]]
    assert sent == []
