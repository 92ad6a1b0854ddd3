"""The Locust side: one user per process plays an open schedule of the certified sequences.

For people at home in Locust: `locust -f load/locustfile.py --host https://target/scim/v2`. The token comes
from SCIMPROOF_TOKEN, never from the command line. How many users Locust shows says nothing here: there is
one per process, and it starts arrivals when they are due.
"""

from __future__ import annotations

import locust  # isort: skip

import os
from argparse import Namespace
from typing import Any

import locust.stats
from locust import LoadTestShape, User, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from scimproof.access import Access
from scimproof.catalog import load_catalog
from scimproof.errors import UsageError
from scimproof.ledger import ledger_folder
from scimproof.load import rest, signs
from scimproof.load.auditing import Auditor
from scimproof.load.histogram import bucket, middle
from scimproof.load.hub import sleep
from scimproof.load.job import Job
from scimproof.load.plan import Plan
from scimproof.load.roll import Roll
from scimproof.load.schedule import Phase, weighted
from scimproof.load.sender import Sender
from scimproof.load.tidying import Tidying
from scimproof.load.work import Work
from scimproof.people import new_prefix
from scimproof.transport import HttpTransport

MIX = "okta.oin.user.create=6 okta.oin.user.update=4 okta.oin.user.deactivate=4 okta.oin.user.reactivate=2"
SHARE = "scimproof_share"


def in_milliseconds(milliseconds: float) -> float:
    """Locust's own percentiles in this project's buckets: 0.4 % off, where its own are up to 100."""
    return middle(bucket(int(milliseconds * 1000))) / 1000


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def options(parser: LocustArgumentParser, **_: Any) -> None:
    """The options, also shown in the web UI."""
    group = parser.add_argument_group("scimproof", "Okta's traffic on an open schedule")
    group.add_argument("--scim-mix", default=MIX, help="what is played: ID or ID=weight, separated by blanks")
    group.add_argument("--scim-rate", type=float, default=2.0, help="sequences that begin per second, in all")
    group.add_argument(
        "--scim-arrivals", choices=["poisson", "constant"], default="poisson", help="how they are spaced"
    )
    group.add_argument("--scim-duration", type=float, default=60.0, help="seconds, the warm-up not counted")
    group.add_argument(
        "--scim-warm-up", type=float, default=0.0, help="seconds that are left out of all figures"
    )
    group.add_argument("--scim-in-flight", type=int, default=1000, help="most sequences at a time, in all")
    group.add_argument("--scim-sample", type=int, default=20, help="every so-manieth gets the full checks")
    group.add_argument("--scim-prefill", type=int, default=0, help="users there before anything is measured")
    group.add_argument(
        "--scim-seed", type=int, default=1, help="the same seed plays the same people in the same order"
    )


def plan_of(asked: Namespace) -> Plan:
    """What was asked for as a plan; raises ValueError in words."""
    warm_up = (Phase(asked.scim_warm_up, asked.scim_rate, warm_up=True),) if asked.scim_warm_up else ()
    return Plan(
        name="locustfile",
        question="",
        phases=(*warm_up, Phase(asked.scim_duration, asked.scim_rate)),
        mix=weighted(asked.scim_mix.split()),
        arrivals=asked.scim_arrivals,
        prefill=asked.scim_prefill,
        in_flight=asked.scim_in_flight,
        sample=asked.scim_sample,
        seed=asked.scim_seed,
    )


@events.init.add_listener  # type: ignore[untyped-decorator]
def begin(environment: Environment, **_: Any) -> None:
    """In every process: our buckets; on workers: hear which part of the schedule is theirs."""
    locust.stats.bucket_response_time = in_milliseconds  # type: ignore[assignment] # floats do as well
    if isinstance(environment.runner, WorkerRunner):
        environment.runner.register_message(
            SHARE, lambda environment, msg, **_: _shares(environment, msg.data)
        )
    else:
        signs.patient()
        signs.listen(environment)


def _shares(environment: Any, told: dict[str, list[str]]) -> None:
    environment.scimproof_share = told["workers"]


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def share(environment: Environment, **_: Any) -> None:
    """On the master: tell the workers, before they start, who they are."""
    if not isinstance(environment.runner, WorkerRunner):
        environment.scimproof_over.clear()  # type: ignore[attr-defined]
    if isinstance(environment.runner, MasterRunner):
        ready = sorted(client.id for client in environment.runner.clients.ready)
        environment.runner.send_message(SHARE, {"workers": ready})


class Okta(User):
    """Plays this process's share; what it created is removed when the test stops."""

    @signs.over_if_it_fails
    def on_start(self) -> None:
        """Reach the target, compile the sequences, create who has to be there."""
        runner, plan = self.environment.runner, plan_of(self.environment.parsed_options)
        clients = getattr(self.environment, "scimproof_share", [])
        own = getattr(runner, "client_id", "")
        place, workers = (clients.index(own), len(clients)) if own in clients else (0, 1)
        access = Access(url=self.environment.host or "")
        job = Job(plan=plan, access=access, prefix=new_prefix(), number=place, workers=workers)
        catalog, target = load_catalog(), job.target(os.environ)
        catalog.select(plan.mix)  # says what was meant when an id does not exist
        ledger = Roll(ledger_folder() / f"{job.prefix}.jsonl", target.url, job.prefix)
        sender = Sender(target)
        auditor = Auditor(catalog, target, ledger, sender)
        fire = self.environment.events.request.fire
        self.work = Work(job, catalog, target, ledger, sender, sender.slot, fire)
        count = max(plan.prefill, *(catalog.sequences[id].population for id in plan.mix))
        self.work.prepare(auditor.users(count, lambda *_: None) if count else [])
        auditor.close()
        rest.settle()

    @task
    def play(self) -> None:
        """Play until the schedule's end, then wait until Locust stops."""
        self.work.perform()
        signs.over(self.environment)
        if self.work.trouble:
            raise self.work.trouble
        while True:
            sleep(1)

    def on_stop(self) -> None:
        """Remove what was created."""
        work = getattr(self, "work", None)
        if work is None:
            return
        work.stop()
        work.sender.close()
        transport = HttpTransport(work.target)
        Tidying(work.target, transport, work.catalog.templates, work.ledger).remove()
        transport.close()
        work.ledger.close()


class OpenSchedule(LoadTestShape):
    """One user in each process, until the last arrival has been started and answered."""

    def tick(self) -> tuple[int, float] | None:
        """As many users as there are processes; None when it is over."""
        runner = self.runner
        assert runner is not None
        if signs.all_over(runner.environment):
            return None
        processes = max(getattr(runner, "worker_count", 1), 1)
        return processes, float(processes)


@events.init.add_listener  # type: ignore[untyped-decorator]
def check(environment: Environment, **_: Any) -> None:
    """Refuse what cannot be meant before anything is sent."""
    asked = environment.parsed_options
    if asked is None:
        return
    try:
        load_catalog().select(plan_of(asked).mix)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
