"""Audit section of load.json: violations by kind, and the redacted exchanges that prove them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scimproof.core.http_message import Exchange
from scimproof.core.redaction import passwords, remembered
from scimproof.load.audit.violation import SORTS, Result, Sort, Violation
from scimproof.report.document import HEADER_SECRET
from scimproof.report.transcript import Recorder
from scimproof.target.target import Target

Row = dict[str, Any]
KEYS: dict[Sort, str] = {sort: "races" if sort == "race" else sort for sort in SORTS}
COUNTED = ("users", "groups", "writes", "unknown", "unjudged", "observed", "unseen")


def document(
    result: Result,
    target: Target,
    prefix: str,
    ids: Collection[str] = (),
    secrets: Iterable[str] = (),
    gave_up: str = "",
) -> Row:
    """One process's audit; nothing from outside enters it without passing the redactor.

    `ids` are those the run's creates were answered with: other people's resources are left out of what is
    shown. `counts` has every violation, the lists under the sorts' names the first of each. `unaudited` says
    what is missing, empty when everything was judged; `unverified` what was accepted and can be seen by
    nobody; `answered` how many creates were stored though they were answered with that status. `secrets` are
    the observer's, and `gave_up` is why reading back ended early, if it left anything unjudged.
    """
    writer = _AuditWriter(_recorder(result, target, prefix, ids, secrets))
    unread = [writer.recorder.redactor.sentence(why) for why in result.unread]
    return {
        "done": True,
        "why": "",
        **{KEYS[sort]: [writer.row(violation) for violation in result.shown[sort]] for sort in SORTS},
        "counts": {KEYS[sort]: result.counts[sort] for sort in SORTS},
        "checked": {name: getattr(result, name) for name in COUNTED},
        "unread": unread,
        "unaudited": f"{result.unjudged} resources: {'; '.join(unread[:1])}" if result.unjudged else "",
        "gave_up": writer.recorder.redactor.sentence(gave_up) if result.unjudged else "",
        "unverified": unverified(result.unseen),
        "answered": {str(status): times for status, times in sorted(result.answered.items())},
        "exchanges": writer.exchanges,
    }


def unverified(groups: int) -> list[str]:
    """What to say of groups whose members nobody could look at."""
    if not groups:
        return []
    which = "1 group" if groups == 1 else f"{groups:,} groups"
    return [f"the members of {which}: accepted, not verifiable, since SCIM does not show them here"]


def merged(documents: Iterable[Mapping[str, Any]]) -> Row:
    """Several workers' audits as one; not done when one of them is not, with its reason."""
    whole = document(Result(), Target("http://127.0.0.1"), "")
    for one in documents:
        offset = len(whole["exchanges"])
        whole["done"] = whole["done"] and one["done"]
        whole["why"] = whole["why"] or one["why"]
        for key in ("unaudited", "gave_up"):
            whole[key] = whole[key] or one.get(key, "")
        whole["exchanges"] += [e | {"number": e["number"] + offset} for e in one["exchanges"]]
        for key in KEYS.values():
            rows = one.get(key, [])
            whole[key] += [row | {"exchanges": [n + offset for n in row["exchanges"]]} for row in rows]
        for part in ("counts", "checked", "answered"):
            for key, count in one.get(part, {}).items():
                whole[part][key] = whole[part].get(key, 0) + count
        whole["unread"] += [why for why in one.get("unread", []) if why not in whole["unread"]]
    whole["unverified"] = unverified(whole["checked"]["unseen"])
    return whole


def _recorder(
    result: Result, target: Target, prefix: str, ids: Collection[str], secrets: Iterable[str] = ()
) -> Recorder:
    shown = [e for violations in result.shown.values() for v in violations for e in v.exchanges]
    known = {word for exchange in shown for word in passwords(exchange.request)}
    known |= {*target.credentials.secrets(), *secrets}
    known |= {value for _, value in target.headers if len(value) >= HEADER_SECRET}
    return Recorder(remembered(known), prefix, ids, tuple(name for name, _ in target.headers))


@dataclass
class _AuditWriter:
    """Serialises violations; an exchange that proves several is written once."""

    recorder: Recorder
    exchanges: list[Row] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)

    def row(self, violation: Violation) -> Row:
        numbers = [self._number(exchange, violation.sort) for exchange in violation.exchanges]
        sentence = self.recorder.redactor.sentence
        return {
            "kind": violation.kind,
            "resource": sentence(violation.resource),
            "name": sentence(violation.name),
            "attribute": violation.attribute,
            "expected": sentence(violation.expected),
            "observed": sentence(violation.observed),
            "times": violation.times,
            "exchanges": numbers,
        }

    def _number(self, exchange: Exchange, sort: Sort) -> int:
        """Its number in the document; those of the log and of the read-back have numbers of their own."""
        if id(exchange) not in self._numbers:
            number = len(self.exchanges) + 1
            self._numbers[id(exchange)] = number
            row = self.recorder.record(replace(exchange, number=number), "audit", sort)
            self.exchanges.append({"number": number, **row})
        return self._numbers[id(exchange)]
