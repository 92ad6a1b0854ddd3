"""State of the organization: members, groups, events and e-mails, and rules that all clients are under."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from uuid import uuid4

from scimproof.embedded.bitwarden import ORGANIZATION, collation
from scimproof.embedded.bitwarden.http import Refused
from scimproof.embedded.bitwarden.options import ServerOptions
from scimproof.embedded.bitwarden.people import (
    Account,
    Event,
    Group,
    Mail,
    OrganizationMember,
    Role,
    Status,
    What,
    now,
)

NO_OWNER = "Organization must have at least one confirmed owner."
_KEPT = 50_000  # events and mails; older ones are forgotten, so that a soak does not fill the memory


class Vault:
    """One organization. Readers and writers hold `lock`; `clock` gives the age of an event."""

    def __init__(
        self,
        knobs: ServerOptions,
        organization: str = ORGANIZATION,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.organization = organization
        self.clock = clock
        self.knobs = knobs
        self.lock = threading.RLock()
        self.members: dict[str, OrganizationMember] = {}
        self.groups: dict[str, Group] = {}
        self.events: deque[Event] = deque(maxlen=_KEPT)
        self.mails: deque[Mail] = deque(maxlen=_KEPT)
        self._by_email: dict[str, OrganizationMember] = {}
        self._by_external: dict[str, OrganizationMember] = {}
        self._listed: list[OrganizationMember] | None = None
        self._events = 0
        for number in range(1, knobs.owners + 1):
            self._seed_owner(number)

    def _seed_owner(self, number: int) -> None:
        name = "owner" if number == 1 else f"owner{number}"
        owner = self.add(f"{name}@example.com", None, Status.CONFIRMED)
        owner.role = Role.OWNER
        owner.account = Account(str(uuid4()), f"Owner {number}", two_step=True)

    # Members

    def add(self, email: str, external_id: str | None, status: Status) -> OrganizationMember:
        """Add a member; the caller has checked that this is allowed."""
        email = email.lower()
        member = OrganizationMember(str(uuid4()), email, external_id, status, collation.key(email))
        self.members[member.id] = self._by_email[email] = member
        self.set_external_id(member, external_id)
        self._listed = None
        return member

    def forget(self, member: OrganizationMember) -> None:
        """Remove a member from everything but the account."""
        del self.members[member.id]
        self._by_email.pop(member.email, None)
        self._drop_external(member)
        for group in self.groups.values():
            group.members.pop(member.id, None)
        self._listed = None

    def with_email(self, email: str) -> OrganizationMember | None:
        """The member with this address, in any status and letter case."""
        return self._by_email.get(email.lower())

    def with_external_id(self, external_id: str) -> OrganizationMember | None:
        """The member with exactly this externalId."""
        return self._by_external.get(external_id)

    def in_order(self) -> list[OrganizationMember]:
        """All members, by address."""
        if self._listed is None:
            self._listed = sorted(self.members.values(), key=lambda member: member.sort)
        return self._listed

    def set_external_id(self, member: OrganizationMember, external_id: str | None) -> None:
        self._drop_external(member)
        member.external_id = external_id
        if external_id and external_id.strip():
            self._by_external[external_id] = member

    def _drop_external(self, member: OrganizationMember) -> None:
        if member.external_id is not None and self._by_external.get(member.external_id) is member:
            del self._by_external[member.external_id]

    def set_email(self, member: OrganizationMember, email: str) -> None:
        """The user changes the address of the account."""
        self._by_email.pop(member.email, None)
        member.email = email.lower()
        member.sort = collation.key(member.email)
        self._by_email[member.email] = member
        self._listed = None

    # Rules

    def owned(self, *, besides: OrganizationMember | None = None) -> bool:
        """Whether a confirmed owner or provider user remains."""
        return self.knobs.provider or self.confirmed_owners(besides=besides) > 0

    def confirmed_owners(self, *, besides: OrganizationMember | None = None) -> int:
        """The number of confirmed owners."""
        return sum(
            member.role is Role.OWNER and member.status is Status.CONFIRMED and member is not besides
            for member in self.members.values()
        )

    def take_seat(self) -> None:
        """Reserve a seat for one more member, adding a seat if that is allowed; else refuse."""
        knobs = self.knobs
        if knobs.seats is None or sum(member.seated for member in self.members.values()) < knobs.seats:
            return
        if knobs.hosting == "self":
            fast, slow = "Cannot auto scale self-host.", "Cannot autoscale on self-hosted instance."
            raise Refused(400, fast if knobs.fail_fast else slow)
        if not knobs.autoscale or (knobs.max_seats is not None and knobs.seats >= knobs.max_seats):
            raise Refused(400, "Seat limit has been reached.")
        knobs.seats += 1

    def revoke(self, member: OrganizationMember) -> None:
        """Revoke access; everything else stays, groups too."""
        member.prior, member.status = member.status, Status.REVOKED
        self.note(What.REVOKED, member=member.id)

    def restore(self, member: OrganizationMember) -> None:
        """Restore the previous status, if there is a seat and the policies allow it."""
        self.take_seat()
        prior = member.prior if member.prior is not None else Status.INVITED
        if prior in (Status.ACCEPTED, Status.CONFIRMED):
            self._check_policies(member)
        member.status, member.prior = prior, None
        self.note(What.RESTORED, member=member.id)

    def _check_policies(self, member: OrganizationMember) -> None:
        account, who = member.account, member.email
        elsewhere = self.knobs.single_organization and account is not None and account.elsewhere
        unsafe = self.knobs.two_step and (account is None or not account.two_step)
        if elsewhere and unsafe:
            both = "the single organization membership and two-step login policy"
            raise Refused(400, f"{who} is not compliant with {both}.")
        if elsewhere:
            raise Refused(400, f"{who} cannot be restored until they leave all other organization vaults.")
        if unsafe:
            raise Refused(400, f"{who} is not compliant with the two-step login policy.")

    # What is written down

    def invite(self, member: OrganizationMember) -> None:
        """Send an invitation by e-mail."""
        member.invited = time.time()
        self.mails.append(Mail(member.email, member.id, now()))

    def note(self, what: What, *, member: str | None = None, group: str | None = None) -> None:
        """Add an event, if the organization has a log."""
        if self.knobs.events:
            self._events += 1
            self.events.append(Event(self._events, what, now(), member, group, self.clock()))

    def logged(self) -> list[Event]:
        """The events that the log shows by now, the latest first; a separate process stores them late."""
        late = 0 if self.knobs.hosting == "self" else self.knobs.event_delay
        return [event for event in reversed(self.events) if self.clock() - event.noted >= late]
