"""The attributes that a target's schemas have, each with values and bodies to ask about it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from scimproof.core.discovery import Attribute, Discovery, ResourceType
from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_GROUP, CORE_USER

from ..people import fitted
from ..values import choices, one_value

# Attributes that other sequences ask about, since their values are secret or are other resources.
ELSEWHERE = {
    "password": "asked in rfc.user.active",
    "members": "asked in rfc.group.member",
    "groups": "asked in rfc.group.member",
    "manager": "asked in rfc.enterprise.manager",
}
NOT_ASKED = ("device",)  # types of RFC 9944, whose resources stand for hardware
EXTERNAL_ID = Attribute("externalId", case_exact=True)  # of every resource, whatever schemas list


@dataclass(frozen=True)
class Subject:
    """One attribute of a resource type, or a sub-attribute of the complex one `above` it.

    `schema` is the short name of its schema where another of the type has an attribute of the same name.
    """

    type: ResourceType
    attribute: Attribute
    above: Attribute | None = None
    schema: str = ""

    @property
    def key(self) -> str:
        """`User:name.familyName`: what stands in brackets behind the id of a sequence."""
        return ":".join(part for part in (self.type.name, self.schema, self.attribute.dotted) if part)

    @property
    def root(self) -> Attribute:
        """The attribute itself, or the complex one around it."""
        return self.above or self.attribute

    @property
    def path(self) -> str:
        """The path as PATCH has it: extensions by their URN."""
        return self._path(self.attribute.dotted)

    @property
    def root_path(self) -> str:
        """The path of the attribute, without a sub-attribute."""
        return self._path(self.root.name)

    @property
    def listed(self) -> bool:
        """Whether it is in a list of values."""
        return self.root.multi_valued

    @property
    def required(self) -> bool:
        """Whether a resource cannot be without it; RFC 7643 prints both of a group's displayName."""
        names = {CORE_USER.lower(): "username", CORE_GROUP.lower(): "displayname"}
        naming = names.get(self.type.schema.lower()) == self.root.name.lower() and not self._extends
        return naming or (self.root.required and (self.attribute.required or self.listed))

    @property
    def written(self) -> bool:
        """Whether a client may set it, and set it again."""
        around = self.above.mutability if self.above else "readWrite"
        return self.attribute.mutability in ("readWrite", "writeOnly") and around in (
            "readWrite",
            "writeOnly",
        )

    @property
    def hidden(self) -> bool:
        """Whether no answer ever shows it."""
        return any(one.mutability == "writeOnly" or one.returned == "never" for one in self._around)

    @property
    def on_request(self) -> bool:
        """Whether only a read that asks for it shows it."""
        return any(one.returned == "request" for one in self._around)

    @property
    def _around(self) -> tuple[Attribute, ...]:
        return (self.attribute, self.above) if self.above else (self.attribute,)

    @property
    def _extends(self) -> bool:
        own = self.attribute.schema.lower()
        return bool(own) and own != self.type.schema.lower()

    def _path(self, dotted: str) -> str:
        return f"{self.attribute.schema}:{dotted}" if self._extends else dotted

    def placed(self, value: Json) -> dict[str, Json]:
        """The attribute around it with that value, as it stands in a body."""
        inner = {self.root.name: value}
        return {self.attribute.schema: inner} if self._extends else inner


def subjects(discovery: Discovery) -> Iterator[Subject]:
    """Every attribute and sub-attribute of every resource type that is asked about."""
    for type in asked_types(discovery):
        own = list(discovery.attributes(type))
        names = Counter(one.name.lower() for one in own)
        for attribute in own:
            schema = short_name(attribute.schema) if names[attribute.name.lower()] > 1 else ""
            yield Subject(type, attribute, schema=schema)
            for sub in attribute.sub_attributes:
                yield Subject(type, sub, attribute, schema)


def asked_types(discovery: Discovery) -> list[ResourceType]:
    """The resource types whose resources can be told to be the run's."""
    return [
        one
        for one in discovery.types
        if one.name.lower() not in NOT_ASKED and mark(one, discovery) is not None
    ]


def short_name(urn: str) -> str:
    """`enterprise` of `urn:…:extension:enterprise:2.0:User`: the part before the version."""
    parts = urn.split(":")
    before = [one for one, after in pairwise(parts) if after[:1].isdigit()]
    return before[-1] if before else parts[-1]


def mark(type: ResourceType, discovery: Discovery) -> Attribute | None:
    """The attribute that has the run's prefix, by which a resource is told to be the run's."""
    texts = [one for one in discovery.schema(type.schema) if _may_mark(one)]
    named = {CORE_USER.lower(): "username", CORE_GROUP.lower(): "displayname"}.get(type.schema.lower())
    if named:
        return next((one for one in texts if one.name.lower() == named), None)
    return next((one for one in texts if one.required), next(iter(texts), None))


def _may_mark(attribute: Attribute) -> bool:
    plain = attribute.type == "string" and not attribute.multi_valued and not choices(attribute)
    return plain and attribute.mutability == "readWrite" and attribute.returned in ("default", "always")


def tag(*of: str) -> str:
    """The beginning of the texts of one resource: the run's prefix, and what no other resource has."""
    return "{{prefix}}.a" + hashlib.sha256("/".join(of).encode()).hexdigest()[:9]


def body(type: ResourceType, discovery: Discovery, tag: str, values: Mapping[str, Json]) -> str:
    """A body with what is required, and with these values; its texts have template variables."""
    marked = mark(type, discovery)
    made: dict[str, Json] = {"schemas": [type.schema]}
    if marked is not None:
        made[marked.name] = one_value(marked, tag)
    return json.dumps(fitted({**made, **values}, type, discovery, tag))


def value_of(subject: Subject, tag: str, number: int = 0, *, beside: bool = False) -> Json:
    """A value of the attribute around the subject: two where it has several; None where none can be made up.

    Of a complex attribute it has the subject, and what tells one element of a list from another. A single one
    has another sub-attribute `beside` it on demand.
    """
    root, sub = subject.root, subject.attribute
    if subject.above is None:
        if not root.multi_valued:
            return one_value(root, tag, number)
        some = [one_value(root, tag, 2 * number), one_value(root, tag, 2 * number + 1)]
        return None if None in some else some
    if not root.multi_valued:
        value = one_value(sub, tag, number)
        others = _others(root, sub, tag, number) if beside else {}
        return None if value is None else {**others, sub.name: value}
    elements = [element(root, tag, 2 * number, sub), element(root, tag, 2 * number + 1, sub)]
    if sub.name.lower() == "primary":
        elements = [{**one, sub.name: True} if place == 0 else one for place, one in enumerate(elements)]
    elif any(sub.name not in one for one in elements):
        return None
    return elements if all(elements) else None


def _others(root: Attribute, sub: Attribute, tag: str, number: int) -> dict[str, Json]:
    """One more sub-attribute of a complex attribute; for what is made of the others all that there are."""
    follows = sub.name.lower() == "formatted"
    made = {
        one.name: one_value(one, tag, number)
        for one in root.sub_attributes
        if one.type == "string"
        and one.mutability == "readWrite"
        and one.name.lower() not in (sub.name.lower(), "formatted", "display")
    }
    found = {name: value for name, value in made.items() if value is not None}
    return found if follows else dict(list(found.items())[:1])


def anchor(root: Attribute) -> Attribute | None:
    """The sub-attribute by which an element of a list is told from another: `value`, else a text."""
    texts = [
        one
        for one in root.sub_attributes
        if one.type == "string" and one.name.lower() not in ("type", "display", "formatted", "primary")
    ]
    return root.sub("value") or next(iter(texts), None)


def element(root: Attribute, tag: str, number: int, *beside: Attribute) -> dict[str, Json]:
    """One element of a complex list: what tells it from others, its type, and what is asked `beside`.

    Without what tells it from others it is empty.
    """
    known = anchor(root)
    first = one_value(known, tag, number) if known else None
    if known is None or first is None:
        return {}
    made = {known.name: first}
    for sub in (root.sub("type"), *beside):
        if sub is not None and sub.name not in made and sub.name.lower() != "primary":
            value = one_value(sub, tag, number)
            made |= {sub.name: value} if value is not None else {}
    return made
