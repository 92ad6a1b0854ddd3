"""Write guard: allows a write only if this run created every resource it touches, as the target has shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from scimproof.catalog.request_template import quoted, with_base_query
from scimproof.cleanup.ledger import Ledger
from scimproof.core.context import ExecutionContext
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.paths import shown as shown_path
from scimproof.core.scim import (
    GONE,
    Kind,
    carries,
    discovers,
    endpoint_of,
    id_of,
    kind_of,
    resources,
    shows,
    value_at,
)
from scimproof.engine.bulk import deletes_a_collection, is_bulk, operations_of

# Below these keys of a body stand ids of that kind (RFC 7643 sections 4.1.2, 4.2, 4.3).
HOLDS: dict[str, Kind] = {"members": "User", "manager": "User", "groups": "Group"}
KINDS: tuple[Kind, ...] = ("User", "Group")
READS = ("GET", "HEAD")

Key = tuple[Kind, str]
Read = Callable[[Request], Exchange]


@dataclass
class Seen:
    """What the answers of a run have shown of its ids; shared by all that write for the run.

    `deleted` were sent a DELETE, `gone` were last answered 404 or 410. `readable` are the kinds of which a
    read by id has shown a resource of the run: only then a 404 means that it is gone.
    """

    deleted: set[Key] = field(default_factory=set)
    gone: set[Key] = field(default_factory=set)
    readable: set[Kind] = field(default_factory=set)


@dataclass
class WriteGuard:
    """Write guard of one run: refuses writes to what the run did not create, and keeps its ledger.

    It has the ledger and what the answers have shown; whoever sends in the run's name asks it before each
    write and tells it each answer. An id is believed to be this run's only while the last that the target
    showed of it, read by that id, had the run's prefix in its name. Where no such read was made yet the guard
    has one sent by the `read` it is given; before a DELETE always, since a target may have given a freed id
    to somebody else. `endpoints` are those of resource types that are neither users nor groups, `base_query`
    is what the base URL has behind a question mark.
    """

    ledger: Ledger
    seen: Seen = field(default_factory=Seen)
    endpoints: tuple[str, ...] = ()
    base_query: str = ""

    def kind_of(self, target: str) -> Kind:
        """The kind of resource that a request target is of."""
        return kind_of(target, self.endpoints)

    def refusal_in(self, scene: ExecutionContext, request: Request, read: Read) -> str:
        """Why this request of a sequence must not be sent; empty when it may be.

        Reads touch nobody, and an id that stands in the .http file itself is nobody's.
        """

        def shown(text: str) -> bool:
            played = [exchange for some in scene.exchanges.values() for exchange in some]
            sent = any(text.encode() in exchange.request.body for exchange in played)
            return not sent and any(text.encode() in exchange.body for exchange in played)

        return self.refusal(request, _given(scene, request), shown, read)

    def refusal(
        self, request: Request, given: Iterable[str], shown: Callable[[str], bool], read: Read
    ) -> str:
        """Why this write must not be sent; empty when it may be.

        `given` are the ids that the target gave out; `shown` tells whether an answer showed a text that no
        request had before: what a .http file itself names as a member is nobody's, what only an answer showed
        may be a stranger. `read` sends what the guard has to look at; raises what it raises.
        """
        if request.method in READS:
            return ""
        if is_bulk(request):
            return self._refusal_of_job(request, frozenset(given), shown, read)
        known = frozenset(given)
        own = id_of(request.json)
        if (named := self._named(request, known)) and (why := self._path(named, request, read)):
            return why
        # A discovery document may have an id, which is no resource's.
        body = None if discovers(request.target) else request.json
        for kind, id, member in sorted(mentioned(body, known | {own} - {""}), key=lambda m: m[1]):
            ours = [one for one in ((kind,) if kind else KINDS) if self.ledger.is_ours(one, id)]
            # An id that the request itself makes up, with the run's prefix in it, is nobody's.
            made_up = self.ledger.prefix in id and not shown(id)
            if not ours and member and self._is_own_group(id, request, read):
                continue
            if not ours and not made_up and (id in known or id == own or (member and shown(id))):
                return f"not sent: this {request.method} would touch {id}, which this run did not create"
            if ours and not any(self._harmless((one, id), request, read) for one in ours):
                return f"not sent: nothing the target shows proves that {id} was created by this run"
        return ""

    def _refusal_of_job(
        self, request: Request, given: frozenset[str], shown: Callable[[str], bool], read: Read
    ) -> str:
        """Why a bulk job must not be sent: one of its operations must not. No collection is deleted."""
        if deletes_a_collection(request):
            return "not sent: an operation of this job would delete a collection"
        for operation in operations_of(request):
            known = given | ({addressed(operation)} if self._is_known(operation) else set())
            if why := self.refusal(operation, known, shown, read):
                return why
        return ""

    def _is_known(self, request: Request) -> bool:
        return self.ledger.is_ours(self.kind_of(request.target), addressed(request))

    def _named(self, request: Request, given: frozenset[str]) -> Key | None:
        """The id in the path, None for a collection or a literal id of the template."""
        kind, id = self.kind_of(request.target), addressed(request)
        known = id in given or self.ledger.is_ours(kind, id)
        return (kind, id) if known and request.method != "POST" else None

    def _path(self, named: Key, request: Request, read: Read) -> str:
        kind, id = named
        if not self.ledger.is_ours(kind, id):
            return f"not sent: this {request.method} would touch {id}, which this run did not create"
        fresh = request.method != "DELETE" and self.ledger.is_proven(kind, id)
        deleted = named in self.seen.deleted
        if fresh or self._prove(named, request, read) or (deleted and named in self.seen.gone):
            return ""
        return f"not sent: nothing the target shows proves that {id} was created by this run"

    def _harmless(self, key: Key, request: Request, read: Read) -> bool:
        """Whether a body that names that id touches nobody else: it is this run's, or is not there."""
        if self.ledger.is_proven(*key) or self._prove(key, request, read):
            return True
        return key in self.seen.gone and key[0] in self.seen.readable

    def _is_own_group(self, id: str, request: Request, read: Read) -> bool:
        """Whether a member is a group of this run, and no user has the same id."""
        if not self.ledger.is_ours("Group", id) or not self._harmless(("Group", id), request, read):
            return False
        return "User" in self.seen.readable and self._look_at(("User", id), request, read).status in GONE

    def _prove(self, key: Key, request: Request, read: Read) -> bool:
        """Read the resource once, for the prefix of this run in its name."""
        self.observe(self._look_at(key, request, read))
        return self.ledger.is_proven(*key)

    def _look_at(self, key: Key, request: Request, read: Read) -> Exchange:
        kind, id = key
        headers = tuple(pair for pair in request.headers if not pair[0].lower().startswith("content-"))
        base = request.target.partition("?")[0].rpartition(endpoint_of(self.kind_of(request.target)))[0]
        query = with_base_query("", self.base_query)
        return read(Request("GET", f"{base}{endpoint_of(kind)}/{quoted(id)}{query}", headers))

    def intend(self, kind: Kind, name: str) -> str:
        """Write to the ledger that a resource of this name is about to be created; why not, where that fails.

        What nobody remembers must not be created.
        """
        try:
            self.ledger.intend(kind, name)
        except OSError:
            return (
                f"the ledger {shown_path(self.ledger.path)} cannot be written ({self.ledger.trouble}); "
                "without it nothing more is created"
            )
        return ""

    def made(self, kind: Kind, name: str, method: str, body: Json) -> str:
        """Write to the ledger what the answer of success to a create tells; gives the id, empty for none.

        A PUT to nobody's id that tells none has created nothing that anybody could speak of.
        """
        id = id_of(body)
        if id:
            self.ledger.made(kind, name, id)
        elif method == "POST":
            self.ledger.accepted(kind, name)
        return id

    def observe(self, exchange: Exchange) -> None:
        """Learn from an answer whose resources the ids in it are."""
        request = exchange.request
        kind, id = self.kind_of(request.target), addressed(request)
        if request.method not in ("POST", "HEAD") and self.ledger.is_ours(kind, id):
            self.note((kind, id), request.method, exchange.status, exchange.json if exchange.ok else None)
        if exchange.ok and request.method == "GET":
            for resource in resources(exchange.json):
                listed = id_of(resource)
                if self.ledger.is_proven(kind, listed) and not carries(resource, self.ledger.prefix, kind):
                    self.ledger.doubt(kind, listed)

    def note(self, key: Key, method: str, status: int, body: Json) -> None:
        """Learn from the answer to a request to an id of this run; status 0 where there was none."""
        if method == "DELETE":
            self.seen.deleted.add(key)
            self.ledger.doubt(*key)
        if status in GONE:
            self.seen.gone.add(key)
            self.ledger.doubt(*key)
            if method == "GET" and key in self.seen.deleted and key[0] in self.seen.readable:
                self.ledger.gone(*key)
        elif 200 <= status < 300 and method == "GET":
            self.seen.gone.discard(key)
            if shows(body, key[1], self.ledger.prefix, key[0]):
                self.seen.readable.add(key[0])
                self.ledger.prove(*key)
            else:
                self.ledger.doubt(*key)
                if key in self.seen.deleted:  # its id was given to somebody else at once
                    self.ledger.gone(*key)


def _given(scene: ExecutionContext, request: Request) -> set[str]:
    """The ids that the target gave out in this sequence, and whatever a saved value puts into the path."""
    given = {value for name, value in scene.blanks.items() if name.endswith(".id")}
    if addressed(request) in scene.blanks.values():
        given.add(addressed(request))
    return given


def may_create(method: str, *, nobody: bool, search: bool = False) -> bool:
    """Whether a target, right or wrong, could make something of it: any POST, a PUT to `nobody`'s id.

    A `search` by POST makes nothing on a right target; on a wrong one it could.
    """
    return (method == "POST" and not search) or (method == "PUT" and nobody)


def addressed(request: Request) -> str:
    """The id at the end of the request's path."""
    return unquote(request.target.partition("?")[0].rpartition("/")[2])


def mentioned(body: Json, given: frozenset[str]) -> set[tuple[Kind | None, str, bool]]:
    """The ids in a body: those of `given` anywhere, and every value in a place where an id is expected.

    Each comes with its kind by its place in the body, None where that is unknown, and whether it is a member
    of a group.
    """
    found: set[tuple[Kind | None, str, bool]] = set()
    for place, text in _texts(body, ""):
        for value in (text, *text.split('"')[1::2]):
            if value and (place or value in given):
                found.add((HOLDS.get(place), value, place == "members"))
    return found


def _texts(value: Json, place: str) -> Iterator[tuple[str, str]]:
    """Every text that may be an id, with the key of HOLDS above it, empty for any other."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, place)
    elif isinstance(value, dict):
        path = value_at(value, "path")
        held = _held(path) if isinstance(path, str) and value_at(value, "op") is not None else ""
        for name, one in value.items():
            key = name.lower().rpartition(":")[2]
            if place:
                if key == "value":
                    yield from _texts(one, place)
                elif key == "$ref":
                    yield place, str(one).rpartition("/")[2]
            elif key == "path" and isinstance(one, str):
                yield from ((held, id) for id in one.split('"')[1::2])
            else:
                yield from _texts(one, held if key == "value" else key if key in HOLDS else "")


def _held(path: str) -> str:
    """The key of HOLDS whose ids are at a PATCH path, empty for none."""
    name = path.partition("[")[0].rpartition(":")[2].partition(".")[0].strip().lower()
    return name if name in HOLDS else ""
