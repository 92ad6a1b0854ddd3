"""Groups, whose members are read over the Public API."""

from __future__ import annotations

import re

from tests.bitwarden.client import JSON, NOBODY, Client, person

OTHER_AGENT = {"User_Agent": "OKTA SCIM Integration"}


class Staff:
    """A group with Ada and Eve in it, and Zoe who is not."""

    def __init__(self, **knobs: object) -> None:
        self.at = Client(**knobs)
        self.ada, self.eve, self.zoe = (self.at.user(f"{name}@example.com") for name in ("ada", "eve", "zoe"))
        self.id = self.at.group("Staff", self.ada, self.eve)

    def patch(self, *operations: JSON) -> int:
        return self.at.patch(f"/Groups/{self.id}", *operations).status

    def members(self) -> set[str]:
        return self.at.in_group(self.id)

    def name(self) -> str:
        return str(self.shown()["displayName"])

    def shown(self) -> JSON:
        found: JSON = self.at.get(f"/Groups/{self.id}").json
        return found


def values(*ids: object) -> list[JSON]:
    return [{"value": id, "display": "somebody"} for id in ids]


def only(id: str) -> str:
    return f'members[value eq "{id}"]'


def group_create() -> None:
    at = Client()
    for blank in ({}, {"displayName": None}, {"displayName": ""}, {"displayName": "  "}):
        assert at.post("/Groups", blank).status == 400, blank
    assert at.post("/Groups", {"displayName": "A", "externalId": "One"}).status == 201
    again = at.post("/Groups", {"displayName": "B", "externalId": "One"})
    assert (again.status, again.json["detail"]) == (409, "Conflict.")
    assert at.post("/Groups", {"displayName": "C", "externalId": "one"}).status == 201
    given = at.post("/Groups", {"displayName": "D"}).json["externalId"]
    assert re.fullmatch(r"[A-Za-z0-9]{15}", given)


def group_name_twice() -> None:
    at = Client()
    body = {"displayName": "Staff", "members": []}
    first, second = at.post("/Groups", body), at.post("/Groups", body)
    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] != second.json["id"]
    assert at.get("/Groups").json["totalResults"] == 2


def group_create_members() -> None:
    at = Client()
    id, revoked = at.user(), at.user("eve@example.com")
    at.set_active(revoked, active=False)
    body = {"displayName": "Staff", "members": values(id, revoked.upper(), NOBODY, "nobody", "")}
    answer = at.post("/Groups", body)
    assert answer.status == 201
    assert at.in_group(answer.json["id"]) == {id, revoked}


def group_create_refused() -> None:
    answer = Client(groups="no").post("/Groups", {"displayName": "Staff"})
    assert (answer.status, answer.json["detail"]) == (400, "This organization cannot use groups.")


def group_name_long() -> None:
    at = Client()
    assert at.post("/Groups", {"displayName": "x" * 100}).status == 201
    assert at.post("/Groups", {"displayName": "x" * 101}).status == 500
    staff = Staff()
    assert staff.patch({"op": "replace", "path": "displayName", "value": "x" * 101}) == 500
    assert staff.name() == "Staff"
    assert at.get("/Groups").json["totalResults"] == 1


def group_put() -> None:
    staff = Staff()
    at, url, external_id = staff.at, f"/Groups/{staff.id}", staff.shown()["externalId"]
    answer = at.put(url, {"displayName": "Other", "externalId": "mine"})
    assert (answer.status, answer.json["displayName"], answer.json["externalId"]) == (
        200,
        "Other",
        external_id,
    )
    assert staff.members() == {staff.ada, staff.eve}
    at.put(url, {"displayName": "Other", "members": values(staff.zoe, NOBODY)})
    assert staff.members() == {staff.zoe}
    at.put(url, {"displayName": "Other", "members": []})
    assert staff.members() == set()
    unknown = at.put(f"/Groups/{NOBODY}", {"displayName": "x"})
    assert (unknown.status, unknown.json["detail"]) == (404, "Group not found.")


def group_put_nameless() -> None:
    staff = Staff()
    assert staff.at.put(f"/Groups/{staff.id}", {"members": []}).status == 500
    assert staff.name() == "Staff"


def group_patch_replace() -> None:
    staff = Staff()
    assert staff.patch({"op": "Replace", "path": "Members", "value": values(staff.zoe, NOBODY)}) == 204
    assert staff.members() == {staff.zoe}
    assert staff.patch({"op": "replace", "path": "members", "value": []}) == 204
    assert staff.members() == set()
    assert staff.patch({"op": "replace", "path": "DisplayName", "value": "Other"}) == 204
    assert staff.name() == "Other"


def group_patch_rename() -> None:
    staff = Staff()
    before = staff.shown()["externalId"]
    value = {"id": staff.id, "displayName": "Other", "externalId": "mine"}
    assert staff.patch({"op": "replace", "value": value}) == 204
    assert (staff.name(), staff.shown()["externalId"]) == ("Other", before)
    assert staff.members() == {staff.ada, staff.eve}


def group_patch_external_id() -> None:
    staff = Staff()
    staff.at.post("/Groups", {"displayName": "Taken", "externalId": "Taken"})
    for number, op in enumerate(("replace", "add")):
        for path in (True, False):
            new = f"{number}{path}"
            form = {"path": "externalId", "value": new} if path else {"value": {"externalId": new}}
            assert staff.patch({"op": op, **form}) == 204
            assert staff.shown()["externalId"] == new
    for wrong, status, detail in (
        ("x" * 301, 400, "ExternalId cannot exceed 300 characters."),
        ("TAKEN", 409, "ExternalId already exists for another group."),
    ):
        operation = {"op": "replace", "path": "externalId", "value": wrong}
        answer = staff.at.patch(f"/Groups/{staff.id}", operation)
        assert (answer.status, answer.json["detail"]) == (status, detail)
    assert staff.patch({"op": "replace", "path": "externalId", "value": " "}) == 204
    assert staff.shown()["externalId"] is None


def group_patch_add() -> None:
    staff = Staff()
    assert staff.patch({"op": "add", "path": "members", "value": values(staff.ada, staff.zoe, NOBODY)}) == 204
    assert staff.members() == {staff.ada, staff.eve, staff.zoe}
    fresh = Staff()
    assert fresh.patch({"op": "add", "path": only(fresh.zoe)}) == 204
    assert fresh.members() == {fresh.ada, fresh.eve, fresh.zoe}


def group_patch_remove() -> None:
    staff = Staff()
    assert staff.patch({"op": "remove", "path": only(staff.ada)}) == 204
    assert staff.members() == {staff.eve}
    assert staff.patch({"op": "remove", "path": only(staff.zoe)}) == 204, "who is not in it"
    assert staff.patch({"op": "remove", "path": "members", "value": values(staff.eve, NOBODY)}) == 204
    assert staff.members() == set()


def group_remove_unknown() -> None:
    staff = Staff()
    operations = (
        {"op": "remove", "path": only(staff.ada)},
        {"op": "remove", "path": only(NOBODY)},
        {"op": "remove", "path": only(staff.eve)},
    )
    assert staff.patch(*operations) == 404
    assert staff.members() == {staff.eve}


def group_remove_all() -> None:
    staff = Staff()
    assert staff.patch({"op": "remove", "path": "members"}) == 500
    assert staff.members() == {staff.ada, staff.eve}


def group_patch_pathless_members() -> None:
    staff = Staff()
    for op in ("replace", "add"):
        assert staff.patch({"op": op, "value": {"members": values(staff.zoe)}}) == 204
    assert staff.members() == {staff.ada, staff.eve}


def group_patch_path_form() -> None:
    staff = Staff()
    id = staff.ada
    for path in (f"members[value eq '{id}']", f'members[value  eq "{id}"]', f"members[value eq {id}]"):
        assert staff.patch({"op": "remove", "path": path}) == 204, path
    assert staff.patch({"op": "remove", "path": 'members[value eq "nobody"]'}) == 204
    assert staff.members() == {staff.ada, staff.eve}


def group_patch_elements() -> None:
    staff = Staff()
    wrong: tuple[object, ...] = ({"value": staff.zoe}, "x", None, [{"value": 7}], [7], [{}])
    for value in wrong:
        for op in ("add", "replace", "remove"):
            assert staff.patch({"op": op, "path": "members", "value": value}) == 500, value
    assert staff.members() == {staff.ada, staff.eve}
    assert staff.patch({"op": "add", "path": "members", "value": values("nobody", staff.zoe)}) == 204
    assert staff.members() == {staff.ada, staff.eve, staff.zoe}


def group_patch_ignored() -> None:
    staff = Staff()
    before = staff.shown()
    for operation in (
        {"op": "move", "path": "members", "value": []},
        {"op": "replace", "path": "name", "value": "Other"},
        {"op": "remove", "path": "displayName"},
        {"op": "add", "path": "displayName", "value": "Other"},
        {"op": "replace", "path": only(staff.ada), "value": values(staff.zoe)},
        {"op": "replace", "value": {"name": "Other"}},
    ):
        assert staff.patch(operation) == 204, operation
    assert staff.shown() == before
    assert staff.members() == {staff.ada, staff.eve}


def group_delete() -> None:
    at = Client()
    id = at.group()
    answers = [at.delete(f"/Groups/{id}"), at.delete(f"/Groups/{id}"), at.get(f"/Groups/{id}")]
    assert [answer.status for answer in answers] == [204, 404, 404]
    assert answers[1].json["detail"] == "Group not found."
    assert at.events() == [1400, 1402]


def group_events() -> None:
    at = Client()
    id = at.user()
    group = at.group("Staff", id)
    at.patch(f"/Groups/{group}", {"op": "replace", "path": "members", "value": []})
    at.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": values(id)})
    assert at.events() == [1500, 1400]
    at.patch(f"/Groups/{group}", {"op": "replace", "value": {"displayName": "Other"}})
    at.put(f"/Groups/{group}", {"displayName": "Third", "members": []})
    at.delete(f"/Groups/{group}")
    assert at.events() == [1500, 1400, 1401, 1401, 1402]


# Who asks, and how old the server is


def provider() -> None:
    for agent in ("Okta SCIM Client 1.0.0", "OKTA SCIM Integration", "curl/8"):
        at = Client()
        id = at.user()
        body = {"displayName": "Staff", "members": values(id)}
        assert at.in_group(at.post("/Groups", body, User_Agent=agent).json["id"]) == {id}
        assert at.post("/Users", person("x@example.com", emails=[]), User_Agent=agent).status == 400


def era_2025() -> None:
    for agent, taken in (({}, True), (OTHER_AGENT, False)):
        at = Client(era="pre2025")
        id = at.user()
        body = {"displayName": "Staff", "members": values(id)}
        group = at.post("/Groups", body, **agent).json["id"]
        assert at.in_group(group) == ({id} if taken else set())
        at.put(f"/Groups/{group}", body, **agent)
        assert at.in_group(group) == ({id} if taken else set())
        at.patch(f"/Groups/{group}", {"op": "add", "path": "members", "value": values(id)})
        assert at.in_group(group) == {id}


def era_feb_2026() -> None:
    for era, taken in (("pre2025", False), ("preFeb2026", False), ("preMay2026", True), ("current", True)):
        at = Client(era=era)
        id = at.user(externalId="old")
        assert at.patch(f"/Users/{id}", {"op": "replace", "path": "externalId", "value": "new"}).status == 204
        assert at.get(f"/Users/{id}").json["externalId"] == ("new" if taken else "old")


def era_feb_2026_blank_primary() -> None:
    emails = [{"primary": True, "value": ""}, {"value": "ada@example.com", "type": "work"}]
    for era, status in (("preFeb2026", 400), ("preMay2026", 201)):
        assert Client(era=era).post("/Users", person("ada@example.com", emails=emails)).status == status


def era_may_2026() -> None:
    for era, taken in (("preMay2026", False), ("current", True)):
        staff = Staff(era=era)
        assert staff.patch({"op": "replace", "path": "externalId", "value": "new"}) == 204
        assert (staff.shown()["externalId"] == "new") is taken
