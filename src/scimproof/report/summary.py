"""Summarises findings: counts by verdict, authority and dialect, and the overall result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scimproof.core.results import Verdict

Rows = list[dict[str, Any]]
UNDECIDED = {Verdict.INCONCLUSIVE, Verdict.ERROR}
JUDGED = {Verdict.PASS, Verdict.WARNING, Verdict.WAIVED, Verdict.FAIL}


def result(findings: Rows, *, stop: str = "", interrupted: bool = False, part: bool = False) -> str:
    """The result of a run: `conformant`, `conformant-with-waivers`, `nonconformant` or `inconclusive`.

    A failed requirement of a deciding authority makes it nonconformant, unless a person interrupted the run.
    A run without a verdict is never conformant, nor is one of a `part` of the profile.
    """
    verdicts = {finding["verdict"] for finding in findings if finding["gates"]}
    if interrupted:
        return "inconclusive"
    if Verdict.FAIL in verdicts:
        return "nonconformant"
    if stop or part or verdicts & UNDECIDED or not verdicts & JUDGED:
        return "inconclusive"
    return "conformant-with-waivers" if Verdict.WAIVED in verdicts else "conformant"


def summary(
    findings: Rows,
    sequences: Rows,
    sent: int,
    tidied: int,
    *,
    interrupted: bool = False,
    part: bool = False,
    counts: Mapping[str, Iterable[str]] | None = None,
) -> dict[str, Any]:
    """The counts that a reader looks at first; `dialects` by the first two parts of the sequences' ids.

    `counts` are the dialects whose sequences count with those of another. For a `part` of the profile a
    dialect may fail, but never passes. A run that a person `interrupted` decides nothing about a dialect.
    """
    names = sorted({finding["authority"] for finding in findings})
    authorities = {name: _part(f for f in findings if f["authority"] == name) for name in names}
    asked = dict.fromkeys(row["dialect"] for row in sequences if row["dialect"])
    homes = {name: homes_of(name, asked, counts or {}) for name in asked}
    by_dialect: dict[str, Rows] = {home: [] for name in asked for home in homes[name]}
    dialect_of = {row["id"]: row["dialect"] for row in sequences}
    for finding in findings:
        for home in homes.get(dialect_of[finding["sequence"]], ()):
            by_dialect[home].append(finding)
    return {
        "requests": sent,
        "requests_to_tidy_up": tidied,
        "sequences": sum(1 for row in sequences if not row["watch"]),
        "findings": len(findings),
        "gating_fails": sum(1 for f in findings if f["gates"] and f["verdict"] == Verdict.FAIL),
        "verdicts": _part(findings),
        "authorities": authorities,
        "dialects": {
            name: {"result": result(rows, interrupted=interrupted, part=part), "verdicts": _part(rows)}
            for name, rows in by_dialect.items()
        },
    }


def homes_of(name: str, asked: Iterable[str], counts: Mapping[str, Iterable[str]]) -> list[str]:
    """The dialects with which sequences of that one count: others that were asked, or else itself."""
    return [one for one in asked if name in counts.get(one, ())] or [name]


def dialect(sequence: str) -> str:
    """The dialect of a sequence, by its id: `acme.cloud` of `acme.cloud.user.create`."""
    parts = sequence.split(".")
    return ".".join(parts[:2]) if len(parts) > 1 else ""


def _part(findings: Iterable[dict[str, Any]]) -> dict[str, int]:
    counts = {str(verdict): 0 for verdict in Verdict}
    for finding in findings:
        counts[str(finding["verdict"])] += 1
    return counts
