"""Legal variety of values: what is the same to SCIM though it is written otherwise, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.state.equality import equal
from tests.matrix.inprocess import catalog

SAME: list[tuple[str, Any, Any]] = [
    ("username", "Jane@Example.com", "jane@example.com"),
    ("name.familyname", "Stra\u00dfe", "STRASSE"),
    ("name.givenname", "Zoe\u0308", "Zo\u00eb"),
    ("title", "  Head  of Sales ", "Head of Sales"),
    ("phonenumbers", [{"value": "+1 (415) 555-0100"}], [{"value": "tel:+1-415-555-0100", "type": "work"}]),
    ("profileurl", "HTTPS://Example.com/a/", "https://example.com/a"),
    ("locale", "en-US", "en_us"),
    ("nickname", None, ""),
    ("roles", [], None),
    ("emails", [{"value": "a"}, {"value": "b"}], [{"value": "b", "primary": True}, {"value": "a"}]),
    ("emails", [{"value": "a", "type": "work", "primary": True}], [{"value": "a", "type": "other"}]),
]
OTHER: list[tuple[str, Any, Any]] = [
    ("externalid", "00uABC", "00uabc"),
    ("title", "Sales", "Support"),
    ("active", True, "true"),
    ("active", False, None),
    ("emails", [{"value": "a"}], [{"value": "a"}, {"value": "b"}]),
    ("emails", [{"value": "a"}], [{"value": "a"}, {"value": "a"}]),
    ("emails", [{"value": "a"}, {"value": "b"}], [{"value": "a"}]),
    ("addresses", [{"locality": "Bern"}], [{"locality": "Basel"}]),
    ("phonenumbers", [{"value": "+14155550100"}], [{"value": "+14155550101"}]),
]


@pytest.mark.parametrize(("path", "sent", "found"), SAME)
def test_written_otherwise_and_the_same(path: str, sent: Any, found: Any) -> None:
    assert equal(path, sent, found, catalog().variety)


@pytest.mark.parametrize(("path", "sent", "found"), OTHER)
def test_not_the_same(path: str, sent: Any, found: Any) -> None:
    assert not equal(path, sent, found, catalog().variety)
