"""Signs of life between the processes of a Locust run: who has played its share, and who is dead."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import locust.runners
from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner, WorkerRunner

# Seconds without a sign of life after which a worker counts as dead. Locust's own 3 are shorter than what
# compiling the sequences takes on a busy machine, where the others' shares were then played a second time.
SILENT = 20
OVER = "scimproof-over"
HERE = "here"

Starts = TypeVar("Starts", bound=Callable[[Any], None])


def patient() -> None:
    """Let this process, as a master, wait that long for its workers; before the first of them comes."""
    locust.runners.HEARTBEAT_LIVENESS = SILENT


def listen(environment: Environment) -> None:
    """In a process that decides when the run is over: hear who has come to the end."""
    environment.scimproof_over = set()  # type: ignore[attr-defined]
    if isinstance(environment.runner, MasterRunner):
        environment.runner.register_message(
            OVER,
            lambda environment, msg, **_: environment.scimproof_over.add(msg.node_id),
        )


def over(environment: Environment) -> None:
    """Tell that this process plays nothing any more; a worker tells its last figures first.

    Left to Locust they are sent at the stop, and the master waits half a second for them.
    """
    if isinstance(environment.runner, WorkerRunner):
        figures: dict[str, Any] = {}
        report = environment.events.report_to_master
        report.fire(client_id=environment.runner.client_id, data=figures)  # type: ignore[no-untyped-call]
        environment.runner.send_message("stats", figures)
        environment.runner.send_message(OVER)
    else:
        environment.scimproof_over.add(HERE)  # type: ignore[attr-defined]


def over_if_it_fails(start: Starts) -> Starts:
    """A user whose start fails plays nothing either; nobody need wait for it."""

    @wraps(start)
    def on_start(user: Any) -> None:
        try:
            start(user)
        except BaseException:
            over(user.environment)
            raise

    return on_start  # type: ignore[return-value]


def all_over(environment: Environment) -> bool:
    """Whether every process that is alive has told so."""
    runner, told = environment.runner, environment.scimproof_over  # type: ignore[attr-defined]
    if not isinstance(runner, MasterRunner):
        return HERE in told
    alive = {client.id for client in runner.clients.all if client.state != STATE_MISSING}
    return bool(told) and alive <= told
