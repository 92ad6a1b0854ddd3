"""What a finding is called: what is wrong where it does not hold, else the rule; of groups in their words."""

from __future__ import annotations

import re
from typing import Any

from scimproof.core.results import Verdict

Row = dict[str, Any]
BROKEN = {Verdict.FAIL, Verdict.WARNING}
OF_GROUPS = re.compile(r"/Groups(?:[/?]|$)")


def title(rule: Row, finding: Row, exchange: Row | None) -> str:
    """What is wrong where the finding does not hold, waived or not, and else its rule.

    `exchange` is its evidence. Reports of earlier versions have the rule only.
    """
    if not is_broken(finding):
        return str(rule.get("statement", ""))
    return broken(rule, exchange)


def broken(rule: Row, exchange: Row | None = None) -> str:
    """What is wrong when the rule is broken, there where a group is asked about in words for groups."""
    return str(_words(rule, exchange).get("broken") or rule.get("broken") or rule.get("statement", ""))


def admin(rule: Row, exchange: Row | None = None) -> str:
    """What an administrator meets when the rule is broken; "" where nobody knows."""
    return str(_words(rule, exchange).get("admin") or rule.get("admin", ""))


def is_broken(finding: Row) -> bool:
    """Whether its rule does not hold, waived or not."""
    return (finding.get("unwaived") or finding["verdict"]) in BROKEN


def _words(rule: Row, exchange: Row | None) -> Row:
    of_group = exchange is not None and OF_GROUPS.search(str(exchange["request"]["target"]))
    return rule.get("groups", {}) if of_group else {}
