"""What a finding is called: what is wrong where it does not hold, and else the rule; of groups in their words."""

from __future__ import annotations

import re
from typing import Any

from scimproof.model import Verdict

Row = dict[str, Any]
BROKEN = {Verdict.FAIL, Verdict.WARNING}
OF_GROUPS = re.compile(r"/Groups(?:[/?]|$)")


def broken(rule: Row, *, group: bool = False) -> str:
    """What is wrong when the rule is broken; reports of earlier versions only have the rule."""
    words = rule.get("groups", {}) if group else {}
    return str(words.get("broken") or rule.get("broken") or rule.get("statement", ""))


def admin(rule: Row, *, group: bool = False) -> str:
    """What an Okta administrator meets when the rule is broken; "" where nobody knows."""
    words = rule.get("groups", {}) if group else {}
    return str(words.get("admin") or rule.get("admin", ""))


def is_broken(finding: Row) -> bool:
    """Whether its rule does not hold, waived or not."""
    return (finding.get("unwaived") or finding["verdict"]) in BROKEN


class Titles:
    """The titles of a report's findings."""

    def __init__(self, report: Row) -> None:
        self._rules = report["requirements"]
        self._paths = {
            (sequence["id"], step["id"]): step.get("path", "")
            for sequence in report["sequences"]
            for step in sequence["steps"]
        }
        self._targets = {row["number"]: row["request"]["target"] for row in report["exchanges"]}

    def of_group(self, finding: Row) -> bool:
        """Whether the finding is about a group, or a list of groups."""
        path = self._paths.get((finding["sequence"], finding["step"]), "")
        return bool(OF_GROUPS.search(path or str(self._targets.get(finding["exchange"], ""))))

    def title(self, finding: Row) -> str:
        """What the finding is called."""
        rule = self._rules.get(finding["requirement"], {})
        if is_broken(finding):
            return broken(rule, group=self.of_group(finding))
        return str(rule.get("statement", ""))

    def admin(self, finding: Row) -> str:
        """What an Okta administrator meets because of the finding; "" where nobody knows."""
        return admin(self._rules.get(finding["requirement"], {}), group=self.of_group(finding))
