"""Deliberate races: requests sent at the same moment, and what their answers must be together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from scimproof.catalog.senders import Sender
from scimproof.core.context import Member
from scimproof.core.http_message import Exchange
from scimproof.core.scim import Kind
from scimproof.load.audit.race_outcomes import BUSY, one_create
from scimproof.load.audit.violation import Violation
from scimproof.load.plan.identities import Blanks, UnscheduledIdentities
from scimproof.load.unscheduled.list_walk import ListWalk
from scimproof.load.unscheduled.prefill import Prefill
from scimproof.load.unscheduled.recorded_requests import RecordedRequests

PEOPLE = 6  # in the races for a group's members and for active
RESIDENTS = 150  # users there must be, so that an import takes two pages of 100

Act = Callable[[], Exchange]


def at_once(acts: Sequence[Act]) -> list[Exchange]:
    """Do all at the same moment, each in a thread of its own; raises RunStopped when one of them did."""
    gate = threading.Barrier(len(acts))

    def one(act: Act) -> Exchange:
        gate.wait()
        return act()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(one, acts))


def summed(violations: Iterable[Violation]) -> list[Violation]:
    """One violation for all of a race that went wrong in the same way, with how often it did."""
    alike: dict[tuple[str, str], list[Violation]] = {}
    for violation in violations:
        alike.setdefault((violation.attribute, violation.observed), []).append(violation)
    return [replace(some[0], times=sum(one.times for one in some)) for some in alike.values()]


@dataclass
class Races:
    """Races, so many `rounds` of each; what the store makes of them is the audit's to find.

    Each method gives the violations that the answers themselves are; all raise RunStopped when what a race
    needs cannot be made. Without `groups`, `all` leaves out the race about members.
    """

    booked: RecordedRequests
    names: UnscheduledIdentities
    provider: Sender
    rounds: int = 10
    parallel: int = 8
    groups: bool = True
    _prefill: Prefill = field(init=False)

    def __post_init__(self) -> None:
        self._prefill = Prefill(self.booked, self.names, self.provider, self.parallel)

    def all(self, residents: Sequence[Member] = ()) -> list[Violation]:
        """All, one after the other; `residents` are users of this run who are there already."""
        joined = self.provider.has("create_group", "read_group", "add_member", "remove_member")
        members = self.members() if self.groups and joined else ()
        return summed([*self.creates(), *members, *self.active(), *self.imports(residents)])

    def creates(self) -> Iterator[Violation]:
        """Two creates of one userName at once, a new name each round."""
        for _ in range(self.rounds):
            blanks = self._somebody()
            exchanges = at_once([self._act("create", blanks)] * 2)
            why = one_create(exchanges)
            if why:
                name = blanks["user.userName"]
                yield _race("two creates of one userName", "User", "", name, "201 and 409", why, exchanges)

    def members(self) -> Iterator[Violation]:
        """Half of the people join a group while the other half leave it; they change places each round."""
        people = [self._person_role(member) for member in self._prefill.users(PEOPLE)]
        group = self._prefill.groups(1)[0]
        known = {"group.id": group.id, "group.displayName": group.user_name}
        if not self._ask("add_member", known | people[0]).ok:
            return  # not even alone: no matter of races
        for turn in range(self.rounds):
            half = PEOPLE // 2
            joining, leaving = (
                (people[:half], people[half:]) if turn % 2 == 0 else (people[half:], people[:half])
            )
            acts = [self._act("add_member", known | one) for one in joining]
            acts += [self._act("remove_member", known | one) for one in leaving] if turn else []
            yield from _refused("members of one group at once", "Group", group, at_once(acts))
            self._ask("read_group", known)

    def active(self) -> Iterator[Violation]:
        """People switched off and on at once; at the end half of them are off for certain, half on."""
        if not self.provider.has("deactivate", "reactivate"):
            return
        off, on = "deactivate", "reactivate"
        people = self._prefill.users(PEOPLE)
        if not self._ask("deactivate", self._person_role(people[0])).ok:
            return
        for person in people:
            blanks = self._person_role(person)
            for _ in range(self.rounds):
                acts = [self._act(purpose, blanks) for purpose in (off, on, off)]
                yield from _refused("active off and on at once", "User", person, at_once(acts))
        last = [self._act(on if place % 2 else off, self._person_role(p)) for place, p in enumerate(people)]
        at_once(last)

    def imports(self, residents: Sequence[Member] = ()) -> Iterator[Violation]:
        """An import that pages through the users while others are created.

        Who was there before it began must be on exactly one page.
        """
        if not self.provider.has("page"):
            return
        known = list(residents) + self._prefill.users(max(0, RESIDENTS - len(residents)))
        walk = ListWalk(lambda start: self._ask("page", {"startIndex": str(start)}))
        with ThreadPoolExecutor(max_workers=1) as pool:
            while not walk.over:
                creating = pool.submit(self._newcomers)
                walk.step()
                creating.result()
        names = {member.id: member.user_name for member in known}
        for id, why in walk.wrong(names):
            read = self._ask("read", {"user.id": id})
            if read.ok:  # else it is lost, and that is the audit's to tell
                pages = [*walk.evidence(id), read]
                yield _race(
                    "an import while users are created", "User", id, names[id], "on one page", why, pages
                )

    def _newcomers(self) -> None:
        """A few more users, while a page is read and before the next."""
        for _ in range(3):
            self._ask("create", self._somebody())

    def _somebody(self) -> Blanks:
        """The blanks of somebody who does not exist yet."""
        return self.names.person(self._prefill.next())

    def _person_role(self, member: Member) -> Blanks:
        return {"user.id": member.id, "user.userName": member.user_name}

    def _act(self, purpose: str, blanks: Mapping[str, str]) -> Act:
        return lambda: self._ask(purpose, blanks)

    def _ask(self, purpose: str, blanks: Mapping[str, str]) -> Exchange:
        """The sender's request of that purpose."""
        return self.booked.ask(self.provider.request(purpose), blanks)


def _refused(what: str, kind: Kind, about: Member, exchanges: Iterable[Exchange]) -> Iterator[Violation]:
    """The changes that were answered neither with success nor with a legal refusal."""
    for exchange in exchanges:
        if not exchange.ok and not exchange.error and exchange.status not in BUSY:
            why = f"answered {exchange.status}"
            yield _race(what, kind, about.id, about.user_name, "every change is accepted", why, [exchange])


def _race(
    what: str, kind: Kind, id: str, name: str, expected: str, observed: str, exchanges: Sequence[Exchange]
) -> Violation:
    return Violation("race", kind, id, name, what, expected, observed, tuple(exchanges))
