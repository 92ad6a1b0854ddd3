"""View model of report.html: sequences grouped by dialect, with steps, findings and exchanges."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from markupsafe import Markup

from scimproof.core.results import Verdict
from scimproof.render.conformance.admin_messages import NOTHING, AdminMessages
from scimproof.render.conformance.recorded_difference import recorded_difference
from scimproof.render.diagnosis.grouping import SEVERITIES, worst
from scimproof.render.http_messages import LONG, SHORT, came, conversation
from scimproof.render.page import data_block
from scimproof.render.sender import sender
from scimproof.report.titles import admin, title

Row = dict[str, Any]
Key = tuple[str, str]
PLAIN = 1_000  # exchanges rendered as HTML; of more, only those with a problem, and the rest as JSON


class FindingsView:
    """The findings of one report, in the order of its sequences."""

    def __init__(self, report: Row) -> None:
        self.report = report
        self._findings = _by_step(report["findings"])
        self._exchanges = _by_step(one for one in report["exchanges"] if not one.get("outline"))
        self._messages = AdminMessages(report)
        self._by_number = {exchange["number"]: exchange for exchange in report["exchanges"]}
        self._dialects = sender(report)["dialects"]

    @cached_property
    def plain(self) -> frozenset[int]:
        """The numbers of the exchanges that are HTML, readable without scripts."""
        every = [one["number"] for some in self._exchanges.values() for one in some]
        if len(every) <= PLAIN:
            return frozenset(every)
        wrong = [
            exchange["number"]
            for key, exchanges in self._exchanges.items()
            if worst(self._findings.get(key, ()))
            for exchange in exchanges
        ]
        return frozenset(wrong[:PLAIN])

    @cached_property
    def packed(self) -> int:
        """How many exchanges are JSON that a script unfolds."""
        return sum(map(len, self._exchanges.values())) - len(self.plain)

    @property
    def groups(self) -> list[Row]:
        """The sequences grouped by dialect; a sequence is laid out when it is asked for, and not kept."""
        found: dict[tuple[str, str], list[Row]] = {}
        for sequence in self.report["sequences"]:
            unknown = {"short": _called(sequence, self.report), "about": ""}
            words = self._dialects.get(sequence["dialect"], unknown)
            found.setdefault((words["short"], words["about"]), []).append(sequence)
        return [
            {"name": name, "about": about, "sequences": map(self._sequence, rows)}
            for (name, about), rows in found.items()
        ]

    @property
    def resources(self) -> list[str]:
        """The kinds of resource in the requests: `Groups`, `Users`."""
        found = {_resource(step) for sequence in self.report["sequences"] for step in sequence["steps"]}
        return sorted(filter(None, found))

    def _sequence(self, sequence: Row) -> Row:
        steps = [self._step(sequence, step) for step in sequence["steps"]]
        counts: dict[str, int] = {}
        for step in steps:
            for finding in step["findings"]:
                verdict = finding["row"]["verdict"]
                counts[verdict] = counts.get(verdict, 0) + 1
        most = min((step["worst"] for step in steps if step["worst"]), key=SEVERITIES.index, default="")
        ordered = [(str(verdict), counts[verdict]) for verdict in reversed(Verdict) if verdict in counts]
        numbers = [number for step in steps for number in step["packed"]]
        return {
            "row": sequence,
            "steps": steps,
            "worst": most,
            "counts": ordered,
            "pack": self._pack(sequence, steps) if numbers else "",
            "packed": (min(numbers), max(numbers)) if numbers else (),
        }

    def _step(self, sequence: Row, step: Row) -> Row:
        key = (sequence["id"], step["id"])
        findings = self._findings.get(key, [])
        most = worst(findings)
        exchanges = self._exchanges.get(key, [])
        blamed = {finding["exchange"] for finding in findings if worst([finding])}
        return {
            "row": step,
            "resource": _resource(step),
            "findings": [self._finding(finding) for finding in findings],
            "conversation": [
                self._talk(exchange, step, LONG if most else SHORT)
                | {
                    "open": exchange["number"] in blamed,
                    "recorded": recorded_difference(self.report, exchange),
                }
                for exchange in exchanges
                if exchange["number"] in self.plain
            ],
            "packed": [e["number"] for e in exchanges if e["number"] not in self.plain],
            "worst": most,
        }

    def _finding(self, finding: Row) -> Row:
        exchange = self._by_number.get(finding["exchange"])
        severity = worst([finding])
        rule = self.report["requirements"][finding["requirement"]]
        return {
            "row": finding,
            "rule": rule,
            "title": title(rule, finding, exchange),
            "admin": admin(rule, exchange),
            "worst": severity,
            "shown": self._messages.of(finding) if severity else NOTHING,
            "exchange": _mention(exchange) if exchange else None,
        }

    def _talk(self, exchange: Row, step: Row, room: int) -> Row:
        wrong = bool(step.get("wrong_credentials"))
        return conversation(self.report, exchange, room, wrong_credentials=wrong)

    def _pack(self, sequence: Row, steps: list[Row]) -> Markup:
        """The exchanges that are not HTML, as JSON by step, safe inside a script element."""
        packs = {}
        for step in steps:
            exchanges = [self._by_number[number] for number in step["packed"]]
            packs[step["row"]["id"]] = [
                list(self._talk(exchange, step["row"], SHORT).values()) for exchange in exchanges
            ]
        return data_block(packs)


def _called(sequence: Row, report: Row) -> str:
    """The name of the group of a sequence whose dialect the sender has no words for."""
    if sequence["watch"]:
        return "All answers"
    return sequence["dialect"] if sequence["dialect"] in report["summary"]["dialects"] else "Others"


def _resource(step: Row) -> str:
    """The kind of resource that a step's request is about, as its path begins."""
    return str(step.get("path", "")).strip("/").split("/")[0]


def _mention(exchange: Row) -> Row:
    request = exchange["request"]
    title = f"{request['method']} {request['target']}"
    row = {"number": exchange["number"], "title": title, "came": came(exchange)}
    return row | {"outline": exchange.get("outline", False)}


def _by_step(rows: Iterable[Row]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for row in rows:
        found.setdefault((row["sequence"], row["step"]), []).append(row)
    return found
