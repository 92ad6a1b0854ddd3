"""PUT, PATCH and DELETE of a user."""

from __future__ import annotations

from tests.bitwarden.client import NOBODY, Client, person

NO_OWNER = "Organization must have at least one confirmed owner."


def put_active_only() -> None:
    at = Client()
    id = at.user(externalId="e")
    before = at.get(f"/Users/{id}").json
    answer = at.put(f"/Users/{id}", person("other@example.com", externalId="other", displayName="Other"))
    assert (answer.status, answer.json) == (200, before)
    assert at.get(f"/Users/{id}").json == before
    assert at.put(f"/Users/{id}", {"active": False}).json["active"] is False
    assert at.put(f"/Users/{id}", {"active": True}).json["active"] is True
    assert at.put(f"/Users/{id}", {"active": True}).status == 200
    assert at.events() == [1500, 1511, 1512]


def put_absent_active() -> None:
    at = Client()
    id = at.user()
    assert at.put(f"/Users/{id}", {"userName": "ada@example.com"}).json["active"] is False
    assert at.status(id) == -1


def put_revoke_refused() -> None:
    at = Client()
    answer = at.put(f"/Users/{at.owner}", {"active": False})
    assert (answer.status, answer.json["detail"]) == (400, f"{NO_OWNER} for user {at.owner}")
    assert at.active(at.owner)
    assert Client(owners=2).put(f"/Users/{Client().owner}", {}).status == 404
    two = Client(owners=2)
    assert two.put(f"/Users/{two.owner}", {"active": False}).status == 200
    nobody = Client()
    id = nobody.user()
    nobody.app.vault.forget(nobody.app.vault.members[nobody.owner])
    assert nobody.put(f"/Users/{id}", {"active": False}).status == 200, "only asked when it is an owner"


def patch_204() -> None:
    at = Client()
    for answer in (
        at.patch(f"/Users/{at.user()}", {"op": "replace", "value": {"active": False}}),
        at.patch(f"/Groups/{at.group()}", {"op": "replace", "value": {"displayName": "x"}}),
    ):
        assert (answer.status, answer.raw, answer.media) == (204, b"", None)


def patch_path_active() -> None:
    at = Client()
    id = at.user()
    falsy: tuple[object, ...] = (False, "False", "no", 1, 0, None, "", [])
    for op, path in (("replace", "active"), ("Replace", "ACTIVE")):
        for no in falsy:
            at.set_active(id, active=True)
            assert at.patch(f"/Users/{id}", {"op": op, "path": path, "value": no}).status == 204
            assert not at.active(id), no
        for yes in (True, "True", "true", "TRUE"):
            at.set_active(id, active=False)
            assert at.patch(f"/Users/{id}", {"op": op, "path": path, "value": yes}).status == 204
            assert at.active(id), yes
    assert at.patch(f"/Users/{id}", {"op": "replace", "path": "active"}).status == 204
    assert not at.active(id)


def patch_pathless_active() -> None:
    at = Client()
    id = at.user()
    for wrong in ("false", "False", 0, None, [False]):
        assert at.patch(f"/Users/{id}", {"op": "replace", "value": {"active": wrong}}).status == 500, wrong
    assert at.active(id)
    assert at.patch(f"/Users/{id}", {"op": "Replace", "value": {"active": False}}).status == 204
    assert not at.active(id)


def patch_external_id() -> None:
    at = Client()
    id = at.user()

    def shown() -> object:
        return at.get(f"/Users/{id}").json["externalId"]

    assert at.patch(f"/Users/{id}", {"op": "replace", "path": "externalId", "value": "One"}).status == 204
    assert shown() == "One"
    assert at.found('externalId eq "One"') == 1
    assert at.patch(f"/Users/{id}", {"op": "replace", "value": {"externalId": "Two"}}).status == 204
    assert shown() == "Two"
    assert at.found('externalId eq "One"') == 0
    assert at.patch(f"/Users/{id}", {"op": "replace", "path": "externalid", "value": None}).status == 204
    assert shown() is None
    for blank in ("", " "):
        for form in ({"path": "externalId", "value": blank}, {"value": {"externalId": blank}}):
            at.patch(f"/Users/{id}", {"op": "replace", "path": "externalId", "value": "Three"})
            assert at.patch(f"/Users/{id}", {"op": "replace", **form}).status == 204
            assert shown() == blank
    other = at.user("eve@example.com")
    assert at.patch(f"/Users/{other}", {"op": "replace", "path": "externalId", "value": " "}).status == 204


def patch_no_value() -> None:
    at = Client()
    id, group = at.user(externalId="One"), at.group("Staff")
    before = at.get(f"/Users/{id}").json, at.get(f"/Groups/{group}").json
    state = "Operation is not valid due to the current state of the object."
    for path in (f"/Users/{id}", f"/Groups/{group}"):
        for operation in ({"op": "replace"}, {"op": "replace", "path": "externalId"}):
            answer = at.patch(path, operation)
            assert (answer.status, answer.json["detail"]) == (500, state), (path, operation)
    for operation in ({"op": "replace", "path": "members"}, {"op": "replace", "path": "displayName"}):
        assert at.patch(f"/Groups/{group}", operation).json["detail"] == state
    assert (at.get(f"/Users/{id}").json, at.get(f"/Groups/{group}").json) == before


def patch_external_id_refused() -> None:
    at = Client()
    id = at.user()
    at.user("eve@example.com", externalId="Taken")
    for path in ({"path": "externalId", "value": "x" * 301}, {"value": {"externalId": "x" * 301}}):
        answer = at.patch(f"/Users/{id}", {"op": "replace", **path})
        assert (answer.status, answer.json["detail"]) == (400, "ExternalId cannot exceed 300 characters.")
    assert at.patch(f"/Users/{id}", {"op": "replace", "path": "externalId", "value": "x" * 300}).status == 204
    for taken in ("Taken", "TAKEN"):
        answer = at.patch(f"/Users/{id}", {"op": "replace", "path": "externalId", "value": taken})
        assert (answer.status, answer.json["detail"]) == (409, "ExternalId already exists for another user.")


def patch_both() -> None:
    at = Client()
    id = at.user()
    both = {"active": False, "externalId": "One"}
    assert at.patch(f"/Users/{id}", {"op": "replace", "value": both}).status == 204
    shown = at.get(f"/Users/{id}").json
    assert (shown["active"], shown["externalId"]) == (False, "One")


def patch_ignored() -> None:
    at = Client()
    id = at.user()
    before = at.get(f"/Users/{id}").json
    urn = "urn:ietf:params:scim:schemas:core:2.0:User"
    for operation in (
        {"op": "add", "path": "active", "value": False},
        {"op": "add", "value": {"active": False}},
        {"op": "remove", "path": "externalId"},
        {"op": "remove", "path": "active"},
        {"op": "replace", "path": "userName", "value": "other@example.com"},
        {"op": "replace", "path": "name.familyName", "value": "Other"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "other@example.com"},
        {"op": "replace", "path": f"{urn}:active", "value": False},
        {"op": "replace", "value": {"userName": "other@example.com", "displayName": "Other"}},
        {"op": "move", "path": "active", "value": False},
    ):
        answer = at.patch(f"/Users/{id}", operation)
        assert (answer.status, answer.raw) == (204, b""), operation
    assert at.get(f"/Users/{id}").json == before
    assert at.events() == [1500]


def patch_not_atomic() -> None:
    at = Client()
    id = at.user()
    deactivate = {"op": "replace", "value": {"active": False}}
    assert at.patch(f"/Users/{id}", deactivate, {"op": "replace", "value": "x"}).status == 500
    assert not at.active(id)
    group = at.group("Staff")
    rename = {"op": "replace", "path": "displayName", "value": "Other"}
    assert at.patch(f"/Groups/{group}", rename, {"op": "remove", "path": "members"}).status == 500
    assert at.get(f"/Groups/{group}").json["displayName"] == "Other"


def patch_pathless_not_object() -> None:
    at = Client()
    id = at.user()
    wrong: tuple[object, ...] = ("x", 7, True, [], None)
    for value in wrong:
        assert at.patch(f"/Users/{id}", {"op": "replace", "value": value}).status == 500, value
    assert at.patch(f"/Users/{id}", {"op": "replace"}).status == 500


def patch_repeated() -> None:
    at = Client()
    id = at.user()
    for active in (True, False, False, True, True):
        assert at.set_active(id, active=active).status == 204
    assert at.events() == [1500, 1511, 1512]


def patch_revoke_needs_owner() -> None:
    at = Client()
    refused = at.set_active(at.owner, active=False)
    assert (refused.status, refused.json["detail"]) == (400, NO_OWNER)
    id = at.user()
    at.app.vault.forget(at.app.vault.members[at.owner])
    assert at.set_active(id, active=False).status == 400, "whatever the member's role"
    assert at.active(id)


def revoke() -> None:
    at = Client(seats=2, autoscale="no")
    for steps in ((), ("accept",), ("accept", "confirm")):
        id = at.user()
        for act in steps:
            at.hook(f"/members/{id}/{act}")
        group = at.group("Staff", id)
        assert at.set_active(id, active=False).status == 204
        assert at.get(f"/Users/{id}").json["active"] is False
        assert id in [user["id"] for user in at.listed("Users")]
        assert at.found('userName eq "ada@example.com"') == 1
        assert at.in_group(group) == {id}
        assert at.status(id) == -1
        assert at.events()[-1] == 1511
        at.delete(f"/Users/{at.user('eve@example.com')}")  # the seat is free
        at.delete(f"/Users/{id}")


def restore() -> None:
    at = Client()
    for status, steps in enumerate(((), ("accept",), ("accept", "confirm"))):
        id = at.user(f"user{status}@example.com")
        for act in steps:
            at.hook(f"/members/{id}/{act}", {"name": "Ada"})
        at.set_active(id, active=False)
        mails = len(at.hook("/mail", method="GET").json)
        assert at.set_active(id, active=True).status == 204
        assert at.status(id) == status
        assert at.events()[-1] == 1512
        assert len(at.hook("/mail", method="GET").json) == mails


def restore_needs_seat() -> None:
    at = Client(seats=2, autoscale="no")
    id = at.user()
    at.set_active(id, active=False)
    at.user("eve@example.com")
    for answer in (at.set_active(id, active=True), at.put(f"/Users/{id}", {"active": True})):
        assert (answer.status, answer.json["detail"]) == (400, "Seat limit has been reached.")
        assert answer.media == "application/json; charset=utf-8"
    assert not at.active(id)


def restore_policies() -> None:
    at = Client()
    members = {
        name: at.user(f"{name}@example.com") for name in ("plain", "safe", "elsewhere", "both", "invited")
    }
    at.join(members["plain"])
    at.join(members["safe"], twoStep=True)
    at.join(members["elsewhere"], twoStep=True, elsewhere=True)
    at.join(members["both"], elsewhere=True)
    for id in members.values():
        at.set_active(id, active=False)
    at.hook("/settings", {"two-step": "yes", "single-organization": "yes"}, "PATCH")
    answers = {name: at.set_active(id, active=True) for name, id in members.items()}
    assert {name: answer.status for name, answer in answers.items()} == {
        "plain": 400,
        "safe": 204,
        "elsewhere": 400,
        "both": 400,
        "invited": 204,
    }
    assert answers["both"].json["detail"] == (
        "both@example.com is not compliant with the single organization membership and two-step login policy."
    )
    login = "plain@example.com is not compliant with the two-step login policy."
    assert answers["plain"].json["detail"] == login
    assert answers["elsewhere"].json["detail"] == (
        "elsewhere@example.com cannot be restored until they leave all other organization vaults."
    )


def delete_user() -> None:
    at = Client()
    id = at.user()
    group = at.group("Staff", id)
    assert [at.delete(f"/Users/{id}").status for _ in range(2)] == [204, 404]
    assert at.get(f"/Users/{id}").status == 404
    assert at.in_group(group) == set()
    assert at.events() == [1500, 1400, 1503]
    assert at.delete(f"/Users/{NOBODY}").json["detail"] == "User not found."
    assert at.delete(f"/Users/{at.owner}").json["detail"] == NO_OWNER
    two = Client(owners=2)
    assert two.delete(f"/Users/{two.owner}").status == 204
