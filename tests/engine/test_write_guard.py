"""The write guard's own look at what is to be written to."""

from __future__ import annotations

from pathlib import Path

from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Request
from scimproof.engine.write_guard import WriteGuard

PREFIX = "scimproof-guard000"


def test_the_look_carries_the_query_of_the_base_url_and_no_other(tmp_path: Path) -> None:
    """A target may tell its tenants apart by it."""
    looked: list[str] = []

    def read(request: Request) -> Exchange:
        looked.append(request.target)
        body = b'{"id": "17", "userName": "scimproof-guard000.u@example.com"}'
        return Exchange(1, request, status=200, body=body)

    for query, expected in (("?tenant=7", "?tenant=7"), ("", "")):
        ledger = Ledger(tmp_path / f"{bool(query)}.jsonl", f"http://h/scim/v2{query}", PREFIX)
        ledger.made("User", f"{PREFIX}.u@example.com", "17")
        request = Request("PATCH", f"/scim/v2/Users/17?attributes=id&{query[1:]}", (), b"{}")
        assert not WriteGuard(ledger, base_query=query[1:]).refusal(request, ["17"], lambda _: False, read)
        assert looked.pop() == f"/scim/v2/Users/17{expected}"
        ledger.close()
