"""Requests for ids, endpoints and methods that nobody knows."""

from __future__ import annotations

from scimproof.core.definitions import Ask, Check, Sequence, Step

from ..asks import finds
from ..people import USER
from .answers import not_found, of_search, refused_somehow

NOBODY = "{{prefix}}-nobody"
IDS = {
    "uuid": "5b0f8bb6-17dd-4b3c-9a0e-6d4f7c3e2a91",
    "zero": "0",
    "long": "n" * 300,
    "encoded": " ",
}
OPERATIONS = '[{"op":"replace","path":"userName","value":"{{user.userName}}"}]'


def _read(id: str, value: str) -> Step:
    return Step(
        id=id,
        request="rfc/user-get.http",
        blanks={"user.id": value},
        independent=True,
        checks=(Check("rfc7644-3.4.1-unknown", not_found()),),
    )


def _write(id: str, request: str, requirement: str, asked: Ask, needs: tuple[str, ...] = ()) -> Step:
    return Step(
        id=id,
        request=f"rfc/{request}.http",
        blanks={"user.id": NOBODY, "body": USER, "operations": OPERATIONS},
        needs=needs,
        independent=True,
        checks=(Check(requirement, asked),),
    )


SEQUENCES = (
    Sequence(
        id="rfc.read.unknown",
        title="Read and change what does not exist",
        source="RFC 7644 sections 3.4.1, 3.5 and 3.6",
        needs=("type:User",),
        people={"user": "plain"},
        steps=(
            *(_read(id, value) for id, value in IDS.items()),
            Step(
                id="endpoint",
                request="rfc/unknown-endpoint.http",
                independent=True,
                checks=(Check("rfc7644-3.12-unknown-endpoint", not_found(understood=())),),
            ),
            _write("put", "user-put", "rfc7644-3.5.1-put-unknown", not_found()),
            Step(
                id="nobody",
                request="rfc/users-filter.http",
                blanks={"filter": 'userName eq "{{user.userName}}"'},
                needs=("filter",),
                independent=True,
                checks=(Check("rfc7644-3.5.1-put-unknown", of_search(finds(()))),),
            ),
            _write("patch", "user-patch", "rfc7644-3.5.2-patch-unknown", not_found(), ("patch",)),
            _write("delete", "user-delete", "rfc7644-3.6-delete-unknown", not_found()),
            _write("collection-put", "users-below-put", "rfc7644-3.2-methods", refused_somehow),
            _write("collection-patch", "users-below-patch", "rfc7644-3.2-methods", refused_somehow),
            _write("collection-delete", "users-below-delete", "rfc7644-3.2-methods", refused_somehow),
        ),
    ),
)
