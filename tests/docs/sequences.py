"""Writes docs/sequences.md's table from the catalogue: `python -m tests.docs.sequences`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.definitions import Sequence
from scimproof.report.summary import dialect

PAGE = Path(__file__).resolve().parents[2] / "docs/sequences.md"
BEGIN = "<!-- sequences: written by `python -m tests.docs.sequences`, edit suites/ instead -->"
END = "<!-- end of sequences -->"
BLOCK = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)


def main() -> None:
    """Rewrite the block between the markers, and nothing else."""
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def rewritten(text: str) -> str:
    """The text with its block as the catalogue has it today; KeyError when the markers are gone."""
    if not BLOCK.search(text):
        raise KeyError(BEGIN)
    return BLOCK.sub(lambda _: f"{BEGIN}\n{block(load_catalog())}\n{END}", text)


def block(catalog: Catalog) -> str:
    """How many sequences each dialect has, and all of them in a table that opens on a click."""
    sequences = list(catalog.sequences.values())
    counts = Counter(dialect_of(sequence) for sequence in sequences)
    dialects = {id: words for sender in catalog.senders.values() for id, words in sender.dialects.items()}
    each = ", ".join(f"{counts[id]} {words.short}" for id, words in dialects.items() if counts[id])
    others = len(sequences) - sum(counts[id] for id in dialects)
    each += f", {others} of products and observers" if others else ""
    inferred = sum(1 for sequence in sequences if catalog.grade(sequence) == "D")
    lines = [
        f"{len(sequences)} sequences ({each}), {inferred} of them with a request of grade D:",
        "",
        f"<details><summary>All {len(sequences)} sequences</summary>",
        "",
        "| Sequence | What happens | Requests | Grade |",
        "| --- | --- | --- | --- |",
        *(row(sequence, catalog.grade(sequence)) for sequence in sequences),
        "",
        "</details>",
    ]
    return "\n".join(lines)


def row(sequence: Sequence, grade: str) -> str:
    """One sequence as a line of the table."""
    requests = f"{len(sequence.steps)}" + (f" × {sequence.chains}" if sequence.chains > 1 else "")  # noqa: RUF001
    return f"| `{sequence.id}` | {sequence.title} | {requests} | {grade} |"


def dialect_of(sequence: Sequence) -> str:
    """`okta.oin` of `okta.oin.connect`, `okta.crud` of itself."""
    return dialect(sequence.id) or sequence.id


if __name__ == "__main__":
    main()
