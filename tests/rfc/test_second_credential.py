"""What a second credential may see and change, where tenants are told apart and where they are not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from tests.matrix.inprocess import TOKEN
from tests.rfc.play import BAD, play

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECOND = "token-of-somebody-else"
ERROR = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "403", "detail": "Not yours."}


def separating(app: WSGIApplication, *, status: str, challenge: str) -> WSGIApplication:
    """The target with a second tenant, who may touch nothing of the first one's."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not environ.get("HTTP_AUTHORIZATION", "").endswith(SECOND):
            return app(environ, start)
        body = json.dumps({**ERROR, "status": status[:3]}).encode()
        headers = [("Content-Type", "application/scim+json"), ("Content-Length", str(len(body)))]
        start(status, headers + ([("WWW-Authenticate", challenge)] if challenge else []))
        return [body]

    return answer


def sharing(app: WSGIApplication) -> WSGIApplication:
    """The target takes the second token for the first one's."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_AUTHORIZATION", "").endswith(SECOND):
            environ["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
        return app(environ, start)

    return answer


def asked(app: WSGIApplication) -> dict[str, Verdict]:
    return {one.id: one.verdict for one in play(app, "rfc.auth.second", second=SECOND).findings}


def test_a_tenant_who_is_refused_breaks_nothing() -> None:
    challenge = 'Bearer realm="scim", error="insufficient_scope"'
    app = separating(build(token=TOKEN), status="403 Forbidden", challenge=challenge)
    found = asked(app)
    assert found["rfc.auth.second/read#rfc7644-2-policy"] is Verdict.PASS
    assert found["rfc.auth.second/change#rfc6750-3.1-scope"] is Verdict.PASS
    assert found["rfc.auth.second/next-page#rfc9865-5-no-wider"] is Verdict.PASS
    assert set(found.values()) <= {Verdict.PASS, Verdict.NOT_APPLICABLE}


def test_nobody_is_there_for_another_tenant() -> None:
    app = separating(build(token=TOKEN), status="404 Not Found", challenge="")
    assert play(app, "rfc.auth.second", second=SECOND).told(*BAD) == []


def test_a_credential_that_is_none_here_tells_nothing() -> None:
    assert play(build(token=TOKEN), "rfc.auth.second", second=SECOND).told(*BAD) == []


def test_a_tenant_who_sees_and_changes_it_is_shown() -> None:
    found = asked(sharing(build(token=TOKEN)))
    failed = {id for id, verdict in found.items() if verdict is Verdict.FAIL}
    assert {
        "rfc.auth.second/read#rfc7644-2-policy",
        "rfc.auth.second/read#rfc7643-3.1-external-id-own",
        "rfc.auth.second/change#rfc7644-2-policy",
        "rfc.auth.second/unchanged#rfc7644-2-policy",
        "rfc.auth.second/next-page#rfc9865-5-no-wider",
    } <= failed
