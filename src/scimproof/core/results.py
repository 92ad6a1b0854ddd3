"""Results of checks: check result, verdict, finding, and the outcome of a step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from scimproof.core.http_message import Exchange


class Verdict(StrEnum):
    """The verdict of a finding, from best to worst."""

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


Weight = Literal["usual", "declined", "grave"]


class CheckResult(NamedTuple):
    """The result of a check: whether the rule held, what was expected and what was observed.

    `held` is None when the rule could not be decided (`cannot_tell`) or does not apply. `about` are the paths
    of the attributes that broke it, where it is only these; `wrong` those that were found wrong, where other
    checks of the same answer may be about them too, and `lost` those of them that had a value before.

    A `weight` of "declined" makes a broken rule a warning at most: something optional was cleanly refused. A
    "grave" one is a failure although the rule is contested: what must not happen was done.
    """

    held: bool | None
    expected: str
    observed: str
    applies: bool = True
    about: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    weight: Weight = "usual"


def held(expected: str, observed: str = "as expected") -> CheckResult:
    """A result that says that the rule held."""
    return CheckResult(held=True, expected=expected, observed=observed)


def broken(
    expected: str, observed: str, about: tuple[str, ...] = (), wrong: tuple[str, ...] = ()
) -> CheckResult:
    """A result that says that the rule was broken; only by the attributes of `about` where it names any."""
    return CheckResult(held=False, expected=expected, observed=observed, about=about, wrong=wrong or about)


def declined(expected: str, observed: str) -> CheckResult:
    """A result that says that something optional was cleanly refused: a warning at most."""
    return CheckResult(held=False, expected=expected, observed=observed, weight="declined")


def grave(expected: str, observed: str) -> CheckResult:
    """A result that says that what must not happen was done: a failure also of a contested rule."""
    return CheckResult(held=False, expected=expected, observed=observed, weight="grave")


def cannot_tell(expected: str, why: str) -> CheckResult:
    """A result that says that the evidence does not decide; `why` is the reason."""
    return CheckResult(held=None, expected=expected, observed=why)


def does_not_apply(why: str) -> CheckResult:
    """A result that says that the rule does not apply to this target."""
    return CheckResult(held=None, expected="", observed=why, applies=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement checked at one step, with its verdict: the unit of a report.

    `because` is the id of the failed gate that blocked this check.
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
    """The exchanges and findings of one executed step (no findings for a preparing step)."""

    sequence: str
    step: str
    exchanges: tuple[Exchange, ...]
    findings: tuple[Finding, ...]

    @property
    def id(self) -> str:
        """`<sequence>/<step>`: the same name in pytest, Locust and the report."""
        return f"{self.sequence}/{self.step}"
