"""Job of a generator process, as the command line tells it; no secret is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

from scimproof.catalog.app import AppSettings
from scimproof.load.capacity.settings import SearchSettings
from scimproof.load.plan.plan import Plan
from scimproof.observer.factory import Choice
from scimproof.target.options import TIMEOUT, Environment, TargetOptions
from scimproof.target.target import Target

Role = Literal["alone", "master", "worker", "cleaner"]
PORT = 5557  # Locust's own
HERE = "127.0.0.1"
FILES = ("token_file", "ca_bundle", "client_cert", "client_key", "header_file")


@dataclass(frozen=True, kw_only=True)
class Job:
    """Job: one process's share of a load run.

    `number` of `workers` tells which arrivals are its own; workers that are `apart` were started by others,
    and each removes what it created once the run is over. Secrets stay where `access` finds them: in the
    environment, which a child inherits, or in a file. `seconds` is the budget for getting workers together. A
    `cleaner` removes what the processes `whose` role and number fit that pattern have made.
    `profile` names the product that is loaded, `observer` who shows what SCIM does not, `app` how one's own
    app is set up. With a `search` the plan is played in steps of a rate each, up to what the target carries.
    With `counts` the process that merges the figures also tells what was counted each second.
    """

    plan: Plan
    access: TargetOptions
    prefix: str
    profile: str = ""
    observer: Choice | None = None
    app: AppSettings = field(default_factory=AppSettings)
    search: SearchSettings | None = None
    embedded: bool = False
    role: Role = "alone"
    number: int = 0
    apart: bool = False
    workers: int = 1
    host: str = HERE
    port: int = PORT
    seconds: float = 60.0
    whose: str = "*"
    counts: bool = False

    def target(self, environment: Environment, patience: float = TIMEOUT) -> Target:
        """The target, with its credentials from the environment or a file.

        `patience` are the seconds that the sender waits for an answer, where the user does not say otherwise.
        """
        return replace(self.access.target(environment, patience), embedded=self.embedded)

    def worker(self, number: int) -> Self:
        """The part of that worker."""
        return replace(self, role="worker", number=number)

    def part(self, number: int, workers: int) -> Self:
        """The same as a master tells it: of the way in the URL only.

        How to be let in is each machine's own affair, and a header beside the sender's may be secret.
        """
        return replace(self.worker(number), workers=workers, access=TargetOptions(url=self.access.url))

    def as_text(self) -> str:
        """One line of JSON."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields |= {"plan": self.plan.as_json(), "access": asdict(self.access)}
        fields["app"] = self.app.json()
        fields["observer"] = asdict(self.observer) if self.observer else None
        fields["search"] = self.search.as_json() if self.search else None
        return json.dumps(fields, default=str)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The job that `as_text` wrote."""
        fields: dict[str, Any] = json.loads(text)
        known = fields | {"plan": Plan.from_json(fields["plan"]), "access": _access(fields["access"])}
        known["app"] = AppSettings.from_json(fields["app"])
        known["search"] = SearchSettings.from_json(fields["search"]) if fields["search"] else None
        seen = fields["observer"]
        known["observer"] = Choice(**seen | {"command": tuple(seen["command"])}) if seen else None
        return cls(**known)


def _access(fields: Mapping[str, Any]) -> TargetOptions:
    known = dict(fields) | {"headers": tuple(fields["headers"])}
    return TargetOptions(**known | {name: Path(known[name]) for name in FILES if known[name]})
