"""Mapped attributes: which attributes the creates of a capture have, and from where their values come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scimproof.capture.learn.app.app_evidence import Row
from scimproof.capture.learn.app.user_name_format import ENOUGH
from scimproof.catalog.app import AppError, AppRules, AppSettings, Source
from scimproof.core.http_message import Json

STEADY = 5  # people whose value is the same before it is taken for a fixed one


@dataclass(frozen=True)
class MappedAttribute:
    """An attribute that is mapped: `source` as it stands in [app.mappings], None where it cannot be told.

    `seen` is in how many creates it was; `why` says, in words, what is not plain about it.
    """

    path: str
    source: Source | None
    seen: int
    why: str = ""


def mapped_attributes(
    creates: Sequence[Row], updates: Sequence[Row], rules: AppRules
) -> list[MappedAttribute]:
    """What is mapped, in the sender's order; an attribute that no create has is not among it."""
    counts: dict[str, int] = {}
    for row in creates:
        for path, value in row.items():
            if path != "userName" and value not in (None, "", []):
                counts[path] = counts.get(path, 0) + 1
    order = {path: place for place, path in enumerate(rules.attributes)}
    paths = sorted(counts, key=lambda path: order.get(path, len(order)))
    rows = [*creates, *updates]
    return [_mapped(path, counts[path], paths[:place], rows, rules) for place, path in enumerate(paths)]


def _mapped(
    path: str, seen: int, earlier: Iterable[str], rows: Sequence[Row], rules: AppRules
) -> MappedAttribute:
    values = [row[path] for row in rows if row.get(path) not in (None, "", [])]
    source, why = _source(path, values, earlier, rows, rules)
    try:
        rules.app(AppSettings(mappings={path: next(iter(rules.profile)) if source is None else source}))
    except AppError:
        return MappedAttribute(path, None, seen, why or "[app.mappings] has no such attribute")
    return MappedAttribute(path, source, seen, why)


def _source(
    path: str, values: Sequence[Json], earlier: Iterable[str], rows: Sequence[Row], rules: AppRules
) -> tuple[Source | None, str]:
    """Where the values come from, and what is to be said of it."""
    usual = rules.attributes.get(path)
    for other in earlier:
        attribute = rules.attributes.get(other)
        if attribute and _equal(path, other, rows):
            return attribute, f"always the same as {other}"
    steady = len(values) >= STEADY and all(value == values[0] for value in values)
    if path in rules.mapped or (usual and not steady):
        return usual, ""
    if steady and _can_be_fixed(values[0], usual):
        return {"fixed": values[0]}, f"the same in all {len(values)} requests that have it"
    if usual:
        return usual, ""
    if not isinstance(values[0], str):
        return None, "no text, and not always the same: it cannot be said here"
    return None, "of what it is made no request shows: write the attribute of the profile"


def _can_be_fixed(value: Json, usual: str | None) -> bool:
    if isinstance(value, list):
        return usual is None and all(isinstance(one, str) for one in value)
    return isinstance(value, str) or (usual is None and isinstance(value, bool | int | float))


def _equal(path: str, other: str, rows: Sequence[Row]) -> bool:
    """Whether two attributes have the same values, and several of them."""
    pairs = [(row[path], row[other]) for row in rows if path in row and other in row]
    same = [one for one, two in pairs if one == two]
    return len(pairs) >= ENOUGH and len(same) == len(pairs) and len(set(map(str, same))) >= ENOUGH - 1
