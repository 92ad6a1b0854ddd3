"""Admission of workers to a run: Locust's master and worker, whose shares are never moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from locust.env import Environment
from locust.rpc import Message
from locust.runners import STATE_INIT, MasterRunner, WorkerRunner

from scimproof.load.rpc.messages import ORDERS, REFUSED

Refused = Callable[[str, str], None]  # who, and why
Hear = Callable[[str, Any], None]  # the kind of a message, and its data
LEAVES = "quit"  # what Locust's master says last
NEW = "client_ready"  # what Locust's worker says first, and again after each reconnection


class AdmittingMaster(MasterRunner):
    """Locust's master that admits `wanted` workers, and none once the run has begun.

    Locust takes in whoever comes, at any time, and shares its users out anew. Here each worker has arrivals
    and names of its own: a share that is moved would be sent twice.
    """

    def __init__(self, environment: Environment, host: str, port: int, wanted: int, refused: Refused) -> None:
        self.wanted, self.begun, self._refused = wanted, False, refused
        super().__init__(environment, host, port)

    def handle_message(self, client_id: str, msg: Message) -> None:
        """As Locust does, but for a worker that comes too late or is one too many."""
        if msg.type == NEW and client_id not in self.clients and (why := self._full()):
            self._refused(host_of(client_id), why)
            self.send_message(REFUSED, {"why": why}, client_id)
            return
        super().handle_message(client_id, msg)

    def start(self, *arguments: Any, **named: Any) -> None:
        """Let the users begin, once; Locust calls this again whenever a worker comes or goes."""
        if self.state == STATE_INIT:
            super().start(*arguments, **named)

    def _full(self) -> str:
        if self.begun:
            return "it came too late: the run has begun, and its workers have their shares"
        if len(self.clients.ready) >= self.wanted:
            return f"it is one too many: the run has all of its {self.wanted} workers"
        return ""


class AdmittedWorker(WorkerRunner):
    """Locust's worker; `refused` has the master's reason where it was not admitted.

    `hear` is told the messages in ORDERS from the first moment: a job may come right behind the admission.
    `gone` is called when the master leaves, or was not heard of for a minute.
    """

    def __init__(
        self, environment: Environment, host: str, port: int, hear: Hear, gone: Callable[[], None]
    ) -> None:
        self.refused, self._hear, self._gone = "", hear, gone
        super().__init__(environment, host, port)

    def handle_message(self, msg: Message) -> None:
        """As Locust does; a refusal ends the wait for being admitted."""
        if msg.type == REFUSED:
            self.refused = str(msg.data["why"])
            self.connection_event.set()
        elif msg.type in ORDERS:
            self._hear(msg.type, msg.data)
        else:
            if msg.type == LEAVES:
                self._gone()
            super().handle_message(msg)

    def quit(self) -> None:
        """As Locust does, which calls it when the master is silent for too long."""
        self._gone()
        super().quit()


def host_of(client_id: str) -> str:
    """The host's name in the name that Locust gives a worker."""
    return client_id.rpartition("_")[0] or client_id
