"""Writes the OIN pack as Markdown with check boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scimproof.core.escaping import code, prose
from scimproof.render.oin import sections
from scimproof.render.oin.evidence import OUTSIDE, PROVOKED, CaseEvidence, Pack
from scimproof.render.oin.url_rules import address
from scimproof.report.extent import asked

ROOM = 400  # characters of what does not hold, in a cell


def markdown(pack: Pack) -> str:
    """The whole text."""
    return "\n\n".join(_blocks(pack)) + "\n"


def _blocks(pack: Pack) -> Iterator[str]:
    report, submission = pack.report, pack.submission
    yield f"# OIN pack: {sections.headline(pack).lower()}"
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
    states = [
        (sections.WORDS[state], str(number), sections.MEANS[state])
        for state, number in sections.case_counts(pack)
    ]
    yield _table(("Manual cases", "Number", "What that means"), states)
    if found := sections.blockers(pack):
        yield "## What stands in the way"
        yield "\n".join(_stop(stop) for stop in found)
    yield "## Address and authentication"
    rows = [
        (prose(rule), sections.WORDS[state], prose(why))
        for rule, state, why in address(report["target"], submission)
    ]
    yield _table(("Rule", "This run", "Because"), rows)
    yield "## To do in Okta\n\nIn the order in which one clicks. Leave out what your app does not offer."
    yield from _clicks(pack)
    for suite, _ in pack.suites:
        yield f"## {prose(suite.title)}\n\n{prose(suite.about)}"
        yield _suite(pack, suite.id)
    yield "## The manual cases"
    for title, cases in sections.sections(pack):
        head = ("Case", "What is done", "What is expected", "Here", "Evidence")
        lines = [
            (c.id, prose(c.title), prose(c.expected), sections.WORDS[t.state], _evidence(t)) for c, t in cases
        ]
        yield f"### {title}\n\n{_table(head, lines)}"


def _stop(stop: sections.Blocker) -> str:
    first = f"- **{sections.WORDS[stop.state]}:** {prose(stop.title or stop.says)}"
    lines = [f"expected: {code(stop.expected)}"] if stop.expected else []
    lines += [f"observed: {code(stop.says)}"] if stop.title and stop.says else []
    lines += [f"in Okta: {prose(stop.admin)}"] if stop.admin else []
    lines += [f"stops {', '.join(stop.breaks)}"] if stop.breaks else []
    lines += [f"keeps from being decided: {', '.join(stop.holds_back)}"] if stop.holds_back else []
    lines += [_link(stop.finding)] if stop.finding else []
    return "\n".join([first, *(f"  - {line}" for line in lines)])


def _clicks(pack: Pack) -> Iterator[str]:
    for title, eyes, proven in sections.clicks(pack):
        lines = []
        for case, evidence in eyes:
            state = (
                ""
                if evidence.state in (PROVOKED, OUTSIDE)
                else f" ({sections.WORDS[evidence.state].lower()})"
            )
            lines.append(f"- [ ] {case.id} {prose(case.title)}{state}: {prose(case.look or case.expected)}")
        if proven:
            names = ", ".join(case.id for case in proven)
            lines.append(f"- [ ] Click these too; the app's half of them was proven here: {names}")
        yield f"### {title}\n\n" + "\n".join(lines)


def _suite(pack: Pack, id: str) -> str:
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
            rows.append(
                (f"{step.number}.{place}", prose(assertion.text), sections.WORDS[evidence.state], seen)
            )
    return _table(("Step", "Assertion", "Result", "Observed"), rows)


def _evidence(evidence: CaseEvidence) -> str:
    parts = [_cell(evidence.says)] if evidence.says else []
    if evidence.admin:
        parts.append(f"In Okta: {prose(evidence.admin)}")
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
