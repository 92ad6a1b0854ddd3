"""Checks of the attributes of a resource, alone or against what was sent."""

from __future__ import annotations

import json

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json, short
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import has, primary_email, value_at


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
