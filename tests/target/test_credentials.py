"""Each way of being let in, and what is said when it cannot work."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from scimproof.core.errors import CannotTell, Exit, RunStopped, UsageError
from scimproof.embedded.app import build
from scimproof.session.session import Options, Session
from scimproof.target.credentials import Basic, Bearer, ClientCredentials, HeaderValue, header_value
from scimproof.target.options import TargetOptions
from scimproof.target.target import Target, parse_header, parse_url
from scimproof.target.token_endpoint import TokenEndpoint, token_url
from tests.engine.kit import recording, scimproof
from tests.hostile.servers import Hostile, hostile, says

URL = "http://127.0.0.1:9/scim/v2"
SECRET = "s3cr3t/with+odd chars"


def header(environment: dict[str, str], **access: object) -> str:
    return TargetOptions(url=URL, **access).target(environment).credentials.authorization()  # type: ignore[arg-type]


def test_each_kind_makes_its_header(tmp_path: Path) -> None:
    assert header({"SCIMPROOF_TOKEN": "abc"}) == "Bearer abc"
    assert header({"SCIMPROOF_TOKEN": "Bearer abc"}) == "Bearer abc"
    assert header({"SCIMPROOF_TOKEN": "abc"}, auth="header") == "abc"
    assert header({"SCIMPROOF_TOKEN": "Bearer abc"}, auth="header") == "Bearer abc"
    basic = {"SCIMPROOF_USER": "kim", "SCIMPROOF_PASSWORD": "pä:ss"}
    assert base64.b64decode(header(basic, auth="basic")[6:]).decode() == "kim:pä:ss"
    (tmp_path / "token").write_text("from-file\r\n")
    assert header({"SCIMPROOF_TOKEN": "x"}, token_file=tmp_path / "token") == "Bearer from-file"


@pytest.mark.parametrize("token", ["", "  ", "a\nb", "a\r\nX-Evil: 1", "a\x00b", "tokén-€", " a", "a "])
def test_a_token_that_no_header_can_carry_is_a_usage_error(token: str) -> None:
    with pytest.raises(UsageError):
        header_value(token, "the token")


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        ((), {}, "SCIMPROOF_TOKEN"),
        ((), {"SCIMPROOF_TOKEN": "a\nb"}, "line break"),
        ((), {"SCIMPROOF_TOKEN": "€"}, "Latin-1"),
        (("--auth", "basic"), {"SCIMPROOF_PASSWORD": "x"}, "SCIMPROOF_USER"),
        (("--auth", "basic"), {"SCIMPROOF_USER": "x"}, "SCIMPROOF_PASSWORD"),
        (("--auth", "oauth"), {"SCIMPROOF_CLIENT_SECRET": "x"}, "--token-url"),
        (
            ("--token-url", "http://example.com/t", "--client-id", "a"),
            {"SCIMPROOF_CLIENT_SECRET": "x"},
            "https",
        ),
        (("--token-url", "https://example.com/t", "--client-id", "a"), {}, "SCIMPROOF_CLIENT_SECRET"),
        (("--token-url", "https://example.com/t", "--auth", "basic"), {}, "--auth oauth"),
        (("--client-key", "key.pem"), {"SCIMPROOF_TOKEN": "x"}, "--client-cert"),
        (("--header", "Authorization: x"), {"SCIMPROOF_TOKEN": "x"}, "every request has that header already"),
        (("--header", "no colon"), {"SCIMPROOF_TOKEN": "x"}, "Name: value"),
        (("--header", "X-A: ü€"), {"SCIMPROOF_TOKEN": "x"}, "Latin-1"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], told: str
) -> None:
    (tmp_path / "key.pem").write_text("x")
    ran = scimproof(tmp_path, "run", "--target", URL, *arguments, more=environment)
    assert ran.returncode == Exit.USAGE, ran.stderr
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_headers_and_urls() -> None:
    assert parse_header("X-Tenant:  a: b ") == ("X-Tenant", "a: b")
    assert parse_url(" https://h.example.com/scim/v2/ ") == "https://h.example.com/scim/v2"
    for text in (
        "h.example.com",
        "ftp://h",
        "https://u:p@h/",
        "https://h/?a=1",
        "https://h/#a",
        "https://h/ü",
    ):
        with pytest.raises(UsageError) as problem:
            parse_url(text)
        assert "u:p" not in str(problem.value)


def test_nobody_prints_what_they_hold() -> None:
    for held in (
        Bearer(SECRET),
        HeaderValue(SECRET),
        Basic("kim", SECRET),
        ClientCredentials(lambda _: {}, SECRET),
    ):
        assert SECRET not in repr(held)
        assert SECRET in held.secrets()
        assert SECRET not in repr(Target(URL, held))


@dataclass
class Issuer:
    """A token endpoint that gives token-1, token-2, ... for so many seconds each."""

    lifetime: object = 3600
    in_form_only: bool = False
    given: int = 0
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, connection: socket.socket, raw: bytes) -> None:
        head, _, body = raw.partition(b"\r\n\r\n")
        form = parse_qs(body.decode())
        with self.lock:
            self.heads.append(head.decode())
            self.forms.append(form)
            if self.in_form_only and "client_secret" not in form:
                says("401 Unauthorized", '{"error": "invalid_client"}')(connection, raw)
                return
            self.given += 1
            token = {
                "access_token": f"token-{self.given}",
                "token_type": "Bearer",
                "expires_in": self.lifetime,
            }
        says("200 OK", json.dumps(token))(connection, raw)


@contextmanager
def issuing(issuer: Issuer) -> Iterator[Hostile]:
    with hostile(issuer) as server:
        yield server


def credentials(server: Hostile, **more: object) -> ClientCredentials:
    endpoint = TokenEndpoint(server.url, "kim&co", SECRET, like=Target(URL))
    return ClientCredentials(endpoint, SECRET, scope="scim", **more)  # type: ignore[arg-type]


def test_a_token_is_asked_for_once_and_renewed_before_it_expires() -> None:
    now = [0.0]
    issuer = Issuer(lifetime="600")
    with issuing(issuer) as server:
        held = credentials(server, clock=lambda: now[0])
        assert [held.authorization(), held.authorization()] == ["Bearer token-1"] * 2
        now[0] = 539
        assert held.authorization() == "Bearer token-1"
        now[0] = 541
        assert held.authorization() == "Bearer token-2"
    assert issuer.forms[0] == {"grant_type": ["client_credentials"], "scope": ["scim"]}
    sent = base64.b64decode(
        issuer.heads[0].partition("Authorization: Basic ")[2].partition("\r\n")[0]
    ).decode()
    assert sent == "kim%26co:s3cr3t%2Fwith%2Bodd+chars"
    assert {"token-1", "token-2", SECRET} <= set(held.secrets())


@pytest.mark.parametrize("told", [None, "soon", -1, 10**400, {"a": 1}])
def test_a_lifetime_that_is_none_counts_as_an_hour(told: object) -> None:
    now = [0.0]
    with issuing(Issuer(lifetime=told)) as server:
        held = credentials(server, clock=lambda: now[0])
        held.authorization()
        now[0] = 3500
        assert held.authorization() == "Bearer token-1"


def test_an_endpoint_that_wants_the_secret_in_the_form_gets_it_there() -> None:
    issuer = Issuer(in_form_only=True)
    with issuing(issuer) as server:
        held = credentials(server, clock=iter((0.0, 0.0, 9999.0, 9999.0, 9999.0)).__next__)
        assert held.authorization() == "Bearer token-1"
        assert held.authorization() in ("Bearer token-1", "Bearer token-2")
    assert issuer.forms[1]["client_secret"] == [SECRET]
    assert "Authorization" not in issuer.heads[1]
    assert all("client_secret" in form for form in issuer.forms[1:])


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (
            "400 Bad Request",
            '{"error": "invalid_scope", "error_description": "SECRET"}',
            "invalid_scope; check --scope",
        ),
        ("401 Unauthorized", '{"error": "SECRET"}', "it answered 401"),
        ("302 Found", "SECRET", "redirect"),
        ("200 OK", '{"token": "SECRET"}', "no access_token"),
        ("200 OK", "<html>SECRET", "not a JSON object"),
        ("200 OK", '{"access_token": "SECRET\\n"}', ""),
        ("200 OK", '{"access_token": "a\\nSECRET"}', "no header can carry it"),
        ("500 Internal Server Error", "SECRET", "it answered 500"),
    ],
)
def test_an_endpoint_that_refuses_is_told_of_without_its_words(status: str, body: str, told: str) -> None:
    with hostile(says(status, body, "Location: http://localhost:9/")) as server:
        held = credentials(server)
        if not told:
            assert held.authorization() == "Bearer SECRET"
            return
        with pytest.raises(CannotTell) as problem:
            held.authorization()
    assert told in str(problem.value)
    assert "SECRET" not in str(problem.value)
    assert SECRET not in str(problem.value)


def test_token_urls() -> None:
    assert token_url("https://h.example.com/t?x=1") == "https://h.example.com/t?x=1"
    assert token_url("http://127.0.0.1:1/t") == "http://127.0.0.1:1/t"
    for text in ("h/t", "http://h.example.com/t", "https://u:p@h/t"):
        with pytest.raises(UsageError):
            token_url(text)


def oauth(url: str, server: Hostile) -> Session:
    access = TargetOptions(url=url, token_url=server.url, client_id="kim")
    options = Options(wanted=("okta.oin.user.create", "okta.oin.user.deactivate"), access=access, parallel=1)
    return Session(options, environment={"SCIMPROOF_CLIENT_SECRET": SECRET})


def test_a_run_takes_the_newest_token_for_each_request() -> None:
    app = build(token="unused")
    app.check_auth = lambda _: None  # type: ignore[attr-defined]
    with issuing(Issuer(lifetime=0.000001)) as server, recording(app) as target:
        with oauth(target.url, server) as session:
            session.preflight()
            assert all(outcome.exchanges for outcome in session.play() if "answers" not in outcome.sequence)
        tokens = {raw.partition(b"Bearer ")[2].partition(b"\r\n")[0] for raw in target.arrived}
    assert len(tokens) > 5


def test_a_renewal_that_fails_stops_the_run_and_is_no_failure_of_the_target() -> None:
    issuer = Issuer(lifetime=0.000001)

    def fades(connection: socket.socket, raw: bytes) -> None:
        lost = says("503 Service Unavailable", "SECRET")
        (lost if issuer.given > 6 else issuer)(connection, raw)

    app = build(token="unused")
    app.check_auth = lambda _: None  # type: ignore[attr-defined]
    with hostile(fades) as server, recording(app) as target, oauth(target.url, server) as session:
        session.preflight()
        list(session.play())
        session.tidy()
        report = session.report()
    assert report["result"] == "inconclusive"
    assert "503" in report["stop"]
    assert "SECRET" not in json.dumps(report)
    assert {f["verdict"] for f in report["findings"]} <= {"pass", "inconclusive", "not-applicable"}
    assert report["ledger"]["left"]
    with pytest.raises(RunStopped):
        session.run.stage.authorization()
