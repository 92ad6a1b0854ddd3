"""What a provider's log shows of an answer: the entry that fits best, and what follows, in every form."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.core.http_message import TIMED_OUT
from scimproof.core.results import Verdict
from scimproof.render.conformance.admin_messages import NOTHING, AdminMessage, AdminMessages
from scimproof.render.conformance.html import html
from scimproof.render.conformance.junit import junit
from scimproof.render.conformance.markdown import markdown
from scimproof.render.conformance.terminal import lines, text
from scimproof.report.document import FORMAT, Report
from scimproof.report.reader import checked
from tests.report.synthetic import exchange, ordinary, report, request

CREATE = "okta.oin.user.create/create#okta-create-201"
READ = "okta.oin.user.deactivate/read-back#okta-deactivate-persists"
ALL = "rfc7644.answers/all#rfc7644-3.8-media-type"
LOG = {
    "title": "Job log",
    "then": {"again": "It is sent again. That is after an hour.", "stops": "The job stops."},
    "entries": [
        {"status": ["2xx"], "text": "done"},
        {"status": ["4xx"], "code": "E4"},
        {"status": ["409", "5xx"], "code": "E5", "text": "{status} {name}: {body}", "then": ["stops"]},
        {"status": ["4xx", "503"], "operations": ["OKTA-07"], "code": "OF-CREATES"},
        {"status": ["404"], "operations": ["OKTA-07"], "code": "LOST", "text": "{method} {url}, {reason}"},
        {"status": ["none"], "code": "BROKEN"},
        {"status": ["timeout"], "code": "SLOW"},
        {"name": "unread", "code": "UNREAD", "text": "cannot read {body}", "then": ["stops"]},
    ],
}


def made(
    finding: str = READ,
    status: int = 200,
    body: object = None,
    *,
    verdict: Verdict = Verdict.FAIL,
    **more: Any,
) -> Report:
    """A report with a log, in which one finding fails, or whatever else."""
    rule = {name: more.pop(name) for name in ("log", "then") if name in more}
    place, _, requirement = finding.partition("#")
    answers = ordinary()
    sent = answers[place].request if place in answers else request()
    number = answers[place].number if place in answers else 1
    answers[place] = exchange(number, sent, status, body, **more)
    document = report(answers, {finding: (verdict, "so", "otherwise")})
    document["log"] = deepcopy(LOG)
    for operation in document["operations"].values():
        operation["logged"] = True
    document["requirements"][requirement] |= rule
    return document


def shown(finding: str = READ, status: int = 200, body: object = None, **more: Any) -> AdminMessage:
    document = made(finding, status, body, **more)
    row = next(row for row in document["findings"] if row["id"] == finding)
    return AdminMessages(document).of(row)


@pytest.mark.parametrize(
    ("finding", "status", "code"),
    [
        (READ, 400, "E4"),
        (READ, 409, "E5"),
        (READ, 500, "E5"),
        (CREATE, 404, "LOST"),
        (CREATE, 409, "OF-CREATES"),
        (CREATE, 503, "OF-CREATES"),
        (CREATE, 500, "E5"),
        (READ, 0, "BROKEN"),
    ],
)
def test_the_most_specific_entry_is_shown(finding: str, status: int, code: str) -> None:
    assert shown(finding, status, error="" if status else "gone").code == code


def test_an_answer_that_took_too_long_has_an_entry_of_its_own() -> None:
    assert shown(status=0, error=f"{TIMED_OUT} 20 s").code == "SLOW"
    document = made(status=0, error=f"{TIMED_OUT} 20 s")
    document["log"] = LOG | {"entries": [{"status": ["none"], "code": "BROKEN"}]}
    row = next(row for row in document["findings"] if row["id"] == READ)
    assert AdminMessages(document).of(row).code == "BROKEN", "it is one without an answer all the same"


def test_texts_quote_the_exchange_on_one_line_and_cut() -> None:
    found = shown(CREATE, 404, reason="Gone\r\nfishing")
    assert found.text == "POST https://scim.example.com/scim/v2/Users, Gone fishing"
    long = shown(status=500, body=b"a\n" + b"{body}" * 500)
    assert long.text.startswith("500 Internal Server Error: a {body}{body}")
    assert len(long.text) < 350
    assert long.then == ("The job stops.",)


def test_an_answer_that_is_no_error_shows_success_and_what_follows() -> None:
    found = shown(then=["again"])
    assert (found.headline, found.log) == ("done", "Job log")
    assert (found.then, found.brief) == (("It is sent again. That is after an hour.",), "It is sent again.")


def test_a_requirement_can_name_what_the_log_shows_then() -> None:
    found = shown(body={"id": 1}, log="unread", then=["again", "stops"])
    assert (found.code, found.text) == ("UNREAD", 'cannot read {"id": 1}')
    assert found.then == (*LOG["then"].values(),)  # type: ignore[attr-defined]


def test_what_follows_is_that_of_the_most_specific_entry_that_says_it() -> None:
    document = made(CREATE, 409)
    row = next(row for row in document["findings"] if row["id"] == CREATE)
    assert AdminMessages(document).of(row).headline == "OF-CREATES"
    assert AdminMessages(document).of(row).then == ("The job stops.",), "said of each 409"
    document["log"]["entries"] = [{"status": ["409"], "operations": ["OKTA-07"], "then": []}, *LOG["entries"]]
    found = AdminMessages(document).of(row)
    assert (found.headline, found.then) == ("OF-CREATES", ()), "and where one says that nothing does, nothing"


def test_a_read_that_shows_no_effect_of_a_refused_write_is_about_that_write() -> None:
    document = made(then=["again"])
    write = next(one for one in document["exchanges"] if one["step"] == "deactivate")
    write |= {"status": 503, "body": "busy"}
    row = next(row for row in document["findings"] if row["id"] == READ)
    assert AdminMessages(document).of(row).headline == "E5: 503 Service Unavailable: busy"
    assert AdminMessages(document).of(row).then == ("The job stops.",)
    del document["operations"][document["sequences"][1]["steps"][1]["operation"]]["logged"]
    assert AdminMessages(document).of(row).headline == "done", "that write is in no log"


def test_what_follows_can_be_otherwise_for_groups() -> None:
    document = made(then=["again"])
    document["requirements"]["okta-deactivate-persists"]["groups"] = {"then": ["stops"]}
    row = next(row for row in document["findings"] if row["id"] == READ)
    assert AdminMessages(document).of(row).then == ("It is sent again. That is after an hour.",)
    read = next(one for one in document["exchanges"] if one["step"] == "read-back")
    read["request"] = read["request"] | {"target": "/scim/v2/Groups/g-1"}
    assert AdminMessages(document).of(row).then == ("The job stops.",)


def test_a_rule_for_every_answer_is_told_by_the_step_of_its_answer_if_it_is_the_senders_own() -> None:
    document = made(ALL, log="unread")
    row = next(row for row in document["findings"] if row["id"] == ALL)
    assert AdminMessages(document).of(row) == NOTHING
    document["requirements"]["rfc7644-3.8-media-type"]["authority"] = "okta"
    assert AdminMessages(document).of(row).code == "UNREAD"


def test_an_error_speaks_for_itself_whatever_the_requirement_says_of_other_answers() -> None:
    assert shown(status=500, log="unread", then=["again"]).then == ("The job stops.",)


def test_nothing_is_said_of_what_nobody_knows() -> None:
    assert shown(ALL) == NOTHING, "a rule of an RFC, and no operation"
    assert shown(status=302) == AdminMessage(), "no entry, and no error"
    assert shown(verdict=Verdict.INCONCLUSIVE) == NOTHING, "not broken"
    assert AdminMessages(made()).of(None) == NOTHING
    document = made()
    document["requirements"]["okta-deactivate-persists"]["authority"] = "rfc7644"
    row = next(row for row in document["findings"] if row["id"] == READ)
    assert AdminMessages(document).of(row) == NOTHING


def test_an_error_that_fits_no_entry_has_the_text_of_its_operation() -> None:
    document = made(CREATE, 500, {"detail": "full"})
    document["log"] = LOG | {"entries": LOG["entries"][:1]}  # type: ignore[index]
    row = next(row for row in document["findings"] if row["id"] == CREATE)
    found = AdminMessages(document).of(row)
    assert found.text.endswith("(user): Internal Server Error. Errors reported by remote server: full")
    assert found.log == ""


def test_every_form_of_a_report_says_it() -> None:
    document = made(status=500, body={"x": "<b>&</b>"}, then=["again"])
    checked(Path("report.json"), json.loads(json.dumps(document)), FORMAT)
    told = '500 Internal Server Error: {"x": "<b>&</b>"}'
    assert f"  log       E5: {told}\n  then      The job stops.\n" in lines(text(document))
    page = html(document)
    assert '<code class="mono">E5</code> 500 Internal Server Error: {&#34;x&#34;: &#34;&lt;b&gt;' in page
    assert page.count("<b>Then</b> The job stops.") == page.count("<dt>Then</dt><dd>The job stops.</dd>") == 1
    assert r"  - Job log: `E5` 500 Internal Server Error: {\"x\": ".replace("\\", "") in markdown(document)
    assert "  - Then: The job stops.\n" in markdown(document)
    case = ET.fromstring(junit(document)).find(".//failure")  # noqa: S314 - our own text
    assert case is not None
    assert f"log:      E5: {told}\nthen:     The job stops.\n" in str(case.text)


def test_without_a_log_reports_are_as_they_were() -> None:
    document = made(status=500)
    del document["log"]
    for operation in document["operations"].values():
        del operation["logged"]
    checked(Path("report.json"), json.loads(json.dumps(document)), FORMAT)
    assert "What Okta shows" in html(document)
    for said in (lines(text(document)), markdown(document), junit(document), html(document)):
        assert "Job log" not in said
    assert "  then " not in lines(text(document))


INCOMPATIBLE = "SystemForCrossDomainIdentityManagementServiceIncompatible"
REFUSED = """\
StatusCode: BadRequest Message: Processing of the HTTP request resulted in an exception. Please see the HTTP \
response returned by the 'Response' property of this exception for details."""
WEB = 'Web Response: {"detail": "no"}'


@pytest.mark.parametrize(
    ("operation", "status", "code", "text"),
    [
        ("ENTRA-01", 401, "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
         "Response Status Code: Unauthorized Response Headers: … Response Content: {"),
        ("ENTRA-01", 403, "SystemForCrossDomainIdentityManagementCredentialValidationFailure", "Forbidden"),
        ("ENTRA-01", 0, "CredentialValidationUnavailable", "An error occured while sending the request"),
        ("ENTRA-01", 404, "", "An HTTP/404 Not Found response was returned rather than"),
        ("ENTRA-01", 500, "", "An HTTP/500 Internal Server Error response was returned rather than"),
        ("ENTRA-07", 400, INCOMPATIBLE, f"{REFUSED} {WEB}. This operation was retried 0 times."),
        ("ENTRA-07", 409, "Conflict", WEB),
        ("ENTRA-07", 422, "UnprocessableEntity", WEB),
        ("ENTRA-07", 405, "MethodNotAllowed", WEB),
        ("ENTRA-07", 401, "Unauthorized", WEB),
        ("ENTRA-07", 403, "InsufficientRights", WEB),
        ("ENTRA-07", 429, "TooManyRequests", WEB),
        ("ENTRA-07", 502, "InternalServerError", WEB),
        ("ENTRA-07", 501, "NotImplemented", WEB),
        ("ENTRA-07", 0, "WebExceptionProtocolError", ""),
        ("ENTRA-07", -1, "Timeout", ""),
        ("ENTRA-18", 404, "InvalidAnchor", WEB),
        ("ENTRA-04", 404, "", WEB),
        ("ENTRA-02", 404, "", "An HTTP/404"),
        ("ENTRA-08", 404, "InvalidAnchor", WEB),
        ("ENTRA-08", 200, "", "Success"),
        ("ENTRA-21", 404, "", "Success"),
    ],
)  # fmt: skip
def test_entras_log_is_that_of_its_documentation(operation: str, status: int, code: str, text: str) -> None:
    error = {0: "broken off", -1: f"{TIMED_OUT} 60 s"}.get(status, "")
    document = made(status=max(status, 0), body={"detail": "no"}, error=error)
    entra, catalog = document, load_catalog()
    entra["log"] = catalog.logs["entra"].json()
    entra["operations"] = {operation: {"id": operation, "error": "", "not_json": "", "logged": True}}
    for sequence in entra["sequences"]:
        for step in sequence["steps"]:
            step["operation"] = operation
    row = next(row for row in entra["findings"] if row["id"] == READ)
    found = AdminMessages(entra).of(row)
    assert (found.code, found.log) == (code, "Provisioning log")
    assert text in found.text
    assert bool(found.then) == ("Success" not in text), "what is wrong has consequences"
    at_once = any("quarantine at once" in one for one in found.then)
    assert at_once == (operation in ("ENTRA-01", "ENTRA-02") or status == 401)


def test_a_managers_failures_are_not_counted() -> None:
    entries = load_catalog().logs["entra"].json()
    document = made(status=400)
    document["log"] = entries
    document["operations"]["OKTA-08"] |= {"id": "ENTRA-13"}
    row = next(row for row in document["findings"] if row["id"] == READ)
    found = AdminMessages(document).of(row)
    assert found.code == INCOMPATIBLE
    assert "do not count towards quarantine" in found.brief
    assert "40 %" not in " ".join(found.then)


def test_entras_repetition_is_said_of_what_its_log_calls_a_success() -> None:
    document = made(then=["repeated"])
    document["log"] = load_catalog().logs["entra"].json()
    said = lines(text(document))
    assert "Success: the action is listed as done" in said
    assert "sends the same request again, about every 40 minutes" in said
