"""`scimproof record` as it is typed: what it says, what it writes, how it ends."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.reader import Capture
from scimproof.core.errors import Exit
from tests.capture.proxy.raw import raw_server
from tests.capture.proxy.test_recording_connections import answering_any
from tests.engine.kit import TOKEN, command, environment, recording, scimproof
from tests.waiting import HANG

PASSWORD = "Winter-2026-Winter"


class Recorded:
    """A recording under way, and what it printed once it has ended."""

    def __init__(self, process: subprocess.Popen[str], said: str, url: str) -> None:
        self.process, self.said, self.url = process, said, url
        self.out = self.err = ""
        self.code = -1

    def ask(self, method: str, path: str, body: str = "") -> int:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=HANG)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
        connection.request(method, parts.path + path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def end(self, number: int = signal.SIGINT) -> None:
        self.process.send_signal(number)
        self.out, self.err = self.process.communicate(timeout=HANG)
        self.code = self.process.returncode


@contextmanager
def recorded(folder: Path, target: str, *words: str) -> Iterator[Recorded]:
    """A recording in that folder, on a free port, that can be asked."""
    listen = () if "--listen" in words else ("--listen", "127.0.0.1:0")
    process = subprocess.Popen(
        command("record", "--target", target, *listen, *words),
        cwd=folder,
        env=environment(folder, {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        said = ""
        while "Ctrl-C ends it." not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        found = re.search(r"this base URL: (\S+)", said)
        assert found
        yield Recorded(process, said, found[1])
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def in_folder(folder: Path) -> list[CapturedExchange]:
    return [one for one in Capture(folder) if isinstance(one, CapturedExchange)]


def test_what_passes_is_told_and_written_and_summed_up(tmp_path: Path) -> None:
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "a@example.com"}
    body = json.dumps({**user, "password": PASSWORD})
    with recording() as server, recorded(tmp_path, server.url) as run:
        assert run.url.endswith(urlsplit(server.url).path)
        assert run.ask("GET", "/Users?filter=userName%20eq%20%22a%22&count=2") == 200
        assert run.ask("POST", "/Users", body) == 201
        run.end()
        assert server.url.partition("//")[2].partition("/")[0].encode() in server.arrived[0]
    assert run.code == Exit.HOLDS, run.out + run.err
    lines = run.out.splitlines()
    assert re.search(r"#1 +GET /Users\?count&filter +200 +\d+ ms +[\d,]+ B", lines[0])
    assert re.search(r"#2 +POST /Users +201 .*masked: .*password", lines[1])
    assert "2 exchanges over 2 connections." in run.out
    assert "POST /Users  (201 x 1)" in run.out
    (file,) = (tmp_path / "capture").iterdir()
    assert f"Next: scimproof learn capture/{file.name}" in run.out
    for text in (file.read_text(), run.out, run.err, run.said):
        assert PASSWORD not in text
        assert TOKEN not in text
    assert [one.status for one in in_folder(tmp_path / "capture")] == [200, 201]


def test_quiet_prints_no_line_for_an_exchange(tmp_path: Path) -> None:
    with (
        raw_server(answering_any) as server,
        recorded(tmp_path, server.url, "--quiet", "--out", "there") as run,
    ):
        assert run.ask("GET", "/Users") == 200
        run.end(signal.SIGTERM)
    assert run.code == Exit.HOLDS
    assert run.out.startswith("1 exchange over 1 connection.")
    assert len(in_folder(tmp_path / "there")) == 1


def test_a_target_that_is_away_is_told_live(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with recorded(tmp_path, f"http://127.0.0.1:{port}/scim") as run:
        assert run.ask("GET", "/Users") == 502
        run.end()
    assert run.code == Exit.HOLDS
    assert "no connection to the target: connection refused; scimproof answered 502 for it" in run.out
    assert "1 exchange without a complete answer" in run.out


def test_control_characters_of_a_sender_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with raw_server(answering_any) as server, recorded(tmp_path, server.url) as run:
        parts = urlsplit(run.url)
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=HANG) as peer:
            peer.sendall(b"GET /scim/v2/\x1b[31mUsers\x07 HTTP/1.1\r\nHost: h\r\n\r\n")
            assert peer.recv(100)
        run.end()
    assert "\x1b" not in run.out
    assert "\x07" not in run.out
    assert "Users" in run.out


def test_headers_can_be_hidden_and_the_host_kept(tmp_path: Path) -> None:
    words = ("--hide", "X-Tenant", "--hide", "x-other", "--keep-host", "--listen", "[::1]:0")
    if not socket.has_ipv6:
        words = (*words[:-1], "127.0.0.1:0")
    with raw_server(answering_any) as server, recorded(tmp_path, server.url, *words) as run:
        parts = urlsplit(run.url)
        request = b"GET /a HTTP/1.1\r\nHost: mine\r\nx-tenant: acme-corporation\r\nX-Other: o-1-2-3\r\n\r\n"
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=HANG) as peer:
            peer.sendall(request)
            assert peer.recv(100)
        run.end()
    assert server.peers[0].got == request
    (exchange,) = in_folder(tmp_path / "capture")
    assert exchange.request.header("X-Tenant") == "*" * 16
    assert exchange.request.header("X-Other") == "*" * 7


def test_another_address_than_loopback_is_warned_about(tmp_path: Path) -> None:
    with recorded(tmp_path, "http://127.0.0.1:9/scim", "--listen", "0.0.0.0:0") as run:
        assert "Others than this machine can reach port" in run.said
        run.end()
    assert "Nothing came." in run.err


def test_nothing_that_cannot_work_is_begun(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        good = ("--target", "http://127.0.0.1:9/scim", "--listen", "127.0.0.1:0")
        for words, said in (
            ((), "which server?"),
            (("--target", "host/scim"), "is not a URL"),
            (("--target", "http://u:p@host/scim"), "credentials do not belong into --target"),
            ((*good[:2], "--listen", "8484"), "it looks like 127.0.0.1:8484"),
            ((*good[:2], "--listen", "[::1"), "it looks like 127.0.0.1:8484"),
            ((*good[:2], "--listen", "127.0.0.1:99999"), "a port is at most 65535"),
            ((*good[:2], "--listen", f"127.0.0.1:{port}"), f"cannot listen on 127.0.0.1:{port}"),
            ((*good, "--out", "file/below"), "nothing can be written there"),
            ((*good, "--listen-key", "file"), "--listen-key needs --listen-cert"),
            ((*good, "--listen-cert", "file"), "the certificate files of --listen cannot be used"),
        ):
            ran = scimproof(tmp_path, "record", *words)
            assert ran.returncode == Exit.USAGE, words
            assert said in ran.stderr, (words, ran.stderr)
            assert "Traceback" not in ran.stderr


def test_the_proxy_that_dies_is_told_and_what_came_is_kept(tmp_path: Path) -> None:
    with raw_server(answering_any) as server, recorded(tmp_path, server.url) as run:
        assert run.ask("GET", "/Users") == 200
        children = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children")
        if not children.exists():
            pytest.skip("the system does not say which processes are whose")
        (pid,) = children.read_text().split()
        subprocess.run(["kill", "-KILL", pid], check=True)
        run.out, run.err = run.process.communicate(timeout=HANG)
    assert run.process.returncode == Exit.TROUBLE
    assert "the process that forwards ended by itself" in run.err
    assert len(in_folder(tmp_path / "capture")) == 1
