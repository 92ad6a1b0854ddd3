"""Control resources (ordinary users and groups), which tell a refused value from a request always refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scimproof.catalog.identities import group, person
from scimproof.catalog.request_template import Template
from scimproof.catalog.senders import Sender
from scimproof.core.context import ExecutionContext
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request
from scimproof.core.scim import Kind, id_of, member_ids
from scimproof.engine.capabilities import DECLINED, Plain, about_groups
from scimproof.engine.target_session import LiveTargetSession


@dataclass
class ControlResources:
    """Creates and reads control resources, only when a finding needs them to be explained.

    No other request is in flight then, since a refusal may be due to concurrency.
    """

    stage: LiveTargetSession
    templates: Mapping[str, Template]
    blanks: Callable[[], dict[str, str]]
    seed: int
    provider: Sender

    def plain(self) -> Plain | None:
        """A control user that was created and read, to see what is stored; None where that does not work."""
        try:
            with self.stage.undisturbed():
                return self._plain()
        except RunStopped:
            return None

    def _plain(self) -> Plain | None:
        create = self.provider.request("create")
        known = self._cast(create, "plain")
        made = self._create_user(known)
        id = id_of(made.json)
        if not made.ok or not id:
            return None
        seen = self.stage.look_at(self._filled(self.provider.request("read"), known | {"user.id": id}))
        return Plain(made.request.json, seen.json) if seen.ok else None

    def unjoined(self) -> bool:
        """Whether a control user added to a group is not shown in it; False where that cannot be seen."""
        try:
            with self.stage.undisturbed():
                return self._unjoined()
        except RunStopped:
            return False

    def _unjoined(self) -> bool:
        if not self.provider.has("create_group", "read_group", "add_member"):
            return False
        add = self.provider.request("add_member")
        known, scene = self._cast(add, "unjoined"), ExecutionContext("ordinary", {})
        for name in ("user", "group"):
            made = (
                self._create_user(known)
                if name == "user"
                else self._create(self.provider.request("create_group"), known)
            )
            known[f"{name}.id"] = scene.blanks[f"{name}.id"] = id_of(made.json)
        join = self._filled(add, known)
        if self.stage.refusal(scene, join) or not self.stage.send(join).ok:
            return False
        seen = self.stage.look_at(self._filled(self.provider.request("read_group"), known))
        return seen.ok and known["user.id"] not in member_ids(seen.json)

    def declines(self, request: str) -> bool:
        """Whether the target refuses that create of a control resource; False where that cannot be seen."""
        try:
            with self.stage.undisturbed():
                return self._create(request, self._cast(request, "declines")).status >= 400
        except (RunStopped, KeyError):
            return False

    def _cast(self, request: str, question: str) -> dict[str, str]:
        """Somebody for each question: who exists already is refused by a right target, too."""
        where, prefix = f"ordinary/{question}/{request}", self.stage.guard.ledger.prefix
        made = person(self.seed, prefix, where, forms=self.provider.identities)
        people = {f"user.{key}": value for key, value in made.items()}
        return people | {f"group.{key}": value for key, value in group(prefix, where).items()}

    def _create_user(self, known: dict[str, str]) -> Exchange:
        """Somebody ordinary; with the fewest attributes where the target declines the usual ones."""
        made = self._create(self.provider.request("create"), known)
        if made.status in DECLINED and self.provider.has("create_minimal"):
            made = self._create(self.provider.request("create_minimal"), known)
        return made

    def _create(self, file: str, known: dict[str, str]) -> Exchange:
        request = self._filled(file, known)
        kind: Kind = "Group" if about_groups(self.templates[file]) else "User"
        name = known["group.displayName" if kind == "Group" else "user.userName"]
        self.stage.intend(kind, name)
        made = self.stage.send(request)
        self.stage.made(kind, name, made)
        return made

    def _filled(self, file: str, known: dict[str, str]) -> Request:
        authorization = {"authorization": self.stage.authorization()}
        return self.templates[file].fill(self.blanks() | authorization | known)
