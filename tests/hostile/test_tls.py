"""TLS that is not trusted is explained, and becomes trusted or not by the option that fits."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from scimproof.core.errors import Exit
from tests.engine.kit import scimproof
from tests.hostile import servers
from tests.hostile.servers import Hostile, empty, hostile
from tests.hostile.test_wire import at, check

CONNECT = ("run", "okta.oin.connect")
YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@contextmanager
def secured(
    ca: trustme.CA, name: str = "localhost", *, expired: bool = False, client: bool = False, old: bool = False
) -> Iterator[Hostile]:
    """An empty SCIM server behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name, not_after=YESTERDAY if expired else None).configure_cert(context)
    if old:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if client:
        context.verify_mode = ssl.CERT_REQUIRED
        ca.configure_trust(context)
    with hostile(empty, tls=context) as server:
        yield server


def pem(folder: Path, ca: trustme.CA) -> str:
    path = folder / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return str(path)


def test_an_unknown_ca_names_the_option_that_fits(tmp_path: Path, ca: trustme.CA) -> None:
    with secured(ca) as server:
        ran = scimproof(tmp_path, *CONNECT, *at(server.url))
        assert server.requests == []
        check(ran, Exit.CANNOT_TELL, "--ca-bundle")
        ran = scimproof(tmp_path, *CONNECT, *at(server.url), "--ca-bundle", pem(tmp_path, ca))
        check(ran, Exit.HOLDS, "")
        ran = scimproof(tmp_path, *CONNECT, *at(server.url), "--insecure")
        check(ran, Exit.HOLDS, "not checked")
        assert '"insecure": true' in (tmp_path / "report/report.json").read_text()


def test_a_certificate_for_another_name(tmp_path: Path, ca: trustme.CA) -> None:
    with secured(ca, "elsewhere.example.com") as server:
        ran = scimproof(tmp_path, *CONNECT, *at(server.url), "--ca-bundle", pem(tmp_path, ca))
    check(ran, Exit.CANNOT_TELL, "another name")


def test_an_expired_certificate(tmp_path: Path, ca: trustme.CA) -> None:
    with secured(ca, expired=True) as server:
        ran = scimproof(tmp_path, *CONNECT, *at(server.url), "--ca-bundle", pem(tmp_path, ca))
    check(ran, Exit.CANNOT_TELL, "expired")


@pytest.mark.parametrize("old", [False, True])
def test_a_client_certificate_is_asked_for_and_shown(tmp_path: Path, ca: trustme.CA, old: bool) -> None:
    trust = ("--ca-bundle", pem(tmp_path, ca))
    mine = ca.issue_cert("okta@example.com")
    mine.private_key_and_cert_chain_pem.write_to_path(tmp_path / "mine.pem")
    with secured(ca, client=True, old=old) as server:
        ran = scimproof(tmp_path, *CONNECT, *at(server.url), *trust)
        check(ran, Exit.CANNOT_TELL, "--client-cert")
        ran = scimproof(
            tmp_path, *CONNECT, *at(server.url), *trust, "--client-cert", str(tmp_path / "mine.pem")
        )
        check(ran, Exit.HOLDS, "")


def test_certificate_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("not a certificate")
    for option in ("--ca-bundle", "--client-cert"):
        ran = scimproof(tmp_path, *CONNECT, *at("https://localhost:9"), option, "none.pem")
        check(ran, Exit.USAGE, "none.pem")


def test_http_and_https_mixed_up(tmp_path: Path, ca: trustme.CA) -> None:
    with secured(ca) as server:
        ran = scimproof(tmp_path, *CONNECT, *at(server.url.replace("https", "http")))
        check(ran, Exit.CANNOT_TELL, "https:// instead of http://")
    with hostile(empty) as server:
        ran = scimproof(tmp_path, *CONNECT, *at(server.url.replace("http", "https"), seconds=2))
        check(ran, Exit.CANNOT_TELL, "http:// instead of https://")


def test_nobody_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ran = scimproof(tmp_path, *CONNECT, *at(f"http://127.0.0.1:{port}/scim/v2"))
    check(ran, Exit.CANNOT_TELL, "refuses the connection")
    ran = scimproof(tmp_path, *CONNECT, "--yes", *at("https://no-such-host.invalid/scim/v2"))
    check(ran, Exit.CANNOT_TELL, "DNS")


def test_doctor_says_where_scim_is(tmp_path: Path) -> None:
    def only_there(connection: socket.socket, raw: bytes) -> None:
        lost = servers.says("404 Not Found", "{}")
        (empty if raw.startswith(b"GET /scim/v2/Users?") else lost)(connection, raw)

    with hostile(only_there) as server:
        ran = scimproof(tmp_path, "doctor", *at(server.url.replace("/scim/v2", "/api"))[:4])
        assert ran.returncode == Exit.CANNOT_TELL
        assert f"--target {server.url}" in ran.stdout
        ran = scimproof(tmp_path, "doctor", "--target", server.url)
        assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert all(raw.startswith(b"GET ") and b"startIndex=1&count=2" in raw for raw in server.requests)
