"""The run behind the pytest plugin: one pytest item for each finding."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from scimproof.core.errors import CannotTell, ScimproofError, UsageError
from scimproof.core.paths import knowledge_root
from scimproof.core.redaction import Redactor
from scimproof.core.results import Finding, Verdict
from scimproof.engine.global_checks import STEP
from scimproof.engine.runner import in_order
from scimproof.pytest_plugin.options import FIXTURE, OPTIONS
from scimproof.render.conformance.terminal import lines, text
from scimproof.render.formats import DocumentKind, ready_for, write_all
from scimproof.render.phrases import breach_of, count
from scimproof.report import metadata
from scimproof.report.comparison import change
from scimproof.report.document import exit_code
from scimproof.report.titles import broken
from scimproof.report.transcript import Recorder
from scimproof.report.waivers import Waiver, excuses
from scimproof.session.session import Options, Session
from scimproof.session.signals import raising
from scimproof.settings.definition import Kind
from scimproof.settings.every_setting import PACK
from scimproof.settings.file import amiss
from scimproof.settings.resolve import (
    DEFAULT,
    EffectiveSettings,
    app_settings,
    effective_settings,
    observer_choice,
    target_options,
)

SKIPPED = (Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE)
FAILED = (Verdict.FAIL, Verdict.ERROR)


class PytestSuite:
    """A session as pytest needs it: the ids of all findings beforehand, each verdict on demand."""

    def __init__(self, session: Session, out: Path | None, parallel: int) -> None:
        self.session, self._out, self._parallel = session, out, parallel
        self._findings: dict[str, Finding] = {}
        self._exchanges: dict[int, Any] = {}
        self._known_secrets: frozenset[str] = frozenset()
        self._cached_redactor = Redactor()
        self.document: dict[str, Any] = {}
        self._files: list[Path] = []

    def ids(self) -> list[str]:
        """The id of every finding, in execution order, global checks last."""
        catalog, profile = self.session.catalog, self.session.profile
        steps = [
            f"{sequence.id}/{step.id}#{check.requirement}"
            for sequence in in_order(self.session.sequences)
            for step in sequence.steps
            if not step.given
            for check in step.checks
        ]
        watches = [
            f"{name}/{STEP}#{watch.requirement}"
            for name in profile.watches
            for watch in catalog.watches[name]
        ]
        return steps + watches

    def select(self, items: Sequence[pytest.Item]) -> None:
        """Run only the sequences of these items; all, if only global checks are selected."""
        chosen = {item.callspec.params[FIXTURE].partition("/")[0] for item in items}  # type: ignore[attr-defined]
        some = [sequence for sequence in self.session.sequences if sequence.id in chosen]
        self.session.sequences = some or self.session.sequences

    @contextmanager
    def running(self) -> Iterator[None]:
        """Inside, findings can be reported; at the end the run is cleaned up and the report written."""
        try:
            if self._out:
                ready_for(self._out, DocumentKind.RUN)
            with self.session, raising(self._interrupted):
                try:
                    self.session.preflight()
                    if self._parallel > 1:
                        self._remember(self.session.play())
                    yield
                except CannotTell as problem:
                    self.session.give_up(str(problem), setup=problem.setup)
                except BaseException:
                    self.session.interrupted = True
                    raise
                finally:
                    self.session.tidy()
                    self.document = self.session.report()
                    if self._out:
                        self._files = write_all(DocumentKind.RUN, self.document, self._out)
        except ScimproofError as problem:
            pytest.exit(f"scimproof: {problem}", returncode=problem.exit_code)
        if self.document["stop"] and not self._findings:
            pytest.exit(f"scimproof: {self.document['stop']}", returncode=exit_code(self.document))

    def _interrupted(self) -> None:
        self.session.interrupted = True

    def _remember(self, outcomes: Any) -> None:
        for outcome in outcomes:
            for finding in outcome.findings:
                self._findings[finding.id] = finding
                self._count_with_its_cases(finding)
            self._exchanges |= {exchange.number: (outcome, exchange) for exchange in outcome.exchanges}

    def _count_with_its_cases(self, finding: Finding) -> None:
        """The item of a sequence with many cases is as the worst of them, which only the run knows."""
        literal, bracket, _ = finding.sequence.partition("[")
        if bracket and literal in self.session.catalog.expanded:
            id = f"{literal}/{finding.step}#{finding.requirement}"
            known = self._findings.get(id)
            if known is None or known.verdict.rank < finding.verdict.rank:
                self._findings[id] = finding

    def _redactor(self) -> Redactor:
        """The session's redactor, rebuilt only for new secrets: one for each finding takes too long."""
        known = frozenset(self.session.secrets())
        if known != self._known_secrets:
            self._known_secrets, self._cached_redactor = known, Redactor(known)
        return self._cached_redactor

    def settle(self, id: str, item: pytest.Item) -> None:
        """Pass, skip or fail as the finding did; its sequence is run first if necessary."""
        finding = self._finding(id)
        redact = self._redactor().sentence
        if excuse := self._excuse(finding):
            item.user_properties.append(("scim-verdict", str(Verdict.WAIVED)))
            pytest.skip(redact(f"waived: {excuse.about}; {finding.verdict}: {self._breach(finding)}"))
        item.user_properties.append(("scim-verdict", str(finding.verdict)))
        if finding.verdict in SKIPPED:
            pytest.skip(redact(finding.observed))
        if finding.verdict is Verdict.FAIL and (then := self._not_counted(finding)):
            pytest.skip(redact(f"{then}; {finding.verdict}: {self._breach(finding)}"))
        if finding.verdict in FAILED:
            self._fail(finding)
        if finding.verdict is Verdict.WARNING:
            item.user_properties.append(("scim-warning", redact(self._breach(finding))))

    def _not_counted(self, finding: Finding) -> str:
        """Why a failure does not fail the item: with a baseline only a regression that decides does."""
        before, gates = self.session.baseline, self.session.profile.gates
        if before is None:
            return ""
        then = {row["id"]: row["verdict"] for row in before.report["findings"]}.get(finding.id)
        if self.session.catalog.requirements[finding.requirement].authority not in gates:
            return "does not decide"
        found = {"still": "as in the baseline", "added": "not decided in the baseline, so not worse"}
        return found.get(change(then, finding.verdict), "")

    def _breach(self, finding: Finding) -> str:
        wrong = self.session.catalog.requirements[finding.requirement].broken
        return breach_of(wrong, finding.expected, finding.observed)

    def _finding(self, id: str) -> Finding:
        run = self.session.run
        if id not in self._findings:
            name = id.partition("/")[0]
            played = [s for s in self.session.sequences if s.id == name]
            for one in run.with_cases(played):
                self._remember(run.perform(one))
            if not played:
                self._remember(run.watched())
        return self._findings[id]

    def _excuse(self, finding: Finding) -> Waiver | None:
        rows = {
            known.id: self._row(known) for known in (finding, self._findings.get(finding.because)) if known
        }
        session = self.session
        found = excuses(rows[finding.id], session.waivers, session.today, rows)
        return found[0] if found else None

    def _row(self, finding: Finding) -> dict[str, Any]:
        row = {"observed": self._redactor().sentence(finding.observed), "because": finding.because}
        return row | {"id": finding.id, "verdict": finding.verdict, "exchange": finding.exchange}

    def _fail(self, finding: Finding) -> NoReturn:
        requirement = self.session.catalog.requirements[finding.requirement]
        redactor = self._redactor()
        row = metadata.requirement(requirement)
        lines = [
            f"{broken(row, self._target_of(finding))} [{requirement.level}, {requirement.source}]",
            f"expected: {redactor.sentence(finding.expected)}",
            f"observed: {redactor.sentence(finding.observed)}",
        ]
        if finding.exchange in self._exchanges:
            outcome, exchange = self._exchanges[finding.exchange]
            target = self.session.target
            custom = tuple(name for name, _ in target.headers) if target else ()
            recorder = Recorder(redactor, self.session.prefix, hidden=custom)
            lines += ["", *_conversation(recorder.record(exchange, outcome.sequence, outcome.step))]
        pytest.fail("\n".join(lines), pytrace=False)

    def _target_of(self, finding: Finding) -> dict[str, Any] | None:
        """The request of a finding's evidence, as far as its title needs it."""
        known = self._exchanges.get(finding.exchange or -1)
        return {"request": {"target": known[1].request.target}} if known else None

    @property
    def interrupted(self) -> bool:
        """Whether a signal ended the run."""
        return self.session.interrupted

    def exit_code(self) -> int:
        """What `scimproof run` would exit with."""
        return int(exit_code(self.document))

    def summary_lines(self) -> list[str]:
        """What `scimproof run` prints at the end, without a terminal."""
        return lines(text(self.document, self._files)).splitlines()


def open_suite(config: pytest.Config) -> PytestSuite:
    """The suite for the options, environment and scimproof.toml; a pytest usage error for wrong ones."""
    if hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None):
        raise pytest.UsageError(
            "scimproof's suites are played once, not by each worker: use --scim-parallel, not -n"
        )
    try:
        named = config.getoption("--scim-config")
        forced = effective_settings("run", _flags(config), os.environ, config=Path(named) if named else None)
        if forced.consent and not forced.consent.agreed():
            if not config.getoption("--scim-yes"):
                raise forced.consent.refusal("--scim-yes")
            forced.consent.remember()
        given_values = {name: value for name, value in forced.values.items() if forced.where[name] != DEFAULT}
        if "," in (profiles := forced.values["profile"]):
            raise UsageError(
                f"pytest plays one profile, not {profiles}: `scimproof run` plays several, one after another"
            )
        options = _options(forced)
        session = Session(options)
        target = session.target
        if target and not target.is_loopback and not config.getoption("--scim-yes"):
            users, groups = session.creations()
            what = f"create about {count(users, 'user')} and {count(groups, 'group')} on {target.host}"
            more = " ".join(session.warnings())
            raise UsageError(
                f"this would {what}, and remove them again; add --scim-yes to agree. {more}".strip()
            )
    except ScimproofError as problem:
        raise pytest.UsageError(f"scimproof: {problem}") from None
    # By default no report is written, and sequences run one at a time when their items need them.
    return PytestSuite(session, given_values.get("out"), given_values.get("parallel", 1))


def _flags(config: pytest.Config) -> dict[str, Any]:
    """The options on the command line, in the types of the settings."""
    flags: dict[str, Any] = {}
    for each in OPTIONS:
        value = config.getoption(f"--scim-{each.option.removeprefix('--')}")
        if value is None:
            continue
        if each.kind is Kind.NUMBER and not each.bounds.holds(value):
            raise UsageError(f"--scim-{each.key} should be {each.bounds.words}, not {value!r}")
        if each.choices and value not in each.choices:
            raise UsageError(f"--scim-{each.key} {amiss(each, value)}")
        flags[each.name] = Path(value) if each.kind in (Kind.FILE, Kind.FOLDER) else value
    if sequences := config.getoption("--scim-sequence"):
        flags["ids"] = tuple(sequences)
    return flags


def _options(forced: EffectiveSettings) -> Options:
    given = {name: value for name, value in forced.values.items() if not name.startswith(PACK)}
    given.pop("target")
    wanted, _ = given.pop("ids"), given.pop("out")
    asked = observer_choice(given, knowledge_root())
    reached, app = target_options(forced.target, given, os.environ), app_settings(given)
    parallel = 1 if forced.where["parallel"] == DEFAULT else given["parallel"]
    return Options(wanted=wanted, access=reached, observer=asked, app=app, **given | {"parallel": parallel})


def _conversation(row: dict[str, Any]) -> Iterator[str]:
    request = row["request"]
    yield f"{request['method']} {request['target']} HTTP/1.1"
    yield from (f"{name}: {value}" for name, value in request["headers"])
    yield from ("", request["body"]) if request["body"] else ()
    yield ""
    yield row["error"] or f"HTTP/1.1 {row['status']} {row['reason']}"
    yield from (f"{name}: {value}" for name, value in row["headers"])
    yield from ("", row["body"][:4000]) if row["body"] else ()
