"""Sections and sentences that both formats of a pack share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from scimproof.catalog.submission import ManualCase
from scimproof.render.conformance.html import anchor
from scimproof.render.diagnosis.grouping import Cause, causes
from scimproof.render.phrases import count
from scimproof.render.submission.evidence import (
    FAILS,
    INFERRED,
    NOT_PLAYED,
    OPEN,
    OUTSIDE,
    PASSES,
    PROVEN,
    PROVOKED,
    WAIVED,
    CaseEvidence,
    Pack,
)
from scimproof.render.submission.url_rules import address

WORDS = {
    PASSES: "Pass",
    PROVEN: "Proven here",
    OUTSIDE: "Outside SCIM",
    WAIVED: "Waived",
    INFERRED: "Not played: inferred",
    NOT_PLAYED: "Not played",
    OPEN: "Open",
    FAILS: "Fails",
    "keeps": "Keeps",
    "breaks": "Breaks",
}
SHORT = {OUTSIDE: "outside SCIM", INFERRED: "need --include-inferred", FAILS: "fail"}
NOT_READY, UNDECIDED = "Not ready", "Not complete"
# What stands in the way of a submission, worst first.
IN_THE_WAY = (FAILS, "breaks", OPEN, WAIVED, NOT_PLAYED)


@dataclass
class Blocker:
    """One reason against a submission, with the cases and steps that it breaks or leaves undecided.

    `says` is what was observed where there is a `title`, else the reason itself; `expected` what was to come
    in place of it. `finding` is an example.
    """

    state: str
    says: str
    title: str = ""
    expected: str = ""
    admin: str = ""
    finding: str = ""
    breaks: list[str] = field(default_factory=list)
    holds_back: list[str] = field(default_factory=list)


def link(finding: str) -> str:
    """The link to a finding in report.html, which is in the same folder."""
    return "report.html#" + quote(anchor(finding), safe="/:")


def words(pack: Pack) -> dict[str, str]:
    """What each state is called."""
    return WORDS | {PROVOKED: pack.submission.words.eyes}


def lower(text: str) -> str:
    """The text with a small first letter."""
    return text[0].lower() + text[1:]


def headline(pack: Pack) -> str:
    """The result for a submitter, in a few words."""
    found = {stop.state for stop in blockers(pack)}
    if found & {FAILS, "breaks", WAIVED}:
        return NOT_READY
    return UNDECIDED if found else pack.submission.words.ready


def scores(pack: Pack) -> list[tuple[str, int, int]]:
    """Each official suite with the number of its assertions that pass, and of all."""
    return [(suite.title, *pack.score(asked)) for suite, asked in pack.suites]


def case_counts(pack: Pack) -> Iterator[tuple[str, int]]:
    """The number of manual cases in each state, good states first, without zeros."""
    yield from ((state, number) for state, number in pack.counts.items() if number)


def brief(pack: Pack) -> str:
    """One line: `SPEC 52 of 52, CRUD 13 of 13`, and the number of cases in each state."""
    said = pack.submission.words
    short = words(pack) | SHORT | {PROVOKED: said.many_eyes}
    suites = [(suite.short, *pack.score(asked)) for suite, asked in pack.suites]
    good = ", ".join(f"{name} {good} of {of}" for name, good, of in suites)
    cases = ", ".join(f"{number} {lower(short[state])}" for state, number in case_counts(pack))
    return f"{good}; of {count(len(pack.cases), said.case)}: {cases}"


def blockers(pack: Pack) -> list[Blocker]:
    """All reasons against a submission, worst first: those of report.html, then others."""
    rows = [(evidence, name) for evidence, name in _evidence_rows(pack) if evidence.state in IN_THE_WAY]
    reasons = [_blocker(cause, rows) for cause in causes(pack.report)]
    found = [stop for stop in reasons if stop.breaks or stop.holds_back]
    seen = {name for stop in found for name in (*stop.breaks, *stop.holds_back)}
    others: dict[str, Blocker] = {}
    for one, name in rows:
        if name not in seen:
            stop = others.setdefault(one.says, Blocker(one.state, one.says, finding=one.finding))
            stop.breaks = [*dict.fromkeys([*stop.breaks, name])]
    return sorted([*found, *others.values()], key=lambda stop: IN_THE_WAY.index(stop.state))


def _blocker(cause: Cause, rows: list[tuple[CaseEvidence, str]]) -> Blocker:
    """A reason of the report with the cases and steps that it concerns."""
    own, blocked = ({finding["id"] for finding in rows} for rows in (cause.findings, cause.blocked_findings))
    breaks = dict.fromkeys(name for one, name in rows if own & {*one.troubled})
    back = dict.fromkeys(name for one, name in rows if blocked & {*one.troubled} and name not in breaks)
    first = next((row for row in cause.findings if any(row["id"] in one.troubled for one, _ in rows)), None)
    example = first or cause.first
    decided = cause.severity not in ("undecided", "trouble")
    says = (example["observed"] if example else "") if cause.rules else cause.title
    title = cause.title if cause.rules else ""
    name = example["id"] if example else ""
    expected = example["expected"] if example and title else ""
    return Blocker(FAILS if decided else OPEN, says, title, expected, cause.admin, name, [*breaks], [*back])


def clicks(pack: Pack) -> list[tuple[str, list[tuple[ManualCase, CaseEvidence]], list[ManualCase]]]:
    """For each section: the cases of which something is to be seen at the provider, and those proven here."""
    rows = []
    for id, title in pack.submission.sections.items():
        cases = [(case, evidence) for case, evidence in pack.cases if case.section == id]
        eyes = [(case, evidence) for case, evidence in cases if evidence.state != PROVEN]
        rows.append((title, eyes, [case for case, evidence in cases if evidence.state == PROVEN]))
    return rows


def sections(pack: Pack) -> list[tuple[str, list[tuple[ManualCase, CaseEvidence]]]]:
    """The cases by section."""
    titles = pack.submission.sections
    return [(titles[id], [row for row in pack.cases if row[0].section == id]) for id in titles]


def _evidence_rows(pack: Pack) -> Iterator[tuple[CaseEvidence, str]]:
    for suite, asked in pack.suites:
        for one in asked:
            name = f"{suite.short} step {one.step.number}"
            for _, evidence in one.assertions:
                yield evidence, name + (" (optional)" if one.step.optional else "")
    for case, evidence in pack.cases:
        if not case.optional:
            yield evidence, case.id
    for rule, state, says in address(pack.report["target"], pack.submission):
        if state == "breaks":
            yield CaseEvidence(state, f"{rule} {says}"), pack.submission.words.form
