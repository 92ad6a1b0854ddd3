"""The sentences that all writers share: what the result is called and why it is what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scimproof.model import Verdict
from scimproof.render.causes import Cause
from scimproof.render.visible import line

RESULTS = {
    "conformant": "Conformant",
    "conformant-with-waivers": "Conformant with waivers",
    "nonconformant": "Nonconformant",
    "inconclusive": "Inconclusive",
}
SEVERITY = {
    "fails": "Fails",
    "trouble": "Trouble in scimproof",
    "reported": "Reported, does not decide",
    "warning": "Warning",
    "undecided": "Could not be decided",
}
DIALECTS = {
    "okta.oin": ("OIN", "as an app of Okta's catalog"),
    "okta.aiw": ("AIW", "as an app made in Okta's wizard"),
    "okta.spec": ("SPEC", "by Okta's own SPEC suite"),
    "okta.crud": ("CRUD", "by Okta's own CRUD suite"),
}
LABELS = (
    "Labels of sources (S1, L1, wire-facts section 6, spec-test-steps, OKTA-06 ...) stand for Okta's own "
    "texts, live captures of its traffic, our notes on both, and Okta's operations: docs/sources.md in "
    "scimproof's repository says which."
)
STATES = {
    "used": "used",
    "unused": "matched nothing",
    "expired": "expired: it waives nothing any more",
    "not-asked": "what it names was not asked",
    "note": "a documented deviation that needs no waiver",
}
AS = {
    "okta.oin": ("works as a catalog (OIN) app", "does not work as a catalog (OIN) app"),
    "okta.aiw": ("works as a wizard (AIW) app", "does not work as a wizard (AIW) app"),
    "okta.spec": ("passes Okta's SPEC suite", "does not pass Okta's SPEC suite"),
    "okta.crud": ("passes Okta's CRUD suite", "does not pass Okta's CRUD suite"),
}
WORKS = {
    "conformant": "works",
    "conformant-with-waivers": "works, with waivers",
    "nonconformant": "does not work",
    "inconclusive": "not decided",
}


def count(number: int, one: str, many: str = "") -> str:
    """`1 check`, `2 checks`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def breach(finding: dict[str, Any], rules: Mapping[str, Any]) -> str:
    """What does not hold, what was expected and what was observed: `true` alone says nothing to anybody."""
    statement = rules.get(finding["requirement"], {}).get("statement") or finding.get("statement", "")
    return breach_of(statement, finding["expected"], finding["observed"])


def breach_of(statement: str, expected: str, observed: str) -> str:
    """The same of its three parts, each short enough that the others are seen; what is empty is left out."""
    seen = f"observed: {line(observed, 240)}"
    told = f"Expected: {line(expected, 160)}; {seen}" if expected else seen[0].upper() + seen[1:]
    return f"{line(statement, 240)} {told}" if statement else told


def judged(report: dict[str, Any]) -> bool:
    """Whether the run found anything out, or met trouble of our own, before something stopped it."""
    told = set(Verdict) - {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE}
    return not report["stop"] or any(report["summary"]["verdicts"][verdict] for verdict in told)


def requests(report: dict[str, Any]) -> str:
    """`831 in 90 sequences, and 455 to tidy up`; reports of earlier versions do not tell the last."""
    summary = report["summary"]
    tidied = summary.get("requests_to_tidy_up", 0)
    played = f"{summary['requests']:,} in {count(summary['sequences'], 'sequence')}"
    return played + (f", and {tidied:,} to tidy up" if tidied else "")


def reason(report: dict[str, Any], causes: list[Cause]) -> str:
    """One or two sentences: why the result is what it is."""
    gating = [finding for finding in report["findings"] if finding["gates"]]
    sentences = [_decision(report, gating, sum(1 for cause in causes if cause.severity == "fails"))]
    if report["partial"] and report["result"] != "inconclusive":
        sentences.append(f"The run ended early: {_ended(report['stop'] or 'interrupted')}")
    others = sum(1 for cause in causes if cause.severity in ("reported", "warning"))
    if others:
        sentences.append(
            f"{count(others, 'more rule is', 'more rules are')} broken without deciding the result."
        )
    return " ".join(sentences)


def _decision(report: dict[str, Any], gating: list[dict[str, Any]], reasons: int) -> str:
    fails = report["summary"]["gating_fails"]
    decided = sum(1 for finding in gating if finding["verdict"] != Verdict.NOT_APPLICABLE)
    if report["interrupted"]:
        seen = f"; until then {count(fails, 'check')} failed" if fails else ""
        return f"The run was interrupted before it was complete{seen}."
    if report["result"] == "nonconformant":
        verb = "fails" if fails == 1 else "fail"
        return f"{fails:,} of {count(decided, 'deciding check')} {verb}, for {count(reasons, 'reason')}."
    if report["result"] != "inconclusive":
        waived = sum(1 for finding in gating if finding["verdict"] == Verdict.WAIVED)
        also = f", {waived:,} of them waived" if waived else ""
        return f"Every deciding check holds{' or is waived' if waived else ''} ({decided:,}{also})."
    if report["partial"]:
        return f"The run ended early: {_ended(report['stop'])}"
    open_ones = sum(1 for f in gating if f["verdict"] in (Verdict.INCONCLUSIVE, Verdict.ERROR))
    return (
        f"{count(open_ones, 'deciding check')} could not be decided." if open_ones else "Nothing was judged."
    )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", ".", "!")) else f"{sentence}."


def dialects(report: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Short name, what it stands for, and the counts, of every dialect that was played."""
    known = report["summary"]["dialects"].items()
    return [(*DIALECTS.get(name, (name, "")), part) for name, part in known]


def sentence(report: dict[str, Any]) -> str:
    """`Works as a catalog (OIN) app, does not work as a wizard (AIW) app.`; "" where neither was decided."""
    said = []
    for name, part in report["summary"]["dialects"].items():
        holds, fails = AS.get(name, (f"works as {name}", f"does not work as {name}"))
        if part["result"] == "conformant-with-waivers":
            said.append(f"{holds}, with waivers")
        elif part["result"] != "inconclusive":
            said.append(fails if part["result"] == "nonconformant" else holds)
    text = ", ".join(said)
    return text[:1].upper() + text[1:] + "." if text else ""


def authority(name: str) -> str:
    """`RFC 7644` of `rfc7644`; Okta's own texts by name."""
    known = {"okta": "What Okta relies on", "okta-spec": "Okta's own suites"}
    return known.get(name, name.replace("rfc", "RFC ", 1) if name.startswith("rfc") else name)
