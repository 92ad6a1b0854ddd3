"""A second token, of another tenant, sees and changes nothing; and nothing of that tenant's is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scimproof.core.results import Verdict
from scimproof.embedded.app import build
from scimproof.engine.other_tenant import NONE_GIVEN
from scimproof.target.credentials import Bearer
from scimproof.target.target import Target
from tests.matrix.inprocess import BASE, TOKEN
from tests.right.kit import Kept, Played, played

OTHER = "the-other-token"
SEQUENCES = ("okta.oin.other-token", "okta.aiw.other-token")
SEES, REFUSED, CHANGES = (
    f"okta-other-tenant-{what}" for what in ("sees-nothing", "refused", "changes-nothing")
)


class Tenants:
    """Two tenants of one server; `leaks` says which requests of the other one reach the first."""

    def __init__(
        self, leaks: Callable[[str, str], bool] = lambda *_: False, *, stranger: bool = False
    ) -> None:
        self.own, self.other = build(token=TOKEN), build(token=OTHER)
        self.leaks, self.stranger = leaks, stranger
        self.written: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {OTHER}":
            return self.own(environ, start)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method != "GET":
            self.written.append(path)
        if self.stranger and "/Users/" in path:
            body = json.dumps({"id": path.rpartition("/")[2], "userName": "somebody@example.org"}).encode()
            start("200 OK", [("Content-Type", "application/scim+json"), ("Content-Length", str(len(body)))])
            return [body]
        if self.leaks(method, path):
            return self.own(environ | {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, start)
        return self.other(environ, start)


def run(app: Any) -> Played:
    target = Target(BASE, Bearer(TOKEN), other=Bearer(OTHER))
    return played(app, *SEQUENCES, target=target, transport=Kept(app, target))


def failed(found: Played) -> set[str]:
    """What fails, by sequence, step and rule."""
    return {finding.id for finding in found.findings if finding.verdict is Verdict.FAIL}


def test_tenants_that_are_apart() -> None:
    app = Tenants()
    found = run(app)
    assert found.loud == []
    assert {f.verdict for f in found.findings if "other-tenant" in f.requirement} == {Verdict.PASS}
    assert len(app.written) == 2  # the deactivations were tried


def test_a_server_that_knows_no_such_token() -> None:
    assert run(build(token=TOKEN)).loud == []


def test_without_a_token_nothing_is_asked() -> None:
    app = build(token=TOKEN)
    found = played(app, *SEQUENCES)
    told = [finding for finding in found.findings if finding.sequence in SEQUENCES]
    assert {(finding.verdict, finding.observed) for finding in told} == {(Verdict.NOT_APPLICABLE, NONE_GIVEN)}
    assert found.sent == []


def test_one_directory_for_all_tenants() -> None:
    found = run(Tenants(lambda *_: True))
    assert failed(found) >= {
        f"{sequence}/{finding}"
        for sequence in SEQUENCES
        for finding in (
            f"search#{SEES}",
            f"list#{SEES}",
            f"read#{SEES}",
            f"deactivate#{REFUSED}",
            f"read-back#{CHANGES}",
        )
    }


@pytest.mark.parametrize(
    ("leaks", "steps"),
    [
        (lambda _, path: path.endswith("/Users"), {"search", "list"}),
        (lambda method, path: method == "GET" and "/Users/" in path, {"read"}),
    ],
    ids=["lists", "reads"],
)
def test_what_is_seen_is_told_where_it_is_seen(leaks: Callable[[str, str], bool], steps: set[str]) -> None:
    assert failed(run(Tenants(leaks))) == {f"{one}/{step}#{SEES}" for one in SEQUENCES for step in steps}


def test_a_change_that_is_let_in_though_nothing_is_seen() -> None:
    found = failed(run(Tenants(lambda method, _: method in ("PATCH", "PUT"))))
    steps = (f"deactivate#{REFUSED}", f"read-back#{CHANGES}")
    assert found == {f"{sequence}/{step}" for sequence in SEQUENCES for step in steps}


def test_somebody_of_the_other_tenant_who_has_the_same_id_is_not_touched() -> None:
    app = Tenants(stranger=True)
    found = run(app)
    assert app.written == []
    assert failed(found) == set()


def test_no_exchange_that_is_kept_has_the_token() -> None:
    found = run(Tenants(lambda *_: True))
    kept = [exchange for outcome in found.outcomes for exchange in outcome.exchanges]
    assert kept
    assert not any(OTHER.encode() in exchange.request.wire() for exchange in kept)
    assert any(OTHER.encode() in request.wire() for request in found.sent)  # it did go out
