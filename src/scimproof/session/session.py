"""One run from its options to its report, as the command line and the pytest plugin both use it."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

from scimproof.capture.replay.replay import Replay, replay_profile
from scimproof.catalog.actions import Repertoire, merged, repertoire_named
from scimproof.catalog.app import AppSettings
from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.own_app import app_notes, with_app
from scimproof.catalog.products import hints, warnings
from scimproof.cleanup.cleaner import Tell
from scimproof.cleanup.ledger import Ledger, ledger_folder
from scimproof.core.definitions import Profile
from scimproof.core.definitions import Sequence as Played
from scimproof.core.discovery import discovery_of
from scimproof.core.errors import ScimproofError, UsageError
from scimproof.core.paths import shown
from scimproof.core.redaction import Redactor
from scimproof.core.results import Outcome
from scimproof.core.scim import new_prefix
from scimproof.engine.capabilities import needs_groups
from scimproof.engine.runner import Runner
from scimproof.engine.sending import MOST_CASES
from scimproof.engine.verdicts import not_run
from scimproof.explore.explorer import Bounds, Explorer
from scimproof.explore.history import Discrepancy
from scimproof.explore.history_file import SavedHistory
from scimproof.explore.narrative import narrated
from scimproof.explore.outcomes import outcomes as explored
from scimproof.explore.outcomes import sequences_of
from scimproof.observer.factory import Choice, make
from scimproof.observer.protocol import Observer
from scimproof.report import comparison, document, reader
from scimproof.report.comparison import Baseline
from scimproof.report.waivers import Waiver, deviations, read
from scimproof.session.signals import child_ignores_interrupts
from scimproof.target.credentials import Bearer
from scimproof.target.options import TargetOptions
from scimproof.target.preflight import PROBE_SECONDS, preflight
from scimproof.target.sender_rules import held_to
from scimproof.target.target import Target
from scimproof.target.transport import HttpTransport

TIDY_AT_LEAST, TIDY_AT_MOST = 60.0, 600.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a run; `access` is None for the embedded target, `wanted` empty for the whole profile.

    `explore` are the bounds of an exploration of histories after the sequences, None for none; with
    `only_explore` no sequence is run. With a `replay` only that is played, as the profile's sender.
    """

    wanted: tuple[str, ...] = ()
    access: TargetOptions | None = None
    profile: str = ""
    seed: int = 1
    parallel: int = 4
    budget: float = 1800.0
    include_inferred: bool = False
    waivers: Path | None = None
    baseline: Path | None = None
    strict: bool = False
    observer: Choice | None = None
    app: AppSettings = field(default_factory=AppSettings)
    root: Path | None = None
    explore: Bounds | None = None
    only_explore: bool = False
    replay: Replay | None = None


@dataclass
class Session:
    """Context manager of one run: inside, the target is reachable, the ledger is open, `run` is ready.

    However it ends, what the run created is removed, as far as the target lets it. The constructor raises
    UsageError or CatalogError for options that contradict each other, before anything is sent.
    """

    options: Options
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    catalog: Catalog = field(init=False)
    profile: Profile = field(init=False)
    sequences: list[Played] = field(init=False)
    profile_sequences: list[Played] = field(init=False)
    inferred: int = field(init=False)
    target: Target | None = field(init=False)
    prefix: str = field(init=False, default_factory=new_prefix)
    observer: Observer | None = field(init=False)
    waivers: list[Waiver] = field(init=False)
    baseline: Baseline | None = field(init=False)
    run: Runner = field(init=False)
    explorer: Explorer | None = None
    interrupted: bool = False
    _stop: str = ""
    _setup: bool = False
    _tidied: bool = False
    _stack: ExitStack = field(default_factory=ExitStack)
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        options = self.options
        self.catalog = load_catalog(options.root)
        recognised = options.replay.profile(self.catalog) if options.replay and not options.profile else ""
        named = options.profile or recognised or self.catalog.sender(None).profile
        self.profile = self.catalog.combined_profile(named)
        observed = self.profile.observed if options.observer else ()
        every = (*self.profile.sequences, *observed)
        wanted = options.wanted or every
        self.sequences = self.catalog.select(wanted, inferred=options.include_inferred)
        self.profile_sequences = self.catalog.select(every, inferred=options.include_inferred)
        self.inferred = len(self.catalog.select(every, inferred=True)) - len(self.profile_sequences)
        if options.only_explore or options.replay:
            self.sequences = []
        elif not self.sequences:
            raise UsageError(
                f"{', '.join(wanted)}: every request there is inferred (grade D); name a sequence in full "
                "or add --include-inferred"
            )
        self.provider = self.catalog.sender(self.profile, self.sequences)
        self.catalog = self.catalog.as_sent_by(self.provider)
        if options.replay:
            self.profile, self.profile_sequences = replay_profile(self.catalog, self.provider.id), []
            self.inferred = 0
        if options.explore:
            self._repertoire()
        if options.app:
            self._set_up(options.app)
        self.waivers = self._waivers()
        self.baseline = _baseline(options.baseline)
        self.target = (
            options.access.target(self.environment, self.provider.timeout) if options.access else None
        )
        if self.target:
            held_to(self.provider, self.target)
        self.observer = self._observer(self.target) if self.target else None

    def _set_up(self, app: AppSettings) -> None:
        """Take requests and sequences as one's own app sends them."""
        self.catalog = with_app(self.catalog, self.provider, app)
        self.provider = self.catalog.senders[self.provider.id]
        known = self.catalog.sequences
        self.sequences = [known[one.id] for one in self.sequences]
        self.profile_sequences = [known[one.id] for one in self.profile_sequences]

    def creations(self) -> tuple[int, int]:
        """How many users and groups the run creates on a conforming target.

        What is done for each attribute or type is counted for those of RFC 7643.
        """
        templates, groupless = self.catalog.templates, bool(self.target and self.target.groups is False)
        sent = [one for one in self.sequences if one.id not in self.catalog.not_played]
        played = [one for one in sent if not (groupless and needs_groups(one, templates))]
        users, groups = max((sequence.population for sequence in played), default=0), 0
        shared = {sequence.shares for sequence in played if sequence.shares}
        for sequence in (*played, *(self.catalog.preparations[id] for id in sorted(shared))):
            for step in sequence.sent:
                template, times = templates[step.request], step.times * sequence.chains
                if template.method == "POST" and step.creates:
                    for endpoint in self._endpoints(sequence, template.target):
                        if endpoint.endswith("/Groups"):
                            groups += 0 if groupless else times
                        else:
                            users += times
        return users, groups

    def _endpoints(self, sequence: Played, target: str) -> list[str]:
        """Where one step of a sequence creates something, once for each case of an expansion."""
        if not sequence.each:
            return [target]
        usual = discovery_of(None, None, None, self.catalog.standard_schemas)
        cases = self.catalog.expansions[sequence.each].cases(usual)
        some = [] if isinstance(cases, str) else cases[:MOST_CASES]
        return [case.blanks.get("endpoint", target) for case in some]

    def __enter__(self) -> Self:
        options = self.options
        with self._stack:
            target = self.target or self._embedded()
            self.target = target
            self.observer = self.observer or self._observer(target)
            numbers = itertools.count(1)
            transport = HttpTransport(target, numbers)
            self._stack.callback(transport.close)
            if self.observer:
                self._stack.callback(self.observer.close)
            path = ledger_folder() / f"{self.prefix}.jsonl"
            ledger = _ledger(path, target, self.prefix)
            self._stack.callback(ledger.close)
            self._started, self._clock = datetime.now(UTC), time.monotonic()
            self.run = Runner(
                self.catalog,
                self.profile,
                self.sequences,
                target,
                transport,
                ledger,
                seed=options.seed,
                parallel=options.parallel,
                budget=options.budget,
                patience=min(TIDY_AT_MOST, max(TIDY_AT_LEAST, options.budget)),
                observer=self.observer,
                numbers=numbers,
            )
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._stack:
            self.tidy()

    def _waivers(self) -> list[Waiver]:
        """The user's waivers, then the documented deviations of the profile's product."""
        own = read(self.options.waivers, self.catalog) if self.options.waivers else []
        product = self.profile.deviations
        documented = deviations(product, self.catalog, f"profile {self.profile.id}") if product else []
        return own + documented

    def _observer(self, target: Target) -> Observer | None:
        chosen = self.options.observer
        return make(chosen, target, self.environment, self.catalog.root) if chosen else None

    def _embedded(self) -> Target:
        from scimproof.embedded.server import Served  # noqa: PLC0415 - 20 MB that other targets do not need

        with child_ignores_interrupts():
            try:
                served = self._stack.enter_context(Served())
            except (OSError, RuntimeError) as problem:
                raise ScimproofError(f"the embedded target did not start: {problem}") from None
        return Target(served.base_url, Bearer(served.token), embedded=True)

    def preflight(self) -> None:
        """Check that the target can be tested; raises CannotTell with one line otherwise."""
        run, timeout = self.run, self.options.access and self.options.access.timeout
        seconds = timeout or PROBE_SECONDS
        preflight(run.target, lambda: run.probe(run.stage.send, seconds), seconds, self._known)
        if self.observer:
            self.observer.ready()

    def warnings(self) -> list[str]:
        """What is known of the target's product that the user should know before anything is created."""
        users, _ = self.creations()
        if self.target is None or not users:
            return []
        return warnings(self.catalog.root, self.target.url, self.profile.deviations, users)

    def _known(self, status: int) -> list[str]:
        """Hints about the target's product for an answer of that status."""
        return hints(self.catalog.root, self.run.target.url, status, self.profile.deviations)

    def play(self) -> Iterator[Outcome]:
        """Run the sequences; yields outcomes as they come."""
        finished = False
        try:
            yield from self.run.play()
            finished = True
        finally:
            if not finished:
                self.run.client.halt("the run was left before its end")

    def explore(self, bounds: Bounds) -> Iterator[int]:
        """Explore histories within these bounds; yields the number of actions so far."""
        self.explorer = Explorer(self.run, self._repertoire(), self.options.seed, bounds)
        finished = False
        try:
            yield from self.explorer.explore()
            finished = True
        finally:
            if not finished:
                self.run.client.halt("the exploration was left before its end")

    def replay_capture(self) -> Iterator[int]:
        """Play the recorded history; yields the number of exchanges so far."""
        assert self.options.replay, "only a session with one plays it"
        finished = False
        try:
            yield from self.options.replay.play(self.run)
            finished = True
        finally:
            if not finished:
                self.run.client.halt("the replay was left before its end")

    def replay(self, saved: SavedHistory) -> tuple[Discrepancy | None, list[str]]:
        """Play a saved history with new people: what shows now, and how it went."""
        repertoire = repertoire_named(saved.sender, self.catalog.repertoires)
        assert repertoire, "a saved history names senders that there are"
        explorer = Explorer(self.run, repertoire, saved.seed)
        telling = explorer.replay(saved.rounds, saved.label, saved.dialect)
        return telling.discrepancy, list(narrated(telling, repertoire))

    def _repertoire(self) -> Repertoire:
        """What the administrators of all senders do, in the dialects of the profile."""
        senders = {one.id: one for one in map(self.catalog.sender, self._profiles())}
        known = (self.catalog.repertoire(sender) for sender in senders.values())
        return merged(one.limited(self.profile.sequences) for one in known)

    def _profiles(self) -> list[Profile]:
        return self.catalog.profiles_in(self.profile.id)

    def give_up(self, cause: str, *, setup: bool = False) -> None:
        """Make every finding inconclusive, because nothing could be asked.

        With `setup` it stays so until somebody changes credentials, address or certificate.
        """
        self.run.client.halt(cause)
        self._setup = setup
        for sequence in self.sequences:
            self.run.outcomes.setdefault(sequence.id, not_run(sequence, self.catalog, cause))

    def interrupt(self, how: str) -> None:
        """Stop the run: a person or the system ended it. No further request is sent."""
        self.interrupted = True
        self.run.client.halt(f"interrupted ({how})")

    def tidy(self, tell: Tell = lambda *_: None) -> None:
        """Remove what the run created; a second call does nothing."""
        if not self._tidied:
            self._stop = self.run.client.why
            self._tidied = True
            self.run.tidy(tell)

    def redactor(self) -> Redactor:
        """A redactor of this target's secrets, as far as they are known."""
        return Redactor(self.secrets())

    def secrets(self) -> list[str]:
        """All secrets of the target and the observer that are known so far."""
        if self.target is None:
            return []
        return [*self.target.secrets(), *self._learned()]

    def _learned(self) -> list[str]:
        """The secrets that came up on the way: the observer's, and the passwords of all requests so far."""
        sent = self.run.client.passwords if hasattr(self, "run") else ()
        return [*(self.observer.secrets() if self.observer else ()), *sent]

    @property
    def today(self) -> date:
        """The day on which the run started, in UTC; waivers are valid or expired on that day."""
        return self._started.astimezone(UTC).date()

    def report(self) -> dict[str, Any]:
        """The report of what was run so far; best after `tidy`."""
        run, options = self.run, self.options
        outcomes = [outcome for some in run.outcomes.values() for outcome in some]
        beside, senders = [], []
        if self.explorer:
            senders = [part.sender for part in self.explorer.repertoire.parts]
            beside = list(sequences_of(self.explorer))
            outcomes += explored(self.explorer)
        if played := options.replay:
            beside = played.sequences
            outcomes += played.outcomes
        return document.build_report(
            document.RunRecord(
                catalog=self.catalog,
                profile=self.profile,
                senders=senders,
                sequences=[*run.known_cases(self.sequences), *beside],
                whole=run.known_cases(self.profile_sequences),
                inferred=self.inferred,
                target=run.target,
                seed=options.seed,
                prefix=self.prefix,
                started=self._started,
                seconds=time.monotonic() - self._clock,
                outcomes=outcomes + run.watched(),
                ledger=run.ledger.counts(),
                sent=run.client.sent,
                tidied=run.tidied,
                parallel=options.parallel,
                stop=self._stop,
                interrupted=self.interrupted,
                setup=self._setup,
                secrets=self._learned(),
                observer=_observer_row(self.observer),
                waivers=self.waivers,
                baseline=self.baseline,
                options=self._options_row(),
                notes=[
                    *app_notes(self.catalog, self.sequences),
                    *run.notes(),
                    *(played.notes() if played else ()),
                ],
                recorded=played.recorded if played else {},
            )
        )

    def _options_row(self) -> dict[str, object]:
        """The options as the report has them, as far as they matter for the result."""
        options, access = self.options, self.options.access
        return {
            "sequences": list(options.wanted),
            "include_inferred": options.include_inferred,
            "strict": options.strict,
            "budget": options.budget,
            "timeout": self.run.target.seconds,
            "ca_bundle": bool(access and access.ca_bundle),
            "client_certificate": bool(access and access.client_cert),
            **({"replay": options.replay.options()} if options.replay else {}),
            **({"app": {"about": app.line(), **app.settings.json()}} if (app := self.catalog.app) else {}),
        }


def _baseline(path: Path | None) -> Baseline | None:
    if path is None:
        return None
    before = reader.read(path, reader.REPORT)
    with reader.held_together(path):  # now, before the run, and not at its end
        comparison.compare(before, before)
    return Baseline(shown(path), before)


def _observer_row(observer: Observer | None) -> dict[str, str] | None:
    return {"kind": observer.kind, "about": observer.about} if observer else None


def _ledger(path: Path, target: Target, prefix: str) -> Ledger:
    try:
        return Ledger(path, target.url, prefix, embedded=target.embedded)
    except OSError as problem:
        raise UsageError(
            f"the ledger {path} cannot be written ({problem.strerror}), and without it nothing is created; "
            "set SCIMPROOF_LEDGERS to a folder that can"
        ) from None
