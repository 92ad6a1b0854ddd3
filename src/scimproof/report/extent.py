"""Coverage of the profile by a run: what was left out, and what may be concluded from a part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as List
from typing import Any

from scimproof.core.definitions import Sequence
from scimproof.core.results import Outcome, Verdict
from scimproof.report import summary

Row = dict[str, Any]
Report = Mapping[str, Any]
HOLDS = ("conformant", "conformant-with-waivers")


def extent(
    whole: Iterable[Sequence],
    asked: List[Sequence],
    outcomes: Iterable[Outcome],
    *,
    ended: bool,
    inferred: int = 0,
) -> Row:
    """Which part of the profile was checked.

    For a run that `ended` early it is only the sequences of which a request was sent. `inferred` is the
    number of further sequences whose requests are inferred and were not to be run.
    """
    sent = {outcome.sequence for outcome in outcomes if outcome.exchanges}
    reached = [sequence.id for sequence in asked if not ended or sequence.id in sent]
    every = [sequence.id for sequence in whole]
    return {
        "sequences": sum(1 for id in every if id in reached),
        "of": len(every),
        "others": sum(1 for id in reached if id not in every),
        "left_out": [id for id in every if id not in reached],
        "inferred": inferred,
    }


def is_part(report: Report) -> bool:
    """Whether less than the whole profile was checked."""
    asked = report.get("asked")
    if asked is None:
        return bool(report.get("options", {}).get("sequences"))
    return bool(asked["sequences"] < asked["of"])


def left_out(report: Report) -> list[str]:
    """The ids of the profile's sequences that were not run."""
    return list(report.get("asked", {}).get("left_out", ()))


def holds(report: Report, findings: Iterable[Row] | None = None) -> bool:
    """Whether all deciding checks pass or are waived; of these findings only, where given."""
    some = list(report["findings"] if findings is None else findings)
    return summary.result(some, stop=report["stop"], interrupted=report["interrupted"]) in HOLDS


def asked(report: Report) -> str:
    """`1 of 66 sequences of <profile> was asked`; "" where all were."""
    if not is_part(report):
        return ""
    profile, part = report["profile"]["id"], report.get("asked")
    if part is None:
        number = report["summary"]["sequences"]
        return f"{number:,} {'sequence was' if number == 1 else 'sequences were'} asked, not all of {profile}"
    number, of, others = part["sequences"], part["of"], part["others"]
    verb = "was" if number <= 1 else "were"
    who = f"{number:,}" if number else "none"
    beside = f", and {others:,} that {'is' if others == 1 else 'are'} not of it" if others else ""
    return f"{who} of {of:,} sequences of {profile} {verb} asked{beside}"


def beside(report: Report) -> str:
    """What the result of the whole does not cover: sequences that do not apply, or are only inferred."""
    verdicts: dict[str, set[str]] = {}
    for finding in report["findings"]:
        verdicts.setdefault(finding["sequence"], set()).add(finding["verdict"])
    ids = [row["id"] for row in report["sequences"] if not row["watch"]]
    idle = sum(1 for id in ids if verdicts.get(id) == {Verdict.NOT_APPLICABLE})
    sentences = []
    if idle:
        sentences.append(
            f"{idle:,} of {len(ids):,} sequences {'does' if idle == 1 else 'do'} not apply here."
        )
    if inferred := report.get("asked", {}).get("inferred"):
        sentences.append(
            f"{inferred:,} more, whose requests are only inferred, {'was' if inferred == 1 else 'were'} not "
            "asked (--include-inferred)."
        )
    return " ".join(sentences)


def headline(report: Report) -> str:
    """The result of a part where all checks hold: `3 checks hold; 1 of 66 ...`; else ""."""
    if not is_part(report) or not holds(report):
        return ""
    verdicts = [finding["verdict"] for finding in report["findings"] if finding["gates"]]
    waived = verdicts.count(Verdict.WAIVED)
    held = sum(1 for verdict in verdicts if verdict in summary.JUDGED) - waived
    also = f" and {waived:,} {'is' if waived == 1 else 'are'} waived" if waived else ""
    return f"{held:,} {'check holds' if held == 1 else 'checks hold'}{also}; {asked(report)}"
