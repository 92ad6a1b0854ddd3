"""Dialects of a plan: the sequences of its mix as a profile's kind of application sends them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Profile

LEFT_OUT = ""


def spoken(mix: Iterable[str], catalog: Catalog, profile: Profile | None) -> Mapping[str, str]:
    """Which sequence that profile plays for each of these: itself, or that of the same name in its dialect.

    `LEFT_OUT` where the profile has neither; what is inferred only (grade D) stands for nothing else. Without
    a profile, and with a product's, which says what is loaded and not who sends, every sequence stands for
    itself.
    """
    if profile is None or profile.deviations:
        return {id: id for id in mix}
    own = {one.id for one in catalog.select(profile.sequences, inferred=True)}
    attested = {one.id: _dialect(one.id) for one in catalog.select(profile.sequences)}
    return {id: id if id in own else _elsewhere(id, attested) for id in mix}


def weights(mix: Mapping[str, float], plays: Mapping[str, str]) -> dict[str, float]:
    """The mix of what is played; the weights of sequences that become the same one are added up."""
    found: dict[str, float] = {}
    for id, weight in mix.items():
        if plays[id] != LEFT_OUT:
            found[plays[id]] = found.get(plays[id], 0) + weight
    return found


def stranger(id: str, catalog: Catalog, profile: Profile | None) -> str:
    """Why that sequence is not to be played with the profile: another sends it; empty where it may be.

    What a product gets may be anybody's.
    """
    if profile is None or profile.deviations:
        return ""
    owner, ours = catalog.sender(None, [catalog.sequences[id]]), catalog.sender(profile)
    if owner.id == ours.id:
        return ""
    return f"{id} is what {owner.name} sends, and profile {profile.id} is {ours.name}'s"


def _dialect(id: str) -> str:
    return ".".join(id.split(".")[:2])


def _elsewhere(id: str, attested: Mapping[str, str]) -> str:
    """The sequence of the same sender and name in another dialect of those that are sent."""
    sender, name = id.partition(".")[0], id.removeprefix(_dialect(id))
    known = (
        f"{dialect}{name}" for dialect in dict.fromkeys(attested.values()) if dialect.startswith(f"{sender}.")
    )
    return next((other for other in known if other in attested), LEFT_OUT)
