"""Lists: pages, and the four supported filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from scimproof.embedded.bitwarden.http import JSON, ServiceAnswer, ServiceRequest

LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,10}\s*")
_LARGEST = 2**31 - 1

T = TypeVar("T")


def listing(
    request: ServiceRequest,
    everything: Callable[[], Sequence[T]],
    find: Callable[[str], T | None],
    show: Callable[[T], JSON],
) -> ServiceAnswer:
    """The page asked for, or the filter's result: at most one resource, whatever page is asked for."""
    count, start = integer(request, "count", 50), integer(request, "startIndex", 1)
    wanted = request.query.get("filter", "")
    if wanted.strip():
        found = find(wanted)
        page, total = ([] if found is None else [found]), int(found is not None)
    else:
        all_of_them = everything()
        first = max(start, 1) - 1
        page, total = list(all_of_them[first : first + max(count, 0)]), len(all_of_them)
    return ServiceAnswer(
        200,
        {
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": count,
            "resources": [show(each) for each in page],
            "schemas": [LIST_URN],
        },
    )


def integer(request: ServiceRequest, name: str, default: int) -> int:
    """A number of the query as it was sent, or the default where it is no number."""
    text = request.query.get(name.lower(), "")
    number = int(text) if _INTEGER.fullmatch(text) else default
    return number if -_LARGEST - 1 <= number <= _LARGEST else default


def operand(wanted: str, attribute: str, *, any_case: bool) -> str | None:
    """The value in a filter of the form `attribute eq X`, or None for another form."""
    head = f"{attribute} eq "
    begins = wanted[: len(head)]
    if begins.lower() != head.lower() if any_case else begins != head:
        return None
    return wanted[len(head) :].strip('"')
