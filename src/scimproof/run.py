"""One run: which sequences are played, in which order and how many at a time, and that all is tidied up."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from scimproof.catalog import Catalog
from scimproof.cleanup import Cleaner
from scimproof.conduct import conduct, verdict_of
from scimproof.ledger import Ledger
from scimproof.model import Exchange, Finding, Judgement, Outcome, Profile, Sequence, Step, Verdict
from scimproof.people import group, person
from scimproof.scene import Member, Scene
from scimproof.stage import LiveStage
from scimproof.target import Target
from scimproof.transport import Transport

POPULATION_FILE = "okta/oin/user-create.http"


@dataclass
class Run:
    """A profile's sequences against one target.

    `play()` yields the outcomes as they come, in catalogue order when `parallel` is 1; `tidy()` removes
    what was created. Neither raises for anything the target does.
    """

    catalog: Catalog
    profile: Profile
    sequences: list[Sequence]
    target: Target
    transport: Transport
    ledger: Ledger
    seed: int = 1
    parallel: int = 1
    budget: float = 1800.0
    stage: LiveStage = field(init=False)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    watched: list[Outcome] = field(default_factory=list)
    _population: tuple[tuple[Member, ...], str] | None = None
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.stage = LiveStage(self.transport, self.ledger)

    def play(self) -> Iterator[Outcome]:
        """Play all: first those that want to be alone, then the rest `parallel` at a time, then the last."""
        self.stage.ends_at = time.monotonic() + self.budget
        for sequence in (s for s in self.sequences if s.alone and not s.last):
            yield from self._keep(sequence, self._perform(sequence))
        yield from self._together([s for s in self.sequences if not s.alone and not s.last])
        for sequence in (s for s in self.sequences if s.last):
            yield from self._keep(sequence, self._perform(sequence))
        yield from self._watch()

    def perform(self, sequence: Sequence) -> list[Outcome]:
        """Play one sequence and remember its outcomes."""
        return list(self._keep(sequence, self._perform(sequence)))

    def _keep(self, sequence: Sequence, outcomes: list[Outcome]) -> list[Outcome]:
        self.outcomes[sequence.id] = outcomes
        return outcomes

    def _together(self, sequences: list[Sequence]) -> Iterator[Outcome]:
        with ThreadPoolExecutor(max_workers=self.parallel) as pool:
            todo = iter(sequences)
            running: dict[Future[list[Outcome]], Sequence] = {}
            try:
                while True:
                    for sequence in itertools.islice(todo, self.parallel - len(running)):
                        running[pool.submit(self._perform, sequence)] = sequence
                    if not running:
                        return
                    done, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield from self._keep(running.pop(future), future.result())
            except BaseException:
                self.stage.halt("interrupted")
                raise

    def _perform(self, sequence: Sequence) -> list[Outcome]:
        members, trouble = self.population(sequence.population)
        if trouble:
            self_stage: LiveStage | _Stopped = _Stopped(trouble)
        else:
            self_stage = self.stage
        if sequence.chains == 1:
            scene = self.scene(sequence, sequence.id, members)
            return list(conduct(sequence, scene, self.catalog, self_stage))
        with ThreadPoolExecutor(max_workers=sequence.chains) as pool:
            scenes = [self.scene(sequence, f"{sequence.id}/{n}", members) for n in range(sequence.chains)]
            chains = list(pool.map(lambda s: list(conduct(sequence, s, self.catalog, self_stage)), scenes))
        return [_worst(outcomes) for outcomes in zip(*chains, strict=True)]

    def scene(self, sequence: Sequence, where: str, members: tuple[Member, ...] = ()) -> Scene:
        """A fresh scene: the run's blanks and the cast of that sequence."""
        blanks = self.blanks()
        for name, kind in sequence.people.items():
            cast = person(self.seed, self.ledger.prefix, f"{where}/{name}", kind)
            blanks |= {f"{name}.{key}": value for key, value in cast.items()}
        for name, kind in sequence.groups.items():
            made = group(self.ledger.prefix, f"{where}/{name}", kind)
            blanks |= {f"{name}.{key}": value for key, value in made.items()}
        return Scene(sequence.id, blanks, members)

    def blanks(self) -> dict[str, str]:
        """The blanks that every request of the run may use."""
        return {
            "base": self.target.base,
            "host": self.target.host_header,
            "authorization": self.target.credentials.authorization(),
            "prefix": self.ledger.prefix,
        }

    def population(self, count: int) -> tuple[tuple[Member, ...], str]:
        """The shared users, created at the first call (in parallel), and what went wrong with that."""
        if not count:
            return (), ""
        with self._gate:
            if self._population is None or len(self._population[0]) < count and not self._population[1]:
                self._population = self._populate(count)
        members, trouble = self._population
        return members[:count], trouble

    def _populate(self, count: int) -> tuple[tuple[Member, ...], str]:
        template = self.catalog.templates[POPULATION_FILE]

        def create(number: int) -> Member | str:
            if self.stage.stopped():
                return self.stage.stopped()
            cast = person(self.seed, self.ledger.prefix, f"population/{number}")
            blanks = self.blanks() | {f"user.{key}": value for key, value in cast.items()}
            self.stage.intend("User", cast["userName"])
            exchange = self.stage.send(template.fill(blanks))
            self.stage.made("User", cast["userName"], exchange)
            id = exchange.json.get("id") if isinstance(exchange.json, dict) else None
            if exchange.ok and id not in (None, ""):
                return Member(str(id), cast["userName"])
            return f"creating the {count} users this needs failed: {exchange.summary()}"

        first = create(0)
        if isinstance(first, str):
            return (), first
        with ThreadPoolExecutor(max_workers=self.parallel) as pool:
            made = [first, *pool.map(create, range(1, count))]
        trouble = next((one for one in made if isinstance(one, str)), "")
        return tuple(one for one in made if isinstance(one, Member)), trouble

    def _watch(self) -> Iterator[Outcome]:
        exchanges = [e for outcomes in self.outcomes.values() for o in outcomes for e in o.exchanges]
        for name in self.profile.watches:
            findings = []
            for watch in self.catalog.watches[name]:
                seen = [(e, j) for e in exchanges if not e.error and (j := watch.ask(e)) is not None]
                findings.append(self._sum_up(name, watch.requirement, seen))
            outcome = Outcome(name, "all", (), tuple(findings))
            self.watched.append(outcome)
            yield outcome

    def _sum_up(self, name: str, requirement: str, seen: list[tuple[Exchange, Judgement]]) -> Finding:
        """One finding for the whole run: the first answer that broke the rule is the evidence."""
        wrong = [(e, j) for e, j in seen if j.held is False]
        if not seen:
            return Finding(name, "all", requirement, Verdict.NOT_APPLICABLE, "", "no answer of this run is concerned")
        exchange, judgement = (wrong or seen)[0]
        verdict = verdict_of(judgement, self.catalog.requirements[requirement])
        count = f" (in {len(wrong)} of {len(seen)} answers)" if wrong else f" ({len(seen)} answers)"
        return Finding(
            name, "all", requirement, verdict, judgement.expected, judgement.observed + count, exchange.number
        )

    def tidy(self, tell: Callable[[int, int], None] | None = None) -> None:
        """Remove everything the ledger knows; `tell(done, of)` is for progress."""
        def send(request):  # type: ignore[no-untyped-def]
            return self.transport.send(request)
        cleaner = Cleaner(send, self.catalog.templates, self.blanks)
        cleaner.remove(self.ledger.entries.values(), self.ledger.prefix, self.ledger, verify=False, parallel=self.parallel)


class _Stopped:
    """A stage on which nothing can be played, and why."""

    def __init__(self, why: str) -> None:
        self._why = why

    def stopped(self) -> str:
        return self._why

    def send(self, request: object) -> Exchange:
        raise AssertionError(self._why)

    def refusal(self, scene: Scene, step: Step, request: object) -> str:
        return self._why

    def intend(self, kind: object, name: str) -> None:
        raise AssertionError(self._why)

    def made(self, kind: object, name: str, exchange: Exchange) -> None:
        raise AssertionError(self._why)


def _worst(outcomes: tuple[Outcome, ...]) -> Outcome:
    """Several chains' outcomes of one step as one: each finding the worst of them."""
    findings = tuple(
        max(group, key=lambda finding: finding.verdict.rank)
        for group in zip(*(outcome.findings for outcome in outcomes), strict=True)
    )
    exchanges = tuple(exchange for outcome in outcomes for exchange in outcome.exchanges)
    return Outcome(outcomes[0].sequence, outcomes[0].step, exchanges, findings)
