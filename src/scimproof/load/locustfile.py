"""Locustfile: one user per process plays an open schedule of the conformance sequences.

For people at home in Locust: `locust -f load/locustfile.py --host URL --web-host 127.0.0.1`. The token comes
from SCIMPROOF_TOKEN, never from the command line, and goes to the host of the command line only. How many
users Locust shows says nothing here: there is one per process, and it starts arrivals when they are due.
"""

from __future__ import annotations

import locust  # isort: skip

import logging
import os
from argparse import Namespace
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import locust.stats
from locust import LoadTestShape, User, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_INIT, MasterRunner, WorkerRunner
from locust.web import WebUI

from scimproof.catalog.loader import load_catalog
from scimproof.cleanup.ledger import ledger_folder
from scimproof.core.bounds import Range
from scimproof.core.errors import Exit, RunStopped, ScimproofError, did_you_mean
from scimproof.core.escaping import line
from scimproof.core.redaction import remembered
from scimproof.core.scim import new_prefix
from scimproof.load.client.client import LoadClient
from scimproof.load.generator import garbage_collection, heartbeat
from scimproof.load.generator.auditor import Auditor
from scimproof.load.generator.share import LoadShare
from scimproof.load.greenlets import sleep, spawn
from scimproof.load.launch.cleanup import LoadCleanup
from scimproof.load.launch.probe import probe
from scimproof.load.ledger.process_ledger import ProcessLedger
from scimproof.load.metrics.histogram import bucket, middle
from scimproof.load.own_host import own_host, own_target
from scimproof.load.plan.dialects import spoken, stranger, weights
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.load.plan.schedule import Phase, weighted
from scimproof.load.player.delivery import TOGETHER
from scimproof.load.web_form import hold
from scimproof.target.options import TargetOptions
from scimproof.target.transport import HttpTransport

logger = logging.getLogger(__name__)
SHARE, REFUSED, DONE = "scimproof_share", "scimproof_refused", "scimproof_done"
SPACINGS = ["poisson", "constant"]
EVERYWHERE = ("", "*", "0.0.0.0", "::")  # noqa: S104 - what Locust may be told, nothing is bound here


class Option(NamedTuple):
    """Option on the command line and in the web form; a number lies in `bounds`."""

    flag: str
    default: str | float
    bounds: Range | None
    words: str

    @property
    def name(self) -> str:
        """What Locust calls its value."""
        return self.flag.strip("-").replace("-", "_")


# Nothing here names a file, a server or a secret: whoever reaches the web form may change all of it.
OPTIONS = (
    Option(
        "--scim-profile", "", None, "whose traffic it is, in which dialect: a profile of `scimproof list`"
    ),
    Option(
        "--scim-mix",
        load_catalog().sender(None).mix,
        None,
        "what is played: ID or ID=weight, separated by blanks; if left, that of the profile's sender",
    ),
    Option("--scim-rate", 2.0, Range(0.001, 1e6), "sequences that begin per second, in all"),
    Option("--scim-arrivals", SPACINGS[0], None, "how they are spaced"),
    Option("--scim-duration", 60.0, Range(0.001, 1e6), "seconds, the warm-up not counted"),
    Option("--scim-warm-up", 0.0, Range(0, 1e6), "seconds that are left out of all figures"),
    Option("--scim-in-flight", 1000, Range(1, 100_000, whole=True), "most sequences at a time, in all"),
    Option("--scim-sample", 20, Range(0, 10**9, whole=True), "run the full checks on every Nth sequence"),
    Option("--scim-prefill", 0, Range(0, 1_000_000, whole=True), "users there before anything is measured"),
    Option(
        "--scim-seed", 1, Range(0, 2**63, whole=True), "the same seed plays the same people in the same order"
    ),
)


def in_milliseconds(milliseconds: float) -> float:
    """Locust's own percentiles in this project's buckets: 0.2 % off, where its own are up to 100."""
    return middle(bucket(int(milliseconds * 1000))) / 1000


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def options(parser: LocustArgumentParser, **_: Any) -> None:
    """The options, also shown in the web UI, which knows none that are in a group."""
    for each in OPTIONS:
        choices = SPACINGS if each.name == "scim_arrivals" else None
        parser.add_argument(
            each.flag, type=type(each.default), default=each.default, choices=choices, help=each.words
        )


def plan_of(asked: Namespace) -> Plan:
    """What was asked for as a plan; raises ValueError in words."""
    for each in OPTIONS:
        value = getattr(asked, each.name)
        if each.bounds and not each.bounds.holds(value):
            raise ValueError(f"{each.flag} should be {each.bounds.words}, not {value!r}")
    if asked.scim_arrivals not in SPACINGS:
        raise ValueError(f"--scim-arrivals should be {' or '.join(SPACINGS)}, not {asked.scim_arrivals!r}")
    warm_up = (Phase(asked.scim_warm_up, asked.scim_rate, warm_up=True),) if asked.scim_warm_up else ()
    plan = Plan(
        name="locustfile",
        question="",
        phases=(*warm_up, Phase(asked.scim_duration, asked.scim_rate)),
        mix=_mix_of(asked),
        arrivals=asked.scim_arrivals,
        prefill=asked.scim_prefill,
        in_flight=asked.scim_in_flight,
        sample=asked.scim_sample,
        seed=asked.scim_seed,
    )
    if not plan.mix:
        raise ValueError("--scim-mix is empty: name a sequence")
    return plan


def _mix_of(asked: Namespace) -> dict[str, float]:
    """The mix that was asked for, as the profile plays it."""
    catalog, words = load_catalog(), asked.scim_mix
    profile = catalog.profile(asked.scim_profile) if asked.scim_profile else None
    if profile and words == catalog.sender(None).mix:
        words = catalog.sender(profile).mix
    mix, known = weighted(words.split()), catalog.sequences
    for id in mix:
        if id not in known:
            raise ValueError(f"--scim-mix: no sequence is called {id!r}{did_you_mean(id, known)}")
        if why := stranger(id, catalog, profile):
            raise ValueError(f"--scim-mix: {why}")
    return weights(mix, spoken(mix, catalog, profile))


def _slip(asked: Namespace) -> str:
    """What cannot be meant of what was asked for; empty when all can."""
    try:
        plan_of(asked)
    except (ValueError, ScimproofError) as problem:
        return str(problem)
    return ""


@events.init.add_listener  # type: ignore[untyped-decorator]
def begin(environment: Environment, web_ui: WebUI | None, **_: Any) -> None:
    """In every process: our buckets, and a refusal of what cannot be meant; who hears what from whom."""
    locust.stats.bucket_response_time = in_milliseconds  # type: ignore[assignment] # floats do as well
    if environment.parsed_options is None or environment.runner is None:
        return
    if why := _slip(environment.parsed_options):
        logger.error("scimproof: %s", why)
        raise SystemExit(int(Exit.USAGE))
    if isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message(SHARE, _share)
        return
    heartbeat.patient()
    environment.runner.register_message(REFUSED, _refused)
    environment.runner.register_message(DONE, _done)
    if web_ui:
        hold(web_ui, ScimUser.__name__, OpenSchedule.__name__, lambda form: _refusal_of(environment, form))
        if environment.parsed_options.web_host in EVERYWHERE:
            logger.warning(
                "scimproof: the web page has no password and can be reached from other machines; "
                "start locust with --web-host 127.0.0.1"
            )


def _share(environment: Any, msg: Message, **_: Any) -> None:
    """On a worker: hear which part of the schedule is its own."""
    environment.scimproof_share = msg.data["workers"]


def _refused(environment: Environment, msg: Message, **_: Any) -> None:
    """On the master, or alone: a process that should play cannot; nobody plays any more."""
    _tell(environment, str(msg.data["why"]), int(msg.data["code"]))
    runner = environment.runner
    assert runner is not None
    spawn(runner.quit if environment.parsed_options and environment.parsed_options.headless else runner.stop)


def _done(environment: Any, msg: Message, **_: Any) -> None:
    """On the master, or alone: a process has played its share to the end."""
    environment.scimproof_done.add(str(msg.data["who"]))


def _tell(environment: Environment, why: str, code: int) -> None:
    """Say why there is no test: in the log, among the failures and with the exit code."""
    logger.error("scimproof: %s", why)
    environment.process_exit_code = code
    environment.stats.log_error("START", "scimproof", why)


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def share(environment: Any, **_: Any) -> None:
    """On the master: tell the workers, before they start, who they are."""
    if not isinstance(environment.runner, WorkerRunner):
        environment.scimproof_done = set()  # the page can start a second test in the same process
    if isinstance(environment.runner, MasterRunner):
        ready = sorted(client.id for client in environment.runner.clients.ready)
        environment.runner.send_message(SHARE, {"workers": ready})


def _refusal_of(environment: Any, form: Mapping[str, str]) -> str:
    """Why the test that a web form asks for is not started; empty when it can be."""
    asked = Namespace(**vars(environment.parsed_options))
    for each in OPTIONS:
        if each.name in form:
            try:
                setattr(asked, each.name, type(each.default)(form[each.name]))
            except ValueError:
                setattr(asked, each.name, form[each.name])  # refused in the words of its bounds
    why, _ = _refusal(environment, form.get("host", environment.host or ""), asked)
    environment.scimproof_looked = not why
    return why


def _refusal(environment: Environment, host: str, asked: Namespace) -> tuple[str, int]:
    """Why a test of that host is not started, in a sentence and as an exit code; empty when it can be.

    Where workers play elsewhere, each looks at the target with its own token: the master may have none.
    """
    try:
        plan = plan_of(asked)
        if not isinstance(environment.runner, MasterRunner) or "SCIMPROOF_TOKEN" in os.environ:
            catalog = load_catalog()
            target = own_target(own_host(), host, os.environ)
            probe(target, catalog, catalog.sender_of_mix("", plan.mix), new_prefix())
        else:
            own_target(own_host(), host, {"SCIMPROOF_TOKEN": "of the workers"})
    except (ValueError, ScimproofError) as problem:
        return _fit(problem), int(getattr(problem, "exit_code", Exit.USAGE))
    return "", int(Exit.HOLDS)


def _fit(problem: BaseException) -> str:
    """What went wrong, fit to be shown on a page."""
    return line(remembered().sentence(str(problem)))


class ScimUser(User):
    """Locust user that plays this process's share; what it created is removed when the test stops."""

    work: LoadShare | None = None
    ledger: ProcessLedger | None = None

    def on_start(self) -> None:
        """Reach the target, compile the sequences, create who has to be there."""
        if self._is_worker and self._id not in getattr(self.environment, "scimproof_share", ()):
            logger.error("scimproof: this worker came after the schedule was divided, and plays nothing")
            return
        if getattr(self.environment, "scimproof_plays", None):
            logger.error(
                "scimproof: one user plays the whole schedule of a process; another one plays nothing"
            )
            return
        self.environment.scimproof_plays = self
        try:
            self._prepare()
        except (ValueError, ScimproofError) as problem:
            self._refuse(_fit(problem), int(getattr(problem, "exit_code", Exit.USAGE)))
        except RunStopped as cause:
            told = f"creating the users that have to be there before failed: {_fit(cause)}"
            self._refuse(told, int(Exit.CANNOT_TELL))

    def _prepare(self) -> None:
        environment = self.environment
        plan = plan_of(cast("Namespace", environment.parsed_options))
        place, workers = self._share()
        catalog = load_catalog()
        provider = catalog.sender_of_mix("", plan.mix)
        self.catalog = catalog = catalog.as_sent_by(provider).pushing(provider, plan.group_batch)
        self.target = target = own_target(own_host(), environment.host or "", os.environ)
        prefix = new_prefix()
        if self._is_worker or not getattr(environment, "scimproof_looked", False):
            probe(target, catalog, provider, prefix)
        environment.scimproof_looked = False
        access = TargetOptions(url=target.url)
        job = Job(plan=plan, access=access, prefix=prefix, number=place, workers=workers)
        self.ledger = ledger = ProcessLedger(ledger_folder() / f"{prefix}.jsonl", target.url, prefix)
        self.sender = sender = LoadClient(target)
        auditor = Auditor(catalog, target, ledger, sender, provider)
        fire = environment.events.request.fire
        work = LoadShare(job, catalog, target, ledger, sender, sender.slot, provider, fire)
        count = max(plan.prefill, *(catalog.sequences[id].population for id in plan.mix))
        work.prepare(auditor.users(count, lambda *_: None) if count else [])
        auditor.close()
        garbage_collection.settle()
        self.work = work

    def _share(self) -> tuple[int, int]:
        """Which part of the schedule is this process's, of how many."""
        known = self.environment.scimproof_share if self._is_worker else [self._id]
        return known.index(self._id), len(known)

    def _refuse(self, why: str, code: int) -> None:
        """Let whoever leads this test end it, in a sentence."""
        if self._is_worker:
            logger.error("scimproof: %s", why)
            why = f"worker {self._id}: {why}"
        self.environment.runner.send_message(REFUSED, {"why": why, "code": code})

    @property
    def _id(self) -> str:
        """What Locust calls this process."""
        return str(self.environment.runner.client_id)

    @property
    def _is_worker(self) -> bool:
        return isinstance(self.environment.runner, WorkerRunner)

    @task
    def play(self) -> None:
        """Play until the schedule's end, then wait until Locust stops."""
        if self.work is not None:
            self.work.perform()
            if self.work.trouble:
                kind = type(self.work.trouble).__name__
                self._refuse(f"trouble inside scimproof, not the target's: {kind}", int(Exit.TROUBLE))
            sleep(2 * TOGETHER)  # what was counted last is told to Locust by then
            self._report()
            self.environment.runner.send_message(DONE, {"who": self._id})
        while True:
            sleep(1)

    def _report(self) -> None:
        """Tell the master what was counted since the last of its reports, which come every three seconds.

        Locust tells the rest when a worker has stopped, and a master that quits waits half a second for that.
        Here stopping removes what was created, which takes longer: half the requests were missing in the end.
        """
        if self._is_worker:
            counted: dict[str, Any] = {}
            self.environment.events.report_to_master.fire(client_id=self._id, data=counted)
            self.environment.runner.send_message("stats", counted)

    def on_stop(self) -> None:
        """Remove what was created."""
        if getattr(self.environment, "scimproof_plays", None) is self:
            self.environment.scimproof_plays = None
        if self.ledger is None:
            return
        if self.work is not None:
            self.work.stop()
        self.sender.close()
        transport = HttpTransport(self.target)
        left = LoadCleanup(self.target, transport, self.catalog.templates).of_ledger(self.ledger)
        transport.close()
        self.ledger.close()
        if left:
            logger.error("scimproof: %s resources could not be removed: scimproof clean", f"{left:,}")


class OpenSchedule(LoadTestShape):
    """Load shape: one user in each process, until the last arrival was started and answered everywhere."""

    _processes = 1

    def tick(self) -> tuple[int, float] | None:
        """As many users as there were processes at the start; None when it is over, or must not begin."""
        runner: Any = self.runner
        environment = runner.environment
        if runner.state == STATE_INIT:
            if not self._may_begin(environment):
                return None
            environment.scimproof_done = set()
            self._processes = max(self._present(runner), 1)
        elif len(environment.scimproof_done) >= min(self._processes, self._present(runner)):
            return None
        return self._processes, float(self._processes)

    def _present(self, runner: Any) -> int:
        """How many processes can play: workers come and go."""
        return int(runner.worker_count)

    def _may_begin(self, environment: Any) -> bool:
        """Whether the target can be loaded: one look before anything is played, unless the form had one."""
        if not getattr(environment, "scimproof_looked", False):
            why, code = _refusal(environment, environment.host or "", environment.parsed_options)
            if why:
                _tell(environment, why, code)
                return False
            environment.scimproof_looked = True
        environment.process_exit_code = None  # an earlier start that was refused is not this one's
        return True
