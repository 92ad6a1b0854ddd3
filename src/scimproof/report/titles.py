"""Titles of findings: the violation where the rule does not hold, else the rule."""

from __future__ import annotations

import re
from typing import Any

from scimproof.core.results import Verdict

Row = dict[str, Any]
BROKEN = {Verdict.FAIL, Verdict.WARNING}
OF_GROUPS = re.compile(r"/Groups(?:[/?]|$)")


def title(rule: Row, finding: Row, exchange: Row | None) -> str:
    """The violation where the finding does not hold, waived or not, and else its rule.

    `exchange` is its evidence. Reports of earlier versions have the rule only.
    """
    if not is_broken(finding):
        return str(rule.get("statement", ""))
    return broken(rule, exchange)


def broken(rule: Row, exchange: Row | None = None) -> str:
    """The sentence for the violation of a rule, in the wording for groups where it is about a group."""
    return str(_words(rule, exchange).get("broken") or rule.get("broken") or rule.get("statement", ""))


def admin(rule: Row, exchange: Row | None = None) -> str:
    """What an administrator experiences when the rule is broken; "" where that is unknown."""
    return str(_words(rule, exchange).get("admin") or rule.get("admin", ""))


def follows(rule: Row, exchange: Row | None = None) -> list[str]:
    """The names of what happens besides where an answer that is no error breaks the rule."""
    words = _words(rule, exchange)
    names: list[str] = words["then"] if "then" in words else rule.get("then", [])
    return names


def is_broken(finding: Row) -> bool:
    """Whether its rule does not hold, waived or not."""
    return (finding.get("unwaived") or finding["verdict"]) in BROKEN


def _words(rule: Row, exchange: Row | None) -> Row:
    of_group = exchange is not None and OF_GROUPS.search(str(exchange["request"]["target"]))
    return rule.get("groups", {}) if of_group else {}
