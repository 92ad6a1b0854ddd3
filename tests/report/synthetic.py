"""A small catalogue and hand-made outcomes, with a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.operations import Operation
from scimproof.catalog.request_template import Template
from scimproof.core.definitions import Check, Level, Profile, Requirement, Sequence, Step
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Finding, Outcome, Verdict, held
from scimproof.report.document import Report, RunRecord, build_report
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target

PREFIX = "scimproof-0a1b2c3d"
TOKEN = "canary-t0ken/+=ABC"
PASSWORD = "cAnarYpw"
USER = {"id": "u-1", "userName": f"{PREFIX}.a1@example.com", "displayName": "Ada Example", "active": True}


SOURCES = {
    "okta-create-201": "OKTA-07",
    "okta-deactivate-persists": "OKTA-11, OKTA-12; CRUD suite steps 8 and 13",
    "rfc7644-3.8-media-type": "RFC 7644 section 3.8",
}
SHOWN = "{reason}. Errors reported by remote server: {detail}"


def requirement(
    name: str, authority: str, statement: str, broken: str, level: Level = "MUST", admin: str = ""
) -> Requirement:
    source = SOURCES.get(name, f"source of {name}")
    return Requirement(name, authority, level, statement, broken, source, "A", admin)


REQUIREMENTS = {
    rule.id: rule
    for rule in (
        requirement("okta-create-201", "okta", "A created user is answered 201.",
                    "A create of a user is not answered 201.", "MUST",
                    "Automatic provisioning of user to app failed: the task stays in the dashboard."),
        requirement("okta-found-by-name", "okta", "A filter on userName finds that user and nobody else.",
                    "A filter on userName misses that user, or finds somebody else."),
        requirement("okta-deactivate-persists", "okta", "A deactivated user stays deactivated.",
                    "A deactivated user still reads as active.", "MUST",
                    "The user looks deactivated in Okta and still signs in."),
        requirement("okta-answers-fast", "okta", "An answer comes within a second.",
                    "An answer takes longer than a second.", "SHOULD"),
        requirement("spec-status-200", "okta-spec", "The answer has status 200.",
                    "The answer does not have status 200."),
        requirement("rfc7644-3.8-media-type", "rfc7644", "A body is labelled application/scim+json.",
                    "A body is labelled as something else than application/scim+json."),
    )
}  # fmt: skip


def template(path: str, operation: str, method: str, target: str) -> Template:
    return Template(path, operation, "A", "S1", "2026-10-06", f"Shows {path}", method, target, (), "")


TEMPLATES = {
    t.path: t
    for t in (
        template("okta/oin/user-create.http", "OKTA-07", "POST", "{{base}}/Users"),
        template("okta/oin/user-find.http", "OKTA-05", "GET", "{{base}}/Users"),
        template("okta/oin/user-deactivate.http", "OKTA-11", "PATCH", "{{base}}/Users/{{user.id}}"),
        template("okta/oin/user-get.http", "OKTA-08", "GET", "{{base}}/Users/{{user.id}}"),
        template("okta/aiw/user-deactivate.http", "OKTA-12", "PUT", "{{base}}/Users/{{user.id}}"),
        template("okta/spec/users.http", "SPEC-01", "GET", "{{base}}/Users"),
    )
}


def step(name: str, request: str, *rules: str, given: bool = False) -> Step:
    checks = tuple(Check(rule, lambda _scene, _exchange: held("")) for rule in rules)
    return Step(id=name, request=request, checks=checks, given=given)


CREATE = step("create", "okta/oin/user-create.http", "okta-create-201", given=True)
SEQUENCES = [
    Sequence(id="okta.oin.user.create", title="Assign a new person", source="OKTA-06, OKTA-07", steps=(
        step("find", "okta/oin/user-find.http", "okta-found-by-name", "okta-answers-fast"),
        step("create", "okta/oin/user-create.http", "okta-create-201"),
    )),
    Sequence(id="okta.oin.user.deactivate", title="Deactivate a person", source="OKTA-11", steps=(
        CREATE,
        step("deactivate", "okta/oin/user-deactivate.http", "okta-answers-fast"),
        step("read-back", "okta/oin/user-get.http", "okta-deactivate-persists"),
    )),
    Sequence(id="okta.aiw.user.deactivate", title="Deactivate a person", source="OKTA-12", steps=(
        CREATE,
        step("deactivate", "okta/aiw/user-deactivate.http", "okta-answers-fast", "okta-deactivate-persists"),
    )),
    Sequence(id="okta.spec.users.list", title="List the users", source="SPEC step 1", steps=(
        step("list", "okta/spec/users.http", "spec-status-200"),
    )),
]  # fmt: skip
PROFILE = Profile(
    id="okta",
    title="Okta provisioning",
    sequences=("okta",),
    gates=("okta", "okta-spec"),
    watches=("rfc7644.answers",),
    about="All that Okta's provisioning engine sends. Okta's requirements decide; the RFC's are reported.",
)
CATALOG = Catalog(
    root=Path("nowhere"),
    requirements=REQUIREMENTS,
    templates=TEMPLATES,
    rules={},
    sequences={sequence.id: sequence for sequence in SEQUENCES},
    watches={"rfc7644.answers": ()},
    profiles={"okta": PROFILE},
    senders=load_catalog().senders,
    operations={
        operation.id: operation
        for operation in (
            Operation("OKTA-05", "Look for a user", SHOWN, "Invalid JSON"),
            Operation(
                "OKTA-07", "Create a user", f"Error while creating user (user): {SHOWN}", "Invalid JSON"
            ),
            Operation("OKTA-08", "Read a user", SHOWN, "Invalid JSON"),
            Operation("OKTA-11", "Deactivate a user, catalog app", SHOWN, "Invalid JSON"),
            Operation("OKTA-12", "Deactivate a user, wizard app", SHOWN, "Invalid JSON"),
            Operation(
                "OKTA-14", "Delete a user", SHOWN, "Invalid JSON", played=False, about="Okta never does"
            ),
            Operation("SPEC-01", "SPEC 1: list one user", SHOWN, "Invalid JSON"),
        )
    },
    sections={"rfc7644": {"3.8": "Media types"}},
)
ASKED = [
    (sequence.id, step.id, check.requirement)
    for sequence in SEQUENCES
    for step in sequence.steps
    for check in step.checks
    if not step.given
]


def request(method: str = "GET", target: str = "/scim/v2/Users/u-1", body: object = None) -> Request:
    content = b"" if body is None else json.dumps(body).encode()
    headers = (
        ("Accept", "application/scim+json"),
        ("Authorization", f"Bearer {TOKEN}"),
        ("Host", "scim.example.com"),
    )
    return Request(method, target, headers, content)


def exchange(number: int, sent: Request, status: int = 200, body: object = None, **more: Any) -> Exchange:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    reasons = {200: "OK", 201: "Created", 204: "No Content", 500: "Internal Server Error"}
    headers = (("Content-Type", "application/scim+json"),)
    fields: dict[str, Any] = {"reason": reasons.get(status, ""), "headers": headers, "seconds": 0.0123} | more
    return Exchange(number, sent, status, body=content, **fields)


def ordinary() -> dict[str, Exchange]:
    """An honest answer for each step, by `sequence/step`."""
    create = request("POST", "/scim/v2/Users", {"userName": USER["userName"], "password": PASSWORD})
    find = request("GET", f"/scim/v2/Users?filter=userName%20eq%20%22{USER['userName']}%22")
    off = request("PATCH", body={"Operations": [{"op": "replace", "value": {"active": False}}]})
    gone = USER | {"active": False}
    listed = {"totalResults": 1, "Resources": [USER]}
    answers = [
        ("okta.oin.user.create/find", find, 200, {"totalResults": 0, "Resources": []}),
        ("okta.oin.user.create/create", create, 201, USER),
        ("okta.oin.user.deactivate/create", create, 201, USER),
        ("okta.oin.user.deactivate/deactivate", off, 204, None),
        ("okta.oin.user.deactivate/read-back", request(), 200, gone),
        ("okta.aiw.user.deactivate/create", create, 201, USER),
        ("okta.aiw.user.deactivate/deactivate", request("PUT", body=gone), 200, gone),
        ("okta.spec.users.list/list", request("GET", "/scim/v2/Users"), 200, listed),
    ]
    return {
        name: exchange(40 + place, sent, status, body)
        for place, (name, sent, status, body) in enumerate(answers)
    }


Told = Mapping[str, tuple[Verdict, str, str]]


def outcomes(exchanges: Mapping[str, Exchange], told: Told) -> list[Outcome]:
    """What a run would have yielded: all passes but for the findings in `told`, by id."""
    found = []
    for sequence in SEQUENCES:
        for played in sequence.steps:
            seen = exchanges.get(f"{sequence.id}/{played.id}")
            findings = tuple(
                _finding(sequence.id, played.id, check.requirement, seen, told)
                for check in played.checks
                if not played.given
            )
            found.append(Outcome(sequence.id, played.id, (seen,) if seen else (), findings))
    first = next(iter(exchanges.values()), None)
    watch = _finding("rfc7644.answers", "all", "rfc7644-3.8-media-type", first, told)
    return [*found, Outcome("rfc7644.answers", "all", (), (watch,))]


def _finding(sequence: str, step: str, rule: str, seen: Exchange | None, told: Told) -> Finding:
    verdict, expected, observed = told.get(
        f"{sequence}/{step}#{rule}", (Verdict.PASS, "what it says", "as expected")
    )
    return Finding(sequence, step, rule, verdict, expected, observed, seen.number if seen else None)


def played(
    exchanges: Mapping[str, Exchange] | None = None, told: Told | None = None, **more: Any
) -> RunRecord:
    """A run of the small catalogue; `more` overrides any field."""
    fields: dict[str, Any] = {
        "catalog": CATALOG,
        "profile": PROFILE,
        "sequences": SEQUENCES,
        "target": Target("https://scim.example.com/scim/v2", Bearer(TOKEN)),
        "seed": 1,
        "prefix": PREFIX,
        "started": datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        "seconds": 4.2,
        "outcomes": outcomes(ordinary() if exchanges is None else exchanges, told or {}),
        "ledger": {"created": 3, "removed": 3, "left": []},
        "sent": 14,
        "tidied": 6,
    }
    return RunRecord(**(fields | more))


def report(exchanges: Mapping[str, Exchange] | None = None, told: Told | None = None, **more: Any) -> Report:
    return build_report(played(exchanges, told, **more))
