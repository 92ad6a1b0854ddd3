"""Outcomes of requests that were under way together: whether their answers can both be right."""

from __future__ import annotations

from collections.abc import Sequence

from scimproof.core.http_message import Exchange
from scimproof.core.scim import id_of, kind_of
from scimproof.state.register import OPEN

BUSY = (409, 429, 503)  # legal ways of saying: not now (D-273)
# What two answers may be to a write that was sent again while the first was under way.
ONE_USER = "201 and 409, or 201 twice with one id"
EITHER = "one is accepted, and the other accepted too or refused with a status below 500"


def one_create(exchanges: Sequence[Exchange]) -> str:
    """Why these creates of one userName were not decided as they must be; empty when they were.

    Exactly one is accepted and the others get 409. Where an answer is missing, or one says that it is not
    the time, nothing can be said.
    """
    statuses = sorted(exchange.status for exchange in exchanges)
    if _untold(exchanges):
        return ""
    accepted = sum(exchange.ok for exchange in exchanges)
    if accepted == 1 and statuses[1:] == [409] * (len(statuses) - 1):
        return ""
    return _answered(exchanges)


def sent_again(exchanges: Sequence[Exchange]) -> str:
    """Why a write and the same write sent again were not answered as they may be; empty when they were.

    A create makes one user: the other answer is 409, or success with the same id, where a server knows that
    it is the same request. A second group of one name is allowed (RFC 7643 makes no displayName unique). Of
    a change, one is accepted at least. Two equal refusals are no matter of sending twice.
    """
    if _untold(exchanges):
        return ""
    accepted = [exchange for exchange in exchanges if exchange.ok]
    refused = {exchange.status for exchange in exchanges if not exchange.ok}
    if not accepted:
        return "" if len(refused) == 1 else _answered(exchanges)
    creates = exchanges[0].request.method == "POST"
    if any(status != 409 if creates else status >= 500 for status in refused):
        return _answered(exchanges)
    return _two_users(accepted)


def _two_users(accepted: Sequence[Exchange]) -> str:
    if not accepted or accepted[0].request.method != "POST" or kind_of(accepted[0].request.target) != "User":
        return ""
    ids = {id_of(exchange.json) for exchange in accepted}
    return f"{_answered(accepted)} with two ids: two users" if len(ids) > 1 else ""


def _untold(exchanges: Sequence[Exchange]) -> bool:
    """Whether an answer is missing, or leaves open what became of the request, or says: not now."""
    return any(exchange.error or exchange.status in OPEN | {429} for exchange in exchanges)


def _answered(exchanges: Sequence[Exchange]) -> str:
    return f"answered {', '.join(map(str, sorted(exchange.status for exchange in exchanges)))}"
