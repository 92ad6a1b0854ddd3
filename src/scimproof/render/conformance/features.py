"""Features that an integration's documentation promises, each with the result of its findings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from scimproof.render.diagnosis.grouping import severity_of
from scimproof.report.extent import is_part, left_out

Row = dict[str, Any]
NOT_VERIFIABLE = "accepted, not verifiable"
WORDS = {
    "pass": "hold",
    "waived": "waived",
    "warning": "with a warning",
    "fail": "fail",
    "inconclusive": "open",
    "error": "in trouble",
}


def features(report: Row) -> list[Row]:
    """The profile's features, each with its state, as checked over SCIM and by the observer.

    `state` is `works`, `works, with waivers`, `holds as far as asked`, `partly`, `does not work`, `not
    decided`, `accepted, not verifiable`, or `not asked`; `works` may be followed by `; in part accepted, not
    verifiable`. `scim` and `observer` are the counts of checks by each in words, "" for none. `count` is how
    many checks were decided, `open` the findings to look at.
    """
    observed = {
        (sequence["id"], step["id"])
        for sequence in report["sequences"]
        for step in sequence["steps"]
        if step.get("observe")
    }
    return [
        feature | _verified(report, feature, observed) for feature in report["profile"].get("features", ())
    ]


def _verified(report: Row, feature: Row, observed: set[tuple[str, str]]) -> Row:
    about = [f for f in report["findings"] if any(_matches(word, f["id"]) for word in feature["findings"])]
    judged = [finding for finding in about if finding["verdict"] != "not-applicable"]
    beside = [finding for finding in about if (finding["sequence"], finding["step"]) in observed]
    plain = [finding for finding in judged if finding not in beside]
    bad = [finding for finding in judged if finding["verdict"] == "fail"]
    unsure = [finding for finding in judged if finding["verdict"] in ("inconclusive", "error")]
    return {
        "state": _state(judged, beside, bad, unsure, part=_in_part(report, feature)),
        "count": len(judged),
        "open": list(_first(bad or unsure)),
        "scim": _counted(plain),
        "observer": _beside(beside),
    }


def _in_part(report: Row, feature: Row) -> bool:
    """Whether some of the sequences that prove the feature were not run."""
    exact = "asked" in report
    sequences = [re.split(r"[/#]", word)[0] for word in feature["findings"]]
    out = any(_matches(word, id) or _matches(id, word) for word in sequences for id in left_out(report))
    return out if exact else is_part(report)


def _state(
    judged: list[Row], beside: list[Row], bad: list[Row], unsure: list[Row], *, part: bool = False
) -> str:
    if not judged:
        return NOT_VERIFIABLE if any(map(_unverifiable, beside)) else "not asked"
    if bad:
        return "partly" if any(finding["verdict"] == "pass" for finding in judged) else "does not work"
    if unsure:
        return "not decided"
    if part:
        return "holds as far as asked"
    rest = f"; in part {NOT_VERIFIABLE}" if any(map(_unverifiable, beside)) else ""
    return ("works, with waivers" if any(f["verdict"] == "waived" for f in judged) else "works") + rest


def _beside(findings: list[Row]) -> str:
    """The observer's result: it never says that something holds where the observer was not asked."""
    judged = [finding for finding in findings if finding["verdict"] != "not-applicable"]
    silent = [finding for finding in findings if _unverifiable(finding)]
    parts = [_counted(judged), NOT_VERIFIABLE + (f" ({len(silent)})" if judged else "") if silent else ""]
    return "; ".join(filter(None, parts))


def _unverifiable(finding: Row) -> bool:
    return finding["verdict"] == "not-applicable" and str(finding["observed"]).startswith(NOT_VERIFIABLE)


def _counted(findings: list[Row]) -> str:
    """The counts in words: `34 checks: 30 hold, 4 waived (BW-04, BW-10)`."""
    if not findings:
        return ""
    counts = Counter(finding["verdict"] for finding in findings)
    names = sorted({finding["waiver"]["name"] for finding in findings if finding.get("waiver")})
    parts = [
        f"{counts[verdict]} {word}" + (f" ({', '.join(names)})" if verdict == "waived" and names else "")
        for verdict, word in WORDS.items()
        if counts[verdict]
    ]
    return f"{len(findings)} {'check' if len(findings) == 1 else 'checks'}: {', '.join(parts)}"


def _first(findings: Iterable[Row], most: int = 3) -> Iterator[Row]:
    """The first few to show, deciding ones first."""
    yield from sorted(findings, key=lambda finding: severity_of(finding) != "fails")[:most]


def _matches(word: str, finding: str) -> bool:
    """Whether a pattern matches a finding's id: with `*` as a wildcard, without one as a prefix."""
    if "*" in word:
        return bool(re.fullmatch(".*".join(map(re.escape, word.split("*"))), finding))
    return finding == word or finding.startswith((f"{word}.", f"{word}/", f"{word}#"))
