"""Endpoint of a recorded request: below which base URL, of which kind of resource, of whom."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from scimproof.core.scim import Kind, endpoint_of

RESOURCES: dict[str, Kind] = {"Users": "User", "Groups": "Group"}
DISCOVERY = ("ServiceProviderConfig", "ResourceTypes", "Schemas")
OTHERS = ("Bulk", ".search", "Me")
SEARCH = ".search"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request goes: the path of the base URL, and the segments behind it, decoded.

    `kind` is empty for what is of no kind: discovery documents, bulk jobs, other types.
    """

    base: str
    segments: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """Users or groups; empty for anything else."""
        return RESOURCES.get(self.segments[0], "") if self.segments else ""

    @property
    def id(self) -> str:
        """The id in the path; empty for a collection."""
        one = self.kind and len(self.segments) == 2 and self.segments[1] != SEARCH
        return self.segments[1] if one else ""

    @property
    def collection(self) -> bool:
        """Whether it is all users, or all groups."""
        return bool(self.kind) and len(self.segments) == 1

    @property
    def search(self) -> bool:
        """Whether it is a search by POST."""
        return bool(self.segments) and self.segments[-1] == SEARCH

    @property
    def discovery(self) -> bool:
        """Whether it is a discovery document, or a list of them."""
        return bool(self.segments) and self.segments[0] in DISCOVERY

    @property
    def bulk(self) -> bool:
        """Whether it is a bulk job."""
        return self.segments == ("Bulk",)

    @property
    def other(self) -> bool:
        """Whether it is about a type of resources that are neither users nor groups."""
        return bool(self.segments) and self.segments[0] not in (*RESOURCES, *DISCOVERY, *OTHERS)

    @property
    def shape(self) -> str:
        """The path with {id} in place of an id: `/Users/{id}`."""
        if self.id:
            return f"{endpoint_of(self.kind)}/{{id}}"
        if self.other:
            return f"/{self.segments[0]}"
        return "/" + "/".join(self.segments)


def path_of(target: str) -> str:
    """The path of a request target, which may be a whole URL."""
    return urlsplit(target).path if "://" in target.partition("?")[0] else target.partition("?")[0]


def base_in(target: str) -> str | None:
    """What stands before the SCIM endpoint in a request target; None where it has none."""
    parts = path_of(target).rstrip("/").split("/")
    for place in (len(parts) - 2, len(parts) - 1):
        if place < 1:
            continue
        names = (*RESOURCES, *DISCOVERY) if place == len(parts) - 2 else (*RESOURCES, *DISCOVERY, *OTHERS)
        if parts[place] in names:
            return "/".join(parts[:place])
    return None


def endpoint(target: str, base: str) -> Endpoint | None:
    """The endpoint of a request target below that base path; None for what is not below it."""
    path = path_of(target)
    if path != base and not path.startswith(f"{base}/"):
        return None
    behind = path[len(base) :].strip("/")
    return Endpoint(base, tuple(unquote(part) for part in behind.split("/")) if behind else ())
