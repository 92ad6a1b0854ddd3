"""In-memory store: that of scim2-server, with creation order, memberships and validated members."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from typing import Any, cast
from unicodedata import normalize
from uuid import uuid4

from scim2_models import (
    AttributeBinding,
    Extension,
    InvalidValueException,
    Path,
    Required,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimFilter,
    SearchRequest,
    Uniqueness,
)
from scim2_models.path import attribute_host
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import SearchPage

from scimproof.embedded.example_schemas import EXAMPLE_NAME
from scimproof.embedded.protocol.assignment import assign

_ENTERPRISE_NAME = "EnterpriseUser"
_MEMBERS_OF = {"User": "Users", "Group": "Groups"}
_DERIVED = re.compile(r"groups|manager", re.IGNORECASE)
_BY_SERVER = {"meta", "schemas"}
_LABELS = {"value", "type", "primary"}
_EMPTY = "empty"

Adjust = Callable[[str, Resource[Any]], None]
"""What is done to a resource (the name of its type comes first) before it is stored."""


class Store(InMemoryStorage):
    """The in-memory store of scim2-server, corrected where its behaviour would mislead a check.

    `allow_duplicates` is a fault's switch: while it is set (hold `lock`), created resources may share names
    permanently. The others are those of legal variants: `name_ids` makes the id of the nth resource,
    `name_versions` the tag of the nth version; `adjust` brings what a client wrote into another form;
    `empty_pages` puts an empty page between two of a cursor; what is new is found after `index_seconds`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.allow_duplicates = False
        self.name_ids: Callable[[int], str] | None = None
        self.name_versions: Callable[[int], str] | None = None
        self.adjust: list[Adjust] = []
        self.empty_pages = False
        self.index_seconds = 0.0
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
        if self.name_ids is None:
            value = str(uuid4())
            new = f"{self._created:08x}{value[8:]}"
        else:
            new = self.name_ids(self._created)
        if self.allow_duplicates:
            self._escaped.add(new)
        return new

    def next_version(self) -> str:
        """Return the tag of a new version."""
        return (
            super().next_version() if self.name_versions is None else self.name_versions(next(self.versions))
        )

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """Return the resource; a user carries the groups it is a member of.

        With `response_parameters` it is to be shown and not to be changed, and needs no deep copy.
        """
        with self.lock:
            stored = self._stored(resource_type, resource_id)
            return self._derived(stored.model_copy(deep=response_parameters is None))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """Return one page, in order of creation unless another was asked for."""
        with self.lock:
            if isinstance(position, dict) and _EMPTY in position:
                return SearchPage(None, [], next=position[_EMPTY])
            if self._is_plain(resource_types, search_request):
                page = self._plain_page(resource_types[0].name, search_request)
            else:
                page = super().search(resource_types, search_request, position=position)
            if self.empty_pages and page.next is not None:
                page.next = {_EMPTY: page.next}
            page.resources = [self._derived(resource) for resource in page.resources]
            return page

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """Store a new resource; an account is active unless the client says otherwise."""
        with self.lock:
            if "active" in type(resource).model_fields and getattr(resource, "active", None) is None:
                assign(resource, "active", value=True)
            self._settle(resource_type, resource)
            created = super().create(resource_type, resource)
            stored = self._stored(resource_type, str(created.id))
            _number(stored)
            self._order.setdefault(resource_type.name, []).append(str(created.id))
            self._join(created)
            return self._derived(stored.model_copy())

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        """Replace a resource; leaving `active` out neither enables nor disables an account.

        What changes nothing moves neither `meta.lastModified` nor the version.
        """
        with self.lock:
            before = self._stored(resource_type, str(resource.id))
            self._check_version(before, expected_version)
            updated = type(resource).model_validate(resource.model_dump())
            if "groups" in type(updated).model_fields:
                assign(updated, "groups", None)  # computed, see _derived
            if "active" in type(updated).model_fields and getattr(updated, "active", None) is None:
                assign(updated, "active", getattr(before, "active", None))
            self._settle(resource_type, updated)
            _number(updated)
            if _same(before, updated):
                return self._derived(before.model_copy(deep=True))
            values = self._values_of(updated)
            self._check_uniqueness(updated, values)
            assign(updated, "meta", self._changed_meta(before))
            self._store(updated, values)
            self._leave(before)
            self._join(updated)
            return self._derived(updated.model_copy())

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Delete a resource, and its membership everywhere: the library leaves dangling members."""
        with self.lock:
            gone = self._stored(resource_type, resource_id)
            super().delete(resource_type, resource_id, expected_version=expected_version)
            order = self._order[resource_type.name]
            order.pop(bisect_left(order, resource_id))
            self._leave(gone)
            for group_id in self._groups_of.pop(resource_id, {}):
                group = self._resources["Group"][group_id]
                assign(group, "members", [m for m in _members(group) if m.value != resource_id])
                assign(group, "meta", self._changed_meta(group))

    def _changed_meta(self, resource: Resource[Any]) -> Any:
        assert resource.meta is not None
        return resource.meta.model_copy(
            update={"location": None, "last_modified": self.clock(), "version": self.next_version()}
        )

    def _check_uniqueness(self, resource: Resource[Any], values: dict[str, Any]) -> None:
        if resource.id not in self._escaped:
            super()._check_uniqueness(resource, values)

    def _values_of(self, resource: Resource[Any]) -> dict[str, Any]:
        """The values that nobody else may have; userNames as RFC 7644 section 5 prepares them."""
        if resource.id in self._escaped:
            return {}
        found = {}
        for binding in _unique(type(resource)):
            host = attribute_host(resource, binding)
            value = getattr(host, binding.field_name, None) if host is not None else None
            if value is None:
                continue
            value = binding.comparable(value)
            if binding.field_name == "user_name":
                value = normalize("NFKC", value).lower()
            found[binding.urn] = value
        return found

    def _is_plain(self, resource_types: list[ResourceType], request: SearchRequest[Any]) -> bool:
        return (
            len(resource_types) == 1
            and not self.index_seconds
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
        return SearchPage(len(order), [resources[key].model_copy() for key in order[start:stop]])

    def _candidates(
        self, names: list[str | None], scim_filter: ScimFilter[Any] | None
    ) -> list[Resource[Any]]:
        """Return the resources that a search walks, with what is computed if the filter names that."""
        derived = scim_filter is not None and _DERIVED.search(scim_filter) is not None
        if not derived and not self.index_seconds:
            return super()._candidates(names, scim_filter)
        known = [each for name in names for each in self._resources.get(name, {}).values()]
        if self.index_seconds:
            before = self.clock() - timedelta(seconds=self.index_seconds)
            known = [each for each in known if each.meta and each.meta.created and each.meta.created < before]
        return [self._derived(each.model_copy()) for each in known] if derived else known

    def _settle(self, resource_type: ResourceType, resource: Resource[Any]) -> None:
        """Bring a resource that a client wrote into the form in which it is stored."""
        _refuse_blank(resource)
        for adjust in self.adjust:
            adjust(str(resource_type.name), resource)
        _drop_twins(resource)
        self._settle_members(resource)
        enterprise = getattr(resource, _ENTERPRISE_NAME, None)
        manager = enterprise.manager if enterprise is not None else None
        if manager is not None and (manager.display_name or manager.ref):
            # The name is the manager's, the reference too; one to somebody else is left over from before.
            known = manager.value in self._resources.get("User", {})
            kept = None if known or not str(manager.ref).endswith(f"/{manager.value}") else manager.ref
            assign(enterprise, "manager", manager.model_copy(update={"display_name": None, "ref": kept}))
        listed = [str(type(resource).__schema__)]
        listed += [urn for urn, model in type(resource).get_extension_models().items() if resource[model]]
        assign(resource, "schemas", listed)

    def _settle_members(self, group: Resource[Any]) -> None:
        """Make `members` a set of known ids, each with its type and where it is.

        The library lists a member twice when only its `display` differs (Okta's display is a user name,
        and that changes), and keeps ids nobody has: a push that looks green while a person has no access.
        """
        if not _members(group):
            return
        members: dict[str, Any] = {}
        unknown = []
        for member in _members(group):
            kind = self._member_type(member.value)
            if kind is None:
                unknown.append(member.value)
            elif member.value not in members:
                reference = f"{_MEMBERS_OF[kind]}/{member.value}"
                if member.ref != reference or member.type != kind:
                    member = member.model_copy(update={"ref": reference, "type": kind})  # noqa: PLW2901
                members[member.value] = member
        if unknown:
            raise InvalidValueException(detail=f"No such member: {', '.join(map(str, unknown))}")
        assign(group, "members", list(members.values()))

    def _member_type(self, resource_id: str) -> str | None:
        return next((kind for kind in _MEMBERS_OF if resource_id in self._resources.get(kind, {})), None)

    def _join(self, group: Resource[Any]) -> None:
        for member in _members(group):
            self._groups_of.setdefault(member.value, {})[str(group.id)] = None

    def _leave(self, group: Resource[Any]) -> None:
        for member in _members(group):
            self._groups_of.get(member.value, {}).pop(str(group.id), None)

    def _name(self, group_id: str) -> str | None:
        return getattr(self._resources["Group"][group_id], "display_name", None)

    def _derived(self, resource: Resource[Any]) -> Resource[Any]:
        """Fill what is computed into a copy of a stored resource, which may be a shallow one.

        A user's `groups`, which RFC 7643 section 4.1.2 derives from membership, and what is known of the
        manager.
        """
        groups = self._groups_of.get(str(resource.id))
        if groups and "groups" in type(resource).model_fields:
            model = cast("Any", type(resource).get_field_root_type("groups"))
            found = [
                model.model_construct(value=key, ref=f"Groups/{key}", display=self._name(key), type="direct")
                for key in groups
            ]
            assign(resource, "groups", found)
        enterprise = resource.__dict__.get(_ENTERPRISE_NAME)
        if enterprise is not None and enterprise.manager is not None:
            boss = self._resources.get("User", {}).get(enterprise.manager.value)
            if boss is not None:
                known = {"ref": f"Users/{boss.id}", "display_name": getattr(boss, "display_name", None)}
                manager = enterprise.manager.model_copy(update=known)
                assign(resource, _ENTERPRISE_NAME, enterprise.model_copy(update={"manager": manager}))
        return resource


def _members(resource: Resource[Any]) -> list[Any]:
    return getattr(resource, "members", None) or []


def _number(resource: Resource[Any]) -> None:
    """Give the example extension what the server assigns in it."""
    example = resource.__dict__.get(EXAMPLE_NAME)
    if example is not None and example.serial is None and _assigned(example.__dict__.values()):
        assign(example, "serial", f"S-{str(resource.id)[:8]}")


def _assigned(values: Iterable[Any]) -> bool:
    return any(value not in (None, []) for value in values)


def _refuse_blank(resource: Resource[Any]) -> None:
    for name in _required_text(type(resource)):
        value = getattr(resource, name)
        if value is not None and not value.strip():
            named = type(resource).model_fields[name].serialization_alias
            raise InvalidValueException(detail=f"{named} is required and must not be empty.")


def _drop_twins(resource: Resource[Any]) -> None:
    """RFC 7643 section 2.4: a pair of type and value stands in a list once; the primary one stays."""
    held = [
        getattr(resource, model.__name__, None) for model in type(resource).get_extension_models().values()
    ]
    for holder in (resource, *(one for one in held if one is not None)):
        _drop_twins_of(holder)


def _drop_twins_of(holder: Any) -> None:
    for name in _labelled(cast("type[Resource[Any]]", type(holder))):
        entries = getattr(holder, name)
        if not entries or len(entries) == 1:
            continue
        kept: dict[Any, Any] = {}
        for position, entry in enumerate(entries):
            pair = position if entry.value is None else (entry.value, str(entry.type).lower())
            if pair not in kept or entry.primary:
                kept[pair] = entry
        if len(kept) < len(entries):
            assign(holder, name, list(kept.values()))


def _same(before: Resource[Any], after: Resource[Any]) -> bool:
    """Whether a write changes nothing, the order of values aside."""
    for name in type(before).model_fields:
        old, new = before.__dict__.get(name), after.__dict__.get(name)
        if name in _BY_SERVER or old == new:
            continue
        if isinstance(old, Extension) and isinstance(new, Extension):
            if {**old.__dict__, "schemas": None} == {**new.__dict__, "schemas": None}:
                continue
            return False
        if not (isinstance(old or [], list) and isinstance(new or [], list)):
            return False
        if len(old or []) != len(new or []) or sorted(map(repr, old or [])) != sorted(map(repr, new or [])):
            return False
    return True


@cache
def _unique(model: type[Resource[Any]]) -> tuple[AttributeBinding, ...]:
    """The attributes whose values nobody else may have."""
    path: Any = Path
    paths = path[model].iter_paths(
        include_subattributes=False, uniqueness=[Uniqueness.server, Uniqueness.global_]
    )
    return tuple(found.resolve() for found in paths)


@cache
def _required_text(model: type[Resource[Any]]) -> tuple[str, ...]:
    """The fields that are text and have to be there."""
    return tuple(
        name
        for name in model.model_fields
        if model.get_field_annotation(name, Required) == Required.true
        and model.get_field_root_type(name) is str
        and not model.get_field_multiplicity(name)
    )


@cache
def _labelled(model: type[Resource[Any]]) -> tuple[str, ...]:
    """The fields that are lists of values with a type."""
    return tuple(
        name
        for name in model.model_fields
        if model.get_field_multiplicity(name)
        and getattr(model.get_field_root_type(name), "model_fields", {}).keys() >= _LABELS
    )
