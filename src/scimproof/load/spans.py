"""Measures what an administrator waits for: from asking for a change until a read shows it."""

from __future__ import annotations

from dataclasses import dataclass

from scimproof.load.deliver import Told
from scimproof.load.figures import Figures
from scimproof.load.thresholds import DEPROVISION, PROVISION

ASKED = {PROVISION: "asked to provision", DEPROVISION: "asked to deprovision"}


@dataclass
class Spans:
    """A witness: counts `time-to-provision` and `time-to-deprovision` among the figures' sequences.

    Provisioned is a user whom a read finds after the create; the time counts from when the sequence was
    due. Deprovisioned is one whom a read shows inactive; the time counts from when that write was due.
    A read that shows the old state counts as the error `not yet`. `counts_from` is the moment at which
    the warm-up is over.
    """

    figures: Figures
    counts_from: float = 0.0

    def __call__(self, told: Told) -> None:
        facts, path = told.scene.facts, told.target.partition("?")[0]
        facts.setdefault("sequence due", told.answer.due)
        if facts["sequence due"] < self.counts_from or "/Users" not in path:
            return
        if told.step.method == "GET":
            self._read(told)
        elif told.step.method == "POST" and told.step.step.creates and not told.step.step.given:
            self._asked(PROVISION, told, facts["sequence due"])
        elif b'"active":false' in told.sent:
            self._asked(DEPROVISION, told, told.answer.due)
        elif b'"active":true' in told.sent:
            facts.pop(ASKED[DEPROVISION], None)

    def _asked(self, span: str, told: Told, since: float) -> None:
        if told.wrong or not 200 <= told.answer.status < 300:
            return
        told.scene.facts[ASKED[span]] = since
        whole = self.figures.sequence(span)
        whole.due += 1
        whole.sent += 1

    def _read(self, told: Told) -> None:
        facts = told.scene.facts
        for span, asked in ASKED.items():
            if asked in facts and not told.answer.error:
                whole = self.figures.sequence(span)
                if _shows(span, told):
                    whole.answered += 1
                    whole.response.record(told.answer.done - facts.pop(asked))
                else:
                    whole.errors["not yet"] += 1


def _shows(span: str, told: Told) -> bool:
    """Whether that read shows the user as asked for; a list shows it when it is not empty."""
    body = told.body
    if told.answer.status != 200 or not isinstance(body, dict):
        return False
    found = body.get("Resources", [body])
    shown = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else None
    return shown is not None and (span == PROVISION or shown.get("active") is False)
