"""State summary: attributes never kept, shared users and deactivated members, told at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from scimproof.catalog.loader import Catalog
from scimproof.core.context import Member
from scimproof.core.definitions import OfState
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import CORE_GROUP, CORE_USER, Kind, resources, value_at
from scimproof.state.expected_store import Declined, ExpectedStore

SCHEMAS = "harness/schemas.http"
CORE: dict[Kind, str] = {"User": CORE_USER, "Group": CORE_GROUP}
MOST_READ = 50  # shared users that are looked at again, spread over all of them
Concluded = tuple[CheckResult, Exchange | int | None]


@dataclass
class StateSummary:
    """Concludes what is of the whole run: attributes declined or lost, shared users, deactivated members.

    `read` reads a shared user by id; `ask` sends a request of the harness, where there is something to tell.
    `asked` are the requirements that the sequences of this run ask.
    """

    catalog: Catalog
    state: ExpectedStore
    read: Callable[[str], Exchange]
    ask: Callable[[str], Exchange]
    asked: Collection[str]
    _schemas: list[frozenset[str]] = field(default_factory=list)

    def conclude(self, members: Sequence[Member]) -> dict[OfState, Concluded]:
        """The result of each such question, with the exchange that shows it, or its number."""
        never = list(self._never_kept())
        declined = self.declined()
        lost = [one for one in never if one not in declined]
        return {
            "declined": self._attributes(declined, "never shown", "the target's /Schemas do not list them"),
            "lost": self._attributes(lost, "not kept", "its own /Schemas list them, or others have them"),
            "bystanders": self._bystanders(members),
            "departed": self._departed(),
        }

    def declined(self) -> list[Declined]:
        """The attributes that were sent, never shown of anybody, and are not in the target's /Schemas."""
        never = list(self._never_kept())
        listed = self._listed() if never else frozenset()
        return [one for one in never if not (self._kept(one) or _listed_as(one) & listed)]

    def _departed(self) -> Concluded:
        expected = "deactivated users stay members of their groups"
        groups = sorted(self.state.departed.values(), key=lambda one: one.number)
        if not groups:
            return held(expected), None
        first, more = groups[0], f" (and {len(groups) - 1} more)" if len(groups) > 1 else ""
        wanted, found = first.difference.expected, first.difference.found
        return broken(expected, f"group {first.id}: expected {wanted}, found {found}{more}"), first.number

    def _never_kept(self) -> Iterator[Declined]:
        """What was never shown, apart from attributes that a requirement of their own is about.

        Only where this run asks it: of another sender's rule nothing is told here.
        """
        rules = (self.catalog.requirements[name] for name in self.asked)
        named = {rule.keeps.lower() for rule in rules if rule.keeps}
        for (_, path), one in sorted(self.state.declined.items()):
            if path not in named:
                yield one

    def _kept(self, one: Declined) -> bool:
        """Whether the target shows that attribute of other resources."""
        return (one.kind, one.path.lower()) in self.state.kept

    def _attributes(self, never: list[Declined], what: str, why: str) -> Concluded:
        expected = "every attribute that was sent is kept"
        if not never:
            return held(expected), None
        names = ", ".join(dict.fromkeys(one.path for one in never))
        return broken(expected, f"{what}: {names} ({why})"), min(one.number for one in never)

    def _bystanders(self, members: Sequence[Member]) -> Concluded:
        if not members:
            return does_not_apply("no users were shared by the sequences of this run"), None
        step = max(len(members) // MOST_READ, 1)
        some = list(members[::step])[:MOST_READ]
        try:
            seen = [self.read(member.id) for member in some]
        except RunStopped as cause:
            return does_not_apply(f"not asked: {cause}"), None
        result = self.state.verdict(seen)
        wrong = next((one for one in seen if one.number in self.state.differences), seen[-1])
        counted = f" ({len(some)} of {len(members)} shared users were looked at)"
        return result._replace(observed=result.observed + counted), wrong

    def _listed(self) -> frozenset[str]:
        """The attributes that the target's /Schemas list, by URN and path in lower case."""
        if not self._schemas:
            try:
                answer = self.ask(SCHEMAS)
            except RunStopped:
                return frozenset()
            rows = [*resources(answer.json), *(answer.json if isinstance(answer.json, list) else [])]
            self._schemas.append(frozenset(path for row in rows for path in _paths(row)))
        return self._schemas[0]


def _paths(schema: Json) -> Iterator[str]:
    urn = str(value_at(schema, "id")).lower()
    for attribute in value_at(schema, "attributes") or ():
        name = str(value_at(attribute, "name")).lower()
        yield f"{urn}:{name}"
        for part in value_at(attribute, "subAttributes") or ():
            yield f"{urn}:{name}.{str(value_at(part, 'name')).lower()}"


def _listed_as(one: Declined) -> set[str]:
    path = one.path.lower()
    return {path if path.startswith("urn:") else f"{CORE[one.kind].lower()}:{path}"}
