"""Writes a pack as Markdown with check boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scimproof.catalog.submission import ManualCase
from scimproof.core.escaping import code, prose
from scimproof.render.submission import sections
from scimproof.render.submission.evidence import OUTSIDE, PROVOKED, CaseEvidence, Pack
from scimproof.render.submission.url_rules import address
from scimproof.report.extent import asked

ROOM = 400  # characters of what does not hold, in a cell


def markdown(pack: Pack) -> str:
    """The whole text."""
    return "\n\n".join(_blocks(pack)) + "\n"


def _blocks(pack: Pack) -> Iterator[str]:
    report, submission = pack.report, pack.submission
    said, words = submission.words, sections.words(pack)
    yield f"# {said.pack}: {sections.headline(pack).lower()}"
    where = "the embedded target" if report["target"]["embedded"] else code(report["target"]["url"])
    when = f"profile `{report['profile']['id']}` · {report['started']}"
    yield f"{where} · {when} · evidence in [report.html](report.html)"
    if report["partial"]:
        yield f"**The run ended early.** {prose(report['stop'])}".rstrip()
    if part := asked(report):
        yield f"**A part of the profile:** {prose(part)}."
    yield f"**{prose(submission.own_run)}** It asks for\n\n" + _list(
        prose(line) for line in submission.demands
    )
    yield "## Summary"
    yield _list(
        f"{prose(title)}: {good} of {of} assertions pass" for title, good, of in sections.scores(pack)
    )
    states = [(words[state], str(number), said.means[state]) for state, number in sections.case_counts(pack)]
    yield _table((f"{said.case.capitalize()}s", "Number", "What that means"), states)
    if found := sections.blockers(pack):
        yield "## What stands in the way"
        yield "\n".join(_stop(stop, words, said.place) for stop in found)
    yield "## Address and authentication"
    rows = [
        (prose(rule), words[state], prose(why)) for rule, state, why in address(report["target"], submission)
    ]
    yield _table(("Rule", "This run", "Because"), rows)
    yield f"## {said.to_do}\n\n{said.click}"
    yield from _clicks(pack, words)
    for suite, _ in pack.suites:
        yield f"## {prose(suite.title)}\n\n{prose(suite.about)}"
        yield _suite(pack, suite.id, words)
    yield f"## The {said.case}s"
    for title, cases in sections.sections(pack):
        head = ("Case", "What is done", "What is expected", "Here", "Evidence")
        lines = [
            (c.id, _title(c), prose(c.expected), words[t.state], _evidence(t, said.place)) for c, t in cases
        ]
        yield f"### {title}\n\n{_table(head, lines)}"


def _title(case: ManualCase) -> str:
    return prose(case.title) + (" (optional)" if case.optional else "")


def _stop(stop: sections.Blocker, words: Mapping[str, str], place: str) -> str:
    first = f"- **{words[stop.state]}:** {prose(stop.title or stop.says)}"
    lines = [f"expected: {code(stop.expected)}"] if stop.expected else []
    lines += [f"observed: {code(stop.says)}"] if stop.title and stop.says else []
    lines += [f"{sections.lower(place)}: {prose(stop.admin)}"] if stop.admin else []
    lines += [f"stops {', '.join(stop.breaks)}"] if stop.breaks else []
    lines += [f"keeps from being decided: {', '.join(stop.holds_back)}"] if stop.holds_back else []
    lines += [_link(stop.finding)] if stop.finding else []
    return "\n".join([first, *(f"  - {line}" for line in lines)])


def _clicks(pack: Pack, words: Mapping[str, str]) -> Iterator[str]:
    for title, eyes, proven in sections.clicks(pack):
        lines = []
        for case, evidence in eyes:
            state = "" if evidence.state in (PROVOKED, OUTSIDE) else f" ({words[evidence.state].lower()})"
            lines.append(f"- [ ] {case.id} {prose(case.title)}{state}: {prose(case.look or case.expected)}")
        if proven:
            names = ", ".join(case.id for case in proven)
            lines.append(f"- [ ] {pack.submission.words.clicked}: {names}")
        yield f"### {title}\n\n" + "\n".join(lines)


def _suite(pack: Pack, id: str, words: Mapping[str, str]) -> str:
    asked = next(asked for suite, asked in pack.suites if suite.id == id)
    rows = []
    for one in asked:
        step = one.step
        optional = " (optional)" if step.optional else ""
        came = f"{code(step.request)} {prose(one.came)}".rstrip()
        rows.append((f"**{step.number}**", f"**{prose(step.title)}**{optional}", "", came))
        for place, (assertion, evidence) in enumerate(one.assertions, 1):
            seen = (
                f"[{_cell(evidence.says)}]({sections.link(evidence.finding)})"
                if evidence.finding
                else _cell(evidence.says)
            )
            rows.append((f"{step.number}.{place}", prose(assertion.text), words[evidence.state], seen))
    return _table(("Step", "Assertion", "Result", "Observed"), rows)


def _evidence(evidence: CaseEvidence, place: str) -> str:
    parts = [_cell(evidence.says)] if evidence.says else []
    if evidence.admin:
        parts.append(f"{place}: {prose(evidence.admin)}")
    parts += [_link(finding) for finding in evidence.evidence]
    if evidence.warnings:
        parts.append("warning: " + ", ".join(_link(finding) for finding in evidence.warnings))
    if evidence.beside:
        parts.append("also fails there: " + ", ".join(_link(finding) for finding in evidence.beside))
    return "<br>".join(parts)


def _cell(text: str) -> str:
    return prose(text[:ROOM] + "…" if len(text) > ROOM else text)


def _link(finding: str) -> str:
    return f"[`{finding}`]({sections.link(finding)})"


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    table = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in table)
