"""Root causes of findings as keys: findings with one key have one cause, whichever rules they break.

A key comes from the exchanges: how a request was refused, that a request was accepted which has to be
refused, a malformed body, a value that is not shown as it was sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from scimproof.core.results import Verdict
from scimproof.core.scim import GONE
from scimproof.render.diagnosis.forms import forms
from scimproof.render.diagnosis.refusals import Refusals
from scimproof.render.diagnosis.scim import look
from scimproof.render.diagnosis.searches import Searches
from scimproof.render.diagnosis.traffic import Conversation, Traffic
from scimproof.render.diagnosis.values import Level, Loss, Values, mentioned, names

Row = dict[str, Any]
BROKEN = (Verdict.FAIL, Verdict.WARNING)
# A check says which status it expects in these words; rules of every answer say it without the word.
STATUS, WATCHED = re.compile(r"status [1-5]\d\d\b"), re.compile(r"(an answer, and )?no 5xx|[1-5]\d\d\b")
LEAST = 6  # characters of a detail that a sentence may be recognised by
SHAPELESS = ("empty", "no JSON object")
TIMED = re.compile(r"\bms\b")
LET_IN = {0, 401, 403}
CODE = re.compile(r"\b[1-5]\d\d\b")


class Key(NamedTuple):
    """The key of a root cause: `sort` is its kind, the rest names it."""

    sort: str
    words: tuple[str, ...]
    level: Level | None = None


class RootCauses:
    """The root-cause keys of a report's findings."""

    def __init__(self, report: Row) -> None:
        self.report = report
        self.traffic = Traffic(report)
        self.values = Values(self.traffic)
        self.refusals = Refusals(self.traffic)
        self.searches = Searches(self.traffic)
        self.watches = {row["id"] for row in report["sequences"] if row["watch"]}
        self._wrong = {
            (row["id"], step["id"])
            for row in report["sequences"]
            for step in row["steps"]
            if step.get("wrong_credentials")
        }
        self._lost_ones = {key for talk in self.traffic.talks.values() for key in self._gone(talk)}
        refused = {talk.status for talk in self.traffic.talks.values() if not talk.ok}
        self._refuses = bool(refused - LET_IN)
        stop = str(report["stop"])
        # What the RFCs require is asked in one form after another, most of them wrong on purpose: what two
        # answers have in common is the rule.
        self.normative = bool(report.get("rows"))
        self.silent = any(talk.error and talk.error in stop for talk in self.traffic.talks.values())
        self.by_exchange: dict[int | None, Key] = {}
        self.by_rule: dict[str, Key] = {}
        self._first: dict[int, Row] = {}
        self._broken: dict[int, list[Row]] = {}
        for finding in report["findings"]:
            if finding["exchange"] and finding["sequence"] not in self.watches:
                self._first.setdefault(finding["exchange"], finding)
                if finding["verdict"] in BROKEN:
                    self._broken.setdefault(finding["exchange"], []).append(finding)

    def keys(self, findings: Iterable[Row]) -> list[tuple[Row, Key]]:
        """Each finding with its key; of several keys the one that most other findings have."""
        every = [(finding, self.of(finding)) for finding in findings]
        often = Counter(key for _, keys in every for key in dict.fromkeys(keys))
        keyed = [(finding, max(keys, key=lambda key: often[key])) for finding, keys in every]
        walked = {_plain(finding["expected"]): key for finding, key in keyed if key.sort == "list"}
        keyed = [
            (finding, walked.get(_plain(finding["expected"]), key) if key.sort == "rule" else key)
            for finding, key in keyed
        ]
        rules = Counter((finding["requirement"], key) for finding, key in keyed)
        self.by_rule = {rule: key for (rule, key), _ in reversed(rules.most_common())}
        for finding, key in keyed:
            self.by_exchange.setdefault(finding["exchange"], key)
        return keyed

    def of(self, finding: Row) -> list[Key]:
        """The keys of a finding, in the order in which they are tried."""
        talk = self.traffic.of(finding)
        rule = Key("rule", (finding["requirement"],))
        if talk is None:
            return [rule]
        if finding["verdict"] == Verdict.WARNING and finding.get("because"):
            return [Key("unlisted", ())]
        if self.normative:
            return [Key("stopped", ())] if self.silent and talk.error else [rule]
        return (
            self._answered(talk, finding)
            or self._formed(talk, finding)
            or self._lost(talk, finding)
            or self._searched(talk)
            or self._stands_on(talk, finding)
            or self._walked(talk, finding)
            or [rule]
        )

    def _answered(self, talk: Conversation, finding: Row) -> list[Key]:
        """Keys for checks of the answer's status or of the answer as a whole."""
        watched = finding["sequence"] in self.watches
        if watched and not WATCHED.match(finding["expected"]):
            return []
        if talk.ok:
            return self._accepted(talk)
        first = self._first.get(talk.number)
        if watched or (first is not None and first["verdict"] in BROKEN):
            rule = (first or finding)["requirement"]
            return self.refused(talk, rule, _wanted(first) if first else ())
        return []

    def refused(self, talk: Conversation, rule: str, wanted: Iterable[int]) -> list[Key]:
        """Keys of a refusal, where the rule wants one of these statuses."""
        if self.silent and talk.error:
            return [Key("stopped", ())]
        wanted = list(wanted)
        gone = self._gone(talk) or self._without(talk)
        other = bool(wanted) and wanted[0] >= 400 and talk.status > 0
        keys = [Key("status", (str(wanted[0]), str(talk.status)))] if other else []
        named = (Key("refused", name) for name in self.refusals.names(talk, rule))
        return [*gone, *keys, *named]

    def evidence(self, finding: Row) -> Row | None:
        """The exchange that a finding names, as in the report."""
        talk = self.traffic.of(finding)
        return talk.row if talk else None

    def repeated_refusals(self, text: str) -> Iterator[Key]:
        """Keys of refusals whose answer a sentence quotes."""
        for (answer, detail), talk in self.refusals.examples.items():
            if len(detail) >= LEAST and detail in text and answer in text:
                yield from (Key("refused", name) for name in self.refusals.names(talk, ""))
        for number, key in self.by_exchange.items():
            if number in self.traffic.talks and self.traffic.talks[number].answer in text:
                yield key

    def write_behind(self, finding: Row) -> Conversation | None:
        """The request that caused what the finding shows; None where it is the one shown."""
        talk = self.traffic.of(finding)
        if talk is None:
            return None
        lost = list(mentioned(self.values.losses(talk), f"{finding['expected']} {finding['observed']}"))
        if talk.writes or not (talk.ok or talk.status in GONE):
            return None
        return lost[0].write if lost else self.traffic.before(talk)

    def _gone(self, talk: Conversation) -> list[Key]:
        """Keys where a resource that was written before is not found."""
        behind = self.traffic.behind(talk)
        if talk.method != "GET" or talk.status not in GONE or behind is None or not behind.ok:
            return []
        own = talk.id in (behind.id, str(look(behind.came, "id"))) and behind.method != "DELETE"
        return [gone_key(behind)] if own else []

    def _without(self, talk: Conversation) -> list[Key]:
        """Keys where a request fails because a resource is gone, as other reads show."""
        for before in self.traffic.writes_before(talk):
            id = before.id or str(look(before.came, "id"))
            if gone_key(before) in self._lost_ones and (
                id in (talk.id, "") or not talk.id or id in talk.detail
            ):
                return [gone_key(before)]
        return []

    def _accepted(self, talk: Conversation) -> list[Key]:
        """Keys where the target accepts what it has to refuse."""
        for finding in self._broken.get(talk.number, ()) if talk.ok else ():
            wanted = _wanted(finding)
            if wanted and min(wanted) >= 400:
                if (talk.sequence, talk.step) in self._wrong:
                    return [Key("accepted", ("wrong credentials",))]
                kept = Key("accepted", (talk.kind, str(wanted[0])) if self._refuses else ("everything",))
                return [*self._without(talk), kept]
        return []

    def _formed(self, talk: Conversation, finding: Row) -> list[Key]:
        """Keys of malformed bodies."""
        text = f"{finding['expected']} {finding['observed']}"
        return [form_key(talk, form.wrong) for form in forms(talk) if form.concerns(text)]

    def _searched(self, talk: Conversation) -> list[Key]:
        """Keys where a search misses a resource, or finds others."""
        behind = self.traffic.behind(talk)
        gone = [gone_key(behind)] if behind and self.searches.missed(talk) else []
        gone = [key for key in gone if key in self._lost_ones]
        return gone + [Key("search", (talk.resource, wrong)) for wrong in self.searches.wrong(talk)]

    def _walked(self, talk: Conversation, finding: Row) -> list[Key]:
        """Keys of lists that are wrong as a whole."""
        if (
            not talk.ok
            or talk.method != "GET"
            or talk.id
            or talk.searches
            or TIMED.search(finding["expected"])
        ):
            return []
        if gone := self._without(talk):
            return gone
        return [] if finding["sequence"] in self.watches else [Key("list", ())]

    def _lost(self, talk: Conversation, finding: Row) -> list[Key]:
        """Keys where a value is not shown as it was sent."""
        text = f"{finding['expected']} {finding['observed']}"
        if lost := list(mentioned(self.values.losses(talk), text)):
            return [*(self._value(loss, talk) for loss in lost), *self._absent(talk, finding, lost)]
        levels = (
            self.values.never(talk.resource, leaf)
            for leaf in self.values.leaves(talk.resource)
            if names(text, leaf)
        )
        found = [level_key(level) for level in levels if level]
        if not found and "absent" in finding["observed"] and next(talk.resources(), None):
            about = (leaf for leaf in self.values.leaves(talk.resource) if names(text, leaf))
            found = [Key("absent", (talk.resource, leaf)) for leaf in about]
        return found

    def _absent(self, talk: Conversation, finding: Row, lost: list[Loss]) -> list[Key]:
        """Keys of what is said to be absent besides, of which nobody knows what it is as a whole."""
        if finding["sequence"] in self.watches or "absent" not in finding["observed"]:
            return []
        told = {loss.leaf for loss in lost}
        leaves = (leaf for leaf in self.values.leaves(talk.resource) if leaf not in told)
        return [Key("absent", (talk.resource, leaf)) for leaf in leaves if names(finding["observed"], leaf)]

    def _value(self, loss: Loss, talk: Conversation) -> Key:
        if loss.beside:
            return Key("beside", (loss.write.order or loss.write.kind,))
        level = self.values.level(loss)
        if level is not None:
            return level_key(level)
        same = (
            finding["requirement"]
            for finding in self._broken.get(talk.number, ())
            for other in mentioned(self.values.losses(talk), f"{finding['expected']} {finding['observed']}")
            if other.cell.root == loss.cell.root
        )
        if loss.effect == "unchanged":
            return Key("unchanged", (talk.resource,))
        about = loss.way or next(same, "")
        return Key("some values", (loss.cell.root, about))

    def _stands_on(self, talk: Conversation, finding: Row) -> list[Key]:
        """Keys where the step depends on a write that the target should have refused."""
        behind = self.traffic.behind(talk)
        if behind is None or (finding["sequence"] in self.watches and behind is not talk):
            return self._accepted(talk)
        return self._accepted(talk) or self._accepted(behind)


def _plain(expected: str) -> str:
    """The expectation without numbers, since rules of several authorities word it alike."""
    return re.sub(r"\d+", "#", expected)


def form_key(talk: Conversation, wrong: str) -> Key:
    """The key of a malformed body; a body that is no object has one key for all answers."""
    sort = "error" if not talk.ok else "resource" if talk.writes or talk.id else "list"
    return Key("form", ("answer" if talk.ok and wrong in SHAPELESS else sort, wrong))


def level_key(level: Level) -> Key:
    """The key of lost values of that level."""
    return Key("value", tuple(str(part) for part in level), level)


def gone_key(behind: Conversation) -> Key:
    """The key of resources that are not found after such a write."""
    return Key("gone", (behind.order or behind.kind,))


def _wanted(finding: Row) -> list[int]:
    """The statuses that a check expects; [] where it is about something else."""
    if not STATUS.match(finding["expected"]):
        return []
    return [int(code) for code in CODE.findall(finding["expected"])]
