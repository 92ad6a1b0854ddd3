"""Questions to answers that are held to another answer: that of a GET, that of the create."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, grave, held
from scimproof.core.scim import id_of


def as_get(read: str) -> Ask:
    """HEAD is answered with the status and the media type of a GET, and without a body."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        earlier = scene.exchange(read)
        wanted = earlier.status if earlier else 200
        expected = f"{wanted} as to GET, without a body"
        if exchange.error or (exchange.status >= 500 and exchange.status != 501):
            return grave(expected, exchange.summary())
        if exchange.status != wanted:
            return broken(expected, exchange.summary())
        if exchange.body or exchange.surplus:
            return broken(expected, f"a body of {len(exchange.body) or exchange.surplus} bytes")
        label = earlier.header("Content-Type") if earlier else None
        told = exchange.header("Content-Type")
        same = told is None or label is None or told == label
        return held(expected) if same else broken(f"Content-Type {label}, as to GET", show(told))

    return ask


def leads_back(create: str) -> Ask:
    """A GET of the Location answers the resource that was made."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        made = id_of(scene.answer(create))
        expected = f"200 with the resource that {create} made"
        found = id_of(exchange.json)
        right = exchange.status == 200 and bool(found) and found == (made or found)
        return held(expected) if right else broken(expected, exchange.summary())

    return ask
