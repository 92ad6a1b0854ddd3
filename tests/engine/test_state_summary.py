"""State summary: attributes that are never kept, by what /Schemas lists, and the shared users at the end."""

from __future__ import annotations

from typing import Any

import pytest
from scim2_server.responses import ScimResponse

from scimproof.core.results import Finding, Verdict
from scimproof.core.scim import ENTERPRISE_USER
from scimproof.embedded.app import build
from scimproof.embedded.intercepted_request import InterceptedRequest
from tests.matrix.inprocess import TOKEN
from tests.right.kit import Played, bent, played

MANAGER = f"{ENTERPRISE_USER}:manager.value"


def told(found: Played, requirement: str) -> Finding:
    return next(f for f in found.of(requirement) if f.sequence == "okta.answers")


def without_cost_center(call: InterceptedRequest) -> ScimResponse:
    extension: Any = call.body.get(ENTERPRISE_USER)
    if call.kind == "Users" and isinstance(extension, dict):
        extension.pop("costCenter", None)
        return call.send()
    return call.proceed()


def test_what_the_targets_own_schemas_list_has_to_be_kept() -> None:
    found = played(bent(without_cost_center), "okta.oin.user.create-enterprise")
    lost = told(found, "okta-attributes-lost")
    assert lost.verdict == Verdict.FAIL
    assert f"not kept: {ENTERPRISE_USER}:costCenter" in lost.observed
    assert told(found, "okta-attributes-declined").verdict == Verdict.PASS


def test_what_they_do_not_list_is_told_once_and_decides_nothing() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = without_cost_center(call)
        if call.kind == "Schemas" and response.body:
            for schema in response.body.get("Resources", ()):
                names = schema.get("attributes", [])
                schema["attributes"] = [one for one in names if one.get("name") != "costCenter"]
        return response

    found = played(bent(behave), "okta.oin.user.create-enterprise")
    assert told(found, "okta-attributes-declined").verdict == Verdict.WARNING
    assert told(found, "okta-attributes-lost").verdict == Verdict.PASS


def test_shared_users_are_bystanders_of_everything() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if call.kind == "Groups" and call.action == "patch":
            for member in call.members:
                user = call.fetch("Users", str(member.get("value")))
                if user:
                    call.ask("PUT", f"/Users/{user['id']}", user | {"title": "Member"})
        return response

    found = played(bent(behave), "okta.oin.group.add-member")
    spilled = told(found, "okta-bystanders-unchanged")
    assert spilled.verdict == Verdict.FAIL
    assert 'title: expected no value, found "Member"' in spilled.observed


@pytest.mark.parametrize("dialect", ["oin", "aiw"])
@pytest.mark.parametrize(
    ("faults", "verdict"), [((), Verdict.PASS), (("group-inactive-member-hidden",), Verdict.WARNING)]
)
def test_deactivated_users_who_leave_their_groups_are_told_once(
    dialect: str, faults: tuple[str, ...], verdict: Verdict
) -> None:
    found = played(build(token=TOKEN, faults=faults), f"okta.{dialect}.group.deactivated-in-two")
    finding = told(found, "okta-deactivated-stay-members")
    assert finding.verdict == verdict
    assert verdict is Verdict.PASS or ", deactivated, found" in finding.observed
    assert [f.id for f in found.loud if f.verdict is not Verdict.WARNING] == []
