"""Filters over the shared people: each expression with the people for whom it is true."""

from __future__ import annotations

from scimproof.core.definitions import Check, Sequence, Step

from ..asks import finds
from ..people import POPULATION, user_name

SEQUENCES = (
    Sequence(
        id="rfc.filter.operators",
        title="Each operator",
        source="RFC 7644 section 3.4.2.2",
        needs=("filter",),
        shares=POPULATION,
        steps=(
            Step(
                id="eq",
                request="rfc/users-filter.http",
                pages="follow",
                blanks={"filter": f'userName eq "{user_name("anna")}"'},
                independent=True,
                checks=(Check("rfc7644-3.4.2.2-only-matches", finds(["anna"])),),
            ),
        ),
    ),
)
