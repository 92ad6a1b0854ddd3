"""Locustfile: one user per process plays an open schedule of the conformance sequences.

For people at home in Locust: `locust -f load/locustfile.py --host URL --web-host 127.0.0.1`. The token comes
from SCIMPROOF_TOKEN, never from the command line, and goes to the host of the command line only. How many
users Locust shows says nothing here: there is one per process, and it starts arrivals when they are due.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from locust import LoadTestShape, User, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_INIT, STATE_MISSING, MasterRunner, WorkerRunner
from locust.stats import CSV_STATS_INTERVAL_SEC
from locust.web import WebUI

from scimproof.catalog.loader import load_catalog
from scimproof.core.errors import Exit, ScimproofError
from scimproof.core.scim import new_prefix
from scimproof.load.generator import heartbeat
from scimproof.load.greenlets import on_signal, sleep, spawn
from scimproof.load.launch.probe import probe
from scimproof.load.locust_run.messages import ABORT, DONE, FIGURES, PHASE, REFUSED, SHARE, STOP
from scimproof.load.locust_run.options import add_options, given_in, plan_of
from scimproof.load.locust_run.part import ProcessPart, fit
from scimproof.load.locust_run.percentiles import as_in_load_json
from scimproof.load.locust_run.record import LocustRecord
from scimproof.load.locust_run.web_form import hold
from scimproof.load.locust_run.web_page import rows, show
from scimproof.load.own_host import own_host, own_target
from scimproof.load.plan.plan import Plan
from scimproof.render.formats import DocumentKind, ready_for, write_all

logger = logging.getLogger(__name__)
EVERYWHERE = ("", "*", "0.0.0.0", "::")  # noqa: S104 - what Locust may be told, nothing is bound here
STOPPED = "it was stopped before the end of its schedule"
OF_WORKERS = {"SCIMPROOF_TOKEN": "of the workers"}
STEP = 0.05
OWN_END, ALL_END = 40.0, 600.0  # seconds for a process to end when it is stopped, and for all of them
CODES = {"pass": Exit.HOLDS, "fail": Exit.DOES_NOT_HOLD, "invalid": Exit.CANNOT_TELL}


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def options(parser: LocustArgumentParser, **_: Any) -> None:
    """The options, also shown in the web form."""
    add_options(parser)


@events.init.add_listener  # type: ignore[untyped-decorator]
def begin(environment: Any, web_ui: WebUI | None, **_: Any) -> None:
    """In every process: our buckets, and a refusal of what cannot be meant; who hears what from whom."""
    as_in_load_json()
    asked, runner = environment.parsed_options, environment.runner
    environment.scimproof_record = environment.scimproof_plays = None
    if asked is None or runner is None:
        return
    try:
        plan_of(given_in(vars(asked)))
        if asked.scim_out and not isinstance(runner, WorkerRunner):
            ready_for(Path(asked.scim_out), DocumentKind.LOAD)
    except (ValueError, ScimproofError) as problem:
        logger.error("scimproof: %s", problem)  # noqa: TRY400 - a sentence, nobody's traceback
        raise SystemExit(int(Exit.USAGE)) from None
    if not isinstance(runner, MasterRunner):
        runner.register_message(STOP, _stop)
        runner.register_message(ABORT, _abort)
    if isinstance(runner, WorkerRunner):
        runner.register_message(SHARE, _share)
        return
    heartbeat.patient()
    if asked.headless:  # Locust itself hears SIGTERM only when a test with a shape is over
        on_signal(signal.SIGTERM, runner.quit)
    for kind, hear in {REFUSED: _refused, DONE: _done, FIGURES: _figures, PHASE: _phase}.items():
        runner.register_message(kind, hear)
    if web_ui:
        _open(environment, web_ui)


def _open(environment: Any, web_ui: WebUI) -> None:
    """The web page: held to what its form may start, with a tab and downloads of its own."""
    hold(
        web_ui,
        ScimUser.__name__,
        OpenSchedule.__name__,
        lambda form: _refusal_of(environment, form),
        lambda: rows(_record(environment)),
    )
    show(web_ui, lambda: _record(environment))
    if environment.parsed_options.web_host in EVERYWHERE:
        logger.warning(
            "scimproof: the web page has no password and can be reached from other machines; "
            "start locust with --web-host 127.0.0.1"
        )


def _record(environment: Any) -> LocustRecord | None:
    """The test that runs or ran last; with its document once all have said their last word.

    Locust's master shows a test as stopped up to a second before it says so to anybody.
    """
    record: LocustRecord | None = environment.scimproof_record
    if record is not None and record.over(_lost(environment, record)):
        record.close()
    return record


def _share(environment: Any, msg: Message, **_: Any) -> None:
    """On a worker: hear which part of the schedule is its own."""
    environment.scimproof_share = msg.data["workers"]


def _stop(environment: Any, msg: Message, **_: Any) -> None:
    """Where it is played: start nothing more."""
    if (user := environment.scimproof_plays) is not None:
        user.part.halt(str(msg.data["why"]))


def _abort(environment: Any, msg: Message, **_: Any) -> None:
    """Where it is played: a limit is broken."""
    if (user := environment.scimproof_plays) is not None:
        user.part.abort(str(msg.data["why"]))


def _figures(environment: Any, msg: Message, **_: Any) -> None:
    """On the master, or alone: what a process counted."""
    if environment.scimproof_record:
        environment.scimproof_record.figures(msg.data)


def _phase(environment: Any, msg: Message, **_: Any) -> None:
    """On the master, or alone: what a process does before and after the load."""
    if environment.scimproof_record:
        environment.scimproof_record.phase = str(msg.data["words"])


def _done(environment: Any, msg: Message, **_: Any) -> None:
    """On the master, or alone: a process has played its share to the end, and removed what it created."""
    if environment.scimproof_record:
        environment.scimproof_record.done(msg.data)


def _refused(environment: Any, msg: Message, **_: Any) -> None:
    """On the master, or alone: a process that should play cannot; nobody plays any more."""
    _tell(environment, str(msg.data["why"]), int(msg.data["code"]))
    if environment.scimproof_record:
        environment.scimproof_record.refused = str(msg.data["why"])
    runner = environment.runner
    spawn(runner.quit if environment.parsed_options and environment.parsed_options.headless else runner.stop)


def _tell(environment: Environment, why: str, code: int) -> None:
    """Say why there is no test: in the log, among the failures and with the exit code."""
    logger.error("scimproof: %s", why)
    environment.process_exit_code = code
    environment.stats.log_error("START", "scimproof", why)


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def start(environment: Any, **_: Any) -> None:
    """On the master, or alone: begin a record of this test; tell the workers who they are."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        return
    if isinstance(runner, MasterRunner):
        players = sorted(client.id for client in runner.clients.ready)
        runner.send_message(SHARE, {"workers": players})
    else:
        players = [runner.client_id]
    given = given_in(vars(environment.parsed_options))
    tokens = os.environ if "SCIMPROOF_TOKEN" in os.environ else OF_WORKERS
    environment.scimproof_record = record = LocustRecord(
        plan=plan_of(given),
        profile=given["scim_profile"],
        target=own_target(own_host(), environment.host or "", tokens),
        players=tuple(players),
    )
    spawn(_watch, environment, record)


@events.quitting.add_listener  # type: ignore[untyped-decorator]
def last_rows(environment: Environment, **_: Any) -> None:
    """Let Locust write its CSV files once more: it does so each second, and closes them as they stand."""
    if environment.parsed_options and environment.parsed_options.csv_prefix:
        sleep(CSV_STATS_INTERVAL_SEC + 0.2)


def _watch(environment: Any, record: LocustRecord) -> None:
    """Once a second, while the test goes on: end it when a limit is broken that does so."""
    while record is environment.scimproof_record and not record.over(_lost(environment, record)):
        if why := record.broken():
            record.aborted = why
            logger.error("scimproof: %s", why)
            environment.runner.send_message(ABORT, {"why": why})
        sleep(1)


def _lost(environment: Any, record: LocustRecord) -> set[str]:
    """The processes of whom nothing more is heard."""
    if not isinstance(environment.runner, MasterRunner):
        return set()
    known = environment.runner.clients
    return {who for who in record.players if who not in known or known[who].state == STATE_MISSING}


@events.test_stopping.add_listener  # type: ignore[untyped-decorator]
def stopping(environment: Any, **_: Any) -> None:
    """Before Locust stops its users: let what is under way end, and everything be removed and told."""
    if (user := environment.scimproof_plays) is not None and not user.part.over:
        user.part.halt(STOPPED)
        _wait(OWN_END, lambda: user.part.over)
    record = environment.scimproof_record
    if record is None or record.over(_lost(environment, record)):
        return
    record.stop = STOPPED
    if isinstance(environment.runner, MasterRunner):
        environment.runner.send_message(STOP, {"why": STOPPED})
        _wait(ALL_END, lambda: record.over(_lost(environment, record)))


def _wait(seconds: float, over: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not over() and time.monotonic() < until:
        sleep(STEP)


@events.test_stop.add_listener  # type: ignore[untyped-decorator]
def stop(environment: Any, **_: Any) -> None:
    """On the master, or alone: the document of `scimproof load`, for the page and for `--scim-out`."""
    record = environment.scimproof_record
    if isinstance(environment.runner, WorkerRunner) or record is None or record.told:
        return
    record.close()
    if record.document is None:
        return
    record.told = True
    result, why = record.document["result"], record.document["why"]
    logger.info("scimproof: %s: %s", result, why)
    if result == "fail" or record.plan.thresholds:
        environment.process_exit_code = int(CODES[result]) or None
    if folder := environment.parsed_options.scim_out:
        try:
            files = write_all(DocumentKind.LOAD, record.document, Path(folder))
        except ScimproofError as problem:
            _tell(environment, str(problem), int(Exit.TROUBLE))
        else:
            logger.info("scimproof: written: %s", ", ".join(map(str, files)))


def _refusal_of(environment: Any, form: Mapping[str, str]) -> str:
    """Why the test that a web form asks for is not started; empty when it can be."""
    asked = given_in(vars(environment.parsed_options) | dict(form))
    why, _ = _refusal(environment, form.get("host", environment.host or ""), asked)
    environment.scimproof_looked = not why
    return why


def _refusal(environment: Environment, host: str, asked: Mapping[str, str]) -> tuple[str, int]:
    """Why a test of that host is not started, in a sentence and as an exit code; empty when it can be.

    Where workers play elsewhere, each looks at the target with its own token: the master may have none.
    """
    try:
        plan = plan_of(asked)
        _enough(plan, environment)
        if not isinstance(environment.runner, MasterRunner) or "SCIMPROOF_TOKEN" in os.environ:
            catalog = load_catalog()
            target = own_target(own_host(), host, os.environ)
            probe(target, catalog, catalog.sender_of_mix(asked["scim_profile"], plan.mix), new_prefix())
        else:
            own_target(own_host(), host, OF_WORKERS)
    except (ValueError, ScimproofError) as problem:
        return fit(problem), int(getattr(problem, "exit_code", Exit.USAGE))
    return "", int(Exit.HOLDS)


def _enough(plan: Plan, environment: Environment) -> None:
    """Refuse a closed model with fewer users than workers: each plays one at the least."""
    workers = environment.runner.worker_count if isinstance(environment.runner, MasterRunner) else 1
    if 0 < plan.users < workers:
        raise ValueError(f"--scim-users {plan.users} are fewer than the {workers} workers")


class ScimUser(User):
    """Locust user that plays this process's part, from prefill to clean-up (load.locust_run.part)."""

    part: ProcessPart

    @task
    def play(self) -> None:
        """Play until everything is removed, then wait until Locust stops."""
        if (part := self._own_part()) is not None:
            self.part = part
            self._process.scimproof_plays = self
            part.play()
        while True:
            sleep(1)

    def on_stop(self) -> None:
        """Remove what was created, where Locust did not wait for that."""
        if self._process.scimproof_plays is self:
            self.part.halt(STOPPED)
            self.part.finish()
            self._process.scimproof_plays = None

    def _own_part(self) -> ProcessPart | None:
        """The part of this process; None where this user has none, and the log says why."""
        environment = self._process
        players = getattr(environment, "scimproof_share", ()) if self._is_worker else (self._id,)
        if self._id not in players:
            logger.error("scimproof: this worker came after the schedule was divided, and plays nothing")
            return None
        if environment.scimproof_plays is not None:
            logger.error(
                "scimproof: one user plays the whole schedule of a process; another one plays nothing"
            )
            return None
        given = given_in(vars(environment.parsed_options))
        looked, environment.scimproof_looked = getattr(environment, "scimproof_looked", False), False
        return ProcessPart(
            plan=plan_of(given),
            profile=given["scim_profile"],
            host=environment.host or "",
            number=players.index(self._id),
            workers=len(players),
            who=self._id,
            send=self._send,
            fire=environment.events.request.fire,
            report=self._report,
            looked=looked and not self._is_worker,
        )

    def _send(self, kind: str, data: dict[str, Any]) -> None:
        """Tell whoever leads this test; why this process cannot play stands in its own log, too."""
        if kind == REFUSED and self._is_worker:
            logger.error("scimproof: %s", data["why"])
            data |= {"why": f"worker {self._id}: {data['why']}"}
        self._process.runner.send_message(kind, data)

    def _report(self) -> None:
        """Tell the master what was counted since the last of its reports, which come every three seconds.

        Locust tells the rest when a worker has stopped, and a master that quits waits half a second for that.
        """
        if self._is_worker:
            counted: dict[str, Any] = {}
            self.environment.events.report_to_master.fire(client_id=self._id, data=counted)
            self._process.runner.send_message("stats", counted)

    @property
    def _process(self) -> Any:
        """Locust's environment of this process, with what scimproof keeps there."""
        return self.environment

    @property
    def _id(self) -> str:
        """What Locust calls this process."""
        return str(self._process.runner.client_id)

    @property
    def _is_worker(self) -> bool:
        return isinstance(self._process.runner, WorkerRunner)


class OpenSchedule(LoadTestShape):
    """Load shape: one user in each process, until the last one has played its part to the end."""

    _processes = 1

    def tick(self) -> tuple[int, float] | None:
        """As many users as there were processes at the start; None when it is over, or must not begin."""
        runner: Any = self.runner
        environment = runner.environment
        record = environment.scimproof_record
        if runner.state == STATE_INIT:
            if not self._may_begin(environment):
                return None
            environment.scimproof_record = None
            self._processes = max(int(runner.worker_count), 1)
        elif record is not None and record.over(_lost(environment, record)):
            return None
        return self._processes, float(self._processes)

    def _may_begin(self, environment: Any) -> bool:
        """Whether the target can be loaded: one look before anything is played, unless the form had one."""
        if not getattr(environment, "scimproof_looked", False):
            asked = given_in(vars(environment.parsed_options))
            why, code = _refusal(environment, environment.host or "", asked)
            if why:
                _tell(environment, why, code)
                return False
            environment.scimproof_looked = True
        environment.process_exit_code = None  # an earlier start that was refused is not this one's
        return True
