"""Compares two versions of a JSON schema: what of the new one breaks whoever relies on the old one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = Any

SAID = {"title", "description", "default", "examples", "$comment", "$schema", "$defs", "definitions"}
SETS = {"type", "enum", "const"}
LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
INSIDE = {"items", "additionalProperties", "propertyNames", "contains"}
LISTS = {"anyOf", "oneOf", "allOf"}


@dataclass(frozen=True)
class Change:
    """Compares `old` with `new`. Documents that the old one takes must stay valid.

    With `written`, of what scimproof writes, also the other way about: who reads by the old schema must be
    able to read what is written by the new one, so that nothing known may become wider. Without it, of what
    people write, such as a configuration, more may be allowed.
    """

    old: Schema
    new: Schema
    written: bool = True

    def breaks(self) -> list[str]:
        """A sentence for each thing that may not be; empty when all is well."""
        return list(self._node(self.old, self.new, "", ()))

    def _node(self, old: Schema, new: Schema, at: str, seen: tuple[tuple[int, int], ...]) -> Iterator[str]:
        old, new = _resolved(old, self.old), _resolved(new, self.new)
        if (id(old), id(new)) in seen:
            return
        seen = (*seen, (id(old), id(new)))
        if isinstance(old, bool) or isinstance(new, bool):
            yield from self._bools(old, new, at)
            return
        yield from self._sets(old, new, at)
        yield from self._required(old, new, at)
        yield from self._properties(old, new, at, seen)
        for key in sorted(INSIDE & (old.keys() | new.keys())):
            yield from self._node(old.get(key, True), new.get(key, True), f"{at}/{key}", seen)
        for key in sorted(LISTS & (old.keys() | new.keys())):
            yield from self._alternatives(old.get(key, []), new.get(key, []), f"{at}/{key}", seen)
        yield from self._limits(old, new, at)
        known = {*SAID, *SETS, *LOWER, *UPPER, *INSIDE, *LISTS, "required", "properties", "$ref"}
        for key in sorted((old.keys() | new.keys()) - known):
            if old.get(key) != new.get(key):
                yield f"{at or '/'}: {key} was {old.get(key)!r} and is {new.get(key)!r}"

    def _bools(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        takes_old, takes_new = old is not False, new is not False
        if isinstance(old, bool) and isinstance(new, dict) and takes_old and new:
            yield f"{at}: anything was allowed here, and is not any more"
        elif takes_old and not takes_new:
            yield f"{at}: was allowed, and is not any more"
        elif takes_new and not takes_old and self.written:
            yield f"{at}: was not allowed, and is now"
        elif isinstance(old, dict) and old and new is True and self.written:
            yield f"{at}: was described, and is not any more"

    def _sets(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        for key in ("type", "enum"):
            before, after = _allowed(old, key), _allowed(new, key)
            if before == after:
                continue
            gone = None if after is None else ([] if before is None else _missing(before, after, key))
            more = None if before is None else ([] if after is None else _missing(after, before, key))
            if before is None or gone:
                yield f"{at or '/'}: {key} is narrower: {before} became {after}"
            elif self.written and (after is None or more):
                yield f"{at or '/'}: {key} is wider: {before} became {after}"

    def _required(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        before, after = set(old.get("required", [])), set(new.get("required", []))
        for name in sorted(after - before):
            yield f"{at or '/'}: {name} is required now"
        for name in sorted(before - after) if self.written else ():
            yield f"{at or '/'}: {name} is not required any more, and readers rely on it"

    def _properties(
        self, old: Schema, new: Schema, at: str, seen: tuple[tuple[int, int], ...]
    ) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name in after:
                yield from self._node(schema, after[name], f"{at}/{name}", seen)
            else:
                yield f"{at}/{name}: is gone"

    def _alternatives(
        self, old: list[Schema], new: list[Schema], at: str, seen: tuple[tuple[int, int], ...]
    ) -> Iterator[str]:
        if len(old) != len(new):
            yield f"{at}: had {len(old)} alternatives and has {len(new)}"
            return
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from self._node(before, after, f"{at}/{number}", seen)

    def _limits(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        for key in sorted((LOWER | UPPER) & (old.keys() | new.keys())):
            endless = float("-inf") if key in LOWER else float("inf")
            before, after = old.get(key, endless), new.get(key, endless)
            narrower = after > before if key in LOWER else after < before
            if before != after and (narrower or self.written):
                yield f"{at or '/'}: {key} was {old.get(key)} and is {new.get(key)}"


def _resolved(node: Schema, root: Schema) -> Schema:
    while isinstance(node, dict) and "$ref" in node:
        found = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _allowed(node: Schema, key: str) -> list[Any] | None:
    """The types or values that a node allows, sorted; None when it says nothing of them."""
    if key == "enum" and "const" in node:
        return [node["const"]]
    found = node.get(key)
    if found is None:
        return None
    return sorted(found, key=str) if isinstance(found, list) else [found]


def _missing(these: list[Any], those: list[Any], key: str) -> list[Any]:
    whole = key == "type" and "number" in those
    return [one for one in these if one not in those and not (whole and one == "integer")]
