"""In-memory store: that of scim2-server, with creation order, memberships and validated members."""

from bisect import bisect_left
from typing import Any
from uuid import uuid4

from scim2_models import InvalidValueException, Resource, ResourceType, ResponseParameters, SearchRequest
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import SearchPage


class Store(InMemoryStorage):
    """The in-memory store of scim2-server, corrected where its behaviour would mislead a check.

    `allow_duplicates` is a fault's switch: while it is set (hold `lock`), created resources may share names
    permanently.
    """

    def __init__(self) -> None:
        super().__init__()
        self.allow_duplicates = False
        self._escaped: set[str] = set()
        self._created = 0
        self._order: dict[str | None, list[str]] = {}
        self._groups_of: dict[str, dict[str, None]] = {}

    def size(self, resource_type: str) -> int:
        """Return how many resources of a type (`User`, `Group`) there are."""
        return len(self._resources.get(resource_type, {}))

    def names(self, kind: str) -> dict[str, str]:
        """Return userName or displayName of every user or group (`Users`, `Groups`) by id, oldest first."""
        resource_type, attribute = ("User", "user_name") if kind == "Users" else ("Group", "display_name")
        with self.lock:
            found = self._resources.get(resource_type, {})
            return {key: getattr(found[key], attribute) for key in self._order.get(resource_type, [])}

    def let_share(self, resource_id: str) -> None:
        """Let a resource share its name permanently: a fault's switch, as `allow_duplicates`."""
        self._escaped.add(resource_id)

    def generate_id(self, resource_type: ResourceType, resource: Resource[Any]) -> str:
        """Return an id that sorts by creation.

        The library lists by id; with random ids a resource created between two pages would shift the
        others, and an import would skip somebody.
        """
        self._created += 1
        value = str(uuid4())
        new = f"{self._created:08x}{value[8:]}"
        if self.allow_duplicates:
            self._escaped.add(new)
        return new

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Return the resource; a user carries the groups it is a member of."""
        with self.lock:
            return self._with_groups(super().get(resource_type, resource_id))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """Return one page, in order of creation unless another was asked for."""
        with self.lock:
            if self._is_plain(resource_types, search_request):
                page = self._plain_page(resource_types[0].name, search_request)
            else:
                page = super().search(resource_types, search_request, position=position)
            page.resources = [self._with_groups(resource) for resource in page.resources]
            return page

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Store a new resource; an account is active unless the client says otherwise."""
        with self.lock:
            if resource_type.name == "User" and getattr(resource, "active", None) is None:
                resource.active = True  # type: ignore[attr-defined]
            self._settle_members(resource_type, resource)
            created = super().create(resource_type, resource)
            self._order.setdefault(resource_type.name, []).append(str(created.id))
            self._join(created)
            return self._with_groups(created)

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Replace a resource; leaving `active` out neither enables nor disables an account."""
        with self.lock:
            before = super().get(resource_type, str(resource.id))
            if resource_type.name == "User":
                resource.groups = None  # type: ignore[attr-defined]  # computed, see _with_groups
                if getattr(resource, "active", None) is None:
                    resource.active = getattr(before, "active", None)  # type: ignore[attr-defined]
            self._settle_members(resource_type, resource)
            updated = super().update(resource_type, resource, expected_version=expected_version)
            self._leave(before)
            self._join(updated)
            return self._with_groups(updated)

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Delete a resource, and its membership everywhere: the library leaves dangling members."""
        with self.lock:
            gone = super().get(resource_type, resource_id)
            super().delete(resource_type, resource_id, expected_version=expected_version)
            order = self._order[resource_type.name]
            order.pop(bisect_left(order, resource_id))
            self._leave(gone)
            for group_id in self._groups_of.pop(resource_id, {}):
                group = self._resources["Group"][group_id]
                group.members = [m for m in _members(group) if m.value != resource_id]  # type: ignore[attr-defined]

    def _values_of(self, resource: Resource[Any]) -> dict[str, Any]:
        return {} if resource.id in self._escaped else super()._values_of(resource)

    def _is_plain(self, resource_types: list[ResourceType], request: SearchRequest[Any]) -> bool:
        return (
            len(resource_types) == 1
            and request.filter is None
            and request.sort_by is None
            and request.cursor is None
        )

    def _plain_page(self, name: str | None, request: SearchRequest[Any]) -> SearchPage:
        """Return a slice without sorting the whole store first, as the library would for each page."""
        order = self._order.get(name, [])
        start = request.start_index_0 or 0
        stop = None if request.count is None else start + request.count
        resources = self._resources.get(name, {})
        return SearchPage(len(order), [resources[key].model_copy(deep=True) for key in order[start:stop]])

    def _settle_members(self, resource_type: ResourceType, resource: Resource[Any]) -> None:
        """Make `members` a set of known ids.

        The library lists a member twice when only its `display` differs (Okta's display is a user name,
        and that changes), and keeps ids nobody has: a push that looks green while a person has no access.
        """
        if resource_type.name != "Group" or not _members(resource):
            return
        members: dict[str, Any] = {}
        for member in _members(resource):
            members.setdefault(member.value, member)
        unknown = [value for value in members if not self._exists(value)]
        if unknown:
            raise InvalidValueException(detail=f"No such member: {', '.join(map(str, unknown))}")
        resource.members = list(members.values())  # type: ignore[attr-defined]

    def _exists(self, resource_id: str) -> bool:
        return any(resource_id in resources for resources in self._resources.values())

    def _join(self, group: Resource[Any]) -> None:
        for member in _members(group):
            self._groups_of.setdefault(member.value, {})[str(group.id)] = None

    def _leave(self, group: Resource[Any]) -> None:
        for member in _members(group):
            self._groups_of.get(member.value, {}).pop(str(group.id), None)

    def _name(self, group_id: str) -> str | None:
        return getattr(self._resources["Group"][group_id], "display_name", None)

    def _with_groups(self, resource: Resource[Any]) -> Resource[Any]:
        """Fill a user's `groups`, which RFC 7643 section 4.1.2 derives from membership."""
        groups = self._groups_of.get(str(resource.id))
        if groups and hasattr(resource, "groups"):
            resource.groups = [
                {"value": key, "$ref": f"Groups/{key}", "display": self._name(key), "type": "direct"}
                for key in groups
            ]
        return resource


def _members(resource: Resource[Any]) -> list[Any]:
    return getattr(resource, "members", None) or []
