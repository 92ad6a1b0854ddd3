"""No secret that passes a recording proxy comes out: the capture, what is printed, what is shared later."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scimproof.capture.proxy.recording import RecordingProxy
from tests.canary.echo import echoing, spelled
from tests.canary.leaks import leaks, leaks_in
from tests.canary.test_canary import HEADER, IDS, TOKEN, WAYS, options, secrets
from tests.capture.proxy.raw import Peer, client, raw_server
from tests.cli.commands.capture.test_record import recorded
from tests.engine.kit import scimproof

PASSWORD = 'pUsh3d"w0rd\\<&>+ß/=%41'
ASKED = b"POST /scim/v2/Users?access_token=%s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n"


FOR_NOW = {("bearer", "some"), ("basic", "errors")}


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        pytest.param(name, mode, marks=() if (name, mode) in FOR_NOW else pytest.mark.nightly)
        for name in ("bearer", "basic", "header")
        for mode in ("some", "errors", "broken")
    ],
)
def test_a_run_through_the_proxy_leaves_no_secret_in_the_capture(
    name: str, mode: str, tmp_path: Path
) -> None:
    """The target repeats all that it is told, in every spelling, wherever an answer can carry text."""
    way = WAYS[name]
    with echoing(mode) as echo, recorded(tmp_path, echo.url) as run:
        where = echo.url
        echo.url = run.url
        words = options(echo, way)
        echo.url = where
        ran = scimproof(tmp_path, "run", *IDS, *words, more=secrets(way))
        assert ran.returncode in (1, 3), ran.stderr
        run.end()
        assert run.code == 0, run.err
        told = echo.told | {*way.secrets.values(), HEADER}
        assert leaks(run.out + run.err + run.said, told) == []
        assert leaks_in(tmp_path / "capture", told) == {}
        if mode != "broken":
            assert next((tmp_path / "capture").iterdir()).stat().st_size > 5000


def chunked(body: bytes) -> bytes:
    """The body in chunks of three bytes."""
    return b"".join(
        b"%x\r\n%s\r\n" % (len(body[at : at + 3]), body[at : at + 3]) for at in range(0, len(body), 3)
    ) + (b"0\r\nX-Trailer: " + json.dumps(PASSWORD, ensure_ascii=True).encode() + b"\r\n\r\n")


FRAMES: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "plain": (b"", lambda body: body),
    "chunked": (b"Transfer-Encoding: chunked\r\n", chunked),
    "gzip": (b"Content-Encoding: gzip\r\n", gzip.compress),
    "gzip in chunks": (
        b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        lambda body: chunked(gzip.compress(body)),
    ),
    "what nobody can read": (b"Content-Encoding: br\r\n", lambda body: body),
    "what only says that it is packed": (b"Content-Encoding: gzip\r\n", lambda body: body),
    "what only says that it is in chunks": (b"Transfer-Encoding: chunked\r\n", lambda body: body),
    "UTF-16": (
        b"Content-Type: application/json; charset=utf-16\r\n",
        lambda body: body.decode().encode("utf-16"),
    ),
    "UTF-16 unsaid": (b"", lambda body: body.decode().encode("utf-16-le")),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_no_framing_and_no_coding_hides_a_secret(frame: str, tmp_path: Path) -> None:
    header, framed = FRAMES[frame]
    user = {"userName": "ada", "password": PASSWORD, "inside": json.dumps({"password": PASSWORD})}
    asked = framed(json.dumps(user).encode())
    echoed = framed(json.dumps({"detail": " ".join(map(str, spelled(PASSWORD) + spelled(TOKEN)))}).encode())
    head = ASKED % (b"abcdEFGH%2B12", TOKEN.encode()) + header
    lengths = [
        b"" if b"chunked" in header else b"Content-Length: %d\r\n" % len(body) for body in (asked, echoed)
    ]
    request = head + lengths[0] + b"\r\n" + asked
    answer = b"HTTP/1.1 400 No\r\n" + header + lengths[1] + b"\r\n" + echoed

    def script(peer: Peer) -> None:
        peer.expect(len(request))
        peer.send(answer)
        peer.rest()

    seen: list[object] = []
    with (
        raw_server(script) as server,
        RecordingProxy(server.url, tmp_path, recorded=seen.append) as proxy,
        client(proxy.port) as peer,
    ):
        peer.send(request.replace(b"Host: h", b"Host: 127.0.0.1:%d" % server.port))
        peer.expect(len(answer))
    assert leaks_in(tmp_path, [PASSWORD, TOKEN, "abcdEFGH+12"]) == {}
    assert len(seen) == 1 or "only says that it is in" in frame


def test_what_is_made_of_a_capture_gives_nothing_away(tmp_path: Path) -> None:
    """A capture of a server that repeats all it is told: learnt, shared, made into files, played again."""
    way = WAYS["bearer"]
    with echoing("some") as echo:
        with recorded(tmp_path, echo.url) as run:
            where, echo.url = echo.url, run.url
            words = options(echo, way)
            echo.url = where
            scimproof(tmp_path, "run", *IDS, *words, more=secrets(way))
            run.end()
        made = (
            ("learn", "capture", "--out", "learnt", "--write", "files"),
            ("learn", "capture", "--app", "app.toml"),
            ("learn", "capture", "--plan", "plan.toml"),
            ("learn", "capture", "--share", "shared", "--leave-out"),
            ("replay", "capture", *options(echo, way), "--out", "replayed"),
        )
        for command in made:
            before = set(echo.told)
            echo.told.clear()  # what another process was told is nothing that this one could know
            ran = scimproof(tmp_path, *command, more=secrets(way))
            assert ran.returncode in (0, 1, 2, 3), ran.stderr
            assert "Traceback" not in ran.stderr
            told = echo.told | {*way.secrets.values(), HEADER}
            assert leaks(ran.stdout + ran.stderr, told) == [], command
            assert leaks_in(tmp_path, told) == {}, command
            assert command[0] == "replay" or leaks_in(tmp_path, told | before) == {}, command
    for name in ("learnt/learn.json", "learnt/learn.html", "replayed/report.json", "replayed/report.html"):
        assert (tmp_path / name).stat().st_size > 1000, name
