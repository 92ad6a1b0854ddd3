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
    for blank in ({}, {"externalId": None}, {"externalId": ""}, {"externalId": "  "}):
        given = at.post("/Groups", {"displayName": "D", **blank}).json["externalId"]
        assert re.fullmatch(r"[A-Za-z0-9]{15}", given), blank


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
    staff = Staff()
    at, url = staff.at, f"/Groups/{staff.id}"
    at.hook("/settings", {"groups": "no"}, "PATCH")
    for answer in (
        at.post("/Groups", {"displayName": "Other"}),
        at.put(url, {"displayName": "Other"}),
        at.patch(url, {"op": "replace", "path": "displayName", "value": "Other"}),
        at.patch(url, {"op": "replace", "value": {"displayName": "Other"}}),
    ):
        assert (answer.status, answer.json["detail"]) == (400, "This organization cannot use groups.")
    assert staff.name() == "Staff"
    assert at.put(f"/Groups/{NOBODY}", {"displayName": "Other"}).status == 404
    assert staff.patch({"op": "replace", "path": "members", "value": []}) == 204


def group_name_long() -> None:
    long = "x" * 101
    staff = Staff()
    at, url = staff.at, f"/Groups/{staff.id}"
    created = at.post("/Groups", {"displayName": long})
    assert (created.status, created.json["displayName"]) == (201, long)
    assert at.get(f"/Groups/{created.json['id']}").json["displayName"] == long[:100]
    assert at.put(url, {"displayName": long}).json["displayName"] == long
    assert staff.name() == long[:100]
    assert staff.patch({"op": "replace", "path": "displayName", "value": "y" * 101}) == 204
    assert staff.name() == "y" * 100
    for database in ("postgres", "mysql"):
        staff = Staff(database=database)
        assert staff.at.post("/Groups", {"displayName": "x" * 100}).status == 201
        assert staff.at.post("/Groups", {"displayName": long}).status == 500
        assert staff.patch({"op": "replace", "path": "displayName", "value": long}) == 500
        assert staff.name() == "Staff"
        assert staff.at.get("/Groups").json["totalResults"] == 2


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
    for path in ('members[value eq "nobody"]', f" {only(id)}", " members"):
        assert staff.patch({"op": "remove", "path": path}) == 204, path
    assert staff.patch({"op": "replace", "path": " members", "value": []}) == 204
    assert staff.members() == {staff.ada, staff.eve}
    for path in (f'members[value eq "{id}', f'Members[Value EQ "{id.upper()}"] ', f"members[value eq '{id}"):
        assert staff.patch({"op": "remove", "path": path}) == 204, path
        assert staff.members() == {staff.eve}, path
        staff.patch({"op": "add", "path": only(id)})


def group_patch_elements() -> None:
    staff = Staff()
    wrong: tuple[object, ...] = ({"value": staff.zoe}, "x", None, [{"value": 7}], [{"value": None}], [7])
    for value in wrong:
        for op in ("add", "replace", "remove"):
            assert staff.patch({"op": op, "path": "members", "value": value}) == 500, value
    assert staff.members() == {staff.ada, staff.eve}
    some = [{"display": "x"}, {}, *values("nobody", staff.zoe)]
    assert staff.patch({"op": "add", "path": "members", "value": some}) == 204
    assert staff.members() == {staff.ada, staff.eve, staff.zoe}
    assert staff.patch({"op": "remove", "path": "members", "value": some}) == 204
    assert staff.members() == {staff.ada, staff.eve}
    assert staff.patch({"op": "replace", "path": "members", "value": some}) == 204
    assert staff.members() == {staff.zoe}


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
    for operation in ({"path": "externalId", "value": "x"}, {"value": {"externalId": "y"}}):
        at.patch(f"/Groups/{group}", {"op": "replace", **operation})
    at.delete(f"/Groups/{group}")
    assert at.events() == [1500, 1400, 1401, 1401, 1402]


def group_modified() -> None:
    for era, moves in (("current", True), ("preMay2026", False)):
        staff = Staff(era=era)
        for operation, changes in (
            ({"op": "add", "path": "members", "value": values(staff.ada)}, False),
            ({"op": "add", "path": only(staff.ada)}, False),
            ({"op": "add", "path": "members", "value": values(staff.ada, staff.zoe)}, moves),
            ({"op": "replace", "path": "members", "value": values(staff.ada)}, moves),
            ({"op": "replace", "path": "members", "value": values(staff.ada)}, moves),
            ({"op": "add", "path": only(staff.eve)}, moves),
            ({"op": "replace", "path": "displayName", "value": "Other"}, True),
        ):
            before = staff.shown()["meta"]["lastModified"]
            assert staff.patch(operation) == 204
            assert (staff.shown()["meta"]["lastModified"] != before) is changes, (era, operation)


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


def era_dec_2025() -> None:
    for era, needed in (("preDec2025", True), ("preFeb2026", False)):
        at = Client(era=era)
        at.group("Staff")
        for query in ({}, {"count": "10"}, {"startIndex": "1"}):
            assert len(at.listed("Groups", **query)) == (0 if needed else 1), (era, query)
        assert len(at.listed("Groups", startIndex="1", count="10")) == 1
        assert at.found('displayName eq "Staff"', "Groups") == 1


def era_feb_2026() -> None:
    for era, taken in (
        ("pre2025", False),
        ("preDec2025", False),
        ("preFeb2026", False),
        ("preMay2026", True),
        ("current", True),
    ):
        at = Client(era=era)
        id = at.user(externalId="old")
        assert at.patch(f"/Users/{id}", {"op": "replace", "path": "externalId", "value": "new"}).status == 204
        assert at.get(f"/Users/{id}").json["externalId"] == ("new" if taken else "old")


def era_feb_2026_blank_primary() -> None:
    blank: JSON = {"primary": True, "value": ""}
    home, work = ({"value": f"{kind}@example.com", "type": kind} for kind in ("home", "work"))
    other = {"primary": True, "value": "other@example.com"}
    for emails, old, new in (
        ((blank, home, work), "work@example.com", "work@example.com"),
        ((home, blank), "home@example.com", "home@example.com"),
        ((home, blank, other), "home@example.com", "other@example.com"),
        ((blank, home), None, "home@example.com"),
    ):
        for era, wanted in (("preFeb2026", old), ("preMay2026", new)):
            answer = Client(era=era).post("/Users", person("ada@example.com", emails=list(emails)))
            assert answer.json.get("userName") == wanted, (era, emails)
            assert answer.status == (201 if wanted else 400)


def era_feb_2026_put() -> None:
    for era, refused in (("preFeb2026", True), ("preMay2026", False)):
        at = Client(era=era)
        id = at.user()
        at.app.vault.forget(at.app.vault.members[at.owner])
        answer = at.put(f"/Users/{id}", {"active": False})
        assert answer.status == (400 if refused else 200), era
        assert at.active(id) is refused
    owner = Client(era="preFeb2026")
    answer = owner.put(f"/Users/{owner.owner}", {"active": False})
    assert (answer.status, answer.json["detail"]) == (
        400,
        "Organization must have at least one confirmed owner.",
    )


def era_may_2026() -> None:
    for era, taken in (("preMay2026", False), ("current", True)):
        staff = Staff(era=era)
        assert staff.patch({"op": "replace", "path": "externalId", "value": "new"}) == 204
        assert (staff.shown()["externalId"] == "new") is taken
