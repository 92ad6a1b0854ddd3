"""People and groups of one target, by their first names: what a history does, and what is there after it."""

from __future__ import annotations

from typing import Any

from scimproof.embedded.app import build
from tests.embedded.client import ENTERPRISE, GROUP, JSON, USER, Answer, Client, member, person

BY_PATCH = {"third-patch-lands-before", "group-add-toggles"}  # faults of what a PUT cannot say


class Organization:
    """One embedded target with these faults. Users are known by what they were called at first.

    `puts` is for the AIW dialect: what the OIN dialect does by PATCH is done by GET and PUT.
    """

    def __init__(self, *faults: str, puts: bool = False) -> None:
        self.client = Client(build(faults=list(faults)))
        self.puts = puts
        self.ids: dict[str, str] = {}

    def hire(self, user_name: str, /, **more: Any) -> Answer:
        """Create a user of that userName, with a title and a department of the same word."""
        own: JSON = {"title": f"title-{user_name}", "displayName": f"Name {user_name}"}
        own["schemas"] = [USER, ENTERPRISE]
        own[ENTERPRISE] = {"department": f"dept-{user_name}"}
        answer = self.client.send("POST", "/Users", person(user_name, **{**own, **more}))
        if answer.status == 201:
            self.ids.setdefault(user_name, str(answer.body["id"]))
        return answer

    def push(self, name: str, *users: str) -> Answer:
        """Create a group with these members."""
        members = [member(self.ids[user]) for user in users]
        answer = self.client.send(
            "POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": members}
        )
        self.ids[name] = str(answer.body["id"])
        return answer

    def path(self, name: str) -> str:
        """The path of a user; of a group where the name begins with a capital letter."""
        return f"/{'Groups' if name[0].isupper() else 'Users'}/{self.ids[name]}"

    def update(self, user_name: str, /, **changes: Any) -> Answer:
        """GET and PUT."""
        return self.client.merge(self.path(user_name), **changes)

    def active(self, *names: str, active: bool) -> None:
        """Change active, of one after the other."""
        for name in names:
            if self.puts:
                self.update(name, active=active)
            else:
                self.client.patch(self.path(name), {"op": "replace", "value": {"active": active}})

    def off(self, *names: str) -> None:
        """Deactivate."""
        self.active(*names, active=False)

    def on(self, *names: str) -> None:
        """Reactivate."""
        self.active(*names, active=True)

    def rename(self, group: str, name: str) -> None:
        """Rename a group."""
        if self.puts:
            self.update(group, displayName=name)
            return
        value = {"id": self.ids[group], "displayName": name}
        self.client.patch(self.path(group), {"op": "replace", "value": value})

    def add(self, group: str, *users: str) -> None:
        """Add members."""
        members = [member(self.ids[user]) for user in users]
        if self.puts:
            self.update(group, members=[*self.read(group).get("members", []), *members])
            return
        self.client.patch(self.path(group), {"op": "add", "path": "members", "value": members})

    def remove(self, group: str, *users: str) -> None:
        """Remove members."""
        if self.puts:
            gone = {self.ids[user] for user in users}
            stay = [one for one in self.read(group).get("members", []) if one["value"] not in gone]
            self.update(group, members=stay)
            return
        operations = [{"op": "remove", "path": f'members[value eq "{self.ids[user]}"]'} for user in users]
        self.client.patch(self.path(group), *operations)

    def replace(self, group: str, *users: str) -> None:
        """Replace members."""
        members = [member(self.ids[user]) for user in users]
        if self.puts:
            self.update(group, members=members)
            return
        self.client.patch(self.path(group), {"op": "replace", "path": "members", "value": members})

    def delete(self, group: str) -> None:
        """Delete a group."""
        self.client.send("DELETE", self.path(group))

    def read(self, name: str) -> JSON:
        """The resource by id."""
        return self.client.send("GET", self.path(name)).body

    def value(self, name: str, attribute: str) -> Any:
        """One attribute of it."""
        return self.read(name).get(attribute)

    def members(self, group: str) -> str:
        """The first names of its members in order of the alphabet, or what is there in place of the group."""
        body = self.read(group)
        return self.called(body) if "displayName" in body else str(body.get("status"))

    def called(self, group: JSON) -> str:
        """The first names of the members of a group in an answer."""
        names = {id: name for name, id in self.ids.items()}
        return " ".join(sorted(names[one["value"]] for one in group.get("members", [])))

    def found(self, user_name: str) -> str:
        """The first names of those whom a lookup by this userName finds."""
        names = {id: name for name, id in self.ids.items()}
        answer = self.client.find("Users", "userName", user_name)
        return " ".join(sorted(names[user["id"]] for user in answer.body["Resources"]))

    def listed(self, name: str) -> JSON:
        """The resource as the list shows it."""
        kind = self.path(name).split("/")[1]
        body = self.client.send("GET", f"/{kind}?startIndex=1&count=100").body
        return next((one for one in body["Resources"] if one["id"] == self.ids[name]), {})
