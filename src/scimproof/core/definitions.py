"""The words of the product: requirements, steps, sequences, exchanges, findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Literal, NamedTuple

from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult

if TYPE_CHECKING:
    from scimproof.core.context import ExecutionContext

Level = Literal["MUST", "SHOULD", "MAY"]
Grade = Literal["A", "B", "C", "D"]
QUESTIONS = ("user", "group", "user-events", "group-events")  # what an observer can be asked about
SETTLED, AGAIN, EMPTY = "settled", "asked again", "empty"  # headers of what an observer told of a log


class Question(NamedTuple):
    """What an observer is asked: `about` is one of QUESTIONS, `name` the userName or displayName.

    `since` is a moment, in UTC, before which nothing happened that matters.
    """

    about: str
    id: str
    name: str
    since: datetime | None = None

    def json(self) -> dict[str, str]:
        """The question as an observer outside this program gets it."""
        label = "userName" if self.about.startswith("user") else "displayName"
        return {"ask": self.about, "id": self.id, label: self.name}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One sentence a target can be held to, with who says so.

    `broken` is what is wrong when the target does not hold to it, the title of every failure; `admin` is what
    an Okta administrator meets then. `groups` has either in other words (`broken`, `admin`) for where the
    requirement is asked of a group, and those above speak of users.
    `keeps` names the attribute whose
    plain values it says to be kept at all.
    """

    id: str
    authority: str
    level: Level
    statement: str
    broken: str
    source: str
    grade: str = ""
    admin: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    keeps: str = ""


Ask = Callable[["ExecutionContext", Exchange], CheckResult]


@dataclass(frozen=True, slots=True)
class Check:
    """Holds one answer to one requirement; what stands after a `gate` is only asked when it held.

    `beside` is a request file that a target has to accept of somebody ordinary for the rule to say anything:
    where it does not, it is not the odd name or the extension that is refused.
    """

    requirement: str
    ask: Ask
    gate: bool = False
    beside: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request of a sequence and what its answer is held to.

    The first check is a gate: when a gate does not hold, the checks after it and all later steps that
    are not `regardless` become inconclusive, naming that gate. `given` marks preparation:
    its checks are not findings of this sequence (another sequence holds the target to them), but its
    failure stops the sequence all the same. The checks of an `independent` step are asked one by one
    and stop nothing, as in Okta's own suites. `cast` puts somebody else into a role of the .http file:
    `{"user": "other"}` fills `user.id` with the id of `other`. `pages` walks a list to its end; `times`
    sends the request that often, counting `{{number}}` from 1, and asks the checks of the last answer.
    `authorization` is sent in place of the run's own credentials; with "" the request has no such header.

    `otherwise` is the request file of a preparing step that is sent where its own is declined, so that what
    stands on it can be asked all the same. `effect` is what the harness's own read of the resource has to
    show after a preparing write: where that had no effect, what stands on it is not asked. The answer to a
    `timed` step is measured with nothing else of the run under way, and once more where a check of it does
    not hold.

    With `observe`, one of QUESTIONS, nothing is sent: the run's observer is asked about the one in the role
    of `user` or `group`, and its answer is held to the checks. Such a step stops nothing that comes after
    it; without an observer its checks do not apply. With `act` too, it is what people do to that user
    outside SCIM, such as accepting an invitation: the observer plays it where it can, which is at a stand-in
    only; elsewhere the steps after it do not apply.
    """

    id: str
    request: str = ""
    checks: tuple[Check, ...] = ()
    given: bool = False
    creates: str = ""
    save: Mapping[str, str] = field(default_factory=dict)
    regardless: bool = False
    independent: bool = False
    otherwise: str = ""
    effect: tuple[Check, ...] = ()
    timed: bool = False
    pages: bool = False
    times: int = 1
    cast: Mapping[str, str] = field(default_factory=dict)
    blanks: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = None
    about: str = ""
    observe: str = ""
    act: str = ""

    def goes_on(self, *, ended: bool, binding: bool) -> bool:
        """Whether this step is sent after a gate that did not hold has `ended` the sequence.

        Where that is `binding`, as when a preparation failed, nothing is sent any more.
        """
        return not ended or (self.regardless and not binding)

    def recast(self, blank: str) -> str:
        """The blank that fills this one when somebody else plays the role: `other.id` for `user.id`."""
        role, dot, name = blank.partition(".")
        return self.cast.get(role, role) + dot + name

    def recast_all(self, blanks: Mapping[str, str]) -> dict[str, str]:
        """What is in these blanks of those who play other roles here, under the names of the roles."""
        return {
            role + name.removeprefix(actor): value
            for role, actor in self.cast.items()
            for name, value in blanks.items()
            if name.startswith(actor + ".")
        }


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """What Okta sends for one thing an administrator does, in order.

    `people` and `groups` name the cast and what each is like (see people.py). `population` asks for
    that many users that exist before the first step and are shared by all who ask; a cast member who is
    a `resident` is one of them, and no sequence may change residents. `chains` plays the
    steps that many times at once, each with a cast of its own. `alone` keeps other sequences of the
    run from sending meanwhile.
    """

    id: str
    title: str
    source: str
    steps: tuple[Step, ...]
    about: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    population: int = 0
    chains: int = 1
    alone: bool = False
    last: bool = False

    @property
    def sent(self) -> tuple[Step, ...]:
        """The steps that send a request; the others ask the observer."""
        return tuple(step for step in self.steps if not step.observe)

    @property
    def unattended(self) -> tuple[Step, ...]:
        """Those that are sent where nobody plays what people do: what comes after it stands on it."""
        return tuple(step for step in takewhile(lambda step: not step.act, self.steps) if not step.observe)


@dataclass(frozen=True, slots=True)
class GlobalCheck:
    """Holds every answer of a run to one requirement; `ask` gives None for answers it does not concern.

    With `ends` it is also put to a request that ended the target, so that no answer came.
    """

    requirement: str
    ask: Callable[[Exchange], CheckResult | None]
    ends: bool = False


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One thing that the documentation of an integration promises, and where its proof is.

    `requests` are operations of wire-facts or words; `findings` beginnings of ids of sequences, or ids of
    findings with `*` in them.
    """

    title: str
    about: str = ""
    requests: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What one certifies against: which sequences, and whose requirements decide the result.

    `deviations` names the product whose documented deviations are waived (suites/deviations). `observed`
    are sequences that are played too when there is an observer. `keeps` is what a load run may expect to
    find again of what it wrote; scimproof.load.plan.storage_rules reads it. `sender` names whose traffic it
    is (suites/<sender>/sender.toml), where the ids of its sequences do not say so.
    """

    id: str
    title: str
    sequences: tuple[str, ...]
    gates: tuple[str, ...]
    watches: tuple[str, ...] = ()
    about: str = ""
    deviations: str = ""
    observed: tuple[str, ...] = ()
    features: tuple[Feature, ...] = ()
    sender: str = ""
    keeps: Mapping[str, Json] = field(default_factory=dict)
