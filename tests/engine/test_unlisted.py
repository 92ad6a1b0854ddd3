"""What a target lacks, by its own /Schemas, is a warning for the administrator and no failure under Entra."""

from __future__ import annotations

import pytest
from scim2_server.responses import ScimResponse

from scimproof.core.results import Verdict
from scimproof.core.scim import ENTERPRISE_USER
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error
from scimproof.report.document import Report
from tests.report.one_fault import played, reasons

WRITES = ("create", "replace", "patch")


def unlisted(response: ScimResponse, *names: str) -> ScimResponse:
    """The answer of /Schemas without these attributes, or without the extension of that URN."""
    rows = (response.body or {}).get("Resources")
    if isinstance(rows, list):
        rows[:] = [row for row in rows if row.get("id") not in names]
        for row in rows:
            row["attributes"] = [one for one in row.get("attributes", []) if one.get("name") not in names]
    return response


class Lacking:
    """A server without one attribute, or extension: dropped in a create, dropped or refused in a PATCH."""

    def __init__(self, name: str, *, listed: bool, refuses: bool) -> None:
        self.name, self.listed, self.refuses = name, listed, refuses

    def __call__(self, call: InterceptedRequest) -> ScimResponse:
        if call.kind == "Schemas" and not self.listed:
            return unlisted(call.proceed(), self.name)
        if call.kind != "Users" or call.action not in WRITES:
            return call.proceed()
        if call.action != "patch":
            return call.send({key: value for key, value in call.body.items() if key != self.name})
        kept: list[JSON] = []
        for operation in call.body.get("Operations", ()):
            path, value = str(operation.get("path") or ""), operation.get("value")
            keys = [key for key in value if key.startswith(self.name)] if isinstance(value, dict) else []
            if (path.startswith(self.name) or keys) and self.refuses:
                return error(400, f"Invalid path '{path or keys[0]}'", "invalidPath")
            if path.startswith(self.name):
                continue
            rest = {key: part for key, part in value.items() if key not in keys} if keys else value
            kept.append(operation | {"value": rest})
        return call.send(call.body | {"Operations": kept}) if kept else call.unchanged()


def verdicts(report: Report, requirement: str) -> set[str]:
    return {one["verdict"] for one in report["findings"] if one["requirement"] == requirement}


UPDATES = ("entra.default.user.update", "entra.flag.user.update", "entra.default.user.match")
MANAGERS = ("entra.default.user.manager", "entra.flag.user.manager")


def test_an_extension_that_is_not_listed_may_be_declined_and_the_rest_is_not_asked() -> None:
    report = played(
        Lacking(ENTERPRISE_USER, listed=False, refuses=True), *UPDATES, *MANAGERS, profile="entra"
    )
    for requirement in ("entra-update-answered", "entra-match-answered", "entra-manager-answered"):
        assert verdicts(report, requirement) == {Verdict.WARNING}
    assert verdicts(report, "entra-update-persists") == {Verdict.NOT_APPLICABLE}
    assert verdicts(report, "entra-attributes-declined") == {Verdict.WARNING}
    assert report["result"] != "nonconformant"
    titles = [cause.title for cause in reasons(report)]
    assert titles == [
        "PATCH /Users/{id} is refused for attributes that the target's /Schemas do not list.",
        "Attributes are accepted and dropped without a word; the target's /Schemas do not list them.",
    ]


def test_one_that_is_listed_may_not() -> None:
    report = played(Lacking(ENTERPRISE_USER, listed=True, refuses=True), *UPDATES, *MANAGERS, profile="entra")
    for requirement in ("entra-update-answered", "entra-match-answered", "entra-manager-answered"):
        assert verdicts(report, requirement) == {Verdict.FAIL}
    assert report["result"] == "nonconformant"


@pytest.mark.parametrize("refuses", [False, True])
def test_a_title_that_is_not_listed_is_neither_asked_for_nor_a_failure(refuses: bool) -> None:
    wrong = Lacking("title", listed=False, refuses=refuses)
    report = played(wrong, "entra.both.user.create", "entra.default.user.update-title", profile="entra")
    assert Verdict.FAIL not in {one["verdict"] for one in report["findings"]}
    told = next(one for one in report["findings"] if one["requirement"] == "entra-attributes-declined")
    assert (told["verdict"], "title" in told["observed"]) == (Verdict.WARNING, True)


def test_a_title_that_is_listed_has_to_be_kept() -> None:
    wrong = Lacking("title", listed=True, refuses=False)
    report = played(wrong, "entra.both.user.create", "entra.default.user.update-title", profile="entra")
    assert verdicts(report, "entra-attributes-lost") == {Verdict.FAIL}
    assert verdicts(report, "entra-update-persists") == {Verdict.FAIL}


def test_what_nobody_can_do_without_is_demanded_listed_or_not() -> None:
    """The rule that an address is kept is no rule about /Schemas."""
    wrong = Lacking("emails", listed=False, refuses=True)
    report = played(wrong, "entra.both.user.create", "entra.default.user.update-email", profile="entra")
    assert Verdict.FAIL in verdicts(report, "entra-email-kept")
    assert verdicts(report, "entra-update-answered") == {Verdict.FAIL}
