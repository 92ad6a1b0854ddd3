"""The generated part of docs/reference/sequences.md: profiles and sequences, from suites/."""

from __future__ import annotations

from collections import Counter

from scimproof.catalog.loader import load_catalog
from scimproof.core.definitions import Sequence
from scimproof.report.summary import dialect
from tests.docs.tables import code, table


def block() -> str:
    """The profiles, how many sequences each dialect has, and all of them in a table."""
    catalog = load_catalog()
    sequences = list(catalog.sequences.values())
    counts = Counter(dialect_of(sequence) for sequence in sequences)
    dialects = {id: words for sender in catalog.senders.values() for id, words in sender.dialects.items()}
    each = ", ".join(f"{counts[id]} {words.short}" for id, words in dialects.items() if counts[id])
    others = len(sequences) - sum(counts[id] for id in dialects)
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
