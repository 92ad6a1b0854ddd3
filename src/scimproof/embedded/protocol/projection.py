"""Which attributes an answer shows: what their `returned` says, and what the request asked for."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from scimproof.embedded.protocol.characteristics import Attribute, Container, TypeCharacteristics
from scimproof.embedded.responses import JSON

_Wishes = dict[str, set[str]]
"""The attributes that were named, in small letters, each with the sub-attributes; none means all of it."""


def project(
    body: JSON, kind: TypeCharacteristics, wanted: Iterable[str] = (), unwanted: Iterable[str] = ()
) -> JSON:
    """Take out of a whole resource what the answer does not show, in place.

    `wanted` and `unwanted` are the names in `attributes` and `excludedAttributes`.
    """
    only, without = tuple(wanted), tuple(unwanted)
    dropped = False
    for container in kind.containers:
        held = body if container is kind.core else body.get(container.urn)
        if not isinstance(held, dict):
            continue
        if only:
            _keep(held, container, _wishes(only, kind.core.urn, container.urn))
        else:
            _hide(held, container)
            if without:
                _leave_out(held, container, _wishes(without, kind.core.urn, container.urn))
        if not held and held is not body:
            del body[container.urn]
            dropped = True
    if dropped and "schemas" in body:
        gone = {each.urn for each in kind.extensions.values() if each.urn not in body}
        body["schemas"] = [urn for urn in body["schemas"] if urn not in gone]
    return body


@lru_cache(maxsize=4096)
def _wishes(names: tuple[str, ...], core: str, urn: str) -> _Wishes | None:
    """What these names ask for of one schema; None if they name it as a whole."""
    found: _Wishes = {}
    own, base = urn.lower(), core.lower()
    for name in names:
        small = name.strip().lower()
        if small == own:
            return None
        if small.startswith(f"{own}:"):
            small = small.removeprefix(f"{own}:")
        elif own != base or ":" in small:
            continue
        head, _, sub = small.partition(".")
        subs = found.setdefault(head, set())
        if sub:
            subs.add(sub)
        else:
            subs.add("*")
    return found


def _hide(held: JSON, container: Container) -> None:
    for name in container.hidden:
        held.pop(name, None)
    for attribute in container.half_hidden:
        for value in _values(held.get(attribute.name)):
            for sub in attribute.hidden:
                value.pop(sub, None)


def _keep(held: JSON, container: Container, wishes: _Wishes | None) -> None:
    if wishes is None:
        _hide(held, container)
        return
    for name in list(held):
        attribute = container.attributes.get(name.lower())
        if attribute is None or name == "schemas":
            continue
        asked = wishes.get(name.lower())
        if attribute.returned == "never" or (asked is None and attribute.returned != "always"):
            del held[name]
        elif attribute.subs:
            _keep_subs(held, attribute, asked or {"*"})


def _keep_subs(held: JSON, attribute: Attribute, asked: set[str]) -> None:
    for value in _values(held[attribute.name]):
        for name in list(value):
            sub = attribute.subs.get(name.lower())
            if sub is None:
                continue
            named = name.lower() in asked
            plain = "*" in asked and sub.returned == "default"
            if sub.returned == "never" or not (named or plain or sub.returned == "always"):
                del value[name]
    _drop_empty(held, attribute.name)


def _leave_out(held: JSON, container: Container, wishes: _Wishes | None) -> None:
    if wishes is None:
        wishes = {name: {"*"} for name in container.attributes}
    for key, subs in wishes.items():
        attribute = container.attributes.get(key)
        if attribute is None or attribute.name not in held or attribute.returned == "always":
            continue
        if "*" in subs:
            del held[attribute.name]
            continue
        for value in _values(held[attribute.name]):
            for name in subs:
                sub = attribute.subs.get(name)
                if sub is not None and sub.returned != "always":
                    value.pop(sub.name, None)
        _drop_empty(held, attribute.name)


def _values(value: Any) -> list[JSON]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]


def _drop_empty(held: JSON, name: str) -> None:
    value = held[name]
    if isinstance(value, list):
        held[name] = [each for each in value if each != {}]
    if held[name] in ({}, []):
        del held[name]
