"""The few reasons behind many findings: what is merged, what is not, and that nothing gets lost."""

from __future__ import annotations

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.catalog.operations import Operation
from scimproof.render.conformance.admin_messages import error_text
from scimproof.render.coverage import by_operation, by_source, not_asked
from scimproof.render.diagnosis.grouping import Cause, causes
from scimproof.render.diagnosis.traffic import Conversation
from scimproof.report.document import Report
from tests.report.make_samples import MADE, sample
from tests.report.many import many

OPERATION = {
    "error": "Error while creating user: {reason}. Errors reported: {detail}",
    "not_json": "Invalid JSON",
}


def answered(document: Report, wanted: dict[str, int], others: int = 200, detail: str = "") -> Report:
    """Every finding fails, each with an exchange of its own: `METHOD target` answered with that status."""
    body = f'{{"detail": "{detail}"}}' if detail else ""
    finding, talk = document["findings"][0], document["exchanges"][0]
    rule = next(iter(document["requirements"].values()))
    document |= {"findings": [], "exchanges": [], "requirements": {}}
    for number, (request, status) in enumerate(wanted.items(), 1):
        method, target, name = request.split()
        sent = talk["request"] | {"method": method, "target": f"/scim/v2{target}", "body": ""}
        came = {"number": number, "status": status or others, "reason": "Said", "request": sent, "error": ""}
        came |= {"body": body if status else ""}
        document["exchanges"].append(talk | came)
        document["requirements"][name] = rule | {"id": name, "statement": f"Holds {name}."}
        id = f"{finding['sequence']}/{finding['step']}#{name}"
        row = {"id": id, "requirement": name, "exchange": number, "verdict": "fail" if status else "pass"}
        row |= {"expected": "status 200", "observed": f"{status} Said"}
        document["findings"].append(finding | row)
    return document


def told(wanted: dict[str, int], detail: str = "") -> list[Cause]:
    return causes(answered(sample("failing"), wanted, detail=detail))


@pytest.mark.parametrize("status", [400, 404, 405, 500, 501])
def test_a_request_that_never_succeeds_is_one_reason_with_every_rule_it_breaks(status: int) -> None:
    found = told({"PUT /Users/1 update": status, "PUT /Users/2 rename": status, "GET /Users/1 read": 0})
    assert [cause.id for cause in found] == [f"PUT /Users/{{id}}: {status}"]
    assert [rule["id"] for rule in found[0].rules] == ["update", "rename"]
    assert found[0].rule == found[0].rules[0]
    assert len(found[0].findings) == 2
    assert "2 of 2 times" in found[0].title


def test_what_sometimes_succeeds_has_a_reason_for_each_rule() -> None:
    found = told({"PUT /Users/1 update": 400, "PUT /Users/2 rename": 400, "PUT /Users/3 link": 0})
    assert sorted(cause.id for cause in found) == ["rename", "update"]


def test_what_says_of_itself_that_it_is_not_implemented_is_one_reason_all_the_same() -> None:
    (found,) = told({"PATCH /Groups/1 remove": 501, "PATCH /Groups/2 rename": 501, "PATCH /Groups/3 add": 0})
    assert found.title == "PATCH /Groups/{id} is answered 501 Said, 2 of 3 times."


def test_different_answers_are_different_reasons() -> None:
    found = told({"POST /Users a": 400, "POST /Users b": 400, "POST /Users c": 500, "POST /Users d": 500})
    assert sorted(cause.id for cause in found) == ["POST /Users: 400", "POST /Users: 500"]


def test_a_resource_that_is_not_there_at_all_is_one_reason() -> None:
    found = told({"POST /Groups a": 404, "GET /Groups/1 b": 404, "PUT /Groups/1 c": 404, "GET /Users d": 0})
    assert [(cause.id, len(cause.findings)) for cause in found] == [("request to /Groups: 404", 3)]


def test_one_rule_is_a_reason_by_itself() -> None:
    (found,) = told({"PUT /Users/1 update": 501})
    assert (found.id, found.others) == ("update", [])


@pytest.mark.parametrize("name", MADE)
def test_no_finding_is_lost_and_none_counts_twice(name: str) -> None:
    document = sample(name)
    found = causes(document)
    counted = [f["id"] for cause in found for f in cause.findings]
    held = [f["id"] for cause in found if cause.severity != "undecided" for f in cause.blocked_findings]
    needs = {"fail", "error", "warning", "inconclusive"}
    assert sorted(counted + held) == sorted(f["id"] for f in document["findings"] if f["verdict"] in needs)


def test_the_gate_that_a_finding_names_takes_it_in() -> None:
    document = answered(
        sample("failing"), {"PUT /Users/1 a": 501, "PUT /Users/2 b": 501, "GET /Users/1 c": 500}
    )
    gate = document["findings"][0]["id"]
    document["findings"][2] |= {"verdict": "inconclusive", "because": gate, "observed": "not asked"}
    (found,) = causes(document)
    assert [finding["requirement"] for finding in found.blocked_findings] == ["c"]


def talk(method: str, target: str, body: str = "") -> Conversation:
    row = sample("failing")["exchanges"][0]
    sent = row["request"] | {"method": method, "target": f"/scim/v2{target}", "body": body}
    return Conversation(row | {"request": sent}, "/scim/v2")


def test_kinds_of_requests_go_from_wide_to_narrow() -> None:
    assert talk("PATCH", "/Groups/1", '{"Operations":[{"op":"remove"},{"op":"add"}]}').scopes == (
        "request to /Groups",
        "PATCH /Groups/{id}",
        "PATCH /Groups/{id} with add and remove",
    )
    assert talk("GET", "/Users?filter=a&count=1").scopes[1] == "GET /Users?filter"
    assert talk("PATCH", "/Users/1", "[").scopes[2:] == ()


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (409, '{"detail":"taken"}', "Error while creating user: Conflict. Errors reported: taken"),
        (409, '{"detail":"{reason}"}', "Error while creating user: Conflict. Errors reported: {reason}"),
        (502, "<html>", "Error while creating user: Conflict. Errors reported: Invalid JSON"),
        (500, "", "Error while creating user: Conflict. Errors reported: "),
        (500, "[" * 100_000, "Error while creating user: Conflict. Errors reported: Invalid JSON"),
        (201, "{}", ""),
        (0, "", ""),
    ],
)
def test_what_okta_shows(status: int, body: str, shown: str) -> None:
    assert error_text(OPERATION, {"status": status, "reason": "Conflict", "body": body}) == shown


def test_a_finding_counts_with_the_operation_that_it_is_about() -> None:
    rows = {row["id"]: row for row in by_operation(sample("failing"))}
    assert rows["OKTA-11"]["counts"] == {"warning": 1, "fail": 1}
    assert rows["OKTA-11"]["first"] == "okta.oin.user.deactivate/read-back#okta-deactivate-persists"
    assert rows["OKTA-11"]["requests"] == ["PATCH /Users/{id}"]
    assert "OKTA-08" not in rows
    assert [row["id"] for row in not_asked(sample("failing"), rows.values())] == ["OKTA-08", "OKTA-14"]


@pytest.mark.parametrize("name", MADE)
def test_coverage_counts_every_finding_once(name: str) -> None:
    document = sample(name)
    verdicts = dict.fromkeys(document["summary"]["verdicts"], 0)
    for row in by_operation(document):
        for verdict, number in row["counts"].items():
            verdicts[verdict] += number
    assert verdicts == document["summary"]["verdicts"]
    assert {name for name, _ in by_source(document)} == set(document["summary"]["authorities"])


def test_a_report_of_an_earlier_version_has_coverage_without_titles() -> None:
    document = sample("failing")
    del document["operations"], document["sections"]
    for sequence in document["sequences"]:
        for step in sequence["steps"]:
            step.pop("method", None), step.pop("path", None)
    rows = by_operation(document)
    assert {row["title"] for row in rows} == {""}
    assert sum(sum(row["counts"].values()) for row in rows) == len(document["findings"])


def test_sources_are_in_the_order_of_their_numbers() -> None:
    document = many(1, 1, 3)
    for number, (name, rule) in enumerate(list(document["requirements"].items())):
        id = ("rfc7644-3.12-a", "rfc7644-3.4.2-b", "rfc7644-3.4.2.4-c")[number]
        document["requirements"][id] = rule | {"id": id}
        finding = next(f for f in document["findings"] if f["requirement"] == name)
        finding |= {"requirement": id, "authority": "rfc7644"}
    assert [[row["id"] for row in rows] for _, rows in by_source(document)] == [["3.4.2", "3.4.2.4", "3.12"]]


def test_the_catalogue_titles_every_operation_that_it_sends() -> None:
    catalog = load_catalog()
    assert {t.operation for t in catalog.templates.values()} <= set(catalog.operations)
    assert all(isinstance(row, Operation) and row.title for row in catalog.operations.values())
