"""Members, groups, and events about them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from scimproof.embedded.bitwarden.collation import Key


class Status(IntEnum):
    """Status of a member, numbered as in the Public API."""

    REVOKED = -1
    INVITED = 0
    ACCEPTED = 1
    CONFIRMED = 2
    STAGED = 3


class Role(IntEnum):
    """Role of a member, numbered as in the Public API."""

    OWNER = 0
    USER = 2


class What(IntEnum):
    """Types of event, numbered as in the event logs."""

    GROUP_CREATED = 1400
    GROUP_UPDATED = 1401
    GROUP_DELETED = 1402
    INVITED = 1500
    CONFIRMED = 1501
    REMOVED = 1503
    GROUPS_EDITED = 1504
    REVOKED = 1511
    RESTORED = 1512
    STAGED = 1523
    ORGANIZATION_UPDATED = 1600


@dataclass(slots=True)
class Account:
    """A user's Bitwarden account, which belongs to the user and not to the organization."""

    id: str
    name: str
    two_step: bool = False
    elsewhere: bool = False  # a member of another organization too


@dataclass(slots=True)
class OrganizationMember:
    """A user's membership in the organization."""

    id: str
    email: str
    external_id: str | None
    status: Status
    sort: Key
    role: Role = Role.USER
    prior: Status | None = None
    account: Account | None = None
    invited: float = 0.0

    @property
    def revoked(self) -> bool:
        return self.status is Status.REVOKED

    @property
    def seated(self) -> bool:
        """Whether the member uses a seat."""
        return self.status not in (Status.REVOKED, Status.STAGED)


@dataclass(slots=True)
class Group:
    """A group; members are ids of memberships."""

    id: str
    name: str
    external_id: str | None
    sort: Key
    members: dict[str, None] = field(default_factory=dict)
    created: str = ""
    modified: str = ""


class Event(NamedTuple):
    """One event of the log; `number` is its place."""

    number: int
    what: What
    date: str
    member: str | None = None
    group: str | None = None
    noted: float = 0.0  # on the vault's clock


class Mail(NamedTuple):
    """An e-mail that was sent."""

    to: str
    member: str
    date: str


def now() -> str:
    """The time in the service's format."""
    return written(time.time_ns() // 100)


def written(ticks: int) -> str:
    """The time of so many ticks (of 100 ns) since 1970, in UTC, in the service's format."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ticks // 10**7))
    return f"{stamp}.{ticks % 10**7:07d}".rstrip("0").rstrip(".") + "Z"
