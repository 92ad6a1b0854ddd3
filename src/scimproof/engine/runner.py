"""Runs sequences against one target: ordering, concurrency, shared users, clean-up."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace

from scimproof.catalog.identities import RESIDENT, group, person
from scimproof.catalog.loader import Catalog
from scimproof.catalog.products import obstacles, prevents
from scimproof.catalog.request_template import Nested, Template
from scimproof.catalog.senders import Sender
from scimproof.cleanup.cleaner import Tell
from scimproof.cleanup.ledger import Entry, Ledger
from scimproof.cleanup.leftovers import LeftoverCleaner
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.definitions import Case, Profile, RunKnowledge, Sequence
from scimproof.core.discovery import Discovery
from scimproof.core.errors import RunStopped
from scimproof.core.http_message import Exchange, Request, slim
from scimproof.core.results import Outcome, Verdict
from scimproof.core.scim import Kind, discovers, id_of, value_at
from scimproof.engine.capabilities import DECLINED, TargetCapabilities, needs_groups
from scimproof.engine.control_resources import ControlResources
from scimproof.engine.discovery_reader import DiscoveryReader
from scimproof.engine.executor import execute
from scimproof.engine.global_checks import GlobalChecks
from scimproof.engine.group_support import no_groups
from scimproof.engine.other_tenant import NONE_GIVEN, OtherTenant, needs_other_token
from scimproof.engine.sending import MOST_CASES, send_step
from scimproof.engine.state_summary import StateSummary
from scimproof.engine.target_session import LiveTargetSession
from scimproof.engine.verdicts import ERROR_TEXT, not_run
from scimproof.engine.write_guard import WriteGuard
from scimproof.observer.protocol import Observer
from scimproof.state.expected_store import ExpectedStore
from scimproof.target.preflight import PROBE_SECONDS, connection_test
from scimproof.target.retrying_client import RetryingClient
from scimproof.target.sender_rules import retry_policy
from scimproof.target.target import Target
from scimproof.target.transport import Transport

KEPT_ENDS = 6  # pages at each end of a long list whose bodies are kept


def in_order(sequences: Iterable[Sequence]) -> list[Sequence]:
    """The sequences in execution order: first those that want to be alone, last those that must be."""
    return sorted(sequences, key=lambda sequence: (sequence.last, not sequence.alone))


@dataclass
class Runner:
    """Runs a profile's sequences against one target and removes what they created.

    `play()` yields outcomes as they come, in catalogue order when `parallel` is 1; `tidy()` removes what was
    created, within `patience` seconds, and counts its requests in `tidied`. Neither raises for anything that
    the target does. With an `observer`, `numbers` are shared with the transport.
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
    patience: float = 600.0
    observer: Observer | None = None
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    client: RetryingClient = field(init=False)
    provider: Sender = field(init=False)
    stage: LiveTargetSession = field(init=False)
    state: ExpectedStore = field(init=False)
    facts: TargetCapabilities = field(init=False)
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    watcher: GlobalChecks = field(init=False)
    tidied: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    _tidying: bool = False
    _members: list[Member] | None = None
    _trouble: str = ""
    _gate: threading.Lock = field(default_factory=threading.Lock)
    _ids: set[str] = field(default_factory=set)
    _gate_of_ids: threading.Lock = field(default_factory=threading.Lock)
    _expanded: dict[str, list[Sequence]] = field(default_factory=dict)
    _prepared: dict[str, dict[str, str] | str] = field(default_factory=dict)
    _preparing: threading.Lock = field(default_factory=threading.Lock)
    discovered: DiscoveryReader = field(init=False)

    def __post_init__(self) -> None:
        self.provider = self.catalog.sender(self.profile, self.sequences)
        self.discovered = DiscoveryReader(self.catalog, self.target, self._ask)
        knowledge = RunKnowledge(self.ledger.prefix, lambda: self.discovered.found, self.target.base)
        self.watcher = GlobalChecks(self.catalog, self.profile, knowledge)
        known = obstacles(self.catalog.root, self.target.url, self.profile)
        self.client = RetryingClient(
            self.transport,
            self.target.credentials,
            alive=self._answers,
            heard=self._hear,
            retry=retry_policy(self.provider),
        )
        self.state = ExpectedStore(self.catalog.variety)
        other = OtherTenant(self.target.other, self.ledger.prefix) if self.target.other else None
        self.stage = LiveTargetSession(
            self.client,
            WriteGuard(self.ledger, base_query=self.target.query),
            self.observer,
            self.numbers,
            known,
            self.target.headers,
            self.state,
            other,
        )
        ordinary = ControlResources(self.stage, self.catalog.templates, self.blanks, self.seed, self.provider)
        self.facts = TargetCapabilities(
            self.catalog.requirements,
            self.profile.gates,
            self.sequences,
            ordinary.plain,
            self._no_groups,
            self._made,
            ordinary.declines,
            ordinary.unjoined,
            self._discovery,
            self.watcher.declined_by,
        )
        self.client.begin(self.budget)

    def play(self) -> Iterator[Outcome]:
        """Run all sequences, `parallel` at a time where they allow it, then the global checks."""
        for together, some in itertools.groupby(
            in_order(self.with_cases(self.sequences)), key=lambda s: not (s.alone or s.last)
        ):
            if together:
                yield from self._together(some)
            else:
                for sequence in some:
                    yield from self.perform(sequence)
        yield from self.watched()

    def with_cases(self, sequences: Iterable[Sequence]) -> list[Sequence]:
        """The sequences, those of an expansion once for each case that the target has.

        One without cases stays as it is, and does not apply.
        """
        return [one for sequence in sequences for one in self._cases_of(sequence)]

    def _cases_of(self, sequence: Sequence) -> list[Sequence]:
        if not sequence.each or sequence.case or self._absent(sequence):
            return [sequence]
        if sequence.id not in self._expanded:
            found = self._discovery()
            if found is None:
                return [sequence]
            cases = self.catalog.expansions[sequence.each].cases(found)
            some = [] if isinstance(cases, str) else cases[:MOST_CASES]
            some = [case for case in some if not sequence.only or case.key in sequence.only]
            self.left_out[sequence.id] = max(0, len(cases) - MOST_CASES) if some else 0
            expanded = [replace(sequence, id=f"{sequence.id}[{case.key}]", case=case) for case in some]
            self._expanded[sequence.id] = expanded or [sequence]
        return self._expanded[sequence.id]

    def known_cases(self, sequences: Iterable[Sequence]) -> list[Sequence]:
        """The sequences as they were executed: with the cases that are known by now, nothing is sent."""
        return [one for each in sequences for one in self._expanded.get(each.id, [each])]

    def _discovery(self) -> Discovery | None:
        """What the target says of itself; None where it cannot be asked any more. Read once."""
        try:
            found = self.discovered.read()
        except RunStopped:
            return None
        self.stage.guard.endpoints = tuple(one.endpoint for one in found.others)
        return found

    def perform(self, sequence: Sequence) -> list[Outcome]:
        """Run one sequence and store its outcomes; an internal error becomes the verdict `error`."""
        try:
            outcomes = self._perform(sequence)
        except Exception as problem:  # noqa: BLE001 - the other sequences go on, and all is tidied up
            cause = ERROR_TEXT.format(problem=repr(problem))
            outcomes = not_run(sequence, self.catalog, cause, Verdict.ERROR)
        self.outcomes[sequence.id] = [_slim(outcome) for outcome in outcomes]
        return self.outcomes[sequence.id]

    def watched(self) -> list[Outcome]:
        """The outcomes of the global checks over everything sent so far."""
        self._conclude()
        played = itertools.chain.from_iterable(self.outcomes.values())
        return self.watcher.outcomes(
            {exchange.number for outcome in played for exchange in outcome.exchanges}
        )

    def _conclude(self) -> None:
        """Ask once what is of the whole run, while its resources are there."""
        wanted = any(watch.of_state for name in self.profile.watches for watch in self.catalog.watches[name])
        if not wanted or self.watcher.concluded or self._tidying or self.stage.stopped():
            return
        steps = (step for sequence in self.sequences for step in sequence.steps)
        asked = {check.requirement for step in steps for check in step.checks}
        # Of a part of a profile what the rest of it asks is not told here either.
        rules = self.catalog.requirements.values()
        asked |= {rule.id for rule in rules if rule.authority in self.profile.gates}
        summary = StateSummary(self.catalog, self.state, self._read_member, self._ask, asked)
        self.watcher.concluded = summary.conclude(self._members or ())

    def _read_member(self, id: str) -> Exchange:
        known = self.blanks() | {"authorization": self.stage.authorization(), "user.id": id}
        return self.stage.look_at(self._template("read").fill(known))

    def _ask(self, file: str) -> Exchange:
        known = self.blanks() | {"authorization": self.stage.authorization()}
        return self.stage.look_at(self.catalog.templates[file].fill(known))

    def _together(self, sequences: Iterable[Sequence]) -> Iterator[Outcome]:
        todo = iter(sequences)
        running: set[Future[list[Outcome]]] = set()
        with ThreadPoolExecutor(max_workers=self.parallel) as pool:
            try:
                while True:
                    for sequence in itertools.islice(todo, self.parallel - len(running)):
                        running.add(pool.submit(self.perform, sequence))
                    if not running:
                        return
                    done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield from future.result()
            except BaseException:
                self.client.halt("interrupted")
                raise

    def _perform(self, sequence: Sequence) -> list[Outcome]:
        if absent := self._absent(sequence) or self._no_case(sequence):
            return not_run(sequence, self.catalog, absent, Verdict.NOT_APPLICABLE)
        if trouble := self.make_ready(sequence):
            return not_run(sequence, self.catalog, trouble)
        members, trouble = self.population(sequence.population)
        if trouble:
            return not_run(sequence, self.catalog, trouble)
        if sequence.chains == 1:
            scene = self.scene(sequence, sequence.id, members)
            return self._conducted(sequence, scene)
        with ThreadPoolExecutor(max_workers=sequence.chains) as pool:
            scenes = [self.scene(sequence, f"{sequence.id}/{n}", members) for n in range(sequence.chains)]
            chains = list(pool.map(lambda scene: self._conducted(sequence, scene), scenes))
        return [_worst(outcomes) for outcomes in zip(*chains, strict=True)]

    def _no_case(self, sequence: Sequence) -> str:
        """Why a sequence of an expansion has no case here; empty for any other."""
        if not sequence.each or sequence.case:
            return ""
        found = self._discovery()
        if found is None:
            return "what the target says of itself could not be read"
        cases = self.catalog.expansions[sequence.each].cases(found)
        return cases if isinstance(cases, str) else "there is no case of it here"

    def make_ready(self, sequence: Sequence) -> str:
        """Make once what several sequences share; why that failed, empty where it did not."""
        if not sequence.shares:
            return ""
        with self._preparing:
            if sequence.shares not in self._prepared:
                self._prepared[sequence.shares] = self._prepare(self.catalog.preparations[sequence.shares])
        made = self._prepared[sequence.shares]
        return made if isinstance(made, str) else ""

    def _prepare(self, preparation: Sequence) -> dict[str, str] | str:
        """The template variables that a preparation leaves, or why it failed.

        One that is of an expansion has its only case.
        """
        found, case = self._discovery(), None
        if preparation.each and found:
            cases = self.catalog.expansions[preparation.each].cases(found)
            case = cases[0] if cases and not isinstance(cases, str) else None
        scene = self.scene(replace(preparation, case=case), preparation.id)
        for step in preparation.steps:
            if self.facts.lacking(step.needs):
                continue
            seen: list[Exchange] = []
            try:
                send_step(step, scene, self.catalog, self.stage, seen)
            except RunStopped as cause:
                return str(cause)
            if not seen[-1].ok and not step.independent:
                return f"preparing {preparation.title} failed at {step.id}: {seen[-1].summary()}"
        texts = Nested(scene.blanks, scene.texts)
        return scene.blanks | {name: texts[name] for name in scene.texts}

    def _conducted(self, sequence: Sequence, scene: ExecutionContext) -> list[Outcome]:
        return list(execute(sequence, scene, self.catalog, self.stage, self.facts))

    def _absent(self, sequence: Sequence) -> str:
        """Why nothing of that sequence can be checked; empty when something may be."""
        if why := self.catalog.not_played.get(sequence.id):
            return why
        if not self.target.other and needs_other_token(sequence):
            return NONE_GIVEN
        if lacking := self.facts.lacking(sequence.needs):
            return lacking
        return self.facts.groups_absent() if needs_groups(sequence, self.catalog.templates) else ""

    def notes(self) -> list[str]:
        """What a reader should know of the run beside its findings, in sentences."""
        told = self.facts.told_absent()
        notes = [f"Not asked: {told}"] if told else []
        notes += [
            f"{id} was asked for the first {MOST_CASES} of {MOST_CASES + more:,} cases"
            for id, more in self.left_out.items()
            if more
        ]
        assumed = self.discovered.found.assumed if self.discovered.found else ""
        return [*notes, assumed[0].upper() + assumed[1:]] if assumed else notes

    def _made(self, kind: Kind) -> int:
        """How many resources of that kind were created and are still there, as far as is known."""
        entries = [entry for entry in list(self.ledger.entries.values()) if entry.kind == kind]
        return sum(len(set(entry.ids) - entry.strangers - entry.removed) for entry in entries)

    def _no_groups(self) -> str:
        """Why the target has no groups; empty when it may have, or when that is unknown."""
        if self.target.groups is not None:
            return "" if self.target.groups else "this app has no groups (--no-groups)"
        said = self.discovered.found
        if said and not said.assumed and said.group is None:
            return said.why_not("type:Group")
        try:
            return no_groups(self.stage, self.catalog.templates, self.blanks, self.provider)
        except RunStopped:
            return ""

    def _hear(self, exchange: Exchange) -> None:
        """Run the global checks on each answer, and record of a create whether its id was given out before.

        Discovery documents are no lists of resources; an obstacle (no seat is left) breaks no rule.
        """
        if prevents(self.stage.obstacles, exchange) or not self._below_base(exchange.request):
            return
        if discovers(exchange.request.target):
            self.watcher.look(exchange, discovery=True)
            return
        id = str(value_at(exchange.json, "id")) if exchange.ok and exchange.request.method == "POST" else ""
        with self._gate_of_ids:
            known = bool(id) and id in self._ids
            self._ids.add(id)
        self.watcher.look(replace(exchange, known=True) if known else exchange)

    def _below_base(self, request: Request) -> bool:
        """Whether a request went to the SCIM service: what is outside its base URL may be anything."""
        return f"{request.target.partition('?')[0]}/".startswith(f"{self.target.base}/")

    def scene(self, sequence: Sequence, where: str, members: tuple[Member, ...] = ()) -> ExecutionContext:
        """A new context: the run's template variables and the test users of that sequence."""
        blanks = self.blanks()
        shared = self._prepared.get(sequence.shares)
        blanks |= shared if isinstance(shared, dict) else {}
        residents = iter(members)
        for name, kind in sequence.people.items():
            if kind == RESIDENT:
                member = next(residents)
                cast = {"id": member.id, "userName": member.user_name}
            else:
                cast = person(
                    self.seed, self.ledger.prefix, f"{where}/{name}", kind, self.provider.identities
                )
            blanks |= {f"{name}.{key}": value for key, value in cast.items()}
        for name, kind in sequence.groups.items():
            made = group(self.ledger.prefix, f"{where}/{name}", kind)
            blanks |= {f"{name}.{key}": value for key, value in made.items()}
        case = sequence.case or Case(key="")
        found = self._discovery() if self._depends else self.discovered.found
        return ExecutionContext(
            sequence.id,
            blanks,
            members,
            state=self.state,
            texts=case.blanks,
            facts=case.facts,
            discovery=found,
        )

    @property
    def _depends(self) -> bool:
        """Whether anything of this run depends on what the target says of itself."""
        return any(
            one.needs or one.each or any(step.needs or step.each for step in one.steps)
            for one in self.sequences
        )

    def blanks(self) -> dict[str, str]:
        """The template variables of every request of the run, without the authorization."""
        return self.target.blanks(self.ledger.prefix) | {"seed": str(self.seed)}

    def probe(self, send: Callable[..., Exchange], seconds: float = PROBE_SECONDS) -> Exchange:
        """Send the connection test: the cheapest request that every SCIM server can answer."""
        return connection_test(
            lambda request: send(request, seconds),
            self.catalog.templates,
            self.provider.request("probe"),
            self.target,
            self.stage.authorization(),
            self.ledger.prefix,
        )

    def _template(self, purpose: str) -> Template:
        """The sender's request template for that purpose."""
        return self.catalog.templates[self.provider.request(purpose)]

    def _answers(self) -> bool:
        return bool(self.probe(self.transport.send).status)

    def population(self, count: int) -> tuple[tuple[Member, ...], str]:
        """So many shared users, and any error; the first call creates as many as any sequence needs."""
        if not count:
            return (), ""
        with self._gate:
            if self._members is None:
                asked = (s.population for s in self.sequences if s.population and not self._absent(s))
                self._members = self._populate(max(asked, default=count))
        members = tuple(self._members[:count])
        return members, self._trouble if len(members) < count else ""

    def _populate(self, count: int) -> list[Member]:
        def create(number: int) -> Member | None:
            if self._trouble:
                return None
            try:
                return self._create_member(number)
            except RunStopped as cause:
                self._trouble = str(cause)
                return None

        first = create(0)  # alone: where this fails, hundreds would
        with ThreadPoolExecutor(max_workers=self.parallel) as pool:
            made = [first, *pool.map(create, range(1, count))]
        return [member for member in made if member]

    def _create_member(self, number: int) -> Member:
        cast = person(self.seed, self.ledger.prefix, f"population/{number}", forms=self.provider.identities)
        blanks = self.blanks() | {f"user.{key}": value for key, value in cast.items()}
        blanks["authorization"] = self.stage.authorization()
        name = cast["userName"]
        self.stage.intend("User", name)
        exchange = self.stage.send(self._template("create").fill(blanks))
        # A create that is declined has a finding of its own.
        if exchange.status in DECLINED and self.provider.has("create_minimal"):
            exchange = self.stage.send(self._template("create_minimal").fill(blanks))
        self.stage.made("User", name, exchange)
        id = id_of(exchange.json)
        if not exchange.ok or not id:
            raise RunStopped(f"creating the users that this sequence needs failed: {exchange.summary()}")
        self._look_at_member(id, blanks)
        return Member(id, name)

    def _look_at_member(self, id: str, blanks: dict[str, str]) -> None:
        """Read each shared user once: only those shown to be of this run are made members of groups."""
        exchange = self.stage.send(self._template("read").fill(blanks | {"user.id": id}))
        if not exchange.ok:
            raise RunStopped(f"the id that a create answered cannot be read: {exchange.summary()}")
        self.stage.observe(exchange)
        if not self.ledger.is_proven("User", id):
            raise RunStopped(f"the id that a create answered leads to somebody else: {exchange.summary()}")

    def tidy(self, tell: Tell = lambda *_: None) -> None:
        """Remove every resource in the ledger; `tell(done, of)` reports progress."""
        self._tidying = True
        self._remove(self.ledger.entries.values(), tell, whole=True)

    def discard(self, entries: Iterable[Entry]) -> None:
        """Remove what these entries of the ledger name, while the run goes on."""
        self._remove(entries, lambda *_: None, whole=False)
        self.transport.until(self.client.ends_at)

    def _remove(self, entries: Iterable[Entry], tell: Tell, *, whole: bool) -> None:
        line = RetryingClient(self.transport, self.target.credentials, limit="the time for tidying up")
        line.begin(self.patience)
        cleaner = LeftoverCleaner(self.target, line, self.catalog.templates).cleaner(self.ledger, whole=whole)
        try:
            cleaner.remove(entries, parallel=self.parallel, tell=tell)
        finally:
            self.tidied += line.sent


def _worst(outcomes: tuple[Outcome, ...]) -> Outcome:
    """The outcomes of one step in several chains as one, each finding with its worst verdict."""
    findings = tuple(
        max(group, key=lambda finding: finding.verdict.rank)
        for group in zip(*(outcome.findings for outcome in outcomes), strict=True)
    )
    exchanges = tuple(exchange for outcome in outcomes for exchange in outcome.exchanges)
    return Outcome(outcomes[0].sequence, outcomes[0].step, exchanges, findings)


def _slim(outcome: Outcome) -> Outcome:
    """The outcome as it is kept: without parsed JSON, and without most of large answers."""
    named = {finding.exchange for finding in outcome.findings}
    last = len(outcome.exchanges) - KEPT_ENDS
    exchanges = tuple(
        slim(exchange)
        if place < KEPT_ENDS or place >= last or exchange.number in named
        else slim(exchange, 0)
        for place, exchange in enumerate(outcome.exchanges)
    )
    return replace(outcome, exchanges=exchanges)
