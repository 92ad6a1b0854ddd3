"""Listener that measures time-to-provision and time-to-deprovision: from asking until a read shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from scimproof.core.paging import total_results
from scimproof.core.scim import GONE, value_at
from scimproof.load.fast_json import load_json
from scimproof.load.metrics.counters import Metrics
from scimproof.load.plan.thresholds import DEPROVISION, NEVER, PROVISION, SPANS
from scimproof.load.player.delivery import ExchangeEvent
from scimproof.load.player.playing import Playing
from scimproof.load.workload.compiled_sequence import CompiledSequence, CompiledStep
from scimproof.state.request_effects import effect


class Asked(NamedTuple):
    """Change that no read has shown yet: the step that asked for it, and since when it counts.

    `where` is the path of the request, and `deletes` whether the user was to be deleted.
    """

    span: str
    step: str
    since: float
    where: str = ""
    deletes: bool = False


@dataclass
class ProvisioningTime:
    """Listener that counts `time-to-provision` and `time-to-deprovision` among the sequences of the metrics.

    Provisioned is a user whom a read finds after the create; the time counts from when the sequence was
    due. Deprovisioned is one whom a read shows inactive, or who was deleted and is not there any more; the
    time counts from when that write was due. One who is told to go again, while nothing has shown it or
    although something has, was told at the first time.
    Whoever is never shown so is an error: of the kind of what was wrong with the write, or `never found`
    and `never shown inactive` when the sequence ended and no read had shown it (one that shows it late
    only takes longer). What was asked and is still under way when the run ends is neither. `counts_from`
    is the moment at which the warm-up is over, `deprovisions` the request files that take an account away.
    """

    figures: Metrics
    deprovisions: frozenset[str] = frozenset()
    counts_from: float = 0.0
    _waiting: dict[Playing, list[Asked]] = field(default_factory=dict)
    _off: dict[Playing, set[str]] = field(default_factory=dict)

    def __call__(self, told: ExchangeEvent) -> None:
        """One exchange, as soon as it is over."""
        playing, step = told.playing, told.step
        if playing.began < self.counts_from or "/Users" not in told.filled.target.partition("?")[0]:
            return
        if step.method == "GET":
            self._read(told)
        elif step.method == "POST" and step.step.creates and not step.step.given:
            if told.wrong or 200 <= told.answer.status < 300:  # any other refusal is what the step asks for
                self._asked(PROVISION, told, playing.began)
        elif step.step.request in self.deprovisions:
            if told.wrong or not (
                (step.method == "DELETE" and told.answer.status in GONE) or self._again(told)
            ):
                self._asked(DEPROVISION, told, told.answer.due)
        elif (playing in self._waiting or playing in self._off) and _enables(told):
            self._off.pop(playing, None)
            self._withdraw(DEPROVISION, len(self._take(playing, DEPROVISION)))

    def over(self, playing: Playing) -> None:
        """A sequence was played as far as it went: what no read has shown by now, none will."""
        self._off.pop(playing, None)
        for asked in self._waiting.pop(playing, ()):
            if _read_after(playing.sequence, asked.step):
                self.figures.sequence(asked.span).errors[NEVER[asked.span]] += 1
            else:
                self._withdraw(asked.span, 1)
        skipped = playing.skipped
        if skipped is None or playing.began < self.counts_from:
            return
        span = self._wanted(skipped)
        if span in SPANS and _read_after(playing.sequence, skipped.name):
            whole = self.figures.sequence(span)
            whole.due += 1
            whole.skipped += 1

    def _asked(self, span: str, told: ExchangeEvent, since: float) -> None:
        answer, whole = told.answer, self.figures.sequence(span)
        wrong = told.wrong or ("" if 200 <= answer.status < 300 else f"status {answer.status}")
        if wrong:
            whole.errors[wrong] += 1
        else:
            asked = Asked(span, told.step.name, since, _path(told), told.step.method == "DELETE")
            self._waiting.setdefault(told.playing, []).append(asked)
        whole.due += 1
        whole.sent += 1
        whole.unknown += answer.unknown

    def _again(self, told: ExchangeEvent) -> bool:
        """Whether that user was told to go before, and nothing has given the account back since."""
        where, waiting = _path(told), self._waiting.get(told.playing, [])
        for place, asked in enumerate(waiting):
            if asked.span == DEPROVISION and asked.where == where:
                waiting[place] = asked._replace(deletes=asked.deletes or told.step.method == "DELETE")
                return True
        return where in self._off.get(told.playing, ())

    def _wanted(self, step: CompiledStep) -> str:
        """The span that a step would have asked for; told by its file, since it was never sent."""
        if step.method == "POST":
            return PROVISION if step.kind == "User" and step.step.creates and not step.step.given else ""
        return DEPROVISION if step.step.request in self.deprovisions else ""

    def _take(self, playing: Playing, span: str) -> list[Asked]:
        """What was asked of that span and is waited for; nothing of it is any more."""
        waiting = self._waiting.get(playing, [])
        found = [asked for asked in waiting if asked.span == span]
        if found:
            self._waiting[playing] = [asked for asked in waiting if asked.span != span]
        return found

    def _withdraw(self, span: str, count: int) -> None:
        """Nobody was to see it: the opposite was asked before any read, or no read follows."""
        if count:
            whole = self.figures.sequence(span)
            whole.due -= count
            whole.sent -= count

    def _read(self, told: ExchangeEvent) -> None:
        waiting = self._waiting.get(told.playing)
        if not waiting or told.answer.error:
            return
        for span in sorted({asked.span for asked in waiting}):
            deleted = {asked.where for asked in waiting if asked.deletes} if span == DEPROVISION else set()
            if _shows(span, told) or (deleted and _is_gone(told, deleted)):
                whole = self.figures.sequence(span)
                for asked in self._take(told.playing, span):
                    whole.answered += 1
                    whole.response.record(told.answer.done - asked.since)
                    if span == DEPROVISION:
                        self._off.setdefault(told.playing, set()).add(asked.where)


def _enables(told: ExchangeEvent) -> bool:
    """Whether that write gives the account back, in whatever form the sender says so."""
    asked = effect(told.step.method, told.filled.target, told.filled.body, parse=load_json)
    return asked is not None and asked.values.get("active") is True


def _read_after(part: CompiledSequence, name: str) -> bool:
    """Whether the sequence reads users after that step."""
    names = [step.name for step in part.steps]
    later = part.steps[names.index(name) + 1 :]
    return any(step.method == "GET" and step.users for step in later)


def _path(told: ExchangeEvent) -> str:
    return told.filled.target.partition("?")[0]


def _is_gone(told: ExchangeEvent, deleted: Collection[str]) -> bool:
    """Whether that read shows that a user of one of these paths is not there: by id, or by an empty list."""
    if told.answer.status in GONE:
        return _path(told) in deleted
    body = told.body
    return told.answer.status == 200 and isinstance(body, dict) and total_results(body) == 0


def _shows(span: str, told: ExchangeEvent) -> bool:
    """Whether that read shows the user as asked for; a list shows it when it is not empty."""
    body = told.body
    if told.answer.status != 200 or not isinstance(body, dict):
        return False
    listed = value_at(body, "Resources")
    found = listed if listed is not None or "totalResults" in body else [body]
    shown = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else None
    return shown is not None and (span == PROVISION or shown.get("active") is False)
