from __future__ import annotations

import pytest

from scimproof.capture.proxy.host_header import HostReplacement

HEAD = b"GET /host: HTTP/1.1\r\nX-Host: a\r\nHOSTS: b\r\n%s\r\nAccept: c\r\n\r\n"


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        (b"Host: proxy:8484", b"Host: target"),
        (b"hoST:proxy", b"hoST:target"),
        (b"Host :\tproxy  ", b"Host :\ttarget  "),
        (b"Host:", b"Host:target"),
        (b"Hostess: x", b"Hostess: x"),
    ],
)
def test_only_the_value_changes_however_it_is_cut(line: bytes, sent: bytes) -> None:
    head = HEAD % line
    for step in range(1, len(head) + 1):
        host = HostReplacement(b"target")
        for _ in range(2):  # as of two requests of a connection
            host.begin()
            passed = b"".join(host.feed(head[at : at + step]) for at in range(0, len(head), step))
            assert passed + host.rest() == HEAD % sent


def test_nothing_waits_but_what_may_become_host() -> None:
    host = HostReplacement(b"target")
    host.begin()
    assert host.feed(b"GET / HT") == b"GET / HT"
    assert host.feed(b"TP/1.1\r\nAcc") == b"TP/1.1\r\nAcc"
    assert host.feed(b"ept: a\r\nHo") == b"ept: a\r\n"
    assert host.feed(b"ney: b") == b"Honey: b"
    assert host.feed(b"\r\nhost") == b"\r\n"
    assert host.feed(b": pro") == b""
    assert host.rest() == b"host: pro"


def test_line_feeds_alone_end_lines_too() -> None:
    host = HostReplacement(b"target")
    host.begin()
    assert host.feed(b"GET / HTTP/1.1\nHost: a\nX: y\n\n") == b"GET / HTTP/1.1\nHost: target\nX: y\n\n"
