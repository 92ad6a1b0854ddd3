"""Replay of one capture as a run: plays it, reads everybody at its end, and keeps what is to be reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.reader import Capture
from scimproof.capture.replay.comparison import STATE, WRITTEN, Compared
from scimproof.capture.replay.endpoint import Endpoint
from scimproof.capture.replay.history import RecordedHistory, read_history
from scimproof.capture.replay.player import CapturePlayer, Pace, Played
from scimproof.catalog.loader import Catalog
from scimproof.core.definitions import Check, Profile, Sequence, Step
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, slim
from scimproof.core.paths import shown
from scimproof.core.results import CheckResult, Finding, Outcome, Verdict, broken, cannot_tell
from scimproof.core.scim import Kind, endpoint_of
from scimproof.engine.runner import Runner
from scimproof.engine.state_summary import StateSummary
from scimproof.engine.verdicts import UNLISTED, verdict_of

AUTHORITY = "replay"
RECOGNISED = 500  # exchanges of a capture that tell whose it is
SAMPLES = 3  # conversations of an operation that are kept where all is as recorded
READ: dict[Kind, str] = {"User": "read", "Group": "read_group"}
AFTERWARDS = f"{AUTHORITY}.afterwards"


def replay_profile(catalog: Catalog, sender: str) -> Profile:
    """The profile of a replay: no sequences of its own; what was recorded decides."""
    assert any(rule.authority == AUTHORITY for rule in catalog.requirements.values())
    return Profile(
        id=AUTHORITY,
        title="Replay of recorded traffic",
        about="Recorded requests, sent again: each answer is compared with the recorded one.",
        sequences=(),
        gates=(AUTHORITY,),
        sender=sender,
    )


@dataclass
class PlayedOperation:
    """One operation of the history as the report has it: a sequence, whose steps are its exchanges."""

    id: str
    title: str
    steps: list[Step] = field(default_factory=list)


@dataclass
class Replay:
    """A capture on its way to a report: `play()` yields how many exchanges are done.

    `recorded` has the recorded exchanges, in the terms of this run, by the numbers of those seen now.
    """

    path: Path
    pace: Pace = field(default_factory=Pace)
    history: RecordedHistory = field(default_factory=RecordedHistory)
    operations: dict[str, PlayedOperation] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    recorded: dict[int, tuple[int, Exchange]] = field(default_factory=dict)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    stop: str = ""
    _player: CapturePlayer | None = None
    _lost: list[tuple[int, Kind, frozenset[str]]] = field(default_factory=list)
    _capture: Capture = field(init=False)
    _samples: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._capture = Capture(self.path)

    def profile(self, catalog: Catalog) -> str:
        """The profile of the sender whose requests most of the capture is; empty where nobody's are known."""
        recogniser, seen = Recogniser(catalog), Counter[str]()
        for exchange in islice(self._capture, RECOGNISED):
            sender = recogniser.look(exchange).sender
            seen.update([sender] if sender in catalog.senders else [])
        return catalog.senders[seen.most_common(1)[0][0]].profile if seen else ""

    def read(self) -> None:
        """Read the capture once, before anything is sent."""
        self.history = read_history(self._capture)

    def play(self, run: Runner) -> Iterator[int]:
        """Play it on the run's target, then read everybody; yields the number of exchanges played."""
        recogniser = Recogniser(run.catalog)
        player = self._player = CapturePlayer(run, self._capture, self.history, self.pace)
        for done, played in enumerate(player.play(), 1):
            self._keep(run, played, recogniser.look(played.captured))
            yield done
        self.stop = player.stop
        self._read_everybody(run, player)
        self._ease(run, player)

    def options(self) -> dict[str, object]:
        """What was asked for, as the report has it."""
        speed = f"{self.pace.speed:g}" if self.pace.speed else "max"
        return {"capture": shown(self.path), "speed": speed, "fixed": sorted(self.pace.fixed)}

    def notes(self) -> list[str]:
        """What a reader should know beside the findings, in sentences."""
        notes = []
        if self._capture.unreadable:
            notes.append(f"{self._capture.unreadable:,} lines of the capture could not be read.")
        if (player := self._player) is None:
            return notes
        if made := player.newcomers.made:
            people = sum(1 for kind, _ in made if kind == "User")
            notes.append(
                f"Created first, as the recording shows them, since they were there before it: {people:,} of "
                f"the people, {len(made) - people:,} of the groups."
            )
        if player.waits:
            notes.append(f"{player.waits:,} pauses of the recording were shortened to 60 s.")
        return [*notes, *sorted(player.translation.told)]

    @property
    def sequences(self) -> list[Sequence]:
        """The operations as a report names them, the one of the final reads last."""
        return [
            Sequence(id=one.id, title=one.title, source="the recording", steps=tuple(one.steps))
            for one in self.operations.values()
        ]

    def _keep(self, run: Runner, played: Played, known: Recognition) -> None:
        """One exchange as a step with its findings; of those in which all holds only samples stay whole."""
        exchange = played.captured
        id, title = named(known, exchange, played.place, run.catalog)
        findings = [
            _finding(run, id, str(exchange.number), one, played.seen, trouble=played.trouble)
            for one in played.results
        ]
        for one in played.results:
            if (
                one.requirement == WRITTEN
                and one.result.held is False
                and one.result.lost == one.result.about
            ):
                kind = played.place.kind if played.place else ""
                paths = frozenset(path.lower() for path in one.result.lost)
                self._lost += [(len(self.outcomes), kind, paths)] if paths else []
        self._add(id, title, _step(exchange, played, known), findings, played)

    def _ease(self, run: Runner, player: CapturePlayer) -> None:
        """Make warnings of what is only declined: attributes that this target never shows and does not list.

        A right server may drop what its /Schemas do not have; a run of the sender's profile warns of it too.
        """
        if self.stop or not run.state.declined:
            return
        summary = StateSummary(run.catalog, run.state, _asking(run), _asking(run), ())
        declined = {(one.kind, one.path.lower()) for one in summary.declined()}
        self._tell_lost(run, player, declined)
        for place, kind, paths in self._lost:
            if not all((kind, path) in declined for path in paths):
                continue
            outcome = self.outcomes[place]
            eased = tuple(
                replace(one, verdict=Verdict.WARNING, observed=f"{one.observed} ({UNLISTED})")
                if (one.requirement, one.verdict) == (WRITTEN, Verdict.FAIL)
                else one
                for one in outcome.findings
            )
            self.outcomes[place] = replace(outcome, findings=eased)

    def _tell_lost(self, run: Runner, player: CapturePlayer, declined: set[tuple[Kind, str]]) -> None:
        """Tell at the end what this target never shows though it lists it, and the recorded one showed."""
        for step, kind in (("users", "User"), ("groups", "Group")):
            lost = [
                one
                for (of, path), one in sorted(run.state.declined.items())
                if of == kind and (of, path) in player.recorded_paths and (of, path) not in declined
            ]
            place = next(
                (n for n, one in enumerate(self.outcomes) if (one.sequence, one.step) == (AFTERWARDS, step)),
                None,
            )
            if not lost or place is None:
                continue
            names = ", ".join(dict.fromkeys(one.path for one in lost))
            result = broken("what the recorded server showed of what was sent", f"never shown: {names}")
            finding = _finding(run, AFTERWARDS, step, Compared(WRITTEN, result), None)
            outcome = self.outcomes[place]
            number = outcome.exchanges[-1].number if outcome.exchanges else None
            finding = replace(finding, exchange=number)
            self.verdicts.update([finding.verdict])
            self.outcomes[place] = replace(outcome, findings=(*outcome.findings, finding))
            steps = self.operations[AFTERWARDS].steps
            at = next(n for n, one in enumerate(steps) if one.id == step)
            steps[at] = replace(steps[at], checks=(*steps[at].checks, *_checks([WRITTEN])))

    def _add(self, id: str, title: str, step: Step, findings: list[Finding], played: Played) -> None:
        operation = self.operations.setdefault(id, PlayedOperation(id, title))
        operation.steps.append(step)
        self.verdicts.update(finding.verdict for finding in findings)
        worst = max((finding.verdict.rank for finding in findings), default=0)
        fine = worst <= Verdict.NOT_APPLICABLE.rank
        seen = played.seen
        if fine and self._samples[id] >= SAMPLES:
            seen = None
        elif fine:
            self._samples[id] += 1
        kept = () if seen is None else (slim(seen),)
        if seen and not fine and played.recorded:
            self.recorded[seen.number] = (played.captured.number, slim(played.recorded))
        self.outcomes.append(Outcome(id, step.id, kept, tuple(findings)))

    def _read_everybody(self, run: Runner, player: CapturePlayer) -> None:
        """Read every resource of the history once more: what no recorded read would show is found here."""
        operation = PlayedOperation(AFTERWARDS, "Everybody, read after the history")
        there = player.there()
        for kind in ("User", "Group"):
            ids = sorted(there.get(kind, ()))
            if not ids or not run.provider.has(READ[kind]):
                continue
            exchanges, why = _read(run, kind, ids)
            result = run.state.verdict(exchanges)
            if why:
                result = result if result.held is False else cannot_tell("everybody as written", why)
            step = f"{kind.lower()}s"
            wrong = next((one for one in exchanges if run.state.differences.get(one.number)), None)
            evidence = wrong or (exchanges[-1] if exchanges else None)
            finding = _finding(run, AFTERWARDS, step, Compared(STATE, result), evidence)
            self.verdicts.update([finding.verdict])
            operation.steps.append(
                Step(
                    id=step,
                    recorded=f"GET {endpoint_of(kind)}/{{id}}",
                    about="A read of the harness, for each of them that the history was about",
                    checks=_checks([STATE]),
                )
            )
            kept = (slim(evidence),) if evidence else ()
            self.outcomes.append(Outcome(AFTERWARDS, step, kept, (finding,)))
        if operation.steps:
            self.operations[AFTERWARDS] = operation


def _read(run: Runner, kind: Kind, ids: list[str]) -> tuple[list[Exchange], str]:
    """The answers to a read of each, and why the rest was not read."""
    template = run.catalog.templates[run.provider.request(READ[kind])]
    role, found = kind.lower(), []
    try:
        for id in ids:
            blanks = run.blanks() | {"authorization": run.stage.authorization(), f"{role}.id": id}
            found.append(slim(run.stage.look_at(template.fill(blanks))))
    except RunStopped as cause:
        return found, str(cause)
    return found, ""


def _asking(run: Runner) -> Callable[[str], Exchange]:
    """Sends a request of the harness by its file."""

    def ask(file: str) -> Exchange:
        known = run.blanks() | {"authorization": run.stage.authorization()}
        return run.stage.look_at(run.catalog.templates[file].fill(known))

    return ask


def named(
    known: Recognition, exchange: CapturedExchange, place: Endpoint | None, catalog: Catalog
) -> tuple[str, str]:
    """The id and title of the sequence that an exchange belongs to: by operation, else by method and path."""
    if known.known:
        title = catalog.operations[known.operation].title if known.operation in catalog.operations else ""
        return f"{AUTHORITY}.{known.operation.lower()}", f"{title or known.operation} ({known.operation})"
    if place is None:
        return f"{AUTHORITY}.other", "Requests that are not SCIM"
    names = [word.strip(".").lower() for word in place.shape.split("/") if word and word != "{id}"]
    noun = "-".join(names) or "base"
    if place.id:
        noun = noun.removesuffix("s")
    if place.collection and "filter=" in exchange.target:
        return f"{AUTHORITY}.search-{noun}", f"{exchange.method} {place.shape}?filter"
    return f"{AUTHORITY}.{exchange.method.lower()}-{noun}", f"{exchange.method} {place.shape}"


def _step(exchange: CapturedExchange, played: Played, known: Recognition) -> Step:
    place = played.place
    shape = place.shape if place else exchange.target.partition("?")[0]
    return Step(
        id=str(exchange.number),
        recorded=f"{exchange.method} {shape}",
        operation=known.operation,
        about=f"Exchange {exchange.number} of the recording",
        checks=_checks([one.requirement for one in played.results]),
    )


def _checks(requirements: list[str]) -> tuple[Check, ...]:
    return tuple(Check(name, _asked_elsewhere) for name in requirements)


def _asked_elsewhere(*_: object) -> CheckResult:
    return cannot_tell("", "a replay concludes what is asked of it when it is played")


def _finding(
    run: Runner, sequence: str, step: str, one: Compared, seen: Exchange | None, *, trouble: bool = False
) -> Finding:
    requirement = run.catalog.requirements[one.requirement]
    verdict = Verdict.ERROR if trouble else verdict_of(one.result, requirement)
    number = seen.number if seen else None
    expected, observed = one.result.expected, one.result.observed
    return Finding(sequence, step, one.requirement, verdict, expected, observed, number)
