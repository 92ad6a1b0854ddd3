"""The [app] part from a capture: what an app with these settings sends gives the same settings back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.app.app_evidence import AppEvidence
from scimproof.capture.learn.app.app_settings import LearntApp
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.learn.recognition import Recognition
from scimproof.catalog.app import AppSettings
from scimproof.core.errors import UsageError
from scimproof.settings.file import read
from tests.capture.learn.app.app_runs import learnt, own_catalog, recorded_app
from tests.capture.learn.request_files.captures import BASE, exchange
from tests.capture.learn.runs import catalog, recorded_run

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CUSTOM = "urn:scimproof:custom:2.0:User"
NAMES = {
    "name.givenName": "firstName",
    "name.familyName": "lastName",
    'emails[type eq "work"].value': "email",
}
SOME: Mapping[str, Any] = {
    **NAMES,
    'emails[type eq "home"].value': "secondEmail",
    "displayName": "displayName",
    "title": "title",
    'phoneNumbers[type eq "work"].value': "primaryPhone",
    f"{ENTERPRISE}:department": "department",
    f"{CUSTOM}:badge": "lastName",
    f"{CUSTOM}:floor": {"fixed": 3},
    f"{CUSTOM}:skills": {"fixed": ["SCIM", "OAuth"]},
}
ALL = tuple(catalog().apps["okta"].actions)
WITHOUT_PASSWORD = tuple(action for action in ALL if action != "password")  # whose request is grade D
APPS = [
    AppSettings(user_name="login", mappings=SOME, actions=("create", "update", "push groups")),
    AppSettings(user_name="{firstName}.{lastName}", mappings=NAMES, actions=WITHOUT_PASSWORD),
    AppSettings(
        user_name="employee number",
        mappings={**NAMES, "userType": {"fixed": "Partner"}},
        actions=("create", "import"),
    ),
    AppSettings(
        user_name="email",
        mappings={**NAMES, "displayName": "displayName", "nickName": "firstName"},
        actions=("create", "deactivate", "push groups"),
    ),
]


def table(text: str) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(text)["app"]
    return found


@pytest.mark.parametrize("settings", APPS, ids=lambda one: one.user_name)
def test_what_an_app_sends_gives_its_settings_back(settings: AppSettings, tmp_path: Path) -> None:
    seen = recorded_app(settings)
    found = learnt(seen)
    assert found.settings.json() == settings.json()
    text = found.text("capture.jsonl")
    written = {key: value for key, value in settings.json().items() if value is not None}
    assert table(text) == written, text
    (tmp_path / "scimproof.toml").write_text(text, encoding="utf-8")
    assert {keys[1] for keys in read(tmp_path / "scimproof.toml")} == set(written)
    recogniser = Recogniser(own_catalog(found.settings))
    assert [one for one in map(recogniser.look, seen) if one.known and not one.as_sent] == []


@pytest.mark.parametrize(("batch", "stated"), [(200, 200), (100, None)])
def test_members_of_a_request_are_told_where_a_group_needed_several(batch: int, stated: int | None) -> None:
    settings = AppSettings(push_batch=batch)
    found = learnt(recorded_app(settings, "okta.oin.group.large", most=250))
    assert found.push_batch == stated
    assert f"{batch} in 1 group that needed several" in found.text("a.jsonl")


def test_our_own_default_run_has_the_usual_name_and_needs_no_line_for_actions() -> None:
    found = learnt([one.exchange for one in recorded_run("okta-oin")])
    assert found.user_name.value == "email"
    assert found.actions == ALL
    assert "actions: all of them were seen" in found.text("a.jsonl")


def creates(*people: Mapping[str, Any]) -> list[CapturedExchange]:
    return [
        exchange(
            number, f"POST {BASE}/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], **one}
        )
        for number, one in enumerate(people, 1)
    ]


def of(*people: Mapping[str, Any]) -> LearntApp:
    evidence = AppEvidence(catalog())
    for one in creates(*people):
        evidence.look(
            one, Recognition(sender="okta", operation="OKTA-07", template="okta/both/user-create.http")
        )
    return LearntApp.of(evidence, catalog())


def person(number: int, user_name: str, **more: Any) -> dict[str, Any]:
    mail = {"primary": True, "value": f"p{number}.q{number}@corp.test", "type": "work"}
    name = {"givenName": f"First{number}", "familyName": f"Last{number}"}
    return {"userName": user_name, "name": name, "emails": [mail], **more}


def test_with_too_little_evidence_nothing_is_stated_and_the_text_says_so() -> None:
    found = of(person(1, "p1.q1@corp.test"), person(2, "p2.q2@corp.test"))
    assert found.settings == AppSettings()
    text = found.text("a.jsonl")
    assert table(text) == {}
    for part in (
        "userName: too few creates to tell: 2, and 3",
        "actions: too few requests",
        "attributes: too few creates",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("form", "value", "why"),
    [
        ("p{0}.q{0}@corp.test", "email", "in 5 of 5 creates"),
        ("P{0}.Q{0}@Corp.test", "email", "in 5 of 5 creates"),
        ("First{0}.Last{0}", "{firstName}.{lastName}", "in 5 of 5 creates"),
        ("last{0}_first{0}@corp.test", "{lastName}_{firstName}@corp.test", "in 5 of 5 creates"),
        ("p{0}.q{0}", None, "the e-mail address up to its @ in 5 of 5 creates, which cannot be said here"),
        ("100{0}", "employee number", "by exclusion"),
        ("xyz{0}", "login", "by exclusion"),
    ],
)
def test_the_format_of_a_user_name_is_told_as_far_as_it_shows(form: str, value: str | None, why: str) -> None:
    found = of(*(person(number, form.format(number)) for number in range(1, 6)))
    assert found.user_name.value == value
    assert why in found.user_name.why


def test_two_formats_are_told_as_none() -> None:
    names = ["p1.q1@corp.test", "p2.q2@corp.test", "p3.q3@corp.test", "a", "b"]
    found = of(*(person(number, name) for number, name in enumerate(names, 1)))
    assert found.user_name.value is None
    assert found.user_name.why == "no one format: 3 of 5 creates have 'email'"


def test_what_the_file_cannot_say_stands_in_it_as_a_comment() -> None:
    def odd(number: int) -> dict[str, Any]:
        own = {"urn:acme:2.0:User": {"site": f"s{number}", "level": number}}
        return person(number, f"p{number}.q{number}@corp.test", nationality=f"n{number}", **own)

    found = of(*map(odd, range(1, 6)))
    text = found.text("a.jsonl")
    assert set(table(text)["mappings"]) == set(NAMES)
    lines = [line for line in text.split("\n") if line.startswith("#") and "5 of 5;" in line]
    assert [line.partition("  # ")[0] for line in lines] == [
        '#nationality = "?"', '#"urn:acme:2.0:User:site" = "?"', '#"urn:acme:2.0:User:level" = "?"',
    ]  # fmt: skip
    for number in range(1, 6):
        assert f"n{number}" not in text
        assert f"s{number}" not in text


def test_nothing_of_a_person_is_in_the_text() -> None:
    found = of(
        *(person(number, f"First{number}.Last{number}", title=f"Job {number}") for number in range(1, 40))
    )
    text = found.text("a.jsonl")
    assert not [
        word
        for number in range(1, 40)
        for word in (f"First{number}", f"Job {number}", f"q{number}")
        if word in text
    ]


def test_a_capture_of_nobody_s_apps_is_refused() -> None:
    with pytest.raises(UsageError, match="no request of the capture was recognised"):
        LearntApp.of(AppEvidence(catalog()), catalog())
