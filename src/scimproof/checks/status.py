"""Checks of the status of an answer."""

from __future__ import annotations

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, does_not_apply, held


def answers(*statuses: int) -> Ask:
    """A complete answer with one of these statuses."""
    wanted = " or ".join(str(status) for status in statuses)

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.error and exchange.status in statuses:
            return held(f"status {wanted}", str(exchange.status))
        return broken(f"status {wanted}", exchange.summary())

    return ask


def refuses(*statuses: int) -> Ask:
    """A refusal: one of these statuses, or any 4xx when none is named."""
    wanted = " or ".join(str(status) for status in statuses) or "a 4xx refusal"

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        right = exchange.status in statuses if statuses else 400 <= exchange.status < 500
        if right and not exchange.error:
            return held(f"status {wanted}", str(exchange.status))
        return broken(f"status {wanted}", exchange.summary())

    return ask


def no_body(status: int) -> Ask:
    """An answer of that status has no body; any other status passes."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status != status or not exchange.body:
            return held(f"no body with {status}")
        return broken(f"no body with {status}", exchange.summary())

    return ask


def json_or_nothing() -> Ask:
    """A body that is JSON, or no body at all."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        right = not exchange.body or exchange.json is not None
        return held("JSON, or no body") if right else broken("JSON, or no body", exchange.summary())

    return ask


def accepts_or_declines(what: str) -> Ask:
    """201 (or 200); a 400 means that the server declines what it need not know, and nothing is asked."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status in (200, 201) and not exchange.error:
            return held(f"{what} accepted", str(exchange.status))
        if exchange.status == 400:
            return does_not_apply(f"the target declines {what}: {exchange.summary()}")
        return broken(f"status 201, or 400 to decline {what}", exchange.summary())

    return ask


def where_accepted(asked: Ask) -> Ask:
    """The question, where the request was not refused: that has a rule of its own."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok:
            return does_not_apply(f"the target does not accept it: {exchange.summary()}")
        return asked(scene, exchange)

    return ask
