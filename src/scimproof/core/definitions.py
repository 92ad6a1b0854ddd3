"""The words of the product: requirements, steps, sequences, exchanges, findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from scimproof.core.context import Scene

Json = Any
Level = Literal["MUST", "SHOULD", "MAY"]
Kind = Literal["User", "Group"]
Grade = Literal["A", "B", "C", "D"]
Lost = Literal["", "unsent", "closed", "ended"]
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


class Verdict(StrEnum):
    """How a finding ended, from best to worst."""

    PASS = "pass"
    NOT_APPLICABLE = "not-applicable"
    WAIVED = "waived"
    WARNING = "warning"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for the best verdict, rising to the worst."""
        return list(Verdict).index(self)


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


@dataclass(frozen=True)
class Request:
    """A filled request: exactly the bytes that go on the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @cached_property
    def json(self) -> Json:
        """The body parsed, None when there is none or it is not JSON."""
        return parse_json(self.body)

    def wire(self) -> bytes:
        """The whole HTTP/1.1 message."""
        head = f"{self.method} {self.target} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return head.encode("latin-1") + b"\r\n" + self.body


@dataclass(frozen=True)
class Exchange:
    """One request with what came back: the evidence behind a finding.

    `status` is 0 and `error` a sentence when no complete answer arrived; `seconds` counts from the
    first byte sent to the last byte read (or to giving up). So many bytes as `cut` says came after
    `body` and were not kept as evidence. `by` is "observer" for what was read elsewhere than at the target:
    then the request is the question, and the body the answer, as one JSON object of words (null for nobody).

    `lost` is "unsent" when there was no connection, so that the target never saw the request, and "closed"
    when the connection ended before anything of an answer; "ended" where the target was gone from then on. So
    many bytes as `surplus` says came behind the answer, and belong to none. `known` says that a create was
    answered with an id that was given out before.
    """

    number: int
    request: Request
    status: int = 0
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    seconds: float = 0.0
    error: str = ""
    cut: int = 0
    by: str = ""
    lost: Lost = ""
    surplus: int = 0
    known: bool = False

    @cached_property
    def json(self) -> Json:
        """The body parsed, None when it is empty or not JSON."""
        return parse_json(self.body)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any letter case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def ok(self) -> bool:
        """A complete answer with a 2xx status."""
        return not self.error and 200 <= self.status < 300

    def summary(self) -> str:
        """One line for a person: status and the start of the body, or why there is no answer."""
        if self.error:
            return self.error
        start = " ".join(self.body[:1000].decode("utf-8", "replace").split())
        text = short(start + ("…" if len(self.body) > 1000 else ""), 200)
        return f"{self.status} {self.reason}".strip() + (f" {text}" if text else "")


# Of what was judged only so much is kept as evidence: a report shows 64 KiB of a body, and needs whole
# JSON to tell whose the resources in it are.
KEPT_BODY = 256 * 1024


def slim(exchange: Exchange, body: int = KEPT_BODY) -> Exchange:
    """The exchange as evidence: without what parsing left behind, and with so many bytes of its answer."""
    kept = exchange.body[:body]
    cut = exchange.cut + len(exchange.body) - len(kept)
    return replace(exchange, request=replace(exchange.request), body=kept, cut=cut)


def short(text: str, most: int) -> str:
    """The text, or its first `most` characters and a …, which tells the redactor that a secret may be cut."""
    return text if len(text) <= most else text[:most] + "…"


# A body of more values is not parsed: 16 MiB of `{},{},` would fill 450 MB. Twenty thousand users at once,
# each with 25 values, are still read.
MOST_VALUES = 600_000


def crowded(body: bytes | bytearray) -> bool:
    """Whether a body holds more JSON values than are read; commas inside texts count too."""
    if len(body) <= MOST_VALUES:
        return False
    return body.count(b",") + body.count(b"{") + body.count(b"[") > MOST_VALUES


def parse_json(body: bytes) -> Json:
    """JSON from UTF-8 bytes; None for anything else a server may send, however broken, deep or crowded."""
    if not body or crowded(body):
        return None
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


class Judgement(NamedTuple):
    """What a check concludes: whether the rule held, what was expected, what was seen.

    `held` is None when the rule could not be asked (`cannot_tell`) or does not apply. `about` are the paths
    of the attributes that broke it, where these are all that did.
    """

    held: bool | None
    expected: str
    observed: str
    applies: bool = True
    about: tuple[str, ...] = ()


def held(expected: str, observed: str = "as expected") -> Judgement:
    """The rule held."""
    return Judgement(held=True, expected=expected, observed=observed)


def broken(expected: str, observed: str, about: tuple[str, ...] = ()) -> Judgement:
    """The rule was broken, by the attributes of these paths alone where they are named."""
    return Judgement(held=False, expected=expected, observed=observed, about=about)


def cannot_tell(expected: str, why: str) -> Judgement:
    """The evidence does not decide; `why` names the cause."""
    return Judgement(held=None, expected=expected, observed=why)


def does_not_apply(why: str) -> Judgement:
    """The rule has nothing to say about this target."""
    return Judgement(held=None, expected="", observed=why, applies=False)


Ask = Callable[["Scene", Exchange], Judgement]


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
class Watch:
    """Holds every answer of a run to one requirement; `ask` gives None for answers it does not concern.

    With `ends` it is also put to a request that ended the target, so that no answer came.
    """

    requirement: str
    ask: Callable[[Exchange], Judgement | None]
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement asked at one step: the unit of a report.

    `because` is the id of the gate that did not hold, where that kept this requirement from being asked.
    """

    sequence: str
    step: str
    requirement: str
    verdict: Verdict
    expected: str = ""
    observed: str = ""
    exchange: int | None = None
    because: str = ""

    @property
    def id(self) -> str:
        """`<sequence>/<step>#<requirement>`, stable between runs."""
        return f"{self.sequence}/{self.step}#{self.requirement}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What playing one step gave: its exchanges and its findings (none for a given step)."""

    sequence: str
    step: str
    exchanges: tuple[Exchange, ...]
    findings: tuple[Finding, ...]

    @property
    def id(self) -> str:
        """`<sequence>/<step>`: the same name in pytest, Locust and the report."""
        return f"{self.sequence}/{self.step}"


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
    find again of what it wrote; scimproof.load.plan.storage_rules reads it.
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
    keeps: Mapping[str, Json] = field(default_factory=dict)
