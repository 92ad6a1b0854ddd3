"""All settings: those of the table, and one for the pack of each submission that suites/ have."""

from __future__ import annotations

from scimproof.catalog.submission import submissions
from scimproof.settings.definition import Kind, Setting, setting
from scimproof.settings.table import TABLE

PACK = "pack_"  # begins the name of an option that writes the pack for a submission
BEFORE = "waivers"  # of run, before which those of packs stand

PACKS = tuple(
    setting(
        "run", id, f"Also write the pack for {called}: {id}.html and {id}.md.",
        kind=Kind.FLAG, name=f"{PACK}{id}", example="false",
    )
    for id, called in submissions().items()
)  # fmt: skip
_PLACE = next(place for place, each in enumerate(TABLE) if each.keys == ("run", BEFORE))
SETTINGS: tuple[Setting, ...] = (*TABLE[:_PLACE], *PACKS, *TABLE[_PLACE:])


def of(command: str) -> tuple[Setting, ...]:
    """The settings of a command, in the order of its --help."""
    return tuple(each for each in SETTINGS if command in each.commands)
