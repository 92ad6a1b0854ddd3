"""One cause is one reason, whatever rules, authorities and dialects it breaks; rows by name."""

from __future__ import annotations

from typing import Any

import pytest
from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, refused, sent, shown, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error
from scimproof.render.conformance.markdown import markdown
from scimproof.render.conformance.terminal import lines, text
from tests.matrix.inprocess import FEW, catalog
from tests.report.one_fault import played, reasons

ODD = ("okta.oin.user.german", "okta.oin.user.apostrophe", "okta.oin.user.one-letter")
USERS = ("okta.oin.user.create", *ODD)
CREATED = ("okta.oin.user.create", "okta.aiw.user.update")
WALKED = ("okta.oin.user.import", "okta.oin.user.import-inactive", "okta.oin.group.import-pages")
OFF = ("okta.oin.user.deactivate", "okta.crud", "okta.oin.user.stale-order")


def dropped(*names: str) -> Behave:
    """A server that does not keep these attributes of a user."""

    def drop(body: JSON) -> None:
        for name in names:
            body.pop(name, None)

    return sent("Users", ("create", "replace"), drop)


def with_locale(status: int, detail: str, *actions: str) -> Behave:
    return refused("Users", actions or ("create",), status, detail, where=lambda call: "locale" in call.body)


@pytest.mark.parametrize(
    "wrong",
    [
        with_locale(400, "Unknown field 'locale'"),
        with_locale(500, ""),
        with_locale(400, "Unknown field 'locale' of {id}", "create", "replace"),
    ],
    ids=["detail", "no-detail", "put-too"],
)
def test_c01_a_field_that_is_refused_is_one_reason_that_names_it(wrong: Behave) -> None:
    report = played(wrong, *USERS, "okta.aiw.user", "okta.crud")
    (reason,) = reasons(report)
    assert "with locale" in reason.title
    assert len(reason.rules) >= 3
    assert reason.admin == catalog().requirements["okta-create-answered"].admin


def test_c01_ids_and_names_of_the_run_in_a_detail_do_not_make_two_of_one() -> None:
    @when("Users", "create")
    def wrong(call: InterceptedRequest) -> ScimResponse:
        name = call.body["userName"]
        return error(400, f"Profile of {name} is not allowed (request 7f3a-{len(name)})")

    (reason,) = reasons(played(wrong, *USERS))
    assert (reason.key.sort, reason.key.words[:2]) == ("refused", ("POST /Users", "400"))


def test_c01_two_refusals_are_two_reasons() -> None:
    @when("Users", "create")
    def wrong(call: InterceptedRequest) -> ScimResponse:
        name = call.body["name"]["givenName"]
        if "'" in name:
            return error(400, "Illegal character in a name")
        return error(400, "Only ASCII, please") if "ü" in name else call.proceed()

    assert [cause.title for cause in reasons(played(wrong, *USERS))] == [
        "A user whose name is outside ASCII is refused.",
        "A user whose name has apostrophes, quotes, commas or brackets is refused.",
    ]


def test_c02_a_value_that_is_never_kept_is_one_reason() -> None:
    report = played(dropped("name"), *USERS, "okta.aiw.user.update", "okta.spec", "okta.crud")
    (reason,) = reasons(report)
    assert reason.title == "A user's name.givenName and name.familyName never read back."
    assert {rule["authority"] for rule in reason.rules} == {"okta", "okta-spec"}
    assert "garbled" not in reason.title


def test_c02_two_values_that_are_never_kept_are_two_reasons() -> None:
    told = [cause.title for cause in reasons(played(dropped("name", "externalId"), *USERS, "okta.aiw.user"))]
    assert told[:2] == [
        "A user's name never reads back.",  # five parts of it
        "The externalId, Okta's user id, reads back changed, or not at all.",
    ]
    assert len(told) == 2


def test_c03_a_put_that_keeps_active_is_one_reason() -> None:
    def keep(call: InterceptedRequest) -> ScimResponse:
        if call.on("Users", "replace"):
            call.body["active"] = bool((call.current() or {}).get("active"))
            return call.send()
        return call.proceed()

    report = played(keep, "okta.aiw.user", "okta.aiw.group.deactivated-member", "okta.crud")
    (reason,) = reasons(report)
    assert reason.title == "A deactivated user still reads as active."


def not_in_names(kind: str) -> Behave:
    name = "displayName" if kind == "Groups" else "userName"
    return refused(kind, ("create",), 400, "Bad name", where=lambda call: "'" in str(call.body.get(name)))


def test_c09_a_group_that_is_refused_for_its_name_is_told_in_words_for_groups() -> None:
    report = played(not_in_names("Groups"), "okta.oin.group", "okta.oin.user.apostrophe")
    (reason,) = reasons(report)
    assert reason.title.startswith("A group whose name has apostrophes")
    assert reason.admin == "Groups with such names cannot be pushed."
    for said in (markdown(report), lines(text(report))):
        assert "Groups with such names cannot be pushed" in said
        assert "People with such names" not in said


def test_c09_a_user_who_is_refused_for_the_name_is_told_in_words_for_users() -> None:
    (reason,) = reasons(played(not_in_names("Users"), "okta.oin.group", "okta.oin.user.apostrophe"))
    assert reason.admin == "People with such names cannot be provisioned."


def test_c10_a_size_that_is_refused_is_named() -> None:
    wrong = refused("Groups", ("replace",), 413, "Too large", where=lambda call: len(call.members) > 100)
    (reason,) = reasons(played(wrong, "okta.aiw.group", most=250))
    assert reason.title.startswith("PUT /Groups/{id} with 250 members is refused (with ")


@pytest.mark.parametrize(
    ("kind", "action", "ids", "plain"),
    [
        ("Groups", "create", ("okta.oin.group",), "okta-group-create-answered"),
        ("Users", "patch", ("okta.oin.user", "okta.oin.unknown-id"), "okta-deactivate-answered"),
    ],
)
def test_c11_a_method_that_is_not_there_has_the_effect_of_the_plain_rule_once(
    kind: str, action: str, ids: tuple[str, ...], plain: str
) -> None:
    (reason,) = reasons(played(refused(kind, (action,), 405, "Method not allowed"), *ids))
    assert reason.rule
    assert reason.rule["id"] == plain
    assert reason.admin == catalog().requirements[plain].admin


def test_c13_one_defect_under_two_authorities_is_one_reason_and_names_both() -> None:
    report = played("patch-active-ignored", *OFF)
    (reason,) = reasons(report)
    assert {rule["id"] for rule in reason.rules} >= {"okta-deactivate-persists", "spec-active-false"}
    for said in (markdown(report), lines(text(report))):
        assert "spec-active-false" in said
        assert "okta-deactivate-persists" in said
        assert "Okta's own suites" in said


def incomplete(call: InterceptedRequest) -> ScimResponse:
    """A list never shows more than 50 resources, and says that there are no more."""
    response = call.proceed()
    if call.action == "list" and response.body and "Resources" in response.body:
        total = min(50, response.body["totalResults"])
        start = max(0, int(response.body.get("startIndex") or 1) - 1)
        response.body["Resources"] = response.body["Resources"][: max(0, total - start)]
        response.body |= {"totalResults": total, "itemsPerPage": len(response.body["Resources"])}
    return response


@pytest.mark.parametrize(
    ("wrong", "ids"),
    [
        ("auth-any-token", ("okta.oin.wrong-token", "okta.spec")),
        ("create-duplicate-accepted", ("okta.oin.user.create-existing", "okta.spec")),
        ("create-empty-body", (*CREATED, "okta.spec", "okta.crud")),
        (
            "create-not-stored",
            (*CREATED, "okta.oin.user.find-other-case"),
        ),
        ("deactivate-anonymises", ("okta.oin.user.deactivate", "okta.aiw.user.deactivate")),
        ("error-html", ("okta.oin.unknown-id", "okta.oin.user.create-existing", "okta.spec")),
        ("filter-users-ignored", ("okta.oin.user", "okta.crud")),
        (
            "groups-unsupported-500",
            ("okta.oin.group.rename", "okta.aiw.group.push"),
        ),
        ("list-counters-are-text", ("okta.oin.connect", "okta.oin.user.create", "okta.spec")),
        (
            incomplete,
            WALKED,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_fault_is_one_reason(wrong: Any, ids: tuple[str, ...]) -> None:
    found = reasons(played(wrong, *ids, most=250 if wrong is incomplete else FEW))
    assert len([cause for cause in found if cause.severity == "fails"]) == 1, [cause.title for cause in found]
    assert len(found) <= 2


NO_PATCH = refused("Users", ("patch",), 501, "")
NO_MEMBERS = shown("Groups", lambda group: group.pop("members", None))


@pytest.mark.parametrize(
    ("one", "other", "ids"),
    [
        (dropped("externalId"), not_in_names("Users"), USERS),
        (dropped("externalId"), NO_PATCH, ("okta.oin.user.create", "okta.oin.user.deactivate")),
        (not_in_names("Users"), NO_MEMBERS, (*USERS, "okta.aiw.group.push")),
    ],
    ids=["kept-and-refused", "kept-and-not-there", "users-and-groups"],
)
def test_two_faults_are_two_reasons(one: Behave, other: Behave, ids: tuple[str, ...]) -> None:
    alone = [[cause.title for cause in reasons(played(wrong, *ids))] for wrong in (one, other)]
    assert [len(titles) for titles in alone] == [1, 1]
    assert {cause.title for cause in reasons(played((one, other), *ids))} == {*alone[0], *alone[1]}


def test_an_honest_server_has_no_reasons() -> None:
    assert reasons(played((), *USERS, "okta.spec")) == []
