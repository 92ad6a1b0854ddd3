"""Creates the users and groups that a load run needs before anything is measured."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from scimproof.cleanup import Tell
from scimproof.conduct import GaveUp
from scimproof.load.booked import Blanks, Booked, Names, made_id
from scimproof.scene import Member

USER_FILE = "okta/both/user-create.http"
USER_READ = "okta/both/user-get.http"
GROUP_FILE = "okta/both/group-create-empty.http"
GROUP_READ = "okta/both/group-get.http"


@dataclass
class Prefill:
    """Creates, `parallel` at a time, all of it in ledger and book; `tell(done, of)` is for progress.

    Both methods raise GaveUp with the first trouble: then what was made stands in the ledger.
    """

    booked: Booked
    names: Names
    parallel: int = 8
    tell: Tell = lambda *_: None
    users_made: int = 0
    groups_made: int = 0
    _trouble: list[GaveUp] = field(default_factory=list)

    def users(self, count: int) -> list[Member]:
        """So many more users, in order of their numbers."""
        first = self.users_made
        self.users_made += count
        return self._all(range(first, first + count), self._user)

    def groups(self, count: int) -> list[Member]:
        """So many more groups without members; `user_name` of each is its displayName."""
        first = self.groups_made
        self.groups_made += count
        return self._all(range(first, first + count), self._group)

    def _all(self, numbers: range, one: Callable[[int], Member]) -> list[Member]:
        done = iter(range(1, len(numbers) + 1))

        def guarded(number: int) -> Member | None:
            if self._trouble:
                return None
            try:
                member = one(number)
            except GaveUp as cause:
                self._trouble.append(cause)
                return None
            self.tell(next(done), len(numbers))
            return member

        # The first alone: where that fails, thousands would.
        made = [guarded(number) for number in numbers[:1]]
        with ThreadPoolExecutor(max_workers=max(1, self.parallel)) as pool:
            made += pool.map(guarded, numbers[1:])
        if self._trouble:
            raise self._trouble[0]
        return [member for member in made if member]

    def _user(self, number: int) -> Member:
        blanks = self.names.person(number)
        return self._make(number, USER_FILE, USER_READ, blanks, "user", blanks["user.userName"])

    def _group(self, number: int) -> Member:
        blanks = self.names.group(number)
        return self._make(number, GROUP_FILE, GROUP_READ, blanks, "group", blanks["group.displayName"])

    def _make(self, number: int, file: str, read: str, blanks: Blanks, role: str, name: str) -> Member:
        exchange = self.booked.ask(file, blanks)
        id = made_id(exchange)
        if not id:
            raise GaveUp(f"creating the {role}s that the load needs failed: {exchange.summary()}")
        if number == 0:
            seen = self.booked.ask(read, blanks | {f"{role}.id": id})
            if not seen.ok:
                raise GaveUp(f"the id that a create answered cannot be read: {seen.summary()}")
        return Member(id, name)
