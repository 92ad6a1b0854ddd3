"""`make bench-record`: what the recording proxy adds to an answer, beside a direct connection.

Client and server are processes of their own; a second of direct requests and a second through the proxy take
turns, so that whatever else the machine does meets both. Proxy and recorder are held to one core where there
are two or more.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from typing import Any

from scimproof.capture.proxy.recording import RecordingProxy

RATE, TURNS, SECONDS = 500, 8, 1.0  # requests per second; turns of each kind, and how long one is
CONNECTIONS = 8
BURST = 2.0  # seconds of as many as possible
LEAST = 0.95  # of the rate: with fewer, nothing was measured
BAR_MS = 1.0  # that may be added at p99
USER = json.dumps(
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "userName": "ada.lovelace@example.com",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"primary": True, "value": "ada.lovelace@example.com", "type": "work"}],
        "displayName": "Ada Lovelace",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "active": True,
    }
).encode()
REQUEST = (
    b"PUT /scim/v2/Users/2819c223-7f76-453a-919d-413861904646 HTTP/1.1\r\nUser-Agent: bench\r\n"
    b"Authorization: Bearer 00aBcD-eF_gh.ijKLmnop-0123456789\r\nHost: 127.0.0.1:65535\r\n"
    b"Accept: application/scim+json\r\nContent-Type: application/scim+json; charset=utf-8\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(USER), USER)
)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(USER),
    USER,
)


def main() -> None:
    """Print the figures; exits with a sentence where too little was measured."""
    if sys.argv[1:2] == ["server"]:
        serve()
    elif sys.argv[1:2] == ["client"]:
        _print_json(play(int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
    else:
        measure()


def measure() -> None:
    """Direct and through the proxy, in turn."""
    cores = sorted(os.sched_getaffinity(0))
    with _server(cores[0]) as port, tempfile.TemporaryDirectory() as folder:
        if len(cores) > 1:
            os.sched_setaffinity(0, {cores[-1]})  # the forwarding process inherits it
        with RecordingProxy(f"http://127.0.0.1:{port}/scim/v2", Path(folder)) as proxy:
            client(proxy.port, RATE, SECONDS, cores[0])  # warm
            direct: list[float] = []
            through: list[float] = []
            for _ in range(TURNS):
                direct += client(port, RATE, SECONDS, cores[0])["latencies"]
                through += client(proxy.port, RATE, SECONDS, cores[0])["latencies"]
            before, cpu = proxy.summary.exchanges, _cpu(proxy)
            burst = client(proxy.port, 0, BURST, cores[0])["latencies"]
            plain = client(port, 0, BURST, cores[0])["latencies"]
            while proxy.summary.exchanges < before + len(burst):
                time.sleep(0.05)
            spent = [after - earlier for after, earlier in zip(_cpu(proxy), cpu, strict=True)]
        summary = proxy.summary
    expected = RATE * SECONDS * TURNS
    for name, found in (("direct", direct), ("through the proxy", through)):
        if len(found) < LEAST * expected:
            raise SystemExit(
                f"{name}: {len(found):,} of {expected:,.0f} requests were answered: nothing is measured"
            )
    if summary.written != summary.exchanges or summary.exchanges < len(through) + len(burst):
        raise SystemExit(f"not every exchange was written: {summary}")
    print(
        f"== {RATE} requests a second, {len(through):,} each way, {CONNECTIONS} connections, "
        f"bodies of {len(USER)} bytes"
    )
    print(f"{'':20}{'p50 ms':>8}{'p90 ms':>8}{'p99 ms':>8}")
    rows = {"direct": _points(direct), "through the proxy": _points(through)}
    rows["added"] = [one - other for one, other in zip(*reversed(rows.values()), strict=True)]
    for name, points in rows.items():
        print(f"{name:20}" + "".join(f"{point * 1000:>8.2f}" for point in points))
    print(f"\nas many as possible: {len(burst) / BURST:,.0f} a second, direct {len(plain) / BURST:,.0f}")
    each = [seconds / len(burst) * 1e6 for seconds in spent]
    print(f"CPU per exchange: {each[0]:.0f} us forwarding, {each[1]:.0f} us masking and writing")
    added = rows["added"][2] * 1000
    print(f"added at p99: {added:.2f} ms, aimed at under {BAR_MS:g}: {'yes' if added < BAR_MS else 'NO'}")


def client(port: int, rate: int, seconds: float, core: int) -> Any:
    """What a client process measured: `latencies` in seconds; as many as possible with rate 0."""
    ran = subprocess.run(
        [sys.executable, "-m", "bench.record", "client", str(port), str(rate), str(seconds)],
        stdout=subprocess.PIPE, check=True, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip
    return json.loads(ran.stdout)


def play(port: int, rate: float, seconds: float) -> dict[str, list[float]]:
    """Send on a schedule, and time each answer from when its request was due.

    With rate 0, one after another on each connection.
    """
    idle = deque(_connected(port) for _ in range(CONNECTIONS))
    busy: dict[socket.socket, tuple[float, int]] = {}
    latencies: list[float] = []
    started = time.perf_counter()
    end, due, sent = started + seconds, started, 0
    last = end + 2.0  # that late answers get
    while (now := time.perf_counter()) < last and (now < end or busy):
        while idle and now < end and (not rate or due <= now):
            one = idle.popleft()
            one.sendall(REQUEST)
            busy[one] = (due if rate else now, 0)
            sent += 1
            due = started + sent / rate if rate else now
        wait = max(0.0, min(due, end) - time.perf_counter()) if rate and now < end and idle else 0.05
        for one in select.select(list(busy), [], [], wait)[0]:
            begun, came = busy[one]
            came += len(one.recv(65536))
            busy[one] = (begun, came)
            if came >= len(ANSWER):
                latencies.append(time.perf_counter() - begun)
                del busy[one]
                idle.append(one)
    return {"latencies": latencies}


def serve() -> None:
    """Answer every request, on as many connections as come, until standard input closes."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        print(listening.getsockname()[1], flush=True)
        poll = select.epoll()
        poll.register(listening, select.EPOLLIN)
        poll.register(0, select.EPOLLIN)
        peers: dict[int, socket.socket] = {}
        came: dict[int, bytes] = {}
        while True:
            for number, _ in poll.poll():
                if number == 0:
                    return
                if number == listening.fileno():
                    peer, _ = listening.accept()
                    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    peers[peer.fileno()], came[peer.fileno()] = peer, b""
                    poll.register(peer, select.EPOLLIN)
                    continue
                data = b""
                with suppress(OSError):
                    data = peers[number].recv(65536)
                if not data:
                    poll.unregister(number)
                    peers.pop(number).close()
                    continue
                came[number] += data
                if came[number].endswith(USER):
                    came[number] = b""
                    peers[number].sendall(ANSWER)


@contextmanager
def _server(core: int) -> Iterator[int]:
    """The port of a server process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.record", "server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.sched_setaffinity(process.pid, {core})
    assert process.stdin
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def _connected(port: int) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", port))
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def _cpu(proxy: RecordingProxy) -> tuple[float, float]:
    """Seconds of CPU of the forwarding process, and of this one, which records."""
    spent = Path(f"/proc/{proxy.pid}/schedstat").read_text(encoding="ascii").split()[0]
    return int(spent) / 1e9, time.process_time()


def _points(latencies: list[float]) -> list[float]:
    points = quantiles(latencies, n=100)
    return [points[49], points[89], points[98]]


def _print_json(value: object) -> None:
    print(json.dumps(value))


if __name__ == "__main__":
    main()
