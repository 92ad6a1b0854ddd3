"""Dialects of a plan: the sequences of its mix as a profile's kind of application sends them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Profile

LEFT_OUT = ""


def spoken(mix: Iterable[str], catalog: Catalog, profile: Profile | None) -> Mapping[str, str]:
    """Which sequence that profile plays for each of these: itself, or that of the same name in its dialect.

    `LEFT_OUT` where the profile has neither. Without a profile, and with a product's, which says what is
    loaded and not who sends, every sequence stands for itself.
    """
    if profile is None or profile.deviations:
        return {id: id for id in mix}
    sent = {one.id for one in catalog.select(profile.sequences, inferred=True)}
    dialects = dict.fromkeys(_dialect(id) for id in catalog.sequences if id in sent)
    return {id: id if id in sent else _elsewhere(id, dialects, sent) for id in mix}


def _dialect(id: str) -> str:
    return ".".join(id.split(".")[:2])


def _elsewhere(id: str, dialects: Iterable[str], sent: Iterable[str]) -> str:
    """The sequence of the same sender and name in another dialect of those that are sent."""
    sender, name = id.partition(".")[0], id.removeprefix(_dialect(id))
    known = (f"{dialect}{name}" for dialect in dialects if dialect.partition(".")[0] == sender)
    return next((other for other in known if other in sent), LEFT_OUT)
