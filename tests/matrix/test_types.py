"""The bodies of a run are held to the schemas of the RFCs, by JSON Pointer; what is legal stays quiet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scimproof.checks.types import places
from scimproof.core.http_message import Exchange, Request
from scimproof.core.paths import knowledge_root
from scimproof.core.results import Verdict
from scimproof.core.validation import scim, wrongs
from scimproof.embedded.app import Application
from scimproof.embedded.faults import FAULTS
from tests.matrix.inprocess import TOKEN, play_against
from tests.matrix.reach import PLAYED_HONESTLY, honest

SCHEMAS = sorted((knowledge_root() / "fixtures" / "schemas").glob("*.json"))
CORE = "urn:ietf:params:scim:schemas:core:2.0"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
META = {
    "resourceType": "User",
    "created": "2026-11-27T03:10:37.123Z",
    "lastModified": "2026-11-27T03:10:37+00:00",
    "location": "https://host/scim/v2/Users/1",
    "version": 'W/"1"',
}
USER: dict[str, Any] = {
    "schemas": [f"{CORE}:User", ENTERPRISE],
    "id": "1",
    "externalId": "00u1",
    "userName": "scimproof-00000000-ann@example.com",
    "name": {"givenName": "Ann", "familyName": "Other"},
    "emails": [{"value": "ann@example.com", "type": "work", "primary": True}],
    "active": True,
    ENTERPRISE: {"costCenter": "4130", "manager": {"value": "2", "displayName": "Bo"}},
    "meta": META,
}
GROUP: dict[str, Any] = {
    "schemas": [f"{CORE}:Group"],
    "id": "9",
    "displayName": "scimproof-00000000 Sales",
    "members": [{"value": "1", "$ref": "https://host/scim/v2/Users/1", "display": "Ann", "type": "User"}],
    "meta": META | {"resourceType": "Group"},
}


def exchange(body: object, target: str = "/scim/v2/Users/1", status: int = 200) -> Exchange:
    return Exchange(1, Request("GET", target, (), b""), status, "", (), json.dumps(body).encode())


def said(body: object, target: str = "/scim/v2/Users/1", status: int = 200) -> list[tuple[str, str]]:
    """The rules that the body breaks, and where."""
    return [(rule, wrong.pointer) for rule, wrong in places(exchange(body, target, status))]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_each_file_is_a_json_schema(path: Any) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_a_server_with_three_wrong_types_fails_with_the_pointers() -> None:
    app = Application(TOKEN, [FAULTS["three-types-wrong"]], 0.0)
    wrong = {
        finding.requirement: finding
        for finding in play_against(app, "okta.oin.user.create", "okta.oin.group.push")
        if finding.verdict is Verdict.FAIL
    }
    assert set(wrong) == {"rfc7643-3.1-types", "rfc7643-4.1-types", "rfc7643-4.2-types"}
    assert "/meta/created is 1785542400, not a moment" in wrong["rfc7643-3.1-types"].observed
    assert "/emails/0/type is 5, not text" in wrong["rfc7643-4.1-types"].observed
    assert "/members/0/$ref is 9, not text" in wrong["rfc7643-4.2-types"].observed


LEGAL: dict[str, dict[str, Any]] = {
    "nothing more than what is required": {"name": None, "emails": None, "active": None},
    "empty lists and objects": {"emails": [], "name": {}, ENTERPRISE: {}, "phoneNumbers": [], "title": []},
    "null within": {"name": {"givenName": None}, "emails": [{"value": "a@b.c", "type": None}]},
    "attributes nobody knows": {"rank": 5, "badge": {"colour": 1}, "urn:example:2.0:User": {"floor": 3}},
    "a moment without an offset": {"meta": META | {"created": "2026-11-27T03:10:37"}},
    "a moment with another offset": {"meta": META | {"created": "2026-11-27T03:10:37.1234567-05:30"}},
    "relative references": {"photos": [{"value": "/photos/1"}], "groups": [{"value": "9", "$ref": "../G/9"}]},
    "a reference that is relative": {"meta": META | {"location": "/scim/v2/Users/1"}},
    "any text for a number of a telephone": {"phoneNumbers": [{"value": "ext. 7, ask for Ann"}]},
    "any type of an e-mail": {"emails": [{"value": "a@b.c", "type": "weekends", "primary": False}]},
    "a sub-attribute nobody knows": {"emails": [{"value": "a@b.c", "verified": True, "rank": 1}]},
    "a manager without a value": {ENTERPRISE: {"manager": {"displayName": "Bo"}}},
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_is_quiet(name: str) -> None:
    assert said(USER | LEGAL[name]) == []


def test_what_is_right_is_quiet_in_other_letters() -> None:
    lower = {key.lower(): value for key, value in USER.items()}
    assert said(USER) == said(GROUP, "/scim/v2/Groups/9") == said(lower) == []
    assert said(lower | {"emails": [{"TYPE": 5}]}) == [("rfc7643-4.1-types", "/emails/0/TYPE")]


# What is changed in the user, which rule that breaks, and where.
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "seconds for a moment": ({"meta": META | {"created": 1785542400}}, "3.1-types", "/meta/created"),
    "a line feed at the end": (
        {"meta": META | {"created": "2026-11-27T03:10:37Z\n"}},
        "3.1-types",
        "/meta/created",
    ),
    "a day alone": ({"meta": META | {"created": "2026-11-27"}}, "3.1-types", "/meta/created"),
    "a blank for T": (
        {"meta": META | {"lastModified": "2026-11-27 03:10:37"}},
        "3.1-types",
        "/meta/lastModified",
    ),
    "a location that is a number": ({"meta": META | {"location": 7}}, "3.1-types", "/meta/location"),
    "a number among the schemas": ({"schemas": [f"{CORE}:User", ENTERPRISE, 5]}, "3.1-types", "/schemas/2"),
    "a number for externalId": ({"externalId": 5}, "3.1-types", "/externalId"),
    "text for meta": ({"meta": "today"}, "2.3-complex", "/meta"),
    "a number for a type": ({"emails": [{"value": "a@b.c", "type": 5}]}, "4.1-types", "/emails/0/type"),
    "text for primary": (
        {"emails": [{"value": "a@b.c", "primary": "True"}]},
        "4.1-types",
        "/emails/0/primary",
    ),
    "a number for a number": ({"phoneNumbers": [{"value": 555}]}, "4.1-types", "/phoneNumbers/0/value"),
    "a list of texts": ({"emails": ["a@b.c"]}, "2.3-complex", "/emails/0"),
    "one for many": ({"emails": {"value": "a@b.c"}}, "2.4-multi-valued", "/emails"),
    "text for active": ({"active": "True"}, "4.1.1-active-boolean", "/active"),
    "text for a name": ({"name": "Ann"}, "2.3-complex", "/name"),
    "a number in a name": ({"name": {"givenName": 5}}, "4.1-types", "/name/givenName"),
    "a number for a cost center": (
        {ENTERPRISE: {"costCenter": 4130}},
        "4.3-types",
        f"/{ENTERPRISE}/costCenter",
    ),
    "text for a manager": ({ENTERPRISE: {"manager": "Bo"}}, "2.3-complex", f"/{ENTERPRISE}/manager"),
    "many for one": ({"displayName": ["Ann"]}, "4.1-types", "/displayName"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_once_with_its_place(name: str) -> None:
    change, rule, pointer = WRONG[name]
    assert said(USER | change) == [(f"rfc7643-{rule}", pointer)]


def test_a_resource_of_a_list_is_named_by_its_place_in_the_list() -> None:
    rows = [USER | {"userName": f"scimproof-0000000{n}-a"} for n in range(3)]
    rows[2] = rows[2] | {"title": 5}
    body = {"schemas": [LIST], "totalResults": 3, "resources": rows, "startIndex": "1"}
    assert said(body, "/scim/v2/Users") == [
        ("rfc7644-3.4.2-list-types", "/startIndex"),
        ("rfc7643-4.1-types", "/resources/2/title"),
    ]


def test_a_resource_that_is_no_object_and_a_detail_that_is_no_text() -> None:
    body = {"schemas": [LIST], "totalResults": 1, "Resources": [5]}
    assert said(body, "/scim/v2/Users") == [("rfc7644-3.4.2-list-types", "/Resources/0")]
    body = {"schemas": [LIST], "totalResults": 0, "startIndex": 0}  # a question of its own
    assert said(body, "/scim/v2/Users") == []
    error = {"schemas": [ERROR], "status": "404", "detail": {"message": "gone"}}
    assert said(error, status=404) == [("rfc7644-3.12-error-types", "/detail")]


@PLAYED_HONESTLY
def test_what_we_send_ourselves_fits_the_schemas() -> None:
    """Okta's bodies are the RFC's: users, groups and PATCH operations of every sequence of the profile."""
    sent = [request for request in honest().sent if isinstance(request.json, dict)]
    assert len(sent) > 300
    amiss = {}
    for request in sent:
        kind = "User" if "/Users" in request.target else "Group"
        schema = "PatchOp" if request.method == "PATCH" else kind
        for wrong in wrongs(scim(schema), request.json):
            amiss[schema, wrong.pointer] = wrong.sentence
    assert amiss == {}


def test_schemas_of_any_kind_end_no_question() -> None:
    for schemas in (5, True, "User", {"a": 1}):
        assert said(USER | {"schemas": schemas, "title": 5}) == [("rfc7643-4.1-types", "/title")]
