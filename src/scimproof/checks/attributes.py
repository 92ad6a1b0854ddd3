"""Checks of the attributes of a resource, alone or against what was sent."""

from __future__ import annotations

import json

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json, short
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import has, member_ids, primary_email, value_at


def show(value: Json) -> str:
    """A value as a report prints it, cut at 200 characters."""
    text = "absent" if value is None else json.dumps(value, ensure_ascii=False)
    return short(text, 200)


def read(body: Json, path: str) -> Json:
    """The value at a path; `emails` stands for the value of the primary e-mail."""
    return primary_email(body) if path == "emails" else value_at(body, path)


def same(path: str, sent: Json, found: Json) -> bool:
    """Whether two values of one attribute are equal for SCIM.

    Absent, null and empty are one state (RFC 7643 section 2.5). The domain of an e-mail may change its
    letter case (RFC 7643 section 4.1.2); userName may too (caseExact false), which has a requirement
    of its own.
    """
    if sent in (None, [], {}) and found in (None, [], {}):
        return True
    if path in ("userName", "emails") and isinstance(sent, str) and isinstance(found, str):
        return sent.casefold() == found.casefold()
    if isinstance(sent, str) and isinstance(found, bool | int | float) and not isinstance(found, str):
        return False
    return bool(sent == found)


def kept(step: str, path: str) -> Ask:
    """The attribute reads back as it was sent at that step; one that was not sent is the target's affair."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent = read(scene.sent(step), path)
        found = read(exchange.json, path)
        expected = f"{path} = {show(sent)}, as sent in {step}"
        if sent is None and isinstance(scene.sent(step), dict):
            return does_not_apply(f"{step} sent no {path}")
        if same(path, sent, found):
            return held(expected, show(found))
        return broken(expected, show(found), about=(path,))

    return ask


def echoes(path: str) -> Ask:
    """The answer shows the attribute as this very request sent it."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent, found = read(exchange.request.json, path), read(exchange.json, path)
        expected = f"{path} = {show(sent)}, as just sent"
        return held(expected, show(found)) if same(path, sent, found) else broken(expected, show(found))

    return ask


def stays(step: str, path: str) -> Ask:
    """The attribute is what the target itself answered at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before, now = read(scene.answer(step), path), read(exchange.json, path)
        expected = f"{path} stays {show(before)}, as answered at {step}"
        if scene.answer(step) is None:
            return cannot_tell(expected, f"{step} gave no JSON to compare with")
        return (
            held(expected, show(now))
            if same(path, before, now)
            else broken(expected, show(now), wrong=(path,))
        )

    return ask


def same_id(blank: str, path: str = "id") -> Ask:
    """The id is the one that was saved under that blank, letter for letter."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"{path} = {show(scene.blanks.get(blank))}"
        found = value_at(exchange.json, path)
        return held(expected) if found == scene.blanks.get(blank) else broken(expected, show(found))

    return ask


def value_is(path: str, value: Json) -> Ask:
    """The attribute has exactly this JSON value (true is not "true", 1 is not "1")."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, path)
        expected = f"{path} = {show(value)}"
        right = found == value and isinstance(found, bool) == isinstance(value, bool)
        return held(expected) if right else broken(expected, show(found), wrong=(path,))

    return ask


def is_text(path: str) -> Ask:
    """The attribute is a string with at least one character."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, path)
        expected = f"{path} is a non-empty string"
        right = isinstance(found, str) and bool(found)
        return held(expected, show(found)) if right else broken(expected, show(found))

    return ask


def is_boolean(path: str) -> Ask:
    """The attribute is JSON true or false."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, path)
        expected = f"{path} is true or false"
        return held(expected, show(found)) if isinstance(found, bool) else broken(expected, show(found))

    return ask


def absent(path: str) -> Ask:
    """The attribute has no value (absent, null or empty)."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, path)
        if not has(exchange.json, path):
            return held(f"no {path}")
        return broken(f"no {path}", show(found), wrong=(path,))

    return ask


def never_shows(blank: str) -> Ask:
    """The raw answer does not contain the value of that blank anywhere."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        secret = scene.blanks.get(blank, "").encode()
        leaks = bool(secret) and secret in exchange.body
        expected = f"the answer does not contain {blank}"
        return broken(expected, "it does") if leaks else held(expected)

    return ask


def has_id() -> Ask:
    """An id of any JSON type: enough for a preparing step to go on."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, "id")
        right = isinstance(found, str | int) and not isinstance(found, bool) and str(found) != ""
        return held("an id") if right else broken("an id", show(found))

    return ask


def tells_id() -> Ask:
    """An id that is a non-empty string; an answer that is no JSON has a rule of its own."""
    told = is_text("id")

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.body and exchange.json is None:
            return does_not_apply(f"the answer is no JSON: {exchange.summary()}")
        return told(scene, exchange)

    return ask


def agrees_with(step: str, *paths: str) -> Ask:
    """What the answer to that write showed is what is stored; attributes it did not show are not asked."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        shown = scene.answer(step)
        expected = f"what the answer to {step} showed"
        if not isinstance(shown, dict) or not has(shown, "id"):
            return does_not_apply(f"{step} was answered without the resource")
        wrong = [
            f"{path}: {show(read(shown, path))} answered, {show(read(exchange.json, path))} stored"
            for path in paths
            if (has(shown, path) or isinstance(value_at(shown, path), bool))
            and not _agree(path, shown, exchange.json)
        ]
        return broken(expected, "; ".join(wrong)) if wrong else held(expected)

    return ask


def _agree(path: str, one: Json, other: Json) -> bool:
    if path == "members":
        return member_ids(one) == member_ids(other)
    return same(path, read(one, path), read(other, path))


def is_gone(path: str) -> Ask:
    """The attribute has no value, or an empty text."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, path)
        return held(f"no {path}") if found in (None, "", [], {}) else broken(f"no {path}", show(found))

    return ask


def all_kept(step: str, *paths: str) -> Ask:
    """Every one of these attributes reads back as it was sent at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wrong = tuple(
            path for path in paths if not same(path, read(scene.sent(step), path), read(exchange.json, path))
        )
        expected = ", ".join(f"{path} = {show(read(scene.sent(step), path))}" for path in paths)
        observed = "; ".join(f"{path} = {show(read(exchange.json, path))}" for path in wrong)
        return broken(expected, observed, about=wrong) if wrong else held(expected)

    return ask


def all_stay(step: str, *paths: str) -> Ask:
    """Every one of these attributes is what the target answered at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before = scene.answer(step)
        expected = f"{', '.join(paths)} as they were at {step}"
        if not isinstance(before, dict):
            return cannot_tell(expected, f"{step} gave no JSON to compare with")
        wrong = {
            path: f"{path}: {show(read(before, path))} before, {show(read(exchange.json, path))} now"
            for path in paths
            if not same(path, read(before, path), read(exchange.json, path))
        }
        return broken(expected, "; ".join(wrong.values()), wrong=tuple(wrong)) if wrong else held(expected)

    return ask


def blank_kept(path: str, blank: str) -> Ask:
    """The attribute is the value of that blank (e-mail addresses and userName in any letter case)."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted, found = scene.blanks[blank], read(exchange.json, path)
        expected = f"{path} = {show(wanted)}"
        return held(expected) if same(path, wanted, found) else broken(expected, show(found), about=(path,))

    return ask
