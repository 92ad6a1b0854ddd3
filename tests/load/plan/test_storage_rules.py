"""What a profile says of the product: checked when it is read, and what the audit then expects."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from scimproof.core.definitions import Profile
from scimproof.core.errors import CatalogError
from scimproof.load.audit.write_log import WriteLog
from scimproof.load.plan.storage_rules import Full, StorageRules, keeps
from scimproof.state.request_effects import FOLLOWED

KEPT = {"created": {"user": ["userName", "active"]}, "changed": {"user": ["active"], "group": []}}


def profile(**table: Any) -> Profile:
    return Profile(id="mine", title="", sequences=(), gates=(), keeps=table)


def test_without_a_word_everything_is_kept_and_shown_over_scim() -> None:
    for found in (keeps(None), keeps(profile())):
        assert found == StorageRules()
        assert found.everything
        assert found.of("User", created=False) == set(FOLLOWED["User"])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"creates": {}}, "'creates' is nothing that can be said here; did you mean 'created'?"),
        ({"created": {"users": []}}, "did you mean 'user'?"),
        ({"changed": {"user": ["username"]}}, "did you mean 'userName'?"),
        ({"members": "public-api"}, "scim or observer"),
        ({"full": [{"status": 400}]}, "full is a list of"),
    ],
)
def test_a_slip_is_told_with_the_file(table: dict[str, Any], expected: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(expected)) as refused:
        keeps(profile(**table))
    assert "suites/profiles/mine.toml, [keeps]" in str(refused.value)


def test_full_is_a_status_and_words() -> None:
    full = Full(400, "no room")
    assert full.says(400, b'{"detail":"no room"}')
    assert not full.says(409, b'{"detail":"no room"}')
    assert not full.says(400, b'{"detail":"no name"}')


def shown(book: WriteLog, user: dict[str, Any]) -> list[str]:
    """What a read that shows this contradicts, after a create and a change of name and displayName."""
    created = {"userName": "a", "displayName": "A", "active": True}
    changed = {"userName": "b", "displayName": "B", "active": False}
    writes = (("POST", "/Users", created), ("PUT", "/Users/1", changed))
    for moment, (method, target, body) in enumerate(writes):
        ticket = book.sent(method, target, json.dumps(body).encode(), moment)
        book.answered(ticket, 200, moment + 0.5, json={"id": "1"})
    ticket = book.sent("GET", "/Users/1", b"", 3.0)
    book.answered(ticket, 200, 4.0, json={"id": "1"} | user)
    return sorted(attribute for _, _, attribute in book.stale)


def test_what_is_not_kept_was_not_promised() -> None:
    as_created = {"userName": "a", "displayName": "A", "active": True}
    assert shown(WriteLog(), as_created) == ["active", "displayName", "userName"]
    product = WriteLog(keeps=keeps(profile(**KEPT)))
    assert shown(product, as_created) == ["active"]
    assert shown(WriteLog(keeps=keeps(profile(**KEPT))), {"userName": "a", "active": False}) == []
    assert product.resource("User", "1") is not None
    assert product.resources["User", "1"].name == "a", "the name that is kept is looked for"
