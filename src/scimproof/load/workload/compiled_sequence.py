"""Compiled sequence: a sequence ready to be played thousands of times, with requests, checks, identities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Row
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import unquote

from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import BLANK
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.definitions import Sequence, Step
from scimproof.core.http_message import Json
from scimproof.core.paging import total_results
from scimproof.core.scim import Kind, name_of
from scimproof.engine.sending import more_after
from scimproof.engine.write_guard import may_create
from scimproof.load.client.response import Response
from scimproof.load.fast_json import load_json
from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.plan.identities import Cast, IdentitySet
from scimproof.load.plan.storage_rules import Full
from scimproof.load.workload.compiled_request import CompiledRequest, Rules
from scimproof.load.workload.quick_check import QuickCheck, promise
from scimproof.load.workload.spliced_request import SplicedRequest
from scimproof.target.target import Target, as_stranger, with_headers

# Why no step that stands on the last one may follow: empty while it goes on, `declined` when the target does
# not offer something optional, `full` when it has no room for one more.
End = Literal["", "declined", "full", "failed"]
NOTHING: Any = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CompiledStep:
    """Compiled step, ready to be sent: its name in all metrics is `<sequence>/<step>`."""

    step: Step
    name: str
    method: str
    compiled: CompiledRequest
    glance: QuickCheck
    operation: StepCounters
    kind: Kind | None  # of what a POST, or a PUT to nobody's id, may create; None for everything else
    names: str  # the blank whose value a POST names its resource by, empty when there is none
    numbered: bool  # whether it may send more than once, one after another
    together: bool  # whether it sends several requests that are under way at the same time
    addresses: bool  # whether the path ends in an id
    users: bool  # whether it is about users
    rules: Mapping[str, Callable[[ExecutionContext], object]]
    ids: tuple[tuple[str, Kind], ...] = ()  # the blanks in it whose values are ids, and of what
    stencil: SplicedRequest | None = None
    page_size: int = 100  # resources, as the sender walks lists

    def bodies(self, scene: ExecutionContext) -> Rules | None:
        """The body rules for that scene, None when the file needs none."""
        return {name: partial(rule, scene) for name, rule in self.rules.items()} if self.rules else None

    def creating(self, scene: ExecutionContext, body: bytes) -> str:
        """The name of what this POST asks for, as the ledger has it."""
        if self.names:
            return scene.blanks[self.names]
        return name_of(self.kind or "User", load_json(body))

    def again(self, number: int, body: Json) -> bool:
        """Whether this step sends once more after that many exchanges, the last of which went well.

        Where it walks a list, the sender's rule decides; totalResults may come as text.
        """
        return number < self.step.times or more_after(self.step, number, total_results(body), self.page_size)

    def ending(self, answer: Response, wrong: str) -> End:
        """Whether the steps that stand on this one may follow (empty), and why not."""
        if self.step.independent:
            return ""
        if wrong:
            return "failed"
        if self.glance.limited and self.glance.full(answer):
            return "full"
        return "declined" if self.glance.ends_quietly(answer) else ""

    def addressed(self, target: str) -> str:
        """The id at the end of a request's path, empty for a collection."""
        if not self.addresses:
            return ""
        id = target.partition("?")[0].rpartition("/")[2]
        return unquote(id) if "%" in id else id


class LeanContext(ExecutionContext):
    """Context of a playing without full checks: blanks and shared users, nothing that only checks read."""

    # One for all, where each other context has its own: making seven of them was a twentieth of a request.
    exchanges = pages = concluded = texts = facts = NOTHING
    began = datetime.min.replace(tzinfo=UTC)

    def __init__(self, sequence: str, blanks: dict[str, str], population: tuple[Member, ...]) -> None:
        self.sequence, self.blanks, self.population = sequence, blanks, population


@dataclass(frozen=True)
class CompiledSequence:
    """Compiled sequence. `keeps` says that body rules read the exchanges of earlier steps.

    A sequence that wants to be `alone` is played like any other, but its checks assume a quiet target: they
    are not asked under load.
    """

    sequence: Sequence
    steps: tuple[CompiledStep, ...]
    whole: StepCounters
    keeps: bool
    blanks: IdentitySet
    population: Row[Member] = field(default=(), repr=False)

    @property
    def checkable(self) -> bool:
        """Whether the full checks mean something while other sequences are played."""
        return not self.sequence.alone

    def scene(self, number: int, run: Mapping[str, str]) -> ExecutionContext:
        """Context for the playing of that number; shared users are taken in turn from the population."""
        some = self._residents(number)
        return ExecutionContext(self.sequence.id, self.blanks(number, some, run), some)

    def lean(self, number: int, core: str, run: Mapping[str, str]) -> ExecutionContext:
        """The same where nobody looks at all the blanks: each is made when it is asked for."""
        some = self._residents(number)
        return LeanContext(self.sequence.id, self.blanks.lazy(number, some, run, core), some)

    def _residents(self, number: int) -> tuple[Member, ...]:
        count = self.sequence.population
        if not count:
            return ()
        first = number * count % len(self.population)
        return tuple((*self.population[first : first + count], *self.population[:count])[:count])


def run_blanks(target: Target, prefix: str) -> dict[str, str]:
    """The blanks that stay for a whole run."""
    return target.blanks(prefix)


def ready(
    sequence: Sequence,
    catalog: Catalog,
    target: Target,
    cast: Cast,
    figures: Metrics,
    population: Row[Member] = (),
    full: Row[Full] = (),
) -> CompiledSequence:
    """Compile a sequence; raises ValueError when the population is smaller than it needs."""
    if len(population) < sequence.population:
        raise ValueError(f"{sequence.id} needs {sequence.population} users there, {len(population)} are")
    # What the harness looks up or tries again to prepare a question is no traffic of the sender's.
    sent = tuple(replace(step, effect=(), otherwise="") for step in sequence.unattended)
    sequence = replace(sequence, steps=sent)
    moulds = cast.moulds()
    steps = tuple(
        _ready(sequence, step, catalog, target, cast.prefix, figures, moulds, full) for step in sequence.steps
    )
    keeps = any(step.rules for step in steps)
    whole = figures.sequence(sequence.id)
    return CompiledSequence(sequence, steps, whole, keeps, moulds, population)


def _ready(
    sequence: Sequence,
    step: Step,
    catalog: Catalog,
    target: Target,
    prefix: str,
    figures: Metrics,
    moulds: IdentitySet,
    full: Row[Full],
) -> CompiledStep:
    template = catalog.templates[step.request]
    constants = run_blanks(target, prefix) | dict(step.blanks)
    name = f"{sequence.id}/{step.id}"
    path = template.target.removeprefix("{{base}}").partition("?")[0]
    kind: Kind | None = None
    if may_create(template.method, nobody=not BLANK.search(path)):
        kind = "Group" if "/Groups" in template.target else "User"
    promised = promise(template, step.recast)
    headers = target.headers
    if step.authorization is not None:  # wrong credentials are wrong wherever they are sent
        headers = with_headers(as_stranger(headers).headers, headers)
    compiled = CompiledRequest(template, constants, step.recast, headers)
    numbered = bool(step.pages) or step.times > 1 or bool(template.blanks & {"startIndex", "number"})
    return CompiledStep(
        step=step,
        name=name,
        method=template.method,
        compiled=compiled,
        glance=QuickCheck(step, template, catalog.requirements[step.checks[0].requirement], promised, full),
        operation=figures.operation(name),
        kind=kind,
        names=promised.display_name if kind == "Group" else promised.user_name,
        numbered=numbered,
        together=bool(step.members) or step.at_once > 1,
        addresses=path.count("/") == 2,
        users=path.startswith("/Users"),
        page_size=catalog.sender_of(step.request).page_size,
        rules={rule: catalog.rules[rule] for rule in template.rules},
        ids=tuple(
            (name, "Group" if name.removesuffix(".id") in sequence.groups else "User")
            for name in sorted(step.recast(blank) for blank in template.blanks if blank.endswith(".id"))
        ),
        stencil=None if numbered else SplicedRequest.of(compiled, moulds),
    )
