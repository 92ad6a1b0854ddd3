"""Plays chosen sequences against a bent embedded target in this process, and says how each finding ended."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
from scim2_server.responses import ScimResponse

from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Finding, Outcome, Verdict
from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.engine.runner import Runner
from scimproof.report.summary import result
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, FEW, TIMED, TOKEN, InProcess, catalog

PREFIX = "scimproof-right000"
QUIET = (Verdict.PASS, Verdict.NOT_APPLICABLE)


@dataclass
class Played:
    """What a run found, held to its profile."""

    run: Runner
    outcomes: list[Outcome]
    sent: list[Request] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """All but those asked by the clock, which a busy machine may break."""
        every = [finding for outcome in self.outcomes for finding in outcome.findings]
        return [finding for finding in every if finding.requirement not in TIMED]

    @property
    def loud(self) -> list[Finding]:
        """Whatever is neither right nor without occasion."""
        return [finding for finding in self.findings if finding.verdict not in QUIET]

    def rules(self, *verdicts: str, authority: str = "okta") -> set[str]:
        """The requirements of that authority that ended so."""
        known = catalog().requirements
        found = {finding.requirement for finding in self.findings if finding.verdict in verdicts}
        return {rule for rule in found if known[rule].authority == authority}

    @property
    def result(self) -> str:
        """What it amounts to by the profile's gates, as a report says it."""
        known, gates = catalog().requirements, self.run.profile.gates
        rows = [
            {"verdict": f.verdict, "gates": known[f.requirement].authority in gates} for f in self.findings
        ]
        return result(rows, stop=self.run.client.why)

    def of(self, requirement: str) -> list[Finding]:
        """The findings about that requirement."""
        return [finding for finding in self.findings if finding.requirement == requirement]


class Kept(InProcess):
    """Keeps what was sent."""

    def __init__(self, app: Any, target: Target | None = None) -> None:
        super().__init__(app, target)
        self.sent: list[Request] = []

    def send(
        self, request: Request, seconds: float | None = None, auth: httpx2.Auth | None = None
    ) -> Exchange:
        exchange = super().send(request, seconds, auth)
        self.sent.append(exchange.request)
        return exchange


def bent(behave: Callable[[InterceptedRequest], ScimResponse], *, edge: bool = False) -> Application:
    """The embedded target that does this otherwise."""
    return Application(TOKEN, [Fault("bent", "field report", "right", "", behave, edge=edge)], 0.0)


@contextmanager
def running(
    app: Any, *wanted: str, profile: str = "okta", most: int = FEW, **fields: Any
) -> Iterator[Runner]:
    """A run of these sequences, or all of the profile, one after the other; fields are those of Run.

    So many users at most are there for all; where the size of a group or a list matters it takes more.
    """
    with tempfile.TemporaryDirectory() as folder:
        known = catalog().profile(profile)
        ledger = Ledger(Path(folder) / "ledger.jsonl", BASE, fields.pop("prefix", PREFIX))
        try:
            yield Runner(
                catalog(),
                known,
                [
                    replace(one, population=min(one.population, most))
                    for one in catalog().select(wanted or known.sequences, inferred=not wanted)
                ],
                fields.pop("target", Target(BASE, Bearer(TOKEN))),
                fields.pop("transport", None) or Kept(app),
                ledger,
                budget=3000,
                **fields,
            )
        finally:
            ledger.close()


def played(app: Any, *wanted: str, profile: str = "okta", **fields: Any) -> Played:
    """Play them."""
    with running(app, *wanted, profile=profile, **fields) as run:
        return Played(run, list(run.play()), getattr(run.transport, "sent", []))


def creates(call: InterceptedRequest) -> bool:
    """A create of a user."""
    return call.on("Users", "create")


def names(findings: Iterable[Finding]) -> set[str]:
    """Their ids."""
    return {finding.id for finding in findings}
