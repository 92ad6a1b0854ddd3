"""A group as a member: allowed where it is the run's own, and no user has the same id."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scimproof.cleanup.ledger import Ledger
from scimproof.core.http_message import Exchange, Request
from scimproof.engine.write_guard import WriteGuard

PREFIX = "scimproof-00000000"
BODY = {"displayName": f"{PREFIX}.abcdef.outer", "members": [{"value": "7", "type": "Group"}]}


@pytest.mark.parametrize(
    ("own", "user", "allowed"), [(True, 404, True), (True, 200, False), (False, 404, False)]
)
def test_a_group_is_a_member(tmp_path: Path, own: bool, user: int, allowed: bool) -> None:
    ledger = Ledger(tmp_path / "l.jsonl", "http://h", PREFIX)
    if own:
        ledger.made("Group", f"{PREFIX}.abcdef.inner", "7")
    ledger.made("User", f"{PREFIX}.abcdef.m", "m")
    guard = WriteGuard(ledger)

    def read(request: Request) -> Exchange:
        named = {"id": request.target[-1], "displayName": f"{PREFIX}.abcdef.inner"}
        if request.target.endswith("/Users/7"):
            return Exchange(1, request, user, body=b'{"id":"7","userName":"a stranger"}')
        return Exchange(1, request, 200, body=json.dumps(named).encode())

    guard.observe(read(Request("GET", "/scim/v2/Users/m", ())))  # users of the run can be read by their ids
    request = Request("POST", "/scim/v2/Groups", (), json.dumps(BODY).encode())
    refusal = guard.refusal(request, {"7"}, lambda _: False, read)
    assert (refusal == "") is allowed, refusal
    ledger.close()
