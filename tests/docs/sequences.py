"""The generated part of docs/reference/sequences.md: profiles and sequences, from suites/."""

from __future__ import annotations

from collections import Counter

from scimproof.catalog import load_catalog
from scimproof.model import Sequence
from scimproof.render.words import DIALECTS
from scimproof.tally import dialect
from tests.docs.tables import code, table


def block() -> str:
    """The profiles, how many sequences each dialect has, and all of them in a table."""
    catalog = load_catalog()
    sequences = list(catalog.sequences.values())
    counts = Counter(dialect_of(sequence) for sequence in sequences)
    each = ", ".join(f"{counts[name]} {DIALECTS[name][0]}" for name in DIALECTS if counts[name])
    others = len(sequences) - sum(counts[name] for name in DIALECTS)
    each += f", {others} of products and observers" if others else ""
    inferred = sum(1 for sequence in sequences if catalog.grade(sequence) == "D")
    profiles = table(
        ["Profile", "What it is", "Sequences", "What decides"],
        (
            [code(known.id), f"{known.title}. {known.about}", codes(known.sequences), codes(known.gates)]
            for known in catalog.profiles.values()
        ),
    )
    rows = table(
        ["Sequence", "What happens", "Requests", "Grade"],
        (row(sequence, catalog.grade(sequence)) for sequence in sequences),
    )
    return "\n".join(
        [
            "## Profiles",
            "",
            profiles,
            "",
            "## All sequences",
            "",
            f"{len(sequences)} sequences ({each}), {inferred} of them with a request of grade D.",
            "",
            rows,
        ]
    )


def codes(words: tuple[str, ...]) -> str:
    return ", ".join(map(code, words))


def row(sequence: Sequence, grade: str) -> list[str]:
    """One sequence as a line of the table."""
    requests = f"{len(sequence.steps)}" + (f" × {sequence.chains}" if sequence.chains > 1 else "")  # noqa: RUF001
    return [code(sequence.id), sequence.title, requests, grade]


def dialect_of(sequence: Sequence) -> str:
    """`okta.oin` of `okta.oin.connect`, `okta.crud` of itself."""
    return dialect(sequence.id) or sequence.id
