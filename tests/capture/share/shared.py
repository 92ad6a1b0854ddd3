"""Captures that are shared in tests: exchanges written to a file, shared, and read again."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.reader import Capture
from scimproof.capture.share.sharing import Shared, share
from tests.capture.learn.runs import catalog

AT = 1_795_000_000.0


def request(line: str, *headers: str, body: bytes = b"") -> CapturedMessage:
    """A request; Content-Length is added where it has a body."""
    lines = [f"{line} HTTP/1.1", "Host: scim.acme-corp.com", *headers]
    lines += [f"Content-Length: {len(body)}"] * bool(body)
    return CapturedMessage(("\r\n".join(lines) + "\r\n\r\n").encode(), body)


def answer(status: str, *headers: str, body: bytes = b"") -> CapturedMessage:
    """An answer; Content-Length is added where it has a body."""
    lines = [f"HTTP/1.1 {status}", *headers]
    lines += [f"Content-Length: {len(body)}"] * bool(body)
    return CapturedMessage(("\r\n".join(lines) + "\r\n\r\n").encode(), body)


def exchange(
    number: int, asked: CapturedMessage, said: CapturedMessage | None = None, **more: Any
) -> CapturedExchange:
    """An exchange, a second after the one before."""
    return CapturedExchange(number, 1 + number % 3, AT + number, asked, said, **({"seconds": 0.25} | more))


def written(
    path: Path, *exchanges: CapturedExchange, target: str = "https://scim.acme-corp.com/scim/v2"
) -> Capture:
    """A capture file with these exchanges."""
    writer = CaptureWriter(path / "in.jsonl", target, "0.1.0", AT)
    for each in exchanges:
        writer.append(each)
    writer.close()
    return Capture(path / "in.jsonl")


def shared(path: Path, *exchanges: CapturedExchange, seed: int = 1, **options: Any) -> Shared:
    """These exchanges, shared."""
    capture = written(path, *exchanges)
    return share(capture, path / "out", catalog(), rng=random.Random(seed), **options)


def bodies(path: Path, *documents: Any, seed: int = 1) -> list[Any]:
    """JSON bodies, each sent in an exchange, as they are after sharing."""
    sent = [
        exchange(n, request("POST /scim/v2/Users", body=json.dumps(each, ensure_ascii=False).encode()))
        for n, each in enumerate(documents, 1)
    ]
    shared(path, *sent, seed=seed)
    return [each.request.json for each in Capture(path / "out")]


def targets(path: Path, *asked: str, also: Any = None) -> list[str]:
    """Request targets, each sent in an exchange, as they are after sharing; `also` is a body before them."""
    before = (
        [] if also is None else [exchange(0, request("POST /scim/v2/Users", body=json.dumps(also).encode()))]
    )
    shared(path, *before, *(exchange(n, request(f"GET {each}")) for n, each in enumerate(asked, 1)))
    return [each.target for each in Capture(path / "out")][len(before) :]
