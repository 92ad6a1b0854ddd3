from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.engine.kit import scimproof


def test_a_taken_port_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = scimproof(tmp_path, "load", "smoke", "--dashboard", port)
    assert ran.returncode == 2
    assert f"--dashboard {port}: cannot listen on port {port} of 127.0.0.1" in ran.stderr
    assert "nothing was sent" in ran.stderr
    assert ran.stdout == ""
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("--dashboard", "smoke"),
            "'smoke' is no port; a plan goes before it: scimproof load smoke --dashboard",
        ),
        (("smoke", "--dashboard", "99999"), "99999 should be a port from 1 to 65535"),
        (("--worker", "--master-host", "h", "--dashboard"), "--dashboard is for the master"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    words: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    ran = scimproof(tmp_path, "load", *words)
    assert (ran.returncode, says in ran.stderr) == (2, True), ran.stderr
