"""The dashboard over plain sockets: who is answered, what is refused, and that nobody holds the run up."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest

from scimproof.core.errors import UsageError
from scimproof.load.dashboard.feed import RunFeed
from scimproof.load.dashboard.server import HOST, DashboardServer
from tests.load.dashboard.test_feed import tick

PAGE, POLICY = "<!doctype html><title>a run</title>", "default-src 'none'"
HANG = 30.0  # seconds


@contextmanager
def serving(feed: RunFeed) -> Iterator[str]:
    with DashboardServer(feed, PAGE, POLICY) as server:
        yield server.url


def get(url: str, host: str = HOST, method: str = "GET") -> httpx2.Response:
    return httpx2.request(method, url, headers={"Host": host}, verify=False)


@contextmanager
def watching(url: str) -> Iterator[Iterator[dict[str, Any]]]:
    """The messages of the stream, one after another."""
    with httpx2.stream("GET", f"{url}events", timeout=HANG, verify=False) as answer:
        lines = answer.iter_lines()
        yield (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def test_the_page_comes_with_headers_that_keep_it_to_itself() -> None:
    with serving(RunFeed()) as url:
        answer = get(url)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_name_that_is_not_this_machine_s_is_refused() -> None:
    """A page that has its own name lead to 127.0.0.1 reads nothing (DNS rebinding)."""
    with serving(RunFeed()) as url:
        for host in ("evil.example", "127.0.0.1.evil.example:80", "", "10.0.0.1"):
            for path in ("", "events"):
                answer = get(url + path, host)
                assert (answer.status_code, "this machine only" in answer.text) == (421, True), host


def test_this_machine_s_names_are_taken_with_any_port_as_a_tunnel_has_another() -> None:
    with serving(RunFeed()) as url:
        for host in ("localhost", "LOCALHOST:9", "127.0.0.1:80", "[::1]:8080"):
            assert get(url, host).status_code == 200


def test_nothing_else_is_there_and_nothing_can_be_changed() -> None:
    with serving(RunFeed()) as url:
        assert get(f"{url}load.json").status_code == 404
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert get(url, method=method).status_code == 501


def test_a_taken_port_is_refused_in_a_sentence() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"cannot listen on port {port} .*\(nothing was sent\)"):
            DashboardServer(RunFeed(), PAGE, POLICY, port)


def test_everybody_sees_every_row_from_the_first_on_and_the_end() -> None:
    feed = RunFeed()
    with serving(feed) as url, ExitStack() as stack:
        feed.hear(tick(1.0))
        early = stack.enter_context(watching(url))
        assert [one["at"] for one in next(early)["points"]] == [1.0]
        for at in (2.0, 3.0):
            feed.hear(tick(at))
        late = stack.enter_context(watching(url))
        assert [one["at"] for one in next(late)["points"]] == [1.0, 2.0, 3.0]
        feed.end("pass", "all limits held.", "/there/load.html")
        for one in (early, late):
            *_, last = one  # the stream ends by itself
            assert last["ended"]["result"] == "pass"
            assert last["row"]["at"] == 3.0


def test_a_command_that_ends_otherwise_says_so() -> None:
    with ExitStack() as stack:
        with serving(RunFeed()) as url:
            stream = stack.enter_context(watching(url))
            assert next(stream)["ended"] is None
        assert "without a result" in list(stream)[-1]["ended"]["why"]


def test_a_browser_gets_at_most_one_message_for_many_events() -> None:
    feed = RunFeed()
    with serving(feed) as url, watching(url) as stream:
        next(stream)
        for done in range(1000):
            feed.hear({"event": "prefill", "done": done, "of": 1000})
        told = [next(stream)["stage"]["done"]]
        feed.end("", "over.")
        told += [one["stage"]["done"] for one in stream]
    assert told[-1] == 999
    assert len(told) <= 3


def test_browsers_that_never_read_or_go_away_hold_nothing_up() -> None:
    feed = RunFeed()
    wide = [{"id": f"a/{n}#p95_ms", "limit": 1.0, "value": 2.0, "verdict": "broken"} for n in range(12)]
    with serving(feed) as url, socket.create_connection((HOST, httpx2.URL(url).port or 0)) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.sendall(f"GET /events HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        with watching(url) as gone:
            next(gone)
        for at in range(1, 3000):
            feed.hear(tick(float(at), thresholds=wide))
        with watching(url) as stream:
            assert next(stream)["row"]["at"] == 2999.0
