"""Equality by what a schema says of an attribute, row by row (RFC 7643 sections 2.2 to 2.5)."""

from __future__ import annotations

from typing import Any

import pytest

from scimproof.checks.schema_equality import (
    changed,
    equal,
    instant,
    nothing,
    only,
    same_instant,
    same_place,
    zoned,
)
from scimproof.core.discovery import Attribute, Discovery, ResourceType

TEXT = Attribute("title")
EXACT = Attribute("externalId", case_exact=True)
FLAG = Attribute("active", type="boolean")
WHOLE = Attribute("floor", type="integer")
DECIMAL = Attribute("share", type="decimal")
TIME = Attribute("hired", type="dateTime")
BYTES = Attribute("key", type="binary", case_exact=True)
LINK = Attribute("page", type="reference", reference_types=("external",), case_exact=True)
REF = Attribute("$ref", parent="members", type="reference", reference_types=("User",), case_exact=True)
MAIL = Attribute("value", parent="emails", case_exact=True)
PHONE = Attribute("value", parent="phoneNumbers")
KIND = Attribute("type", parent="emails")
FIRST = Attribute("primary", parent="emails", type="boolean")
MAILS = Attribute("emails", type="complex", multi_valued=True, sub_attributes=(MAIL, KIND, FIRST))
NAME = Attribute(
    "name",
    type="complex",
    sub_attributes=(Attribute("givenName", parent="name"), Attribute("familyName", parent="name")),
)
WORK = {"value": "a@example.com", "type": "work"}
HOME = {"value": "b@example.com", "type": "home"}

EQUAL: list[tuple[str, Attribute | None, Any, Any]] = [
    ("the same text", TEXT, "Zoë", "Zoë"),
    ("composed and decomposed", TEXT, "Zo\u00eb", "Zoe\u0308"),
    ("letter case where it does not count", TEXT, "Tour Guide", "tour guide"),
    ("the same exact text", EXACT, "aB1", "aB1"),
    ("a boolean", FLAG, False, False),
    ("an integer", WHOLE, 10**18, 10**18),
    ("a decimal without a fraction", DECIMAL, 1, 1.0),
    ("a decimal in another notation", DECIMAL, 0.1 + 0.2, 0.3),
    ("an instant in another zone", TIME, "2026-03-01T10:20:30Z", "2026-03-01T12:20:30+02:00"),
    ("an instant more precisely", TIME, "2026-03-01T10:20:30Z", "2026-03-01T10:20:30.000Z"),
    ("an instant less precisely", TIME, "2026-03-01T10:20:30.750Z", "2026-03-01T10:20:30Z"),
    ("an instant without a zone", TIME, "2026-03-01T10:20:30Z", "2026-03-01T10:20:30"),
    ("bytes without padding", BYTES, "c2NpbQ==", "c2NpbQ"),
    ("bytes in the other alphabet", BYTES, "+/+/", "-_-_"),
    ("bytes on two lines", BYTES, "c2NpbXByb29m", "c2NpbX\r\nByb29m"),
    ("a URL", LINK, "https://example.com/One", "https://example.com/One"),
    ("an absolute reference", REF, "/scim/v2/Users/17", "https://example.com/scim/v2/Users/17"),
    ("a relative reference", REF, "https://example.com/scim/v2/Users/17", "../Users/17"),
    ("a reference without the version", REF, "/scim/v2/Users/17", "/scim/Users/17"),
    (
        "a reference by a proxy",
        REF,
        "http://a.example/scim/v2/Users/17",
        "https://b.example/scim/v2/Users/17",
    ),
    ("the domain of an address", MAIL, "Ann@Example.COM", "Ann@example.com"),
    ("a telephone number as URI", PHONE, "+1-415-555-0101", "tel:+14155550101"),
    ("a telephone number with an extension", PHONE, "tel:+1-415-555-0101;ext=7", "+14155550101;ext=7"),
    ("complex, with more than was sent", NAME, {"givenName": "A"}, {"givenName": "a", "formatted": "A B"}),
    ("complex, names in other letters", NAME, {"GIVENNAME": "A"}, {"givenName": "A"}),
    ("complex, null for nothing", NAME, {"givenName": "A", "familyName": None}, {"givenName": "A"}),
    ("a list in another order", MAILS, [WORK, HOME], [HOME, WORK]),
    ("a list with what was added", MAILS, [WORK], [{**WORK, "display": "A", "primary": False}]),
    (
        "a list of little and of more",
        MAILS,
        [{"value": "a@example.com"}, WORK],
        [WORK, {**WORK, "type": "x"}],
    ),
    ("not primary and nothing said", MAILS, [{**WORK, "primary": False}], [WORK]),
    ("absent and null", TEXT, None, None),
    ("an empty list and absent", MAILS, [], None),
    ("an empty object and an empty list", NAME, {}, []),
    ("an object of nulls and absent", NAME, {"givenName": None, "familyName": None}, None),
    ("without a schema", None, "A", "A"),
]

UNEQUAL: list[tuple[str, Attribute | None, Any, Any]] = [
    ("another text", TEXT, "Tour Guide", "Tour Guides"),
    ("blanks count", TEXT, "Tour Guide", "Tour  Guide"),
    ("letter case where it counts", EXACT, "aB1", "ab1"),
    ("letter case without a schema", None, "A", "a"),
    ("text for a boolean", FLAG, True, "true"),
    ("a number for a boolean", FLAG, True, 1),
    ("the other boolean", FLAG, True, False),
    ("an integer with a fraction of nothing", WHOLE, 1, 1.0),
    ("a large integer, one more", WHOLE, 10**18, 10**18 + 1),
    ("text for a number", WHOLE, 12, "12"),
    ("another decimal", DECIMAL, 10.25, 10.3),
    ("another instant", TIME, "2026-03-01T10:20:30Z", "2026-03-01T10:20:31Z"),
    ("another instant by its zone", TIME, "2026-03-01T10:20:30Z", "2026-03-01T10:20:30+02:00"),
    ("a number of seconds", TIME, "2026-03-01T10:20:30Z", 1772360430),
    ("other bytes", BYTES, "c2NpbQ==", "c2NpcQ=="),
    ("bytes in other letters", BYTES, "c2NpbQ==", "C2NPBQ=="),
    ("another page of another host", LINK, "https://a.example/one", "https://b.example/one"),
    ("a reference to another", REF, "/scim/v2/Users/17", "/scim/v2/Users/18"),
    ("a reference to another type", REF, "/scim/v2/Users/17", "../Groups/17"),
    ("an id for a reference", REF, "/scim/v2/Users/17", "17"),
    ("the name before the domain", MAIL, "Ann@example.com", "ann@example.com"),
    ("another telephone number", PHONE, "+1-415-555-0101", "+1-415-555-0102"),
    ("complex without a part", NAME, {"givenName": "A", "familyName": "B"}, {"givenName": "A"}),
    ("complex as text", NAME, {"givenName": "A"}, "A"),
    ("a list that lost one", MAILS, [WORK, HOME], [WORK]),
    ("a list with one more", MAILS, [WORK], [WORK, HOME]),
    ("a list with one twice", MAILS, [WORK], [WORK, WORK]),
    ("a list with one changed", MAILS, [WORK], [{**WORK, "type": "home"}]),
    ("a list as a single object", MAILS, [WORK], WORK),
    ("no longer primary", MAILS, [{**WORK, "primary": True}], [WORK]),
    ("something for nothing", TEXT, None, "A"),
    ("nothing for false", FLAG, False, None),
    ("nothing for 0", WHOLE, 0, None),
    ("nothing for an empty text", TEXT, "", None),
]


@pytest.mark.parametrize(("row", "attribute", "sent", "shown"), EQUAL, ids=[row[0] for row in EQUAL])
def test_seq01_equal_values(row: str, attribute: Attribute | None, sent: Any, shown: Any) -> None:
    assert equal(sent, shown, attribute), row


@pytest.mark.parametrize(("row", "attribute", "sent", "shown"), UNEQUAL, ids=[row[0] for row in UNEQUAL])
def test_seq02_values_that_differ(row: str, attribute: Attribute | None, sent: Any, shown: Any) -> None:
    assert not equal(sent, shown, attribute), row


@pytest.mark.parametrize("value", [None, [], {}, {"a": None}, {"a": [], "b": {}}])
def test_seq03_no_value(value: Any) -> None:
    assert nothing(value)


@pytest.mark.parametrize("value", ["", 0, False, [None], {"a": False}, {"a": 0}])
def test_seq04_a_value_however_small(value: Any) -> None:
    assert not nothing(value)


def test_seq05_a_date_with_a_time_is_an_instant_and_nothing_else_is() -> None:
    assert instant("2026-03-01T10:20:30Z") == instant("2026-03-01T11:20:30+01:00")
    assert instant("2026-03-01T10:20:30.1234567Z") is not None
    assert not [one for one in ("2026-03-01", "10:20:30", "yesterday", "", 1, None) if instant(one)]
    assert same_instant("yesterday", "yesterday")


def test_seq06_a_zone_is_told() -> None:
    assert all(zoned(f"2026-03-01T10:20:30{zone}") for zone in ("Z", "z", "+02:00", "-0500"))
    assert not zoned("2026-03-01T10:20:30")
    assert not zoned(None)


def test_seq07_the_same_place() -> None:
    assert same_place("Users/17", "http://example.com/a/b/v2/Users/17/")
    assert not same_place("http://example.com/v2/Users/17", "http://example.com/v2/Users/17/photo")


TYPE = ResourceType("User", "/Users", "urn:core:User", ("urn:ext:2.0:User",))
KNOWN = Discovery(
    schemas={
        "urn:core:User": (TEXT, MAILS, NAME, TIME),
        "urn:ext:2.0:User": (Attribute("department", schema="urn:ext:2.0:User"),),
    },
    types=(TYPE,),
)
BEFORE: dict[str, Any] = {
    "schemas": ["urn:core:User"],
    "id": "17",
    "title": "Guide",
    "name": {"givenName": "A", "familyName": "B", "formatted": "A B"},
    "emails": [WORK, HOME],
    "urn:ext:2.0:User": {"department": "Sales"},
    "meta": {"lastModified": "2026-03-01T10:20:30Z", "version": 'W/"1"', "location": "/Users/17"},
}

META = BEFORE["meta"]

CHANGES: list[tuple[str, dict[str, Any], bool, list[str]]] = [
    ("nothing", {}, True, []),
    ("letter case that does not count", {"title": "guide"}, True, []),
    ("the order of a list", {"emails": [HOME, WORK]}, True, []),
    ("what is made of others", {"name": {**BEFORE["name"], "formatted": "B, A"}}, True, []),
    ("what is added to an element", {"emails": [{**WORK, "display": "A"}, HOME]}, True, []),
    ("a null that was absent", {"nickName": None, "roles": []}, True, []),
    ("a sub-attribute", {"name": {"givenName": "C", "familyName": "B"}}, False, ["name.givenname"]),
    ("an element that is gone", {"emails": [WORK]}, False, ["emails"]),
    ("an element that became primary", {"emails": [{**WORK, "primary": True}, HOME]}, False, ["emails"]),
    ("an extension", {"urn:ext:2.0:User": {"department": "IT"}}, False, ["urn:ext:2.0:user:department"]),
    ("an id", {"id": "18"}, False, ["id"]),
    ("an attribute more", {"nickName": "N"}, False, ["nickname"]),
    ("the version alone", {"meta": {**META, "version": 'W/"2"'}}, True, ["meta.version"]),
    ("the version, where it does not count", {"meta": {**META, "version": 'W/"2"'}}, False, []),
    ("lastModified", {"meta": {**META, "lastModified": "2026-03-01T10:20:32Z"}}, True, ["meta.lastmodified"]),
    ("lastModified, more precisely", {"meta": {**META, "lastModified": "2026-03-01T10:20:30.4Z"}}, True, []),
]  # fmt: skip


@pytest.mark.parametrize(("row", "after", "whole", "wanted"), CHANGES, ids=[row[0] for row in CHANGES])
def test_seq08_what_changed(row: str, after: dict[str, Any], whole: bool, wanted: list[str]) -> None:
    assert list(changed(BEFORE, {**BEFORE, **after}, KNOWN, TYPE, whole=whole)) == wanted, row


def test_seq09_what_is_named_and_what_lies_in_it_is_left_out() -> None:
    paths = ["name.givenname", "emails", "title", "urn:ext:2.0:user:department"]

    assert only(paths, ["name", "urn:ext:2.0:User"]) == ["emails", "title"]
    assert only(paths, ["emails.value"]) == ["name.givenname", "title", "urn:ext:2.0:user:department"]
