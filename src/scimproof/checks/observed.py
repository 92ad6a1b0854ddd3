"""Checks of the observer's answer: words about state that SCIM does not show."""

from __future__ import annotations

from collections.abc import Callable

from scimproof.checks.attributes import show
from scimproof.checks.groups import Wanted, names
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import AGAIN, EMPTY, SETTLED, Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held


def _about(exchange: Exchange, word: str, expected: str, judge: Callable[[Json], CheckResult]) -> CheckResult:
    """The result for one word; the rule does not apply where the observer does not know the word."""
    words = exchange.json
    if not isinstance(words, dict):
        return broken(expected, "the observer knows nobody of that id")
    if word not in words:
        return does_not_apply(f"accepted, not verifiable: the observer does not tell {word!r}")
    return judge(words[word])


def tells(word: str, *values: Json, meaning: str = "") -> Ask:
    """The observer's word has one of these JSON values; `meaning` is added to what was observed."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = " or ".join(show(value) for value in values)
        expected = f"the observer says {word} {wanted}"

        def judge(found: Json) -> CheckResult:
            right = any(found == value and type(found) is type(value) for value in values)
            return held(expected, show(found) + meaning) if right else broken(expected, show(found))

        return _about(exchange, word, expected, judge)

    return ask


def tells_flag(word: str, *, value: bool) -> Ask:
    """The observer's word is true, or false."""
    return tells(word, value)


def tells_blank(word: str, blank: str) -> Ask:
    """The observer's word is the value of that template variable, letter for letter."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks[blank]
        expected = f"the observer says {word} {show(wanted)}"
        return _about(
            exchange,
            word,
            expected,
            lambda found: (held if found == wanted else broken)(expected, show(found)),
        )

    return ask


def tells_members(wanted: Wanted) -> Ask:
    """The observer's `members` are exactly these ids."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        right = set(wanted(scene))
        expected = f"the observer says members: {names(right)}"

        def judge(value: Json) -> CheckResult:
            found = {str(id) for id in value} if isinstance(value, list) else set()
            if found == right:
                return held(expected, names(found))
            return broken(expected, f"missing: {names(right - found)}; not wanted: {names(found - right)}")

        return _about(exchange, "members", expected, judge)

    return ask


def tells_times(word: str, value: Json, least: int, most: int | None = None, before: Json = None) -> Ask:
    """The observer's word is a list with this value, or one of a tuple of values, so many times.

    A log may be behind. So `most` is only decided for a log that is settled, or that already shows a later
    event: one `before` this question and after the event in question.
    """
    often = f"{least} times" if most == least else f"at least {least} times"
    values = value if isinstance(value, tuple) else (value,)

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = " or ".join(map(show, values))
        expected = f"the observer says {word} with {wanted} {often}"

        def judge(value: Json) -> CheckResult:
            listed = value if isinstance(value, list) else []
            times, again = sum(map(listed.count, values)), exchange.header(AGAIN)
            if times < least and (why := exchange.header(EMPTY)):
                return does_not_apply(f"accepted, not verifiable: {why}")
            if times < least or (most is not None and times > most):
                return broken(expected, f"{times} times" + (f", asked again {again}" if again else ""))
            prompt = before is not None and before in listed and not again
            if most is not None and not (prompt or exchange.header(SETTLED)):
                return cannot_tell(expected, f"{times} times so far; what happened last may still be missing")
            return held(expected, f"{times} times")

        return _about(exchange, word, expected, judge)

    return ask


def tells_nobody() -> Ask:
    """The observer knows no user of that id."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        gone = exchange.json is None and not exchange.error
        expected = "the observer knows nobody of that id"
        return held(expected, "nobody") if gone else broken(expected, show(exchange.json))

    return ask
