"""What the embedded Bitwarden answers to each request of which it was found to answer otherwise (E1 to E16).

The rows are those of the corrections to the fact sheet; the proofs of quirks.toml show more of each kind.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from tests.bitwarden.client import JSON, Client, person

STATE = "Operation is not valid due to the current state of the object."
NO_GROUPS = "This organization cannot use groups."


class Organization:
    """Ada, who is in a group, and Eve, who is not."""

    def __init__(self, **knobs: object) -> None:
        self.at = Client(**knobs)
        self.ada, self.eve = self.at.user("ada@example.com"), self.at.user("eve@example.com")
        self.group = self.at.group("Staff", self.ada)

    def change(self, *operations: JSON, kind: str = "Groups") -> tuple[int, str]:
        """Status and detail of a PATCH of the group, or of Ada."""
        answer = self.at.patch(f"/{kind}/{self.group if kind == 'Groups' else self.ada}", *operations)
        return answer.status, str(answer.json["detail"]) if answer.raw else ""

    def members(self) -> set[str]:
        return self.at.in_group(self.group)

    def modified(self) -> str:
        return str(self.at.get(f"/Groups/{self.group}").json["meta"]["lastModified"])

    def external_id(self) -> object:
        return self.at.get(f"/Users/{self.ada}").json["externalId"]


@pytest.mark.parametrize("op", ["replace", "add"])
def test_e01_members_by_patch_move_the_groups_last_modified(op: str) -> None:
    org = Organization()
    before = org.modified()
    assert org.change({"op": op, "path": "members", "value": [{"value": org.eve}]}) == (204, "")
    assert org.modified() > before


def test_e02_an_element_without_a_value_is_skipped() -> None:
    org = Organization()
    value = [{"display": "x"}, {"value": org.eve}]
    assert org.change({"op": "add", "path": "members", "value": value}) == (204, "")
    assert org.members() == {org.ada, org.eve}


def test_e03_an_empty_external_id_of_a_user_is_stored_and_of_a_group_is_null() -> None:
    org = Organization()
    blank = {"op": "replace", "path": "externalId", "value": ""}
    assert org.change(blank, kind="Users") == (204, "")
    assert org.external_id() == ""
    assert org.change(blank | {"value": None}, kind="Users") == (204, "")
    assert org.external_id() is None
    assert org.change(blank) == (204, "")
    assert org.at.get(f"/Groups/{org.group}").json["externalId"] is None


def test_e04_an_external_id_without_a_value_is_500_and_kept() -> None:
    org = Organization()
    before = org.external_id()
    assert org.change({"op": "replace", "path": "externalId"}, kind="Users")[0] == 500
    assert org.external_id() == before == "ada@example.com"


def test_e05_with_groups_switched_off_put_and_a_new_name_are_refused() -> None:
    org = Organization()
    org.at.hook("/settings", {"groups": "no"}, "PATCH")
    put = org.at.put(f"/Groups/{org.group}", {"displayName": "Other"})
    assert (put.status, put.json["detail"]) == (400, NO_GROUPS)
    for form in ({"path": "displayName", "value": "Other"}, {"value": {"displayName": "Other"}}):
        assert org.change({"op": "replace", **form}) == (400, NO_GROUPS)
    assert org.at.get(f"/Groups/{org.group}").json["displayName"] == "Staff"


def test_e06_an_external_id_of_a_group_is_no_event() -> None:
    org = Organization()
    before = org.at.events()
    assert org.change({"op": "replace", "path": "externalId", "value": "x"}) == (204, "")
    assert org.at.events() == before


def test_e07_an_external_id_of_white_space_was_not_sent() -> None:
    answer = Client().post("/Users", person("ada@example.com", externalId="  "))
    assert (answer.status, answer.json["externalId"]) == (201, "ada@example.com")


def test_e08_both_policies_broken_are_one_sentence() -> None:
    org = Organization()
    org.at.join(org.ada, elsewhere=True)
    org.at.set_active(org.ada, active=False)
    org.at.hook("/settings", {"two-step": "yes", "single-organization": "yes"}, "PATCH")
    restored = org.at.set_active(org.ada, active=True)
    policies = "the single organization membership and two-step login policy"
    assert (restored.status, restored.json["detail"]) == (
        400,
        f"ada@example.com is not compliant with {policies}.",
    )


def test_e09_an_operation_without_path_and_value_is_500_with_the_frameworks_text() -> None:
    assert Organization().change({"op": "replace"}, kind="Users") == (500, STATE)


def test_e10_a_path_that_is_not_closed_removes() -> None:
    org = Organization()
    assert org.change({"op": "remove", "path": f'members[value eq "{org.ada}'}) == (204, "")
    assert org.members() == set()


def test_e11_a_path_is_not_trimmed() -> None:
    org = Organization()
    assert org.change({"op": "replace", "path": " members", "value": []}) == (204, "")
    assert org.members() == {org.ada}


def test_e12_the_public_api_shows_a_member_without_groups() -> None:
    org = Organization()
    member = org.at.public(f"/members/{org.ada}").json
    assert "groups" not in member
    assert "ssoExternalId" in member


def test_e13_the_log_takes_both_ends_or_neither() -> None:
    org = Organization()
    now, day = datetime.now(UTC), timedelta(days=1)
    every = org.at.events()
    assert every
    assert org.at.events(start=(now + day).isoformat()) == every
    assert org.at.events(end=(now - day).isoformat()) == every
    assert org.at.events(start=(now + day).isoformat(), end=(now - day).isoformat()) == every
    wide = urlencode({"start": (now - 368 * day).isoformat(), "end": now.isoformat()})
    assert org.at.public(f"/events?{wide}").status == 400


@pytest.mark.parametrize(
    ("knobs", "status"),
    [({}, 400), ({"fail_fast": "yes"}, 201), ({"staged": "yes"}, 201), ({"provider": "yes"}, 201)],
    ids=["default", "fail-fast", "staged", "provider"],
)
def test_e14_only_the_default_flow_asks_for_an_owner(knobs: dict[str, str], status: int) -> None:
    assert Client(owners=0, **knobs).post("/Users", person("ada@example.com")).status == status


@pytest.mark.parametrize("database", ["sqlserver", "postgres", "mysql"])
def test_e15_sql_server_cuts_a_long_name_and_the_answer_has_all_of_it(database: str) -> None:
    at = Client(database=database)
    answer = at.post("/Groups", {"displayName": "x" * 101})
    if database != "sqlserver":
        assert answer.status == 500
        return
    assert (answer.status, answer.json["displayName"]) == (201, "x" * 101)
    assert at.get(f"/Groups/{answer.json['id']}").json["displayName"] == "x" * 100


def test_e16_times_have_no_zeros_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = 1_700_000_000 * 10**9
    for nanoseconds, shown in ((0, "20Z"), (500_000_000, "20.5Z"), (1_234_567_800, "21.2345678Z")):
        monkeypatch.setattr(
            "scimproof.embedded.bitwarden.people.time.time_ns", lambda now=stamp + nanoseconds: now
        )
        at = Client()
        group = at.get(f"/Groups/{at.group()}").json
        assert group["meta"]["created"] == f"2023-11-14T22:13:{shown}"
