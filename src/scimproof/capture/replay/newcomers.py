"""Newcomers: people and groups that were there before the recording, created so that it can be played."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scimproof.capture.replay.endpoint import Endpoint
from scimproof.capture.replay.history import RecordedHistory
from scimproof.capture.replay.ids import Key
from scimproof.capture.replay.translation import Translation, Unplayable
from scimproof.catalog.identities import group, person
from scimproof.catalog.request_template import compact
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.scim import NAME_ATTRIBUTE, id_of, value_at
from scimproof.engine.runner import Runner
from scimproof.engine.sending import identified

# What a server gives itself, or nobody may read.
OWN = {"id", "meta", "groups", "password"}
PURPOSES = {"User": ("create", "create_minimal"), "Group": ("create_group",)}


@dataclass
class Newcomers:
    """Creates, when it is first needed, who was there before the recording.

    As an answer of the recording shows them first, else by the sender's own create with a made-up name.
    `made` has the names by recorded id. `partial` are those of whom not every attribute is known, by their
    new ids.
    """

    run: Runner
    history: RecordedHistory
    translation: Translation
    deliver: Callable[[Request, Endpoint], Exchange]
    made: dict[Key, str] = field(default_factory=dict)
    partial: set[Key] = field(default_factory=set)
    failed: dict[Key, str] = field(default_factory=dict)
    _taken: set[Key] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def meet(self, number: int) -> None:
        """Create whom the exchange of that number found, or met as the owner of a name."""
        for key in sorted(self.history.finds.get(number, ())):
            self.create(key)
        if taken := self.history.taken.get(number):
            if owner := self.history.owner_of(taken):
                self.history.before.setdefault(owner, None)
                self.create(owner)
            else:
                self._take(taken)

    def create(self, key: Key) -> str | None:
        """The id of who was there before; None where nobody of that id was."""
        kind, recorded = key
        with self._lock:
            if (known := self.translation.ids.of(recorded, (kind,))) is not None:
                return known
            if key not in self.history.before:
                return None
            if key in self.failed:
                raise Unplayable(self.failed[key])
            shown = self.history.before[key] or self.history.shown(key)
            body = self._body(key, shown) if isinstance(shown, dict) else None
            id = self._sent(key, body) if body else ""
            if not id:
                id = self._sent(key, None, str(value_at(shown, NAME_ATTRIBUTE[kind]) or ""))
                self.partial.add((kind, id))
            if not id:
                self.failed[key] = f"{kind.lower()} {recorded} was there before, and is not created here"
                raise Unplayable(self.failed[key])
            self.translation.ids.learn(kind, recorded, id)
            return id

    def _take(self, taken: Key) -> None:
        with self._lock:
            if taken not in self._taken:
                self._taken.add(taken)
                self._sent(taken, None, taken[1])

    def _body(self, key: Key, shown: dict[str, Json]) -> Json:
        """What was shown, as it is sent to create the same here: without what a server gives itself."""
        kind, recorded = key
        kept = {name: value for name, value in shown.items() if name.lower() not in OWN}
        if kind == "Group":
            members = value_at(shown, "members")
            ids = [str(value_at(one, "value")) for one in members] if isinstance(members, list) else []
            wanted = dict.fromkeys([*ids, *sorted(self.history.members.get(recorded, ()))])
            kept = {name: value for name, value in kept.items() if name.lower() != "members"}
            kept["members"] = [{"value": id} for id in wanted if self._is_needed(id)]
        made = self.translation.resource(kind, kept)
        return {name: value for name, value in made.items() if value not in (None, [], {}, "")}

    def _is_needed(self, id: str) -> bool:
        """Whether somebody of that id has a part in the recording, and is here by now."""
        if ("User", id) in self.history.before:
            return self.create(("User", id)) is not None
        return self.translation.ids.of(id) is not None

    def _sent(self, key: Key, body: Json, name: str = "") -> str:
        """Send the create; gives the new id, empty where the target does not create it."""
        kind, run = key[0], self.run
        place = Endpoint(self.translation.base, (f"{kind}s",))
        for template, blanks in self._templates(key, name):
            request = run.catalog.templates[template].fill(blanks)
            if body:
                request = _with_body(request, body)
            exchange = self.deliver(request, place)
            id = id_of(identified(exchange).json) if exchange.ok else ""
            if id:
                self.made[key] = str(value_at(request.json, NAME_ATTRIBUTE[kind]))
                return id
            if body:
                return ""
        return ""

    def _templates(self, key: Key, name: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The sender's requests that create one, with what fills them; named so where a name is known."""
        kind, recorded = key
        run, names = self.run, self.translation.names
        prefix, where = run.ledger.prefix, f"replay/{kind}/{recorded}"
        blanks = run.blanks() | {"authorization": run.stage.authorization()}
        if kind == "Group":
            made = group(prefix, where) | ({"displayName": names.group(name)} if name else {})
            blanks |= {f"group.{key}": value for key, value in made.items()}
        else:
            made = person(run.seed, prefix, where, forms=run.provider.identities)
            if name:
                made |= {"userName": names.person(name), "email": names.person(name)}
            blanks |= {f"user.{key}": value for key, value in made.items()}
        for purpose in PURPOSES[kind]:
            if run.provider.has(purpose):
                yield run.provider.request(purpose), blanks


def _with_body(request: Request, body: Json) -> Request:
    data = compact(body).encode()
    headers = tuple(
        (name, str(len(data)) if name.lower() == "content-length" else value)
        for name, value in request.headers
    )
    return Request(request.method, request.target, headers, data)
