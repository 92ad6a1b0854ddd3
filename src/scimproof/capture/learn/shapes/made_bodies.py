"""What rules make of a body: each rule is called with template variables and with a marked resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from scimproof.capture.learn.shapes.body_shape import AnyValue, Merged, node_of
from scimproof.catalog.identities import person_blanks
from scimproof.catalog.loader import BodyRule, Catalog
from scimproof.catalog.request_template import compact
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.discovery import Attribute
from scimproof.core.http_message import Exchange, Json, Request
from scimproof.core.scim import CORE_GROUP, CORE_USER, ENTERPRISE_USER

KEPT = "\ue001"  # a value of the resource that the target returned before
_POPULATION = 300  # shared users, more than a batch of members
_PLAIN = "plain"  # the kind of people of whom all variables are known


class MadeBodies:
    """What the rules of a catalogue make, as nodes of a body shape.

    A rule is called with the variables of templates as the values of themselves, and with a resource as the
    target's last answer whose values are marks. What comes back as a mark is sent as it was read.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._made: dict[str, Json] = {}

    def node(self, rule: str) -> Json:
        """What that rule makes; AnyValue where it needs more than the variables and a resource."""
        if rule not in self._made:
            self._made[rule] = self._probe(rule)
        return self._made[rule]

    @cached_property
    def _blanks(self) -> dict[str, str]:
        names = {name for template in self._catalog.templates.values() for name in template.blanks}
        roles = {name.partition(".")[0] for name in names if "." in name}
        names |= {f"{role}.{key}" for role in roles for key in person_blanks("", _PLAIN)}
        return {name: f"{{{{{name}}}}}" for name in sorted(names)}

    def _probe(self, rule: str) -> Json:
        function, unknown = self._catalog.rules.get(rule), AnyValue(f"{{{{={rule}}}}}")
        if function is None:
            return unknown
        schemas = self._catalog.standard_schemas
        full = {
            "Users": _resource(schemas, CORE_USER, ENTERPRISE_USER),
            "Groups": _resource(schemas, CORE_GROUP),
        }
        whole = self._call(function, full)
        least = self._call(function, {"Users": {"id": KEPT}, "Groups": {"id": KEPT}})
        if whole is None or least is None:
            return unknown
        return _node(whole, least)

    def _call(self, function: BodyRule, resources: Mapping[str, Json]) -> Json:
        reads = {
            f"read {name}": [Exchange(1, Request("GET", f"/{name}/1", ()), 200, body=compact(found).encode())]
            for name, found in resources.items()
        }
        members = tuple(Member("{{member.id}}", "{{member.userName}}") for _ in range(_POPULATION))
        try:
            return function(ExecutionContext("learn", dict(self._blanks), members, reads))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None  # it needs what only a run has, such as discovery or other answers


def _resource(schemas: Mapping[str, tuple[Attribute, ...]], core: str, *extensions: str) -> dict[str, Any]:
    """A resource with every attribute of these schemas, each value a mark."""
    found: dict[str, Any] = {"schemas": [KEPT], "id": KEPT, "externalId": KEPT, "meta": KEPT}
    found |= {one.name: _value(one) for one in schemas.get(core, ())}
    for urn in extensions:
        found[urn] = {one.name: _value(one) for one in schemas.get(urn, ())}
    return found


def _value(attribute: Attribute) -> Json:
    if attribute.multi_valued:
        return [KEPT]
    return {sub.name: KEPT for sub in attribute.sub_attributes} if attribute.sub_attributes else KEPT


def _node(whole: Json, least: Json, *, part: bool = False) -> Json:
    """The node of what a rule made of a whole resource and of one that has an id only.

    A `part` of an object that is sent back as it was read is sent back so itself.
    """
    if isinstance(whole, dict):
        other = least if isinstance(least, dict) else {}
        merged = part or any(value == KEPT for value in whole.values())
        fields = {key: _node(value, other.get(key), part=merged) for key, value in _united(whole, other)}
        if not merged:
            return fields
        needed = frozenset(key for key, value in other.items() if value != KEPT)
        return Merged({key: fields[key] for key in fields if whole.get(key) != KEPT or key in needed}, needed)
    if isinstance(whole, list) and any(one == KEPT for one in whole):
        return AnyValue(KEPT)
    if isinstance(whole, list):
        return [_node(one, one) for one in whole]
    return AnyValue(KEPT) if whole == KEPT else node_of(whole)


def _united(whole: Mapping[str, Json], least: Mapping[str, Json]) -> Iterable[tuple[str, Json]]:
    """The attributes in the order in which they come at the end of a resource that has none of them."""
    united = {**least, **whole}
    return ((key, united[key]) for key in united)
