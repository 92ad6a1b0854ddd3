"""Definitions that suites are made of: requirements, checks, steps, sequences, global checks, profiles."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult

if TYPE_CHECKING:
    from scimproof.core.context import ExecutionContext
    from scimproof.core.discovery import Discovery

Level = Literal["MUST", "SHOULD", "MAY"]
Grade = Literal["A", "B", "C", "N", "D"]
OfState = Literal["declined", "lost", "bystanders", "departed"]
QUESTIONS = ("user", "group", "user-events", "group-events")  # what an observer can be asked about
OTHER_TOKEN = "Bearer scimproof-token-of-another-tenant"  # stands for that token until it is sent
# Stand for credentials made of the run's own until they are sent: without the last letter, and with the name
# of the scheme in small letters.
CUT_TOKEN = "Bearer scimproof-token-without-its-last-letter"
SMALL_SCHEME = "bearer scimproof-token-after-a-scheme-in-small-letters"
SETTLED, AGAIN, EMPTY = "settled", "asked again", "empty"  # headers of what an observer told of a log


class Question(NamedTuple):
    """A question to the observer: `about` is one of QUESTIONS, `name` the userName or displayName.

    `since` is a time in UTC: only later events matter.
    """

    about: str
    id: str
    name: str
    since: datetime | None = None

    def json(self) -> dict[str, str]:
        """The question as JSON, as the observer's program gets it on standard input."""
        label = "userName" if self.about.startswith("user") else "displayName"
        return {"ask": self.about, "id": self.id, label: self.name}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One rule that a target is tested against, with its level and its source (RFC section, operation).

    `broken` is the sentence for its violation, the title of every failure; `admin` is what an administrator
    experiences then. `groups` has other words (`broken`, `admin`, `then`) for a group, where the usual ones
    are about users. `keeps` names the attribute that the rule says a target stores at all. `rows` are the
    rows of the catalogue of an RFC's requirements that it covers (suites/rows.toml). `contested` says why a
    violation of a MUST is only a warning: the RFC contradicts itself there, or good servers differ. Where
    an answer that is no error breaks it, `log` names what the sender's log shows, and `then` what happens
    besides (catalog.provisioning_log).
    """

    id: str
    authority: str
    level: Level
    statement: str
    broken: str
    source: str
    grade: str = ""
    admin: str = ""
    groups: Mapping[str, Any] = field(default_factory=dict)
    keeps: str = ""
    rows: tuple[str, ...] = ()
    contested: str = ""
    log: str = ""
    then: tuple[str, ...] = ()


Ask = Callable[["ExecutionContext", Exchange], CheckResult]
# Gives template variables for the next request, gets its exchange, and in the end tells what was found.
Dialogue = Callable[["ExecutionContext"], Generator[Mapping[str, str], Exchange, CheckResult]]


@dataclass(frozen=True, slots=True)
class Check:
    """A requirement bound to the function that decides it for one answer.

    When a `gate` fails, the checks after it are not made. `beside` is a request template that the target has
    to accept for an ordinary user: where it refuses that as well, the refusal is not about this rule (an
    unusual name, an extension). A check of the `whole` resource tells nothing that another check of the same
    answer, about one attribute, has told.
    """

    requirement: str
    ask: Ask
    gate: bool = False
    beside: str = ""
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request of a sequence and the checks of its answer.

    The first check is a gate. When a gate fails, the checks after it and all later steps that are not
    `regardless` become inconclusive and name that gate. The checks of a `given` (preparing) step are not
    findings of this sequence, since another sequence has them, but their failure ends it. The checks of an
    `independent` step are made one by one and end nothing. `cast` gives a role of the .http file to another
    test user: `{"user": "other"}` fills `user.id` with the id of `other`. `pages` walks a list to its end;
    `times` sends the request that often, counting `{{number}}` from 1, and checks the last answer.
    A write is sent `at_once` so often, each while the others are under way; with `members` once for each of
    so many shared users, whose id is `{{member.id}}`. Checks see one that was accepted, where any was.
    `authorization` replaces the run's credentials; with "" the request has no such header, with OTHER_TOKEN
    it is the token of another tenant.

    `otherwise` is the request template that is sent if a preparing step's own is refused, so that later steps
    can run. `effect` is what the harness's own read has to show after a preparing write; without that effect
    later steps are not checked. The answer to a `timed` step is measured with no other request of the run in
    flight, and once more if a check of it fails.

    With `observe`, one of QUESTIONS, nothing is sent: the observer is asked about the test user or group in
    that role, and the checks are of its answer. Such a step ends nothing; without an observer its checks do
    not apply. With `act` too, the observer plays an action of people outside SCIM, such as accepting an
    invitation, where it can (at a stand-in only); elsewhere the later steps do not apply.

    An `own` step is a read of the harness, which shows a write that the sender does not read back; it is not
    sent under load.

    `needs` are what the target has to have for this step (core.discovery); else its checks do not apply. With
    `each`, the name of an expansion, the request is sent once for each of its cases, and the checks see all
    answers. A list is walked by the sender's own count of pages, by "cursor" from `{{cursor}}` on (RFC 9865),
    or one "follow"s what each page says, by `{{!onward}}`. Values of `blanks` may have template variables of
    their own.

    `wait` is how many seconds pass before it is sent. A read that `settles` is sent again for so many
    seconds, until its checks hold: an index may be late. In a `dialogue` what is sent next depends on the
    answers; its conclusion is `concluded` in the context.

    A step of a replay has no request template: `recorded` is the method and path of the request as it was
    recorded, and `operation` what it is of the sender's, where it is recognised.
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
    pages: bool | Literal["follow", "cursor"] = False
    times: int = 1
    at_once: int = 1
    members: int = 0
    cast: Mapping[str, str] = field(default_factory=dict)
    blanks: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = None
    about: str = ""
    observe: str = ""
    act: str = ""
    own: bool = False
    needs: tuple[str, ...] = ()
    each: str = ""
    wait: float = 0.0
    settles: float = 0.0
    dialogue: Dialogue | None = None
    recorded: str = ""
    operation: str = ""

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
class Case:
    """One case of a sequence that is executed for each attribute, type or form that a target has.

    `key` stands in brackets behind the sequence's id. `blanks` are template variables, whose values may have
    others in them; `facts` is what checks have to know; `without` are steps that do not apply, and why.
    """

    key: str
    blanks: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """Which cases of a sequence or a step a target has: a function of what its discovery says.

    `cases` gives them in order, or says in a sentence why there are none. `blanks` are the names of the
    template variables that every case has.
    """

    cases: Callable[[Discovery], list[Case] | str]
    blanks: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """The requests that the sender issues for one action of an administrator, in order.

    `people` and `groups` are its test users and groups with their kinds (catalog/identities.py). `population`
    is the number of shared users that have to exist before the first step; a test user of kind `resident` is
    one of them, and no sequence may change these. `chains` runs the steps that many times at once, each with
    test users of its own. With `alone` no other sequence of the run sends requests meanwhile.

    `needs` are what the target has to have (core.discovery); without it nothing is sent. With `each`, the
    name of an expansion, the sequence is executed once for each `case`, or for those with the keys `only`.
    `shares` is the id of a preparation:
    a sequence without findings that is executed once in a run, whose template variables are known here.
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
    needs: tuple[str, ...] = ()
    each: str = ""
    case: Case | None = None
    only: tuple[str, ...] = ()
    shares: str = ""

    @property
    def literal(self) -> str:
        """The id as it is written: without the key of a case."""
        return self.id.removesuffix(f"[{self.case.key}]") if self.case else self.id

    @property
    def sent(self) -> tuple[Step, ...]:
        """The steps that send a request template; others ask the observer, or send what was recorded."""
        return tuple(step for step in self.steps if not (step.observe or step.recorded))

    @property
    def unattended(self) -> tuple[Step, ...]:
        """The steps that are sent under load, where no observer plays people and there is no second token."""
        before = takewhile(lambda step: not step.act and step.authorization != OTHER_TOKEN, self.steps)
        return tuple(s for s in before if not (s.observe or s.own or s.dialogue))


@dataclass(frozen=True, slots=True)
class GlobalCheck:
    """A check of every answer of a run; `ask` gives None for answers that the requirement is not about.

    With `ends` it is also made for a request after which the target stopped answering. `of_state` are those
    that are concluded at the end of a run from the expected state of all resources (engine.state_summary).
    `watch` makes, for each run, a question that remembers; it also sees the answers of discovery endpoints.
    """

    requirement: str
    ask: Callable[[Exchange], CheckResult | None] = lambda _: None
    ends: bool = False
    of_state: OfState | None = None
    watch: Callable[[], Watch] | None = None


@dataclass(frozen=True, slots=True)
class RunKnowledge:
    """What a watch may know of its run: the prefix of all names, what the target's discovery says.

    `base` is the path of the base URL, `ids` are those that creates of the run were answered with.
    """

    prefix: str
    discovery: Callable[[], Discovery | None]
    base: str = ""
    ids: set[str] = field(default_factory=set)


class Watch(Protocol):
    """A question to all answers of one run, which may remember what it saw. Not called at the same time."""

    def look(self, exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
        """What this answer shows; None where the requirement is not about it."""
        ...

    def conclude(self, run: RunKnowledge) -> CheckResult | None:
        """What all answers together show, at the end of the run; None for nothing beyond `look`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One feature that the documentation of an integration promises, and the findings that prove it.

    `requests` are operations of wire-facts, or words; `findings` are beginnings of sequence ids, or ids of
    findings with `*` as a wildcard.
    """

    title: str
    about: str = ""
    requests: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A certification profile: the sequences to run, and the authorities whose rules decide the result.

    `deviations` is the product whose documented deviations are waived (suites/deviations). `observed` are
    sequences that need an observer. `keeps` says which attributes a load run may expect to be stored
    (load/plan/storage_rules.py). `sender` is the sender (suites/<sender>/sender.toml), where the ids of its
    sequences do not tell it.
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
