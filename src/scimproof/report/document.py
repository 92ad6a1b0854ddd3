"""Builds the JSON document of a run, from which all reports are rendered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as List
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scimproof import __version__
from scimproof.catalog.loader import Catalog
from scimproof.catalog.products import products
from scimproof.catalog.senders import Sender, together
from scimproof.core.definitions import Profile, Sequence
from scimproof.core.errors import Exit
from scimproof.core.http_message import Exchange, parse_json
from scimproof.core.redaction import Redactor, passwords
from scimproof.core.results import Outcome, Verdict
from scimproof.engine.verdicts import not_run
from scimproof.report import comparison, extent, metadata, reader, rfc_rows, summary, waivers
from scimproof.report.comparison import Baseline
from scimproof.report.transcript import Recorder
from scimproof.report.waivers import Waiver, ids
from scimproof.target.target import Target

FORMAT = reader.REPORT
MANY = 12  # pages or chains of one step; of more, the first and last and those a finding names are kept
HEADER_SECRET = 8
WRITTEN = ("name", "observed", "reason", "issue", "owner", "source", "path")

Report = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """All results and circumstances of one run, as the report is built from them.

    `outcomes` may be in any order; the document has them in the order of `sequences`, global checks last.
    `sent` are the requests of the sequences, `tidied` those of the clean-up. `started` is in UTC. `stop` says
    why the run ended early; `interrupted`, that a person ended it. `whole` are the sequences of the profile
    (by default `sequences`), and `inferred` is how many more it has that only run on request. With `setup`
    the target refuses every client until somebody changes credentials, address or certificate. `secrets` need
    not have those of the target and the passwords in requests. Which `waivers` are valid depends on the UTC
    day of `started`. `notes` are sentences for the reader beside the findings. `senders` are those of a run
    that has several. `recorded` has, by the number of an exchange, what was recorded in its place: the
    number in the capture, and the recorded exchange in the terms of this run.
    """

    catalog: Catalog
    profile: Profile
    sequences: List[Sequence]
    target: Target
    seed: int
    prefix: str
    started: datetime
    seconds: float
    outcomes: List[Outcome]
    ledger: Mapping[str, object]
    sent: int
    tidied: int = 0
    parallel: int = 1
    stop: str = ""
    interrupted: bool = False
    setup: bool = False
    secrets: List[str] = ()
    observer: Mapping[str, str] | None = None
    waivers: List[Waiver] = ()
    baseline: Baseline | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    whole: List[Sequence] = ()
    inferred: int = 0
    notes: List[str] = ()
    senders: List[Sender] = ()
    recorded: Mapping[int, tuple[int, Exchange]] = field(default_factory=dict)


def build_report(played: RunRecord) -> Report:
    """The document of one run; every string from outside passes the redactor."""
    outcomes = _in_order(played)
    custom = tuple(name for name, _ in played.target.headers)
    redactor = _redactor(outcomes, played.target, played.secrets)
    recorder = Recorder(redactor, played.prefix, _created(outcomes), custom)
    exchanges, numbers = _exchanges(outcomes, recorder, played.recorded)
    rows = metadata.sequences(played.catalog, played.sequences, outcomes)
    whole = played.whole or played.sequences
    asked = extent.extent(
        whole,
        played.sequences,
        played.outcomes,
        ended=bool(played.stop or played.interrupted),
        inferred=played.inferred,
    )
    part = asked["sequences"] < asked["of"]
    left_out = set(asked["left_out"])
    applied = waivers.apply(
        _findings(played, outcomes, recorder, numbers),
        played.waivers,
        played.started.astimezone(UTC).date(),
        ids(s for s in played.sequences if s.id not in left_out),
        ids(whole),
    )
    product = _product(played, outcomes)
    documented = waivers.deviations(product["id"], played.catalog) if product else []
    findings = [
        row | {"waiver": _worded(redactor, row["waiver"]), "known": name}
        for row, name in zip(
            applied.findings, waivers.explanations(applied.findings, documented), strict=True
        )
    ]
    interrupted = played.interrupted
    sender = together(played.senders or [played.catalog.sender(played.profile, played.sequences)])
    made = {
        "format": FORMAT,
        "tool": {"name": "scimproof", "version": __version__, "suites": suites_version(played.catalog.root)},
        "target": redactor.walk(metadata.target(played.target)),
        "profile": metadata.profile(played.profile),
        "sender": sender.json(),
        "options": redactor.walk({"headers": custom, **played.options}),
        "seed": played.seed,
        "prefix": played.prefix,
        "parallel": played.parallel,
        "started": played.started.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(played.seconds, 3),
        "partial": bool(played.stop) or interrupted,
        "interrupted": interrupted,
        "stop": redactor.sentence(played.stop),
        "obstacle": "setup" if played.setup else "",
        "result": summary.result(findings, stop=played.stop, interrupted=interrupted, part=part),
        "asked": asked,
        "summary": summary.summary(
            findings,
            rows,
            played.sent,
            played.tidied,
            interrupted=interrupted,
            part=part,
            counts={id: dialect.counts for id, dialect in sender.dialects.items()},
        ),
        "notes": [redactor.sentence(note) for note in played.notes],
        "requirements": metadata.requirements(played.catalog, played.sequences, findings),
        "sequences": rows,
        "operations": metadata.operations(played.catalog, played.sequences, sender.id),
        "sections": metadata.sections(played.catalog),
        **metadata.log(played.catalog, sender.id),
        "findings": findings,
        "exchanges": exchanges,
        "ledger": redactor.walk(dict(played.ledger)),
        "observer": redactor.walk(played.observer),
        "product": product and product | {"deviations": _reasons(documented, findings)},
        "waivers": [_worded(redactor, row) for row in applied.waivers],
    }
    if of_rfcs := _rfc_rows(played, findings):
        made["rows"] = redactor.walk(of_rfcs)
    before = played.baseline
    since = comparison.baseline(before, made) if before else None
    return made | {"baseline": _worded(redactor, since)}


def _rfc_rows(played: RunRecord, findings: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The rows of the RFCs, where requirements of RFCs decide; None for any other profile."""
    catalog = played.catalog
    deciding = {rule.authority for rule in catalog.requirements.values() if rule.rows}
    if not deciding.intersection(played.profile.gates):
        return None
    asking: dict[str, set[str]] = {}
    for sequence in played.whole or played.sequences:
        for step in sequence.steps:
            for check in step.checks:
                asking.setdefault(check.requirement, set()).add(sequence.literal)
    return rfc_rows.rows(catalog.rows, catalog.requirements, findings, asking)


def _product(played: RunRecord, outcomes: list[Outcome]) -> dict[str, Any] | None:
    """The product that the target is recognised as, and by what."""
    answers = (parse_json(e.body) for outcome in outcomes for e in outcome.exchanges if not e.by)
    for product in products(played.catalog.root):
        if because := product.recognised(played.target.url, answers):
            waiving = [p.id for p in played.catalog.profiles.values() if p.deviations == product.id]
            row = {"id": product.id, "title": product.title, "because": because}
            return row | {"profile": waiving[0] if waiving else ""}
    return None


def _reasons(documented: List[Waiver], findings: list[dict[str, Any]]) -> dict[str, Any]:
    """The names of the deviations that explain a finding of this run."""
    named = {finding["known"] for finding in findings}
    return {w.name: {"reason": w.reason, "source": w.source} for w in documented if w.name in named}


def _worded(redactor: Redactor, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """The row with text that people wrote redacted; ids and words of the format stay as they are."""
    return row and row | {key: redactor.sentence(row[key]) for key in WRITTEN if row.get(key)}


def exit_code(report: Report) -> Exit:
    """The exit code of a command that made this report, from the document alone.

    With a baseline only regressions count. Expired waivers, and those that match nothing, fail a run that
    would pass otherwise. In a strict run resources left on the target do so too, even in an inconclusive run.
    """
    code = _since(report) if report.get("baseline") else _alone(report)
    if report.get("options", {}).get("strict") and report["ledger"]["left"]:
        code = Exit.DOES_NOT_HOLD
    if report["summary"]["verdicts"][Verdict.ERROR] and code is not Exit.DOES_NOT_HOLD:
        return Exit.TROUBLE
    return Exit.DOES_NOT_HOLD if code is Exit.HOLDS and _lapsed(report) else code


def _lapsed(report: Report) -> bool:
    """Whether a waiver has expired or matches nothing, so that the user's file has to be changed."""
    return any(row["fails"] for row in report.get("waivers", ()))


def _alone(report: Report) -> Exit:
    """For a part of the profile: whether all checked requirements hold, which passes without a result."""
    if extent.is_part(report) and extent.holds(report):
        return Exit.HOLDS
    codes = {"nonconformant": Exit.DOES_NOT_HOLD, "inconclusive": Exit.CANNOT_TELL}
    return codes.get(report["result"], Exit.HOLDS)


def _since(report: Report) -> Exit:
    since = report["baseline"]
    if since["worse"] and not report["interrupted"]:
        return Exit.DOES_NOT_HOLD
    return Exit.CANNOT_TELL if since["why"] else Exit.HOLDS


def suites_version(root: Path) -> str:
    """Twelve hexadecimal digits that change whenever a suite, a requirement or a request file does."""
    digest = hashlib.sha256()
    for folder, pattern in (("suites", "*.toml"), ("suites", "*.py"), ("fixtures", "*.http")):
        for path in sorted((root / folder).rglob(pattern)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _in_order(played: RunRecord) -> list[Outcome]:
    """The outcomes in catalogue order; a sequence that was never begun has its findings all the same."""
    by_sequence: dict[str, list[Outcome]] = {sequence.id: [] for sequence in played.sequences}
    for outcome in played.outcomes:
        by_sequence.setdefault(outcome.sequence, []).append(outcome)
    cause = played.stop or "the run ended before this was played"
    for sequence in played.sequences:
        by_sequence[sequence.id] = by_sequence[sequence.id] or not_run(sequence, played.catalog, cause)
    return [outcome for outcomes in by_sequence.values() for outcome in outcomes]


def _redactor(outcomes: list[Outcome], target: Target, secrets: Iterable[str]) -> Redactor:
    known = {*secrets, *target.credentials.secrets(), *(target.other.secrets() if target.other else ())}
    known |= {value for _, value in target.headers if len(value) >= HEADER_SECRET}
    known |= {word for outcome in outcomes for e in outcome.exchanges for word in passwords(e.request)}
    return Redactor(known)


def _created(outcomes: list[Outcome]) -> frozenset[str]:
    """The ids in answers to this run's creates."""
    created = (e for o in outcomes for e in o.exchanges if e.request.method == "POST" and e.ok)
    answers = (parse_json(exchange.body) for exchange in created)
    return frozenset(str(body["id"]) for body in answers if isinstance(body, dict) and body.get("id"))


def _exchanges(
    outcomes: list[Outcome], recorder: Recorder, recorded: Mapping[int, tuple[int, Exchange]]
) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """The exchanges numbered from 1 in document order, and these numbers by the run's own."""
    named = {finding.exchange for outcome in outcomes for finding in outcome.findings}
    rows: list[dict[str, Any]] = []
    numbers: dict[int, int] = {}
    for outcome in outcomes:
        for exchange in _kept(outcome.exchanges, named):
            numbers[exchange.number] = len(rows) + 1
            row = {"number": len(rows) + 1, **recorder.record(exchange, outcome.sequence, outcome.step)}
            if exchange.number in recorded:
                row["recorded"] = recorder.recorded(*recorded[exchange.number])
            rows.append(row)
    return rows, numbers


def _kept(exchanges: tuple[Exchange, ...], named: set[int | None]) -> list[Exchange]:
    last = len(exchanges) - MANY // 2
    return [
        exchange
        for place, exchange in enumerate(exchanges)
        if place < MANY // 2 or place >= last or exchange.number in named
    ]


def _findings(
    played: RunRecord, outcomes: list[Outcome], recorder: Recorder, numbers: Mapping[int, int]
) -> list[dict[str, Any]]:
    exchanges = {exchange.number: exchange for outcome in outcomes for exchange in outcome.exchanges}
    rows = []
    for finding in (finding for outcome in outcomes for finding in outcome.findings):
        requirement = played.catalog.requirements[finding.requirement]
        number = finding.exchange if finding.exchange is not None else -1
        exchange = exchanges.get(number)
        rows.append(
            {
                "id": finding.id,
                "sequence": finding.sequence,
                "step": finding.step,
                "requirement": finding.requirement,
                "authority": requirement.authority,
                "level": requirement.level,
                "gates": requirement.authority in played.profile.gates,
                "verdict": str(finding.verdict),
                "expected": recorder.sentence(finding.expected, exchange),
                "observed": recorder.sentence(finding.observed, exchange),
                "exchange": numbers.get(number),
                "because": finding.because,
                "waiver": None,
            }
        )
    return list(_undecided(rows))


def _undecided(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Make checks inconclusive that were blocked by a gate which held after all."""
    verdicts = {row["id"]: row["verdict"] for row in rows}
    for row in rows:
        idle = row["verdict"] == Verdict.NOT_APPLICABLE and verdicts.get(row["because"]) == Verdict.PASS
        yield row | {"verdict": str(Verdict.INCONCLUSIVE)} if idle else row
