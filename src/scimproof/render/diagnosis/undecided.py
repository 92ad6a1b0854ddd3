"""Root causes of undecided checks: that of the gate, of an earlier step, or of the run's end."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Any

from scimproof.render.diagnosis.forms import forms
from scimproof.render.diagnosis.root_cause import Key, RootCauses, form_key, gone_key, level_key
from scimproof.render.diagnosis.traffic import Conversation

Row = dict[str, Any]
IDS = re.compile(r"(?<![\w-])(?=[\w-]*\d)[\w-]{8,}")


def undecided(found: RootCauses, finding: Row, gate: str, known: Container[Key]) -> Key:
    """The key of an undecided finding, one of `known` where possible."""
    keys = [*(_gated(found, finding, gate) if gate else _ungated(found, finding, known))]
    return next((key for key in keys if key in known), keys[-1])


def _gated(found: RootCauses, finding: Row, gate: str) -> list[Key]:
    """The key where the gate is a check of a preparing step, which is no finding of its own."""
    place, _, rule = gate.rpartition("#")
    sequence, _, step = place.partition("/")
    talk = found.traffic.at(sequence, step)
    plain = Key("rule", (rule,))
    if talk is None:
        return [found.by_rule.get(rule, plain), plain]
    if not talk.ok:
        return [plain, *found.refused(talk, rule, ())]
    stands_for = finding | {"requirement": rule, "exchange": talk.number, "expected": ""}
    return [*found.of(stands_for), found.by_rule.get(rule, plain), plain]


def _ungated(found: RootCauses, finding: Row, known: Container[Key]) -> list[Key]:
    text = str(finding["observed"])
    own = Key("undecided", (IDS.sub("…", text),))
    if found.traffic.of(finding):
        return [*(key for key in found.of(finding) if key.sort != "rule"), own]
    if found.silent:
        return [Key("stopped", ())]
    before = reversed(found.traffic.by_sequence.get(finding["sequence"], []))
    stands_on = [key for talk in before for key in _behind(found, talk)]
    return [*(key for key in (*stands_on, *found.repeated_refusals(text)) if key in known), own]


def _behind(found: RootCauses, talk: Conversation) -> Iterator[Key]:
    """What is known to be wrong with an exchange, or with the write behind it."""
    if talk.number in found.by_exchange:
        yield found.by_exchange[talk.number]
    yield from (form_key(talk, form.wrong) for form in forms(talk) if not form.about)
    levels = (found.values.level(loss) for loss in found.values.losses(talk))
    yield from (level_key(level) for level in levels if level)
    if talk.writes:
        yield gone_key(talk)
