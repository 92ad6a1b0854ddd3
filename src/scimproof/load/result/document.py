"""JSON document of a load run (load.json), from which everything said about it is rendered."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scimproof import __version__
from scimproof.catalog.loader import Catalog
from scimproof.catalog.senders import Sender
from scimproof.core.redaction import Redactor, remembered
from scimproof.load.audit.document import COUNTED, KEYS
from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.histogram import Histogram
from scimproof.load.metrics.time_series import TimeSeries
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan, plain
from scimproof.load.plan.storage_rules import preventing
from scimproof.load.plan.thresholds import SPANS, judge
from scimproof.load.result.store_growth import store_growth
from scimproof.load.result.verdict import Generator, decisive_lag, verdict
from scimproof.report import metadata
from scimproof.report.document import suites_version
from scimproof.report.reader import LOAD
from scimproof.report.waivers import Waiver, deviations
from scimproof.target.target import Target

CURVE = (0.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.9, 99.99)
Row = dict[str, Any]
NO_AUDIT: Row = {
    "done": False,
    "why": "not asked for",
    **{key: [] for key in KEYS.values()},
    "counts": dict.fromkeys(KEYS.values(), 0),
    "checked": dict.fromkeys(COUNTED, 0),
    "unread": [],
    "gave_up": "",
    "exchanges": [],
}


@dataclass(frozen=True, kw_only=True)
class LoadRecord:
    """Record of one load run; `stop` says why it ended early, `lost` which workers died.

    `aborted` says which limit of the plan ended it. `elsewhere` is how many resources workers that are apart
    created; they remove them after the run.
    """

    job: Job
    catalog: Catalog
    target: Target
    timeline: TimeSeries
    started: datetime
    seconds: float
    shares: tuple[float, ...] = ()
    stop: str = ""
    aborted: str = ""
    interrupted: bool = False
    trouble: str = ""
    lost: tuple[str, ...] = ()
    unfinished: int = 0
    elsewhere: int = 0
    memory_mb: float = 0.0
    group_sizes: Mapping[str, Any] = field(default_factory=dict)
    unscheduled: Iterable[Row] = ()
    audit: Mapping[str, Any] = field(default_factory=lambda: NO_AUDIT)

    @property
    def provider(self) -> Sender:
        """Whose traffic it was."""
        return self.catalog.sender_of_mix(self.job.profile, self.job.plan.mix)


def build_load_report(loaded: LoadRecord) -> Row:
    """The document; nothing from outside enters it without passing the redactor."""
    figures, plan = loaded.timeline.whole, loaded.job.plan
    redactor = redactor_of(loaded.target)
    series = loaded.timeline.series()
    drifts = {id: drift(found["p50"]) for id, found in series["operations"].items()}
    judged = judge(plan.thresholds, figures, drifts)
    generator = _generator(loaded, figures)
    result, why = verdict(judged, generator, loaded.audit, audited=plan.audit)
    return {
        "format": LOAD,
        "tool": {
            "name": "scimproof",
            "version": __version__,
            "suites": suites_version(loaded.catalog.root),
        },
        "target": redactor.walk(metadata.target(loaded.target)),
        "sender": loaded.provider.json(),
        "plan": _plan(loaded.job),
        "app": redactor.sentence(loaded.catalog.app.line()) if loaded.catalog.app else "",
        "prefix": loaded.job.prefix,
        "started": loaded.started.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(loaded.seconds, 3),
        "partial": bool(loaded.stop or loaded.aborted or loaded.lost) or loaded.interrupted,
        "interrupted": loaded.interrupted,
        "stop": redactor.sentence(loaded.stop or _aborted(loaded)),
        "result": result,
        "why": redactor.sentence(why),
        "arrivals": _arrivals(loaded, figures),
        "overall": _row(figures.overall),
        "operations": [
            _row(figures.operations[id]) | {"drift": drifts.get(id)}
            for id in _in_order(loaded, figures.operations)
        ],
        "sequences": [_row(figures.sequences[id]) for id in _in_order(loaded, figures.sequences)],
        "spans": [_row(figures.sequences[id]) for id in SPANS if id in figures.sequences],
        "lag_ms": figures.pace.lag.figures() | {"count": figures.pace.lag.count},
        "unread_ms": figures.pace.unread.figures() | {"count": figures.pace.unread.count},
        "generator": generator.row()
        | {"memory_mb": loaded.memory_mb, "workers_lost": redactor.walk(list(loaded.lost))},
        "thresholds": [judgement.row() for judgement in judged],
        "sampled": redactor.walk(_sampled(figures, _documented(loaded))),
        "audit": dict(loaded.audit),
        "group_sizes": {key: part for key, part in loaded.group_sizes.items() if key != "growth"},
        "growth": [*loaded.group_sizes.get("growth", ()), *_store_growth(loaded)],
        "unscheduled": list(loaded.unscheduled),
        "series": series,
        "ledger": {"created": loaded.elsewhere, "removed": 0, "left": [], "elsewhere": loaded.elsewhere}
        | ({"removed_by": "workers"} if loaded.job.apart else {}),
    }


def _store_growth(loaded: LoadRecord) -> list[Row]:
    plan, catalog = loaded.job.plan, loaded.catalog
    before = max(plan.prefill, *(catalog.sequences[id].population for id in plan.mix))
    rows = loaded.timeline.rows()
    return store_growth(rows, catalog, plan.mix, before, loaded.provider.page_size)


def redactor_of(target: Target) -> Redactor:
    """Takes that target's secrets out of whatever is told, and the passwords that this process sends."""
    return remembered([*target.credentials.secrets(), *(value for _, value in target.headers)])


def _plan(job: Job) -> Row:
    plan = job.plan
    return {
        "name": plan.name,
        "question": plan.question,
        "guess": plan.guess,
        "model": plan.model,
        "arrivals": plan.arrivals,
        "rate": plan.rate,
        "seconds": plan.seconds,
        "warm_up": plan.warm_up,
        "phases": plain(plan.phases),
        "mix": dict(plan.mix),
        "prefill": plan.prefill,
        "in_flight": plan.in_flight,
        "users": plan.users,
        "sample": plan.sample,
        "seed": plan.seed,
    } | _sometimes(plan)


def _sometimes(plan: Plan) -> Row:
    """What only some plans have."""
    row: Row = {"recording": plan.recorded.row()} if plan.recorded else {}
    if plan.resend_every:
        row["resend"] = {"every": plan.resend_every, "after_ms": plan.resend_after_ms}
    return row


def _arrivals(loaded: LoadRecord, figures: Metrics) -> Row:
    """The schedule as a whole, warm-up included, and what of it was kept."""
    pace, plan = figures.pace, loaded.job.plan
    scheduled = sum(1 for _ in plan.schedule) if plan.model == "closed" else 0
    return {
        "expected": round(plan.schedule.expected),
        "started": pace.started,
        "finished": pace.finished,
        "unfinished": loaded.unfinished,
        "held": pace.held,
        "held_ms": pace.waits.figures(),
        "most_in_flight": pace.most,
        "warm_up": figures.warm_up,
        "never_sent": max(0, scheduled - pace.started),
    }


def _aborted(loaded: LoadRecord) -> str:
    """Which limit ended the run, and after how long."""
    return f"aborted after {loaded.seconds:.0f} s: {loaded.aborted}" if loaded.aborted else ""


def _generator(loaded: LoadRecord, figures: Metrics) -> Generator:
    return Generator(
        processes=max(1, len(loaded.shares)),
        cpu_seconds=figures.cpu,
        requests=figures.requests,
        busiest=max(loaded.shares, default=0.0),
        lag_ms=decisive_lag(figures.pace.lag),
        lag_limit_ms=loaded.job.plan.lag_ms,
        started=figures.pace.started,
        expected=loaded.job.plan.schedule.expected,
        opened=figures.opened,
        stale=figures.stale,
        whole=not (loaded.stop or loaded.aborted or loaded.interrupted) and loaded.job.plan.model == "open",
        stop=loaded.stop,
        aborted=_aborted(loaded),
        interrupted=loaded.interrupted,
        trouble=loaded.trouble,
        lost=loaded.lost,
        full=sum((operation.full for operation in figures.operations.values()), Counter[str]()),
        means={one.detail: one for one in preventing(loaded.catalog, loaded.target.url, loaded.job.profile)},
    )


def _documented(loaded: LoadRecord) -> list[Waiver]:
    """What the product that was loaded is known to do otherwise, if a profile says which one it is."""
    if not loaded.job.profile:
        return []
    profile = loaded.catalog.profile(loaded.job.profile)
    return deviations(profile.deviations, loaded.catalog) if profile.deviations else []


def _in_order(loaded: LoadRecord, found: Mapping[str, StepCounters]) -> list[str]:
    """Ids in the order of the mix and its steps; spans have a list of their own."""
    known = [
        one
        for id in loaded.job.plan.mix
        for one in (id, *(f"{id}/{step.id}" for step in loaded.catalog.sequences[id].steps))
    ]
    return [id for id in known if id in found] + [id for id in found if id not in known and id not in SPANS]


def _row(operation: StepCounters) -> Row:
    response = operation.response
    return {
        "id": operation.id,
        "due": operation.due,
        "sent": operation.sent,
        "answered": operation.answered,
        "errors": sum(operation.errors.values()) + operation.skipped,
        "errors_by_kind": dict(sorted(operation.errors.items())),
        "unknown": operation.unknown,
        "throttled": operation.throttled,
        "skipped": operation.skipped,
        "full": sum(operation.full.values()),
        "count": response.count,
        "response_ms": _rounded(response),
        "service_ms": _rounded(operation.service),
        "curve": _curve(response),
    } | _optional(operation)


def _optional(operation: StepCounters) -> Row:
    """What a row has only where there is something."""
    sizes = {"bytes": operation.sizes.figures()} if operation.sizes.count else {}
    return sizes | ({"resent": operation.resent} if operation.resent else {})


def _rounded(histogram: Histogram) -> dict[str, float | None]:
    return {n: None if value is None else round(value, 3) for n, value in histogram.figures().items()}


def _curve(histogram: Histogram) -> list[list[float]]:
    """[percent, milliseconds] as far up as there are answers enough to tell."""
    points = ((percent, histogram.percentile(percent)) for percent in CURVE)
    return [[percent, round(value, 3)] for percent, value in points if value is not None]


def _sampled(figures: Metrics, documented: list[Waiver]) -> list[Row]:
    """What the full checks on the sample found, without what always passed.

    `known` names the documented deviation of the product that it is, if it is one.
    """
    rows = []
    for id, judged in sorted(figures.judged.items()):
        worse = {
            verdict: n for verdict, n in judged.verdicts.items() if verdict not in ("pass", "not-applicable")
        }
        if worse:
            rows.append(
                {
                    "id": id,
                    "verdicts": dict(judged.verdicts),
                    "expected": judged.expected,
                    "observed": judged.observed,
                    "known": next((one.name for one in documented if one.fits(id, judged.observed)), ""),
                }
            )
    return rows


def drift(values: Iterable[float | None]) -> float | None:
    """How much larger the median of the last fifth is than that of the first: 0.1 is ten percent."""
    known = [value for value in values if value is not None]
    fifth = len(known) // 5
    if not fifth:
        return None
    first, last = statistics.median(known[:fifth]), statistics.median(known[-fifth:])
    return round(last / first - 1, 4) if first else None
