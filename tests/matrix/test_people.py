"""People as they are, their profile updates and histories: what servers got wrong, and what is right."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from scim2_server.responses import ScimResponse

from scimproof.core.results import Verdict
from scimproof.core.scim import ENTERPRISE_USER
from scimproof.embedded.app import Application, build
from scimproof.embedded.fault import Behave, refused, sent, shown
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error, resources
from tests.matrix.inprocess import TOKEN
from tests.right.kit import Played, bent, played

BOTH = ("oin", "aiw")
LOGINS = ("login", "employee-number")
CARRIED: dict[str, Any] = {
    "name-parts": lambda body: "middleName" in body["name"],
    "two-emails": lambda body: len(body["emails"]) > 1,
    "two-phones": lambda body: "phoneNumbers" in body,
    "address": lambda body: "addresses" in body,
    "nick-name": lambda body: "nickName" in body,
    "profile-url": lambda body: "profileUrl" in body,
    "user-type": lambda body: "userType" in body,
    "preferred-language": lambda body: "preferredLanguage" in body,
    "timezone": lambda body: "timezone" in body,
}


def ids(*names: str, dialects: tuple[str, ...] = BOTH) -> list[str]:
    return [f"okta.{dialect}.user.{name}" for dialect in dialects for name in names]


def ended(found: Played, *verdicts: Verdict) -> set[str]:
    """The findings of Okta's rules that ended so, those about every answer apart."""
    return {
        finding.id
        for finding in found.findings
        if finding.verdict in verdicts and finding.requirement.startswith("okta-") and finding.step != "all"
    }


def failed(behave: Behave, *names: str) -> set[str]:
    """What fails at these sequences of a server that does this; the honest one fails nothing."""
    found = played(bent(behave), *names)
    assert found.result != "inconclusive" or ended(found, Verdict.FAIL)
    return ended(found, Verdict.FAIL)


@pytest.fixture(scope="module")
def honest() -> Played:
    wanted = ("okta.oin.user", "okta.aiw.user", "okta.oin.group.at-once", "okta.aiw.group.at-once")
    groups = [f"okta.{dialect}.group.deactivated-in-two" for dialect in BOTH]
    return played(build(token=TOKEN), *wanted, *groups)


def test_an_honest_server_passes_all_of_it(honest: Played) -> None:
    assert honest.loud == []
    told = {finding.sequence.partition(".user.")[2] for finding in honest.findings}
    assert told >= {*LOGINS, "other-domain", "login-rename", "shared-address", "roles", "update-each"}


@pytest.mark.parametrize("dialect", BOTH)
def test_f01_a_search_by_user_name_that_looks_at_the_address(dialect: str) -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on("Users", "list") and "filter" in call.request.query:
            asked = call.request.query["filter"]
            if "@" not in asked:
                return call.query(filter=asked.replace("userName", "emails.value"))
        return call.proceed()

    sequence = f"okta.{dialect}.user.login"
    assert failed(behave, sequence) == {f"{sequence}/find-back#okta-search-hit"}


@pytest.mark.parametrize("kind", LOGINS)
def test_a_search_that_finds_people_by_their_address_too(kind: str) -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        query = call.request.query.get("filter", "")
        if call.on("Users", "list") and query and response.body and not response.body["totalResults"]:
            return call.query(filter=query.replace("userName", "emails.value"))
        return response

    (sequence,) = ids(kind, dialects=("oin",))
    assert failed(behave, sequence) == {f"{sequence}/search-address#okta-search-miss-empty"}


def follows_address(body: dict[str, Any]) -> None:
    body["userName"] = body["emails"][0]["value"]


def test_f23_an_update_puts_the_address_into_the_user_name() -> None:
    names = ids(*LOGINS, "other-domain")
    found = failed(sent("Users", ("replace",), follows_address), *names)
    assert found >= {f"{one}/read-updated#okta-username-kept" for one in names}
    assert found >= {f"{one}/find-updated#okta-search-hit" for one in names}
    assert failed(sent("Users", ("replace",), follows_address), *ids("update", "deactivate")) == set()


def test_f28_a_login_may_be_refused_and_is_warned_of() -> None:
    behave = refused(
        "Users", ("create",), 400, "userName: no e-mail", where=lambda call: "@" not in call.body["userName"]
    )
    names = ids(*LOGINS, "login-rename")
    found = played(bent(behave), *names, *ids("other-domain", "create"))
    assert ended(found, Verdict.FAIL, Verdict.INCONCLUSIVE) == set()
    assert ended(found, Verdict.WARNING) == {f"{one}/create#okta-login-accepted" for one in names}
    assert found.result == "conformant"


def test_another_domain_may_be_refused_and_is_warned_of() -> None:
    behave = refused(
        "Users",
        ("create",),
        400,
        "userName: not the e-mail",
        where=lambda call: call.body["userName"] != call.body["emails"][0]["value"],
    )
    names = ids("other-domain")
    found = played(bent(behave), *names)
    assert ended(found, Verdict.WARNING) == {f"{one}/create#okta-other-address-accepted" for one in names}
    assert found.result == "conformant"


def test_a_rename_that_is_taken_from_the_address() -> None:
    names = ids("login-rename", "rename")
    found = failed(sent("Users", ("replace",), follows_address), *names)
    assert found == {f"{one}/read-renamed#okta-rename-persists" for one in ids("login-rename")}


def test_f43_eq_that_behaves_as_contains() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on("Users", "list") and "filter" in call.request.query:
            return call.query(filter=call.request.query["filter"].replace(" eq ", " co "))
        return call.proceed()

    (sequence,) = ids("login-rename", dialects=("oin",))
    assert f"{sequence}/find-old-name#okta-search-forgets-old-name" in failed(behave, sequence)


def address_of(call: InterceptedRequest) -> list[dict[str, Any]]:
    """Who has the address that the request brings."""
    query = {"filter": f'emails.value eq "{call.body["emails"][0]["value"]}"'}
    return list((call.ask("GET", "/Users", query=query).body or {}).get("Resources", []))


def test_an_address_may_be_unique_and_is_warned_of() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on("Users", "create") and address_of(call):
            return error(409, "the address is taken", "uniqueness")
        return call.proceed()

    names = ids("shared-address")
    found = played(bent(behave), *names)
    assert ended(found, Verdict.WARNING) == {f"{one}/create#okta-shared-address-accepted" for one in names}
    assert found.result == "conformant"


def test_an_address_that_another_has_leads_to_that_account() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        known = address_of(call) if call.on("Users", "create") else []
        if known:
            return call.ask(
                "PUT", f"/Users/{known[0]['id']}", {**known[0], "userName": call.body["userName"]}
            )
        return call.proceed()

    found = failed(behave, *ids("shared-address"))
    assert found >= {f"{one}/create#okta-create-new-account" for one in ids("shared-address")}


@pytest.mark.parametrize("what", CARRIED)
def test_f35_an_attribute_of_the_default_profile_is_refused(what: str) -> None:
    """By itself: only its own sequence and the one with the whole profile tell it."""
    behave = refused("Users", ("create",), 400, "unknown", where=lambda call: CARRIED[what](call.body))
    names = ids(*(f"create-{one}" for one in CARRIED), "create-whole-profile", dialects=("aiw",))
    wanted = ids(f"create-{what}", "create-whole-profile", dialects=("aiw",))
    assert failed(behave, *names) == {f"{one}/create#okta-profile-accepted" for one in wanted}


def test_a_manager_whose_value_is_nobody_s_id() -> None:
    def named(call: InterceptedRequest) -> bool:
        manager = call.body.get(ENTERPRISE_USER, {}).get("manager", {})
        return "value" in manager and "displayName" not in manager

    behave = refused("Users", ("create",), 400, "no such manager", where=named)
    names = ids("create-manager-by-id")
    assert failed(behave, *names) == {f"{one}/create#okta-create-extension" for one in names}


@pytest.mark.parametrize("dialect", BOTH)
def test_a_change_that_is_refused_is_told_once_and_for_itself(dialect: str) -> None:
    def moves(call: InterceptedRequest) -> bool:
        return bool(call.body.get("addresses", [{}])[0].get("postalCode") == "03801")

    behave = refused("Users", ("replace",), 400, "addresses cannot be changed", where=moves)
    sequence = f"okta.{dialect}.user.update-each"
    assert failed(behave, sequence) == {f"{sequence}/change-address#okta-profile-update-accepted"}


def test_what_the_create_was_refused_for_is_not_put() -> None:
    """A target without addresses is told so, and every other change is judged by itself."""
    behave = refused(
        "Users", ("create", "replace"), 400, "unknown: addresses", where=lambda call: "addresses" in call.body
    )
    (sequence,) = ids("update-each", dialects=("oin",))
    assert failed(behave, sequence) == {f"{sequence}/change-address#okta-profile-update-accepted"}


def test_every_update_changes_just_one_thing_of_the_profile(honest: Played) -> None:
    """All that Okta's default profile has, in its turn."""
    (sequence,) = ids("update-each", dialects=("oin",))
    bodies = [
        exchange.request.json
        for outcome in honest.outcomes
        if outcome.id.startswith(f"{sequence}/change-")
        for exchange in outcome.exchanges
    ]
    assert len(bodies) == 22
    for before, after in itertools.pairwise(bodies):
        told = {key for key in after if after[key] != before.get(key)} - {"meta"}
        assert len(told) == 1, told


@pytest.mark.parametrize("step", ["add", "change"])
def test_several_at_once_are_refused(step: str) -> None:
    wanted = {"add": "IL", "change": "NH"}[step]
    behave = refused(
        "Users",
        ("replace",),
        400,
        "too much",
        where=lambda call: call.body.get("addresses", [{}])[0].get("region") == wanted,
    )
    names = ids("update-several")
    assert failed(behave, *names) == {f"{one}/{step}#okta-profile-update-accepted" for one in names}


def test_f18_roles_are_taken_at_the_create_and_never_again() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on("Users", "replace"):
            known = call.current() or {}
            call.body.update({key: known.get(key, []) for key in ("roles", "entitlements")})
            return call.send()
        return call.proceed()

    names = ids("roles")
    rules = ("okta-roles-changed-persists", "okta-entitlements-changed-persists")
    assert failed(behave, *names) == {f"{one}/read-granted#{rule}" for one in names for rule in rules}


def without_roles(user: dict[str, Any]) -> None:
    user.pop("roles", None)
    user.pop("entitlements", None)


@pytest.mark.parametrize(
    "behave",
    [
        shown("Users", without_roles),
        refused("Users", ("create",), 400, "no such role", where=lambda call: "roles" in call.body),
    ],
    ids=["never shown", "declined"],
)
def test_a_server_without_roles_is_not_asked(behave: Behave) -> None:
    found = played(bent(behave), *ids("roles"))
    # That its own /Schemas list them all the same is told once, of the run.
    assert {f.requirement for f in found.loud} <= {"okta-attributes-lost"}


def joined_twice() -> Application:
    """Two of the same membership update at once, and both are stored."""
    together, count = threading.Event(), [0]

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on("Groups", "patch", "replace"):
            count[0] += 1
            together.set() if count[0] > 1 else together.wait(2)
        response = call.proceed()
        if call.on("Groups", "read") and together.is_set():
            for group in resources(response):
                group["members"] = group.get("members", []) * 2
        return response

    return bent(behave)


@pytest.mark.parametrize("dialect", BOTH)
def test_a_retry_that_overlaps_makes_somebody_a_member_twice(dialect: str) -> None:
    sequence = f"okta.{dialect}.group.at-once"
    found = ended(played(joined_twice(), sequence), Verdict.FAIL)
    assert f"{sequence}/read-back#okta-group-member-once" in found


@pytest.mark.parametrize("dialect", BOTH)
def test_one_of_two_updates_at_once_may_be_refused(dialect: str) -> None:
    count = [0]

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on("Groups", "patch", "replace"):
            count[0] += 1
            if count[0] == 2:
                return error(409, "somebody else is changing it")
        return call.proceed()

    found = played(bent(behave), f"okta.{dialect}.group.at-once")
    assert ended(found, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.WARNING) == set()
    assert count == [2]


@pytest.mark.parametrize("dialect", BOTH)
def test_a_leaver_takes_the_others_along(dialect: str) -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        with call.kept("gone", list[bool]) as gone:
            if call.on("Users", "patch", "replace") and "false" in call.request.body.decode().lower():
                gone.append(True)
            if gone and call.on("Groups", "read"):
                for group in resources(response):
                    group["members"] = []
        return response

    sequence = f"okta.{dialect}.group.deactivated-in-two"
    steps = ("read-group", "read-second", "read-group-again")
    assert failed(behave, sequence) == {f"{sequence}/{step}#okta-deactivate-leaves-others" for step in steps}


@pytest.mark.parametrize("dialect", BOTH)
def test_a_leaver_may_leave_the_groups(dialect: str) -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        for group in resources(response) if call.on("Groups", "read") else ():
            names = (member for member in group.get("members", []))
            group["members"] = [member for member in names if active(call, member["value"])]
        return response

    told = played(bent(behave), f"okta.{dialect}.group.deactivated-in-two").loud
    assert {(one.requirement, one.verdict) for one in told} == {
        ("okta-deactivated-stay-members", Verdict.WARNING)
    }


def active(call: InterceptedRequest, id: str) -> bool:
    return bool((call.ask("GET", f"/Users/{id}").body or {}).get("active"))
