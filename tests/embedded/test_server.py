"""The target as a process: it starts, answers, ends with its parent, and stays on this machine."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from scimproof.embedded.app import build
from scimproof.embedded.server import Served, is_loopback, serve
from tests.waiting import HANG


def _get(served: Served, token: str) -> httpx2.Response:
    return httpx2.get(
        f"{served.base_url}/Users", headers={"Authorization": f"Bearer {token}"}, trust_env=False
    )


def test_answers_and_ends() -> None:
    """It takes its token, its faults and its delay, and is gone afterwards."""
    with Served(token="another", faults=["list-counters-are-text"], delay=0.02) as served:
        assert served.base_url.startswith("http://127.0.0.1:")
        assert served.base_url.endswith("/scim/v2")
        assert _get(served, "secret-token").status_code == 401
        answer = _get(served, served.token)
        assert answer.json()["totalResults"] == "0"
        assert answer.elapsed.total_seconds() > 0.02
        assert "another" not in _command_line(served.pid)
    assert not _alive(served.pid)


def test_keeps_connections_alive() -> None:
    """HTTP/1.1: several requests on one connection, empty answers among them."""
    with Served() as served, httpx2.Client(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {served.token}"}
        ports = set()
        for method, path in (("GET", "/Users"), ("DELETE", "/Users/x"), ("GET", "/Groups")):
            answer = client.request(method, served.base_url + path, headers=headers)
            ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
        assert len(ports) == 1


def test_ends_when_the_parent_is_killed() -> None:
    """Even by a signal that the parent cannot handle."""
    program = (
        "import time; from scimproof.embedded.server import Served\n"
        "with Served() as served: print(served.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert _alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    ends = time.monotonic() + HANG
    while _alive(child) and time.monotonic() < ends:
        time.sleep(0.02)
    assert not _alive(child)


def test_a_process_that_does_not_start_is_told() -> None:
    """An unknown fault is a usage error of the child."""
    with pytest.raises(RuntimeError), Served(faults=["no-such-fault"]):
        pass


def _started(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scimproof.embedded", "--while-stdin-open", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_it_ends_in_good_order_while_its_standard_input_is_open() -> None:
    """Whoever waits for that to close must not keep the interpreter from ending."""
    with _started("--fault", "no-such-fault") as process:
        assert process.wait(HANG) == 2
        assert process.stderr is not None
        assert "no fault is called" in process.stderr.read()


@pytest.mark.parametrize("how", ["interrupted", "orphaned"])
def test_it_ends_in_good_order_while_it_serves(how: str) -> None:
    with _started("--delay-ms", "20000") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        with suppress(httpx2.HTTPError):  # one request is under way when it ends
            httpx2.get(f"{url}/Users", timeout=0.5, trust_env=False)
        if how == "interrupted":
            process.send_signal(signal.SIGINT)
        else:
            process.stdin.close()
        assert process.wait(HANG) == 0
        assert "Fatal" not in process.stderr.read()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])  # noqa: S104
def test_refuses_other_addresses(host: str) -> None:
    """Loopback only."""
    assert not is_loopback(host)
    with pytest.raises(ValueError, match="loopback"):
        serve(host, 0, build(), ready=lambda _: None)


def _command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with suppress(OSError):
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    return True
