"""Sentences that several writers share: results, reasons, counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scimproof.core.escaping import line
from scimproof.core.http_message import short
from scimproof.core.results import Verdict
from scimproof.render.diagnosis.grouping import Cause
from scimproof.render.sender import sender
from scimproof.report.extent import asked, beside, headline, holds, is_part, left_out
from scimproof.report.titles import broken, title

RESULTS = {
    "conformant": "Conformant",
    "conformant-with-waivers": "Conformant with waivers",
    "nonconformant": "Nonconformant",
    "inconclusive": "Inconclusive",
}
# Of recorded traffic that was played again: what held was recorded, and certifies nothing.
REPLAYED = {
    "conformant": "As recorded",
    "conformant-with-waivers": "As recorded, with waivers",
    "nonconformant": "Not as recorded",
    "inconclusive": "Inconclusive",
}
SEVERITY = {
    "fails": "Fails",
    "trouble": "Trouble in scimproof",
    "reported": "Reported, does not decide",
    "warning": "Warning",
    "undecided": "Could not be decided",
}
STATES = {
    "used": "used",
    "unused": "matched nothing",
    "expired": "expired: it waives nothing any more",
    "not-asked": "what it names was not asked",
    "note": "a documented deviation that needs no waiver",
}
HOLDS_SO_FAR = "holds as far as asked"
WORKS = {
    "conformant": "works",
    "conformant-with-waivers": "works, with waivers",
    "nonconformant": "does not work",
    "inconclusive": "not decided",
}


def count(number: int, one: str, many: str = "") -> str:
    """The number with its noun: `1 check`, `2 checks`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def remains(document: dict[str, Any]) -> str:
    """A sentence on resources that are, or may be, left on the target, and what to do; empty for none."""
    ledger, sentences = document["ledger"], []
    if left := ledger["left"]:
        kinds = [("user", "User"), ("group", "Group")]
        counts = ((word, sum(row["kind"] == kind for row in left)) for word, kind in kinds)
        what = " and ".join(count(number, word) for word, number in counts if number)
        whys = list(dict.fromkeys(row["why"] for row in left))
        sentences.append(f"{what} of this run could not be removed ({short(whys[0], 200)})")
    if unknown := ledger.get("unknown"):
        why = short(unknown[0]["why"], 200)
        sentences.append(f"whether {count(len(unknown), 'create')} made something is not known ({why})")
    return f"Left on the target: {'; '.join(sentences)}. `scimproof clean` tries again." if sentences else ""


def breach(finding: dict[str, Any], rules: Mapping[str, Any], exchange: dict[str, Any] | None = None) -> str:
    """The violation, what was expected and what was observed, in one line.

    `exchange` is the finding's evidence; a row of a comparison has the rule's sentences itself.
    """
    rule = rules.get(finding["requirement"], finding)
    statement = title(rule, finding, exchange) if "verdict" in finding else broken(rule, exchange)
    return breach_of(statement, finding["expected"], finding["observed"])


def breach_of(statement: str, expected: str, observed: str) -> str:
    """The same from its three parts, each cut; empty parts are left out."""
    seen = f"observed: {line(observed, 240)}"
    compared = f"Expected: {line(expected, 160)}; {seen}" if expected else seen[0].upper() + seen[1:]
    return f"{line(statement, 240)} {compared}" if statement else compared


def judged(report: dict[str, Any]) -> bool:
    """Whether the run came to any verdict, or an internal error, before it was stopped."""
    decided = set(Verdict) - {Verdict.INCONCLUSIVE, Verdict.NOT_APPLICABLE}
    return not report["stop"] or any(report["summary"]["verdicts"][verdict] for verdict in decided)


def requests(report: dict[str, Any]) -> str:
    """How many requests were sent: `831 in 90 sequences, and 455 to tidy up`."""
    summary = report["summary"]
    tidied = summary.get("requests_to_tidy_up", 0)
    played = f"{summary['requests']:,} in {count(summary['sequences'], 'sequence')}"
    return played + (f", and {tidied:,} to tidy up" if tidied else "")


def result(report: dict[str, Any]) -> str:
    """The result of a run in a word; for a part of the profile where all checks hold, that and its extent.

    Only the whole profile has one of the words of RESULTS for a pass.
    """
    words = REPLAYED if report["options"].get("replay") else RESULTS
    return headline(report) or words[report["result"]]


def look(report: dict[str, Any]) -> str:
    """The result that sets the colours; a part of the profile where all checks hold counts as undecided."""
    return "inconclusive" if headline(report) else str(report["result"])


def reason(report: dict[str, Any], causes: list[Cause]) -> str:
    """A few sentences: why the run has its result."""
    gating = [finding for finding in report["findings"] if finding["gates"]]
    sentences = [_decision(report, gating, sum(1 for cause in causes if cause.severity == "fails"))]
    if report["partial"] and report["result"] != "inconclusive":
        sentences.append(f"The run ended early: {_ended(report['stop'] or 'interrupted')}")
    others = sum(1 for cause in causes if cause.severity in ("reported", "warning"))
    if others:
        sentences.append(
            f"{count(others, 'more rule is', 'more rules are')} broken without deciding the result."
        )
    if not is_part(report) and report["result"] in ("conformant", "conformant-with-waivers"):
        sentences.append(beside(report))
    if is_part(report) and not headline(report):
        sentences.append(_ended(asked(report)[:1].upper() + asked(report)[1:]))
    return " ".join(filter(None, sentences))


def _decision(report: dict[str, Any], gating: list[dict[str, Any]], reasons: int) -> str:
    if headline(report):
        return f"Only the whole of {report['profile']['id']} has a verdict, and the rest of it was not asked."
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
    return _undecided(gating)


def _undecided(gating: list[dict[str, Any]]) -> str:
    open_ones = [f["observed"] for f in gating if f["verdict"] in (Verdict.INCONCLUSIVE, Verdict.ERROR)]
    if not open_ones:
        return "Nothing was judged."
    why = f": {_ended(open_ones[0])}" if len(set(open_ones)) == 1 else "."
    return f"{count(len(open_ones), 'deciding check')} could not be decided{why}"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", ".", "!")) else f"{sentence}."


def dialects(report: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """The short name, meaning and counts of each dialect that was run, with its result."""
    known = report["summary"]["dialects"].items()
    words = sender(report)["dialects"]
    found = [(words.get(name, {"short": name, "about": ""}), name, part) for name, part in known]
    return [
        (word["short"], word["about"], part | {"works": works(report, name)}) for word, name, part in found
    ]


def works(report: dict[str, Any], name: str) -> str:
    """The result of a dialect: `works`, `does not work` ...; for a part of the profile with its extent."""
    part = report["summary"]["dialects"][name]
    if not is_part(report) or part["result"] == "nonconformant":
        return WORKS[part["result"]]
    names = counted(report, name)
    own = {row["id"] for row in report["sequences"] if row["dialect"] in names}
    if not holds(report, [row for row in report["findings"] if row["sequence"] in own]):
        return WORKS["inconclusive"]
    out = {id for id in left_out(report) if any(id == one or id.startswith(f"{one}.") for one in names)}
    of = f" ({len(own - out):,} of {count(len(own | out), 'sequence')})" if "asked" in report else ""
    return HOLDS_SO_FAR + of


def counted(report: dict[str, Any], name: str) -> tuple[str, ...]:
    """The dialects whose sequences decide about that one: itself, and those that count with it."""
    return (name, *sender(report)["dialects"].get(name, {}).get("with", ()))


def dialect_words(report: dict[str, Any], name: str) -> tuple[str, str]:
    """That it works and that it does not, in words: `works as ...`, `does not work as ...`."""
    words = sender(report)["dialects"].get(name, {})
    return words.get("works") or f"works as {name}", words.get("fails") or f"does not work as {name}"


def sentence(report: dict[str, Any]) -> str:
    """`Works as a catalog (OIN) app, does not work as a wizard (AIW) app.`; "" where neither was decided.

    Of a part of the profile only what does not work is said.
    """
    parts = []
    whole = not is_part(report)
    for name, part in report["summary"]["dialects"].items():
        works, fails = dialect_words(report, name)
        if part["result"] == "conformant-with-waivers" and whole:
            parts.append(f"{works}, with waivers")
        elif part["result"] == "nonconformant":
            parts.append(fails)
        elif part["result"] == "conformant" and whole:
            parts.append(works)
    text = ", ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""


def recording(row: Mapping[str, Any]) -> str:
    """Whose arrivals a load run plays: of which capture, from when on, how many times, and without what."""
    times = "" if row["factor"] == 1 else f", {row['factor']:.4g} for each recorded one"
    began = row["began"][:19].replace("T", " ")
    told = (
        f"Arrivals are those of the capture {line(row['capture'])} from {began} UTC on, "
        f"{row['seconds']:,.6g} s with {count(row['arrivals'], 'sequence')}{times}."
    )
    return f"{told} {unplayed(row)}"


def unplayed(row: Mapping[str, Any], most: int = 4) -> str:
    """Which requests of the capture no sequence stands for, the most frequent first."""
    missing = sum(row["left_out"].values())
    if not missing:
        return f"None of its {row['requests']:,} requests is left out."
    kinds = sorted(row["left_out"].items(), key=lambda one: -one[1])
    words = [f"{number:,} x {line(what)}" for what, number in kinds[:most]]
    rest = sum(number for _, number in kinds[most:])
    words += [f"{rest:,} others"] if rest else []
    share = missing / row["requests"] * 100
    return f"Left out: {missing:,} of {row['requests']:,} requests ({share:.2g} %): {', '.join(words)}."
