"""Servers that are right and were accused, by the rows L01 to L10 of the field reports."""

from __future__ import annotations

import itertools
import time
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any

import httpx2
import pytest
from scim2_server.responses import ScimResponse

from scimproof.catalog.identities import KINDS, person
from scimproof.core.http_message import Exchange, Request
from scimproof.core.results import Verdict
from scimproof.embedded.app import Application, build
from scimproof.embedded.fault import Fault, refused, sent, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.engine.executor import execute
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target, as_stranger
from tests.matrix.inprocess import BASE, TOKEN, catalog
from tests.right.kit import QUIET, Kept, bent, creates, played, running

USERS_ONLY = (
    "okta.oin.connect-groups",
    "okta.oin.group",
    "okta.aiw.group",
    "okta.oin.unknown-id",
    "okta.spec",
)


class Throttling(Kept):
    """Refuses every third request once, for want of time: it never reaches the application."""

    def __init__(self, app: Any, status: int = 429) -> None:
        super().__init__(app)
        self._status, self._count = status, itertools.count(1)
        self._waited: set[bytes] = set()

    def send(
        self, request: Request, seconds: float | None = None, auth: httpx2.Auth | None = None
    ) -> Exchange:
        wire = request.wire()
        if next(self._count) % 3 or wire in self._waited:
            self._waited.discard(wire)
            return super().send(request, seconds, auth)
        self._waited.add(wire)
        return Exchange(10_000 + next(self._count), request, self._status, "", (("Retry-After", "0"),))


def test_l01_a_server_that_throttles_is_only_slower() -> None:
    """The look before a write waits after a 429 as every other request does."""
    app = build(token=TOKEN)
    found = played(
        app,
        "okta.oin.user.update",
        "okta.aiw.user.reassign",
        "okta.oin.user.deactivate-twice",
        "okta.oin.group.push",
        transport=Throttling(app),
    )
    assert [finding for finding in found.loud if finding.sequence != "rfc7644.answers"] == []
    assert found.result == "conformant"
    assert found.run.client.throttled > 10


def test_l01_a_look_waits_after_a_503_that_says_when_to_come_again() -> None:
    app = build(token=TOKEN)
    stage = played(app, "okta.oin.connect", transport=Throttling(app, status=503)).run.stage
    asked = Request("GET", "/scim/v2/Users?startIndex=1&count=2", (("Authorization", f"Bearer {TOKEN}"),))
    assert [stage.look_at(asked).status for _ in range(6)] == [200] * 6
    assert 503 in [stage.send(asked).status for _ in range(6)]  # for Okta it is a failure


def deactivated_namesakes(call: InterceptedRequest) -> list[dict[str, Any]]:
    """Who is inactive and has the userName that the request brings, in any letters."""
    name = str(call.body.get("userName")).casefold()
    return [
        user for user in call.named(lambda known: known.casefold() == name) if user.get("active") is False
    ]


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("keeps_new_profile", [True, False])
def test_l02_a_create_may_bring_a_deactivated_account_back(status: int, keeps_new_profile: bool) -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        if not creates(call):
            return call.proceed()
        there = deactivated_namesakes(call)
        if not there:
            return call.proceed()
        new = call.body if keeps_new_profile else there[0]
        body = there[0] | {"active": True}
        body |= {key: new[key] for key in ("name", "displayName", "emails") if key in new}
        answer = call.ask("PUT", f"/Users/{there[0]['id']}", body)
        assert answer.body is not None
        return ScimResponse(HTTPStatus(status), answer.body, {"Location": answer.body["meta"]["location"]})

    found = played(bent(behave), "okta.aiw.user.renamed-trap", "okta.oin.user.create-existing")
    assert found.loud == []
    assert found.of("okta-create-conflict")[0].verdict == Verdict.PASS


@pytest.mark.parametrize("wrong", ["another id", "another person", "inactive", "stays inactive"])
def test_l02_what_is_brought_back_has_to_be_the_same_account_and_active(wrong: str) -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        if not creates(call):
            return call.proceed()
        there = deactivated_namesakes(call)
        if not there:
            return call.proceed()
        user = there[0]
        if wrong != "stays inactive":
            call.ask("PUT", f"/Users/{user['id']}", {**user, "active": wrong != "inactive"})
        told: dict[str, dict[str, Any]] = {
            "another id": {"id": "1" + user["id"][1:]},
            "another person": {"externalId": "00uSomebodyElse"},
            "inactive": {"active": False},
            "stays inactive": {"active": True},
        }
        return ScimResponse(HTTPStatus.OK, {**user, "active": True, **told[wrong]})

    found = played(bent(behave), "okta.aiw.user.renamed-trap")
    assert found.rules("fail") & {"okta-create-conflict", "okta-conflict-changes-nothing"}


def test_l02_a_create_of_somebody_active_is_still_a_conflict() -> None:
    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if creates(call) and response.status == 409:
            name = str(call.body.get("userName")).casefold()
            return ScimResponse(HTTPStatus.OK, call.named(lambda known: known.casefold() == name)[0])
        return response

    assert "okta-create-conflict" in played(bent(behave), "okta.oin.user.create-existing").rules("fail")


@pytest.mark.parametrize(
    ("field", "signs"),
    [("emails", "*%"), ("userName", "*%"), ("name", "<>")],
    ids=["e-mail", "userName", "markup"],
)
def test_l03_signs_that_no_real_name_has_may_be_declined(field: str, signs: str) -> None:
    odd = refused(
        "Users",
        ("create",),
        400,
        "invalid",
        where=lambda call: any(s in str(call.body.get(field)) for s in signs),
    )
    wanted = ["okta.oin.user.wildcards", "okta.oin.user.wildcard-asterisk", "okta.oin.user.markup"]
    wanted += ["okta.oin.user.punctuation", "okta.oin.user.apostrophe", "okta.oin.user.plus"]
    found = played(bent(odd), *wanted)
    assert found.loud == []
    assert found.of("okta-search-literal")[0].verdict == Verdict.PASS  # the underscore is asked all the same


def test_l03_a_server_error_for_such_a_sign_is_no_way_to_decline_it() -> None:
    odd = refused("Users", ("create",), 500, "boom", where=lambda call: "*" in str(call.body.get("userName")))
    assert "okta-no-server-error" in played(bent(odd), "okta.oin.user.wildcard-asterisk").rules("fail")


@pytest.mark.parametrize("profile", ["okta", "okta-oin", "okta-aiw"])
def test_l04_an_external_id_that_is_not_kept_is_a_warning_and_nothing_else(profile: str) -> None:
    drops = sent("Users", ("create", "replace"), lambda body: body.pop("externalId", None) and None)
    wanted = [
        one
        for one in ("okta.oin.user", "okta.aiw.user", "okta.spec")
        if profile[-3:] in ("kta", *one.split("."))
    ]
    found = played(bent(drops), *wanted, profile=profile)
    assert {finding.verdict for finding in found.loud} == {Verdict.WARNING}
    assert found.rules("warning") == {"okta-external-id-kept"}
    assert found.result == "conformant"


def test_l04_one_that_was_kept_and_is_lost_by_an_update_is_a_failure() -> None:
    drops = sent("Users", ("replace",), lambda body: body.pop("externalId", None) and None)
    assert "okta-state-after-update" in played(bent(drops), "okta.oin.user.update").rules("fail")


class KeyInHeader:
    """The embedded target behind a gateway that wants a key in a header of its own and no Authorization."""

    def __init__(self, header: str) -> None:
        self.app = build(token=TOKEN)
        self._name = f"HTTP_{header.upper().replace('-', '_')}"

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        let_in = environ.get(self._name) in ("the-key", "Token the-key")
        return self.app(environ | {"HTTP_AUTHORIZATION": f"Bearer {TOKEN if let_in else 'x'}"}, start)


@pytest.mark.parametrize(
    ("name", "value"), [("X-Api-Key", "the-key"), ("X-Auth", "Token the-key"), ("Cookie2-Secret", "the-key")]
)
def test_l05_the_wrong_token_questions_send_a_wrong_key_too(name: str, value: str) -> None:
    app = KeyInHeader(name)
    target = Target(BASE, Bearer("whatever"), headers=((name, value), ("X-Tenant", "acme")))
    kept = Kept(app, target)
    found = played(app, "okta.oin.wrong-token", "okta.spec.wrong-credentials", target=target, transport=kept)
    assert found.loud == []
    assert found.of("okta-unauthorized")[0].verdict == Verdict.PASS
    strangers = [request for request in kept.sent if dict(request.headers)[name] != value]
    assert len(strangers) == 7  # three with a wrong token, four without one
    assert all(dict(request.headers)["X-Tenant"] == "acme" for request in kept.sent)


def test_l05_where_nobody_can_tell_which_header_lets_in_nothing_is_asked_and_it_is_said_why() -> None:
    app = KeyInHeader("X-Gateway")
    target = Target(BASE, Bearer("whatever"), headers=(("X-Gateway", "the-key"),))
    found = played(
        app,
        "okta.oin.wrong-token",
        "okta.spec.wrong-credentials",
        target=target,
        transport=Kept(app, target),
    )
    assert found.loud == []
    assert {f.verdict for f in found.of("okta-unauthorized-create")} == {Verdict.NOT_APPLICABLE}
    assert "X-Gateway, which was sent as it is" in found.of("okta-unauthorized")[0].observed


def test_l05_a_header_that_is_no_credential_hides_nothing() -> None:
    """Where the wrong token is refused in spite of it the rule is asked as ever, and an open door is seen."""
    target = Target(BASE, Bearer(TOKEN), headers=(("X-Api-Key", "of-no-use"),))
    for faults, failing in (
        ((), set()),
        (("auth-any-token",), {"okta-unauthorized", "okta-unauthorized-create"}),
    ):
        app = build(token=TOKEN, faults=faults)
        found = played(app, "okta.oin.wrong-token", target=target, transport=Kept(app, target))
        assert found.rules("fail") == failing


def test_l05_a_scheme_before_the_key_stays() -> None:
    found = as_stranger((("X-Auth-Token", "Token abc"), ("X-Tenant", "acme")))
    assert found.headers == (("X-Auth-Token", "Token scimproof-wrong-credentials"),)
    assert found.left == ("X-Tenant",)


def groupless(status: int = 404, *, named: bool = False) -> Application:
    """A target without groups; `named`: that says it has them all the same."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.kind == "Groups":
            return error(status, "Not found")
        response = call.proceed()
        if call.kind == "ResourceTypes" and not named and response.body and "Resources" in response.body:
            rows = [row for row in response.body["Resources"] if row.get("id") != "Group"]
            response.body |= {"Resources": rows, "totalResults": len(rows)}
        return response

    return bent(behave)


@pytest.mark.parametrize("status", [404, 501])
@pytest.mark.parametrize("discovery", [True, False])
def test_l06_an_app_without_groups_is_no_failure_and_nothing_of_it_stays_open(
    status: int, discovery: bool
) -> None:
    app = groupless(status)
    if not discovery:
        app._core.insert(
            0,
            (
                Fault(
                    "none",
                    "",
                    "",
                    "",
                    lambda c: error(404, "no") if c.kind == "ResourceTypes" else c.proceed(),
                ),
                {},
            ),
        )
    found = played(app, *USERS_ONLY)
    assert [f for f in found.loud if f.requirement != "okta-no-server-error" or status == 404] == []
    asked = {finding.id for finding in found.findings if finding.verdict == Verdict.PASS}
    assert not any(id.startswith(("okta.oin.group", "okta.aiw.group")) for id in asked)
    assert "okta.spec/create-user#spec-status-201" in asked
    assert "okta.oin.unknown-id/deactivate#okta-unknown-patched" in asked
    assert found.of("rfc7644-3.4.2-no-match-200")[0].verdict in QUIET
    (note,) = found.run.notes()
    assert f"GET /Groups is answered {status}" in note
    assert "--groups" in note
    groups = [request for request in found.sent if "/Groups" in request.target]
    assert [request.method for request in groups] == ["GET", "POST"]


def test_l06_one_setting_says_it_and_nothing_is_sent_to_find_out() -> None:
    target = Target(BASE, Bearer(TOKEN), groups=False)
    found = played(groupless(), *USERS_ONLY, target=target)
    assert found.loud == []
    assert found.run.notes() == ["Not asked: this app has no groups (--no-groups)"]
    assert not any("/Groups" in request.target for request in found.sent)


def test_l06_a_target_that_names_groups_or_has_to_have_them_fails_without_them() -> None:
    for app, groups in ((groupless(named=True), None), (groupless(), True)):
        found = played(app, *USERS_ONLY, target=Target(BASE, Bearer(TOKEN), groups=groups))
        assert "okta-group-create-answered" in found.rules("fail")
        assert found.run.notes() == []


def test_l06_a_list_that_is_only_empty_is_not_taken_for_none() -> None:
    """404 to an empty list is wrong in its own right, and no sign that there are no groups."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.kind == "ResourceTypes":
            return error(404, "no")
        response = call.proceed()
        if call.on("Groups", "list") and response.body and not response.body["totalResults"]:
            return error(404, "nothing here")
        return response

    found = played(bent(behave), "okta.oin.group.import-nothing", "okta.oin.group.push-empty")
    assert found.run.notes() == []
    assert found.of("okta-group-create-empty")[0].verdict == Verdict.PASS


def test_l09_the_same_command_twice_meets_a_server_that_keeps_its_users_and_wants_external_ids_unique() -> (
    None
):
    @when("Users", "create")
    def unique(call: InterceptedRequest) -> ScimResponse:
        taken = {user.get("externalId") for user in call.all("Users")}
        if call.body.get("externalId") in taken - {None}:
            return error(409, "externalId is taken", "uniqueness")
        return call.proceed()

    app = bent(unique)
    for prefix in ("scimproof-first000", "scimproof-second00"):
        found = played(app, "okta.oin.user.create", "okta.oin.user.update", "okta.spec", prefix=prefix)
        assert found.loud == []


def test_l09_nothing_that_a_server_may_want_unique_is_made_of_the_seed_alone() -> None:
    for kind in KINDS:
        first, second = (
            person(1, prefix, "x", kind) for prefix in ("scimproof-00000000", "scimproof-11111111")
        )
        unique = {key for key in first if "serName" in key or key in ("email", "externalId")}
        assert {key for key in unique if first[key] == second[key]} == set(), kind
        assert first == person(1, "scimproof-00000000", "x", kind)


def slow_once(times: int) -> tuple[Application, list[float]]:
    """A target whose first answers to the list of groups, so many, take 0.7 s; and when they began."""
    began: list[float] = []

    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.on("Groups", "list") and not call.request.query:
            began.append(time.monotonic())
            if len(began) <= times:
                time.sleep(0.7)
        return call.proceed()

    return bent(behave), began


@pytest.mark.parametrize(("times", "verdict"), [(1, Verdict.PASS), (2, Verdict.WARNING)])
def test_l10_a_time_limit_is_measured_twice(times: int, verdict: Verdict) -> None:
    app, began = slow_once(times)
    found = played(app, "okta.spec")
    every = [finding for outcome in found.outcomes for finding in outcome.findings]
    (timed,) = [finding for finding in every if finding.requirement == "spec-groups-in-time"]
    level = catalog().requirements["spec-groups-in-time"].level
    assert timed.verdict == (Verdict.FAIL if verdict != Verdict.PASS and level == "MUST" else verdict)
    (step,) = [outcome for outcome in found.outcomes if outcome.id == "okta.spec/groups"]
    assert len(step.exchanges) == 2 == len(began)


def test_l10_nothing_else_is_under_way_while_a_time_is_measured() -> None:
    under_way: list[int] = []
    most: list[int] = []

    class Slow(Kept):
        def send(
            self, request: Request, seconds: float | None = None, auth: httpx2.Auth | None = None
        ) -> Exchange:
            under_way.append(1)
            timed = request.method == "GET" and request.target.endswith("/Groups")
            if timed:
                most.append(len(under_way))
            time.sleep(0.01)
            try:
                return super().send(request, seconds, auth)
            finally:
                under_way.pop()
                if timed:
                    most.append(len(under_way) + 1)

    app = build(token=TOKEN)
    played(app, "okta.spec", "okta.oin.user", parallel=6, transport=Slow(app))
    assert most == [1, 1]


def test_l10_where_other_sequences_are_played_all_the_time_no_time_is_held_against_the_target() -> None:
    class Busy:
        """A stage that cannot be had alone, as under load."""

        def __init__(self, stage: Any) -> None:
            self._stage = stage

        def __getattr__(self, name: str) -> Any:
            return getattr(self._stage, name)

        def undisturbed(self) -> Any:
            return nullcontext(enter_result=False)

    app, _ = slow_once(9)
    with running(app, "okta.oin.connect") as run:
        sequence = catalog().sequences["okta.spec"]
        outcomes = list(execute(sequence, run.scene(sequence, "x"), catalog(), Busy(run.stage)))
    findings = [finding for outcome in outcomes for finding in outcome.findings if outcome.step == "groups"]
    judged = {finding.requirement: finding.verdict for finding in findings}
    assert judged["spec-groups-in-time"] == Verdict.NOT_APPLICABLE
    assert judged["spec-groups-answered"] == Verdict.PASS
