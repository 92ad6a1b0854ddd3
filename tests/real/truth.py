"""Compares the findings of a run with what is known of the server: no miss, no wrong alarm."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

BAD = ("fail", "error")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One row of ground_truth.toml, whose head says what the fields mean."""

    says: str
    findings: tuple[str, ...]
    breaks: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    sometimes: tuple[str, ...] = ()
    holds_back: tuple[str, ...] = ()
    beyond: str = ""

    def covers(self, finding: str) -> bool:
        """Whether this fact accounts for a finding of that id."""
        return any(_matches(finding, pattern) for pattern in self.findings)

    def explains(self, server: str, finding: str) -> bool:
        """Whether this fact is why a finding of that id cannot be decided at that server."""
        untrue = server in (*self.breaks, *self.warns)
        return untrue and any(_matches(finding, pattern) for pattern in self.holds_back)

    def misses(self, server: str, verdicts: Mapping[str, str]) -> list[str]:
        """What the run should have said of this fact and did not."""
        said = [(pattern, _matching(pattern, verdicts)) for pattern in self.findings]
        if server in (*self.untold, *self.sometimes):
            return []
        gone = [f"no finding is called {pattern}" for pattern, seen in said if not seen]
        if gone:
            return gone
        if server in self.breaks:
            return [f"{pattern} should fail" for pattern, seen in said if "fail" not in seen]
        if server in self.warns:
            return [] if any("warning" in seen for _, seen in said) else ["nothing warns"]
        return [f"{pattern} never passes" for pattern, seen in said if "pass" not in seen]


def load_facts(profile: str = "okta") -> list[Fact]:
    """The facts of ground_truth.toml, or of that of another profile."""
    name = "ground_truth.toml" if profile == "okta" else f"ground_truth_{profile}.toml"
    path = Path(__file__).with_name(name)
    rows: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["fact"]
    return [Fact(**{key: _frozen(value) for key, value in row.items()}) for row in rows]


def complaints(
    server: str,
    verdicts: Mapping[str, str],
    facts: Iterable[Fact],
    because: Mapping[str, str] | None = None,
) -> list[str]:
    """Where the verdicts (by finding id) and the facts disagree, a sentence each.

    `because` has the finding that held another one back, where one did.
    """
    facts = list(facts)
    missed = [f"miss: {fact.says}: {why}" for fact in facts for why in fact.misses(server, verdicts)]
    return missed + wrong_alarms(server, verdicts, facts, because or {})


def wrong_alarms(
    server: str, verdicts: Mapping[str, str], facts: list[Fact], because: Mapping[str, str]
) -> list[str]:
    """The fails, errors and warnings that no fact accounts for."""
    found = []
    for finding, verdict in verdicts.items():
        excused = [fact for fact in facts if fact.covers(finding)]
        may_fail = any(server in (*fact.breaks, *fact.sometimes) for fact in excused)
        may_warn = may_fail or any(server in fact.warns for fact in excused)
        if verdict in BAD and not (verdict == "fail" and may_fail):
            found.append(f"wrong alarm: {finding} is {verdict}")
        if verdict == "warning" and not may_warn:
            found.append(f"wrong alarm: {finding} is a warning")
        explained = any(fact.explains(server, finding) for fact in facts)
        if verdict == "inconclusive" and not explained and not _has_a_cause(finding, verdicts, because):
            found.append(f"without a cause: {finding} is inconclusive and nothing of its sequence fails")
    return found


def _has_a_cause(finding: str, verdicts: Mapping[str, str], because: Mapping[str, str]) -> bool:
    """Whether something of its sequence fails, or elsewhere the rule by which its preparation failed."""
    sequence, rule = finding.partition("/")[0] + "/", because.get(finding, "").rpartition("#")[2]
    if rule and any(verdict == "fail" and other.endswith(f"#{rule}") for other, verdict in verdicts.items()):
        return True
    return any(verdict == "fail" for other, verdict in verdicts.items() if other.startswith(sequence))


def _matching(pattern: str, verdicts: Mapping[str, str]) -> set[str]:
    return {verdict for finding, verdict in verdicts.items() if _matches(finding, pattern)}


def _matches(finding: str, pattern: str) -> bool:
    """Whether an id is as the glob wants it; `[` stands for itself, since ids have keys in brackets."""
    return fnmatchcase(finding, pattern.replace("[", "[[]"))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
