"""Creates as the executor sees them: known by their Location, refused; features that are nowhere."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from scim2_server.responses import ScimResponse

from scimproof.checks import answers
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Finding, Verdict, declined
from scimproof.core.scim import CORE_USER
from scimproof.embedded.app import Application
from scimproof.embedded.fault import Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.engine.executor import execute
from scimproof.engine.sending import identified
from tests.matrix.inprocess import TOKEN, catalog
from tests.right.kit import running

POST = Request("POST", "/scim/v2/Users", ())
BODY = json.dumps({"schemas": [CORE_USER], "userName": "{{prefix}}.creates.x@example.com"})
CREATE = Step(
    id="create",
    request="rfc/user-create.http",
    creates="user",
    blanks={"body": BODY},
    checks=(Check("rfc7643-4.2-name-free", lambda _, seen: declined("201", seen.summary())),),
)
READ = Step(id="read", request="rfc/user-get.http", checks=(Check("rfc7643-3.1-id-stays", answers(200)),))


@pytest.mark.parametrize(
    ("location", "body", "id"),
    [
        ("http://h/scim/v2/Users/7", b"", "7"),
        ("Users/a%3Ab", b"", "a:b"),
        ("/scim/v2/Users/7/", b"", "7"),
        ("http://[h/Users/7", b"", ""),
        ("", b"", ""),
        ("/scim/v2/Users/7", b'{"id":"8"}', "8"),
        ("/scim/v2/Users/7", b"text", ""),
    ],
)
def test_a_create_without_a_body_is_known_by_its_location(location: str, body: bytes, id: str) -> None:
    seen = Exchange(1, POST, 201, headers=(("Location", location),) if location else (), body=body)
    told = identified(seen).json
    assert (told.get("id", "") if isinstance(told, dict) else "") == id


def test_only_a_create_is_known_by_a_location() -> None:
    moved = Exchange(1, POST, 308, headers=(("Location", "/scim/v2/Users/7"),))
    read = Exchange(1, replace(POST, method="GET"), 201, headers=(("Location", "/scim/v2/Users/7"),))
    assert [identified(one).body for one in (moved, read)] == [b"", b""]


def executed(behave: Any, *steps: Step, needs: tuple[str, ...] = ("type:User",)) -> dict[str, list[Finding]]:
    sequence = Sequence(id="rfc.x", title="", source="", steps=steps, needs=needs)
    app = Application(TOKEN, [Fault("x", "", "", "", behave)], 0.0)
    with running(app, "rfc.read.unknown", profile="rfc") as run:
        scene = run.scene(sequence, "x")
        outcomes = list(execute(sequence, scene, catalog(), run.stage, run.facts))
    return {outcome.step: list(outcome.findings) for outcome in outcomes}


def refuses_creates(call: InterceptedRequest) -> ScimResponse:
    return error(400, "No") if call.action == "create" else call.proceed()


def test_what_was_refused_cannot_be_asked_about() -> None:
    [read] = executed(refuses_creates, CREATE, READ)["read"]
    assert read.verdict is Verdict.NOT_APPLICABLE
    assert read.observed.startswith("create was refused: 400")


def test_what_no_answer_told_is_undecided_and_of_an_independent_step_ends_nothing() -> None:
    unknown = replace(READ, id="unknown", blanks={"user.id": "{{user.place}}"}, independent=True)
    found = executed(
        lambda call: call.proceed(), replace(CREATE, save={"user.place": "header:X-Nothing"}), unknown, READ
    )
    assert [one.verdict for one in found["unknown"]] == [Verdict.INCONCLUSIVE]
    assert [one.verdict for one in found["read"]] == [Verdict.PASS]


def undeclared(call: InterceptedRequest) -> ScimResponse:
    if call.request.method == "PATCH":
        return error(501, "Not here")
    answer = call.proceed()
    if call.kind == "ServiceProviderConfig" and ok(answer) and answer.body:
        del answer.body["patch"]
    return answer


def test_a_step_of_a_feature_that_is_neither_declared_nor_there_does_not_apply() -> None:
    patch = Step(
        id="patch",
        request="rfc/user-patch.http",
        blanks={"operations": "[]"},
        needs=("patch",),
        checks=(Check("rfc7644-3.5.2-patch-status", answers(200, 204)),),
    )
    found = executed(undeclared, CREATE, patch, READ)
    assert [one.verdict for one in found["patch"]] == [Verdict.NOT_APPLICABLE]
    assert [one.verdict for one in found["read"]] == [Verdict.PASS]


def test_what_a_create_did_is_looked_for_below_the_path_of_a_url_with_a_query() -> None:
    step = replace(CREATE, given=True, effect=(Check("rfc7643-3.1-id-stays", answers(200)),))
    sequence = Sequence(id="rfc.x", title="", source="", steps=(step,))
    with running(Application(TOKEN, [], 0.0), "rfc.read.unknown", profile="rfc") as run:
        scene = run.scene(sequence, "x")
        scene.blanks["base-query"] = "tenant=a"
        [outcome] = execute(sequence, scene, catalog(), run.stage, run.facts)
    create, read = (exchange.request.target for exchange in outcome.exchanges)
    assert create == "/scim/v2/Users?tenant=a"
    assert re.fullmatch(r"/scim/v2/Users/[0-9a-f-]+\?tenant=a", read)
