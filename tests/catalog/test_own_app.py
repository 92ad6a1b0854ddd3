"""One's own app: bodies by its mappings in Okta's key order, userName formats, and what it never sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.app import AppError, AppRules, AppSettings, read_app_rules
from scimproof.catalog.identities import person
from scimproof.catalog.loader import Catalog
from scimproof.catalog.own_app import with_app
from scimproof.catalog.request_template import compact
from scimproof.core.context import ExecutionContext, Member
from scimproof.core.errors import CatalogError, UsageError
from scimproof.core.http_message import Exchange, Request
from scimproof.core.paths import knowledge_root
from tests.matrix.inprocess import catalog

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
OWN = "urn:acme:params:2.0:User"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
CREATE = "okta/both/user-create.http"
# Not in Okta's order, which the bodies have all the same.
MAPPINGS: dict[str, Any] = {
    f"{OWN}:site": "city",
    f"{OWN}:floor": {"fixed": 3},
    f"{OWN}:skills": {"fixed": ["SCIM", "OAuth"]},
    f"{ENTERPRISE}:manager.displayName": "manager",
    f"{ENTERPRISE}:department": "department",
    "title": "title",
    "userType": {"fixed": "Employee"},
    'phoneNumbers[type eq "mobile"].value': "mobilePhone",
    'emails[type eq "home"].value': "secondEmail",
    'emails[type eq "work"].value': "email",
    "displayName": "nickName",
    "name.familyName": "lastName",
    "name.givenName": "firstName",
}


def rules() -> AppRules:
    return catalog().apps["okta"]


def of(**settings: Any) -> Catalog:
    """The catalogue with an app of these settings."""
    return with_app(catalog(), catalog().senders["okta"], AppSettings(**settings))


def cast(made: Catalog, kind: str = "plain") -> dict[str, str]:
    """The template variables of one user."""
    found = person(1, "scimproof-00000000", "test/user", kind, made.senders["okta"].identities)
    return {f"user.{name}": value for name, value in found.items()}


def merged(made: Catalog, rule: str, returned: Mapping[str, Any], blanks: dict[str, str]) -> str:
    """The body of a PUT after a read that returned this."""
    read = Exchange(1, Request("GET", "/scim/v2/Users/7", ()), 200, body=json.dumps(returned).encode())
    scene = ExecutionContext("test", blanks, exchanges={"read": [read]})
    return compact(made.rules[rule](scene))


def test_without_an_app_the_catalogue_is_the_same() -> None:
    known = catalog()
    assert with_app(known, known.senders["okta"], AppSettings()) is known


def test_the_usual_mappings_are_those_of_the_request_files() -> None:
    known, made = catalog(), of(mappings=rules().mappings)
    same = ("user-create", "user-create-again", "user-create-other-case", "user-create-same-name")
    for name in (f"okta/both/{file}.http" for file in same):
        assert made.templates[name].body == known.templates[name].body, name
    every = {path: one for path, one in rules().attributes.items() if "primary" not in path}
    whole = "okta/both/user-create-whole-profile.http"
    made = of(mappings=every)
    assert made.templates[whole].body == known.templates[whole].body
    assert made.templates[CREATE].body == known.templates[whole].body


def test_without_mappings_bodies_are_those_of_the_request_files() -> None:
    known, made = catalog(), of(user_name="login", actions=("create",), push_batch=200)
    assert made.templates == known.templates
    assert made.rules["profile"] is known.rules["profile"]


def test_a_create_has_what_is_mapped_in_okta_s_key_order() -> None:
    made = of(mappings=MAPPINGS)
    user = cast(made)
    body = made.templates[CREATE].fill(user | dict.fromkeys(made.templates[CREATE].blanks - set(user), "x"))
    assert body.body.decode() == (
        f'{{"schemas":["{CORE}","{ENTERPRISE}","{OWN}"],"userName":"{user["user.userName"]}",'
        f'"name":{{"givenName":"{user["user.givenName"]}","familyName":"{user["user.familyName"]}"}},'
        f'"emails":[{{"primary":true,"value":"{user["user.email"]}","type":"work"}},'
        f'{{"primary":false,"value":"{user["user.secondEmail"]}","type":"home"}}],'
        f'"displayName":"{user["user.nickName"]}","title":"{user["user.title"]}","userType":"Employee",'
        f'"phoneNumbers":[{{"primary":true,"value":"{user["user.mobile"]}","type":"mobile"}}],'
        f'"{ENTERPRISE}":{{"department":"Sales","manager":{{"displayName":"The Manager"}}}},'
        f'"{OWN}":{{"site":"Springfield","floor":3,"skills":["SCIM","OAuth"]}},'
        f'"externalId":"{user["user.externalId"]}","groups":[],"password":"{user["user.password"]}",'
        '"active":true}'
    )


def test_an_e_mail_address_without_type_is_mapped_as_the_primary_one() -> None:
    made = of(mappings={"emails[primary eq true].value": "email"})
    body = made.templates[CREATE].body
    assert '"emails":[{"primary":true,"value":"{{user.email}}"}],"externalId"' in body
    assert '"name"' not in body


def test_creates_about_somebody_else_keep_their_own_values() -> None:
    made = of(mappings={"name.familyName": "lastName", "title": "title", "displayName": "email"})
    body = json.loads(made.templates["okta/both/user-create-same-name.http"].body)
    assert body["userName"] == "{{user.userName}}"
    assert body["name"] == {"familyName": "{{other.familyName}}"}
    assert (body["title"], body["displayName"]) == ("{{other.title}}", "{{other.email}}")
    again = json.loads(made.templates["okta/both/user-create-again.http"].body)
    assert again["name"] == {"familyName": "{{user.newFamilyName}}"}


def test_a_merge_overwrites_what_is_mapped_where_it_stands_and_adds_the_rest_in_okta_s_order() -> None:
    made = of(mappings=MAPPINGS)
    user = cast(made)
    returned = {
        "id": "7",
        "name": {"formatted": "Old Name", "familyName": "Old"},
        "schemas": [CORE],
        "locale": "en-US",
        ENTERPRISE: {"costCenter": "4130", "manager": {"value": "9", "displayName": "Old"}},
        "active": True,
        "emails": [{"value": "old@example.com"}],
        "meta": {"resourceType": "User"},
    }
    assert merged(made, "link", returned, user) == (
        f'{{"id":"7","name":{{"formatted":"Old Name","familyName":"{user["user.familyName"]}",'
        f'"givenName":"{user["user.givenName"]}"}},"schemas":["{CORE}","{ENTERPRISE}","{OWN}"],'
        f'"locale":"en-US","{ENTERPRISE}":{{"costCenter":"4130","manager":{{"value":"9",'
        '"displayName":"The Manager"},"department":"Sales"},"active":true,'
        f'"emails":[{{"primary":true,"value":"{user["user.email"]}","type":"work"}},'
        f'{{"primary":false,"value":"{user["user.secondEmail"]}","type":"home"}}],'
        f'"meta":{{"resourceType":"User"}},"userName":"{user["user.userName"]}",'
        f'"title":"{user["user.title"]}","displayName":"{user["user.nickName"]}","userType":"Employee",'
        f'"phoneNumbers":[{{"primary":true,"value":"{user["user.mobile"]}","type":"mobile"}}],'
        f'"externalId":"{user["user.externalId"]}",'
        f'"{OWN}":{{"site":"Springfield","floor":3,"skills":["SCIM","OAuth"]}},"groups":[]}}'
    )


def test_a_profile_update_changes_every_mapped_attribute() -> None:
    made = of(mappings=MAPPINGS)
    user = cast(made)
    before, after = (json.loads(merged(made, rule, {"id": "7"}, user)) for rule in ("link", "profile"))
    assert (after["userName"], after["externalId"]) == (before["userName"], before["externalId"])
    assert after["userType"] == "Employee"
    assert after[OWN] == {"site": "Portsmouth", "floor": 3, "skills": ["SCIM", "OAuth"]}
    assert after[ENTERPRISE] == {"department": "Support", "manager": {"displayName": "Another Manager"}}
    for key in ("name", "emails", "displayName", "title", "phoneNumbers"):
        assert before[key] != after[key], key
    assert after["name"]["givenName"] != before["name"]["givenName"]
    assert [entry["value"] for entry in after["emails"]] == [
        user["user.newEmail"],
        user["user.newSecondEmail"],
    ]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("email", "{email}"),
        ("login", "{login}"),
        ("employee number", "scimproof-00000000.{tag}.{employeeNumber}"),
        ("{firstName}.{lastName}", "scimproof-00000000.{tag}.{givenName}.{familyName}"),
        ("{login}@corp.example.com", "{login}@corp.example.com"),
    ],
)
def test_a_user_name_has_the_stated_format_and_the_run_s_prefix(stated: str, expected: str) -> None:
    usual, user = cast(catalog()), cast(of(user_name=stated))
    known = {name.removeprefix("user."): value for name, value in usual.items()}
    known["tag"] = known["email"].split(".")[1]
    name = user["user.userName"]
    assert name == expected.format_map(known)
    assert name.startswith("scimproof-00000000.")
    assert user["user.userNameUpper"] == name.upper()
    assert user["user.newUserName"] != name
    assert user["user.email"] == usual["user.email"]


def test_people_about_whose_user_name_a_sequence_is_keep_it() -> None:
    for kind in ("employee-number", "plus", "apostrophe", "other-domain"):
        assert cast(of(user_name="login"), kind)["user.userName"] == cast(catalog(), kind)["user.userName"]


def test_a_user_name_of_odd_names_is_plain() -> None:
    made = of(user_name="{firstName}.{lastName}")
    assert cast(made, "german")["user.userName"].endswith(".jurgen.weimullerozturk")
    assert len(cast(made, "long")["user.userName"]) < 120


def test_a_group_is_pushed_in_batches_of_the_stated_size() -> None:
    made = of(push_batch=200)
    large = made.sequences["okta.oin.group.large"]
    assert [step.id for step in large.steps if step.id.startswith("batch") and not step.own] == [
        "batch-1",
        "batch-2",
    ]
    everybody = tuple(Member(str(number), f"user-{number}") for number in range(250))
    scene = ExecutionContext(large.id, {}, everybody)
    assert [len(made.rules[f"batch-{number}"](scene)) for number in (1, 2)] == [200, 50]
    assert made.senders["okta"].batch == 200


def test_a_sequence_of_an_action_that_is_not_enabled_is_not_played() -> None:
    made = of(actions=("create", "deactivate"))
    why = made.not_played
    assert "okta.oin.user.create" not in why
    assert "okta.oin.user.deactivate" not in why  # its create is a preparation
    assert "update is not among its actions" in why["okta.oin.user.update"]
    assert "update is not among its actions" in why["okta.aiw.user.second-cycle"]
    assert "import is not among its actions" in why["okta.oin.group.import"]
    assert "push groups is not among its actions" in why["okta.oin.group.large"]
    assert set(made.sequences) == set(catalog().sequences)


def test_a_sequence_about_what_is_not_mapped_is_not_played() -> None:
    made = of(mappings={**rules().mappings, "title": "title"})
    why = made.not_played
    assert why["okta.oin.user.create-nick-name"].endswith("does not map nickName")
    assert "okta.oin.user.update" not in why
    steps = [step.id for step in made.sequences["okta.oin.user.update-each"].steps]
    changes = [id.removeprefix("change-") for id in steps if id.startswith("change-")]
    assert changes == ["family-name", "given-name", "title", "email", "locale"]
    assert "read-title" in steps
    assert "read-nick-name" not in steps


@pytest.mark.parametrize(
    ("settings", "key", "path", "says"),
    [
        ({"user_name": "emial"}, "user_name", "", "did you mean 'email'?"),
        ({"user_name": "{fristName}"}, "user_name", "", "did you mean 'firstName'?"),
        ({"actions": ("creat",)}, "actions", "", "no action is called 'creat'; did you mean 'create'?"),
        ({"push_batch": 50}, "push_batch", "", "a whole number from 100 to 1000, not 50"),
        ({"mappings": {"titel": "title"}}, "mappings", "titel", "did you mean 'title'?"),
        ({"mappings": {"title": "titel"}}, "mappings", "title", "did you mean 'title'?"),
        ({"mappings": {"id": "login"}}, "mappings", "id", "id is readOnly: only the server sets id"),
        ({"mappings": {"meta.version": "login"}}, "mappings", "meta.version", "is readOnly"),
        ({"mappings": {"groups.value": "title"}}, "mappings", "groups.value", "groups.value is readOnly"),
        ({"mappings": {"userName": "login"}}, "mappings", "userName", "follows from user_name below [app]"),
        ({"mappings": {"a b": "login"}}, "mappings", "a b", "is no SCIM path; write one as displayName"),
        ({"mappings": {"title": {"fixed": 3}}}, "mappings", "title", "should be text, not 3"),
        ({"mappings": {"title": {"fixed": "{{x}}"}}}, "mappings", "title", "cannot have {{ in it"),
        ({"mappings": {f"{ENTERPRISE}:x": "login"}}, "mappings", f"{ENTERPRISE}:x", "no attribute is called"),
    ],
)  # fmt: skip
def test_what_an_app_cannot_be_is_refused(settings: Any, key: str, path: str, says: str) -> None:
    with pytest.raises(AppError) as refused:
        rules().app(AppSettings(**settings))
    assert (refused.value.key, refused.value.path) == (key, path)
    assert says in str(refused.value)


def test_a_sender_without_apps_has_none() -> None:
    made_up = replace(catalog(), apps={})
    with pytest.raises(UsageError, match=r"\[app\] is not for Okta: suites/okta/app.toml, .* does not exist"):
        with_app(made_up, made_up.senders["okta"], AppSettings(push_batch=200))


def test_the_settings_reach_a_generator_process_as_they_are() -> None:
    stated = AppSettings(user_name="login", mappings=MAPPINGS, actions=("create",), push_batch=200)
    assert AppSettings.from_json(json.loads(json.dumps(stated.json()))) == stated
    assert AppSettings.from_json(AppSettings().json()) == AppSettings()


def test_an_app_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    text = (knowledge_root() / "suites/okta/app.toml").read_text()
    for old, new, says in (
        ('title = "title"\nuserType', 'title = "nothing"\nuserType', "title: stands for nothing that exists"),
        ("[push]", "[pushed]", "lacks push"),
        ("[refused]", "[refused", "acme/app.toml"),
        ("[lists]", "[more]\n[lists]", "more"),
    ):
        (folder / "app.toml").write_text(text.replace(old, new, 1))
        with pytest.raises(CatalogError, match=r"acme/app.toml: .*") as refused:
            read_app_rules(tmp_path)
        assert says in str(refused.value)
