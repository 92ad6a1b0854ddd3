"""JSON document of a capacity search (capacity.json), from which everything said about it is rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from scimproof import __version__
from scimproof.catalog.loader import Catalog
from scimproof.load.capacity.knee import knee
from scimproof.load.capacity.search import SearchAnswer
from scimproof.load.capacity.settings import SearchSettings
from scimproof.load.plan.job import Job
from scimproof.load.plan.thresholds import PROVISION
from scimproof.load.result.document import NO_AUDIT, redactor_of
from scimproof.load.result.search_step import stepwise
from scimproof.load.result.verdict import Result
from scimproof.report import metadata
from scimproof.report.document import suites_version
from scimproof.report.reader import CAPACITY
from scimproof.target.target import Target

Row = dict[str, Any]
UNIT = "sequences/s"


@dataclass(frozen=True, kw_only=True)
class SearchRecord:
    """Record of a capacity search: its steps as rows, in the order in which they were played, and the answer.

    `stop` says why it ended early, `cannot` why the target can do no more of this at whatever rate.
    """

    job: Job
    catalog: Catalog
    target: Target
    settings: SearchSettings
    started: datetime
    seconds: float
    steps: Sequence[Row]
    answer: SearchAnswer
    stop: str = ""
    cannot: str = ""
    lost: tuple[str, ...] = ()
    audit: Mapping[str, Any] = field(default_factory=lambda: NO_AUDIT)


def build_capacity_report(found: SearchRecord) -> Row:
    """The document; nothing from outside enters it without passing the redactor."""
    redactor = redactor_of(found.target)
    capacity = _capacity(found)
    result, why = _verdict(found, capacity)
    plan, early = found.job.plan, found.stop or found.cannot
    return {
        "format": CAPACITY,
        "tool": {"name": "scimproof", "version": __version__, "suites": suites_version(found.catalog.root)},
        "target": redactor.walk(metadata.target(found.target)),
        "sender": found.catalog.sender_of_mix(found.job.profile, plan.mix).json(),
        "plan": {
            "name": plan.name,
            "question": plan.question,
            "guess": plan.guess,
            "arrivals": plan.arrivals,
            "mix": dict(plan.mix),
            "prefill": plan.prefill,
            "in_flight": plan.in_flight,
            "seed": plan.seed,
            "processes": found.job.workers,
            "start": found.settings.start,
            "most": found.settings.most,
            "least": found.settings.least,
            "step_seconds": found.settings.step_seconds,
            "warm_up": found.settings.warm_up,
        },
        "prefix": found.job.prefix,
        "started": found.started.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(found.seconds, 3),
        "partial": bool(early),
        "stop": redactor.sentence(early),
        "result": result,
        "why": redactor.sentence(why),
        "limits": [
            {"of": one.of, "measure": one.measure, "limit": one.limit, "expected": one.sentence}
            | {"where": one.where}
            for one in stepwise(plan.thresholds)
        ],
        "capacity": redactor.walk(capacity),
        "steps": redactor.walk(list(found.steps)),
        "audit": dict(found.audit),
        "ledger": {"created": 0, "removed": 0, "left": [], "elsewhere": 0},
    }


def _capacity(found: SearchRecord) -> Row:
    answer, judged = found.answer, [row for row in found.steps if row["result"] != "invalid"]
    held = [row for row in judged if row["rate"] == answer.rate and row["result"] == "holds"]
    last: Row = held[-1] if held else {}
    bent = knee((row["rate"], row["p95_ms"]) for row in judged)
    lo, hi = answer.bracket
    above = [row for row in found.steps if row["rate"] == hi and row["result"] != "holds"]
    provisions = PROVISION in {limit.of for limit in found.job.plan.thresholds} or last.get("provisionings")
    return {
        "rate": answer.rate,
        "provisionings": last.get("provisionings") if provisions else None,
        "unit": UNIT,
        "at_least": answer.at_least,
        "confirmed": answer.confirmed,
        "ended": answer.ended,
        "bracket": [lo, hi],
        "broken_by": above[-1]["why"] if above else "",
        "p50_ms": last.get("p50_ms"),
        "p95_ms": last.get("p95_ms"),
        "p99_ms": last.get("p99_ms"),
        "errors": last.get("errors", 0),
        "error_ratio": last.get("error_ratio", 0.0),
        "knee": asdict(bent) if bent else None,
    }


def _verdict(found: SearchRecord, capacity: Row) -> tuple[Result, str]:
    """The result, and the answer in one sentence. What the audit proves stands whatever else was seen."""
    violations = {sort: count for sort, count in found.audit["counts"].items() if count}
    if violations:
        told = ", ".join(f"{count:,} {sort}" for sort, count in violations.items())
        return "fail", f"the audit found what the target broke: {told}"
    if cause := found.stop or found.cannot:
        so_far = f"; so far {_rate(found.answer)} held" if found.answer.rate else ""
        return "invalid", f"the search ended early: {cause}{so_far}"
    if found.answer.ended == "nothing":
        lowest = min(
            (row for row in found.steps if row["result"] == "breaks"), key=lambda row: float(row["rate"])
        )
        return "fail", f"not even {lowest['rate']:g} sequences per second hold: {lowest['why']}"
    if untold := _untold(found):
        return "invalid", untold
    return "pass", f"{_sentence(found, capacity)}. {_limited(found, capacity)}"


def _untold(found: SearchRecord) -> str:
    """What keeps a search from having an answer."""
    if found.answer.rate is None:
        why = next((row["why"] for row in found.steps if row["result"] == "invalid"), "nothing was sent")
        return f"no rate could be judged: {why}"
    if found.job.plan.audit and not found.audit["done"]:
        return f"the audit was not made: {found.audit['why']}"
    return ""


def _limited(found: SearchRecord, capacity: Row) -> str:
    """Why it is no more."""
    above = found.answer.bracket[1]
    if found.answer.ended == "generator":
        return f"At {above:g} the generator was the limit: --processes gives it more cores"
    if above is None:
        return f"That is the highest rate that was asked for (--max-rate {found.settings.most:g})"
    return f"At {above:g}: {capacity['broken_by']}"


def _sentence(found: SearchRecord, capacity: Row) -> str:
    """The answer: `41.2 sequences per second at p95 412 ms with no error and a clean audit`."""
    wrong, audit = capacity["error_ratio"], found.job.plan.audit
    errors = f"{wrong:.2%} errors" if wrong else "no error"
    also = f" ({capacity['provisionings']:.3g} people provisioned)" if capacity["provisionings"] else ""
    p95 = "no p95" if capacity["p95_ms"] is None else f"p95 {capacity['p95_ms']:,.4g} ms"
    checked = "a clean audit" if audit else "no audit"
    return f"{_rate(found.answer)}{also} at {p95} with {errors} and {checked}"


def _rate(answer: SearchAnswer) -> str:
    least = "at least " if answer.at_least else ""
    return f"{least}{answer.rate:g} sequences per second"
