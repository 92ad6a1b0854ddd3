"""What only Entra's traffic asks, on targets that are wrong in one way."""

from __future__ import annotations

import pytest
from scim2_server.responses import ScimResponse

from scimproof.core.results import Verdict
from scimproof.embedded.fault import shown
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error
from scimproof.report.document import Report
from tests.report.one_fault import played, reasons


def verdicts(report: Report) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in report["findings"]:
        found.setdefault(one["requirement"], set()).add(one["verdict"])
    return found


def without_type(body: JSON) -> None:
    for entry in body.get("emails", ()):
        entry.pop("type", None)


def test_an_address_that_loses_its_type_is_no_work_address_and_one_reason() -> None:
    some = ("entra.both.user.create", "entra.default.user.update-email", "entra.default.user.add-email")
    report = played(shown("Users", without_type), *some, profile="entra")
    found = verdicts(report)
    for requirement in ("entra-email-kept", "entra-update-persists", "entra-email-single"):
        assert Verdict.FAIL in found[requirement]
    deciding = [cause.title for cause in reasons(report) if cause.severity == "fails"]
    assert len(deciding) == 1
    assert "address of type work" in deciding[0]


@pytest.mark.parametrize("status", [400, 200])
def test_a_search_by_address_that_is_refused_or_finds_nobody_is_a_warning(status: int) -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        if "emails" not in call.raw_query:
            return call.proceed()
        if status == 400:
            return error(400, "no such filter", "invalidFilter")
        return call.query(filter='userName eq "nobody-at-all"')

    report = played(behave, "entra.both.user.match-email", profile="entra")
    wrong = {one["requirement"] for one in report["findings"] if one["verdict"] == Verdict.WARNING}
    assert wrong == {"entra-search-email-answered" if status == 400 else "entra-search-email"}
    assert verdicts(report)["entra-search-hit-id"] == {Verdict.NOT_APPLICABLE}
    assert report["result"] != "nonconformant"


def test_a_formatted_name_need_not_be_shown() -> None:
    def drop(body: JSON) -> None:
        (body.get("name") or {}).pop("formatted", None)

    report = played(shown("Users", drop), "entra.flag.user.update-live", profile="entra")
    assert verdicts(report)["entra-update-persists"] == {Verdict.PASS}


def test_a_path_that_selects_nothing_is_one_reason_whatever_it_is_a_path_of() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        names = {"emails": "emails", "phoneNumbers": "phone_numbers", "addresses": "addresses"}
        paths = [str(operation.get("path")) for operation in call.operations]
        told = next((name for path in paths for key, name in names.items() if path.startswith(f"{key}[")), "")
        if call.kind == "Users" and call.action == "patch" and told:
            return error(400, f"no value of '{told}' matches the path filter", "noTarget")
        return call.proceed()

    some = tuple(f"entra.default.user.add-{name}" for name in ("email", "mobile", "address"))
    (reason,) = reasons(played(behave, *some, profile="entra"))
    assert {"entra-email-created", "entra-phone-answered", "entra-address-answered"} <= {
        rule["id"] for rule in reason.rules
    }
