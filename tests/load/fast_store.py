"""A small SCIM store of one process that answers some ten thousand requests a second, for runs of size.

`python -m tests.load.fast_store [--limit N] [--silent-after N]` prints its base URL and serves loopback until
its standard input closes. It knows what prefill, growing groups, audit and clean-up ask for, and no more.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import httptools
import orjson

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
NAMES = {"Users": "userName", "Groups": "displayName"}
EQUAL = re.compile(r'(?i)(\w+) eq "((?:[^"\\]|\\.)*)"')
Answer = tuple[int, bytes]


@dataclass
class FastStore:
    """Resources by kind and id, as the bytes that are answered, and ids by name in lower case.

    Beyond `limit` requests a second it answers 429 with a Retry-After of a second; after `silent_after`
    requests it answers nothing any more.
    """

    limit: int = 0
    silent_after: int = 0
    stored: dict[str, dict[str, bytes]] = field(default_factory=lambda: {kind: {} for kind in NAMES})
    named: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in NAMES})
    members: dict[str, dict[str, None]] = field(default_factory=dict)
    asked: int = 0
    refused: int = 0
    _second: tuple[int, int] = (0, 0)

    def answer(self, method: str, target: str, body: bytes) -> Answer | None:
        """The answer to one request; None for none."""
        self.asked += 1
        if self.silent_after and self.asked > self.silent_after:
            return None
        if self.limit and self._beyond():
            self.refused += 1
            return 429, b""
        path, _, query = target.partition("?")
        kind, _, id = path.removeprefix("/scim/v2/").partition("/")
        if kind not in NAMES:
            return 404, b"{}"
        if method == "POST":
            return self._create(kind, orjson.loads(body))
        if not id:
            return self._list(kind, {name: found[0] for name, found in parse_qs(query).items()})
        return self._one(method, kind, unquote(id), body)

    def _beyond(self) -> bool:
        second, so_far = int(time.monotonic()), 0
        if self._second[0] == second:
            so_far = self._second[1]
        self._second = (second, so_far + 1)
        return so_far >= self.limit

    def _create(self, kind: str, resource: dict[str, Any]) -> Answer:
        name = resource[NAMES[kind]].lower()
        if kind == "Users" and name in self.named[kind]:
            return 409, b'{"status":"409","scimType":"uniqueness"}'
        id = f"{len(self.stored[kind]):x}-{self.asked:x}"
        resource.pop("password", None)
        self.members[id] = dict.fromkeys(member["value"] for member in resource.pop("members", ()))
        self.named[kind][name] = id
        self.stored[kind][id] = orjson.dumps(resource | {"id": id, "meta": {"resourceType": kind[:-1]}})
        return 201, self._shown(kind, id)

    def _one(self, method: str, kind: str, id: str, body: bytes) -> Answer:
        if id not in self.stored[kind]:
            return 404, b'{"status":"404"}'
        if method == "DELETE":
            resource = orjson.loads(self.stored[kind].pop(id))
            self.named[kind].pop(resource[NAMES[kind]].lower(), None)
            return 204, b""
        if method == "PATCH":
            for operation in orjson.loads(body)["Operations"]:
                if operation["op"].lower() == "add" and operation.get("path") == "members":
                    self.members[id].update(dict.fromkeys(one["value"] for one in operation["value"]))
        return 200, self._shown(kind, id)

    def _shown(self, kind: str, id: str) -> bytes:
        told = self.stored[kind][id]
        if kind == "Users":
            return told
        members = orjson.dumps([{"value": member} for member in self.members[id]])
        return told[:-1] + b',"members":' + members + b"}"

    def _list(self, kind: str, query: dict[str, str]) -> Answer:
        wanted = EQUAL.fullmatch(query.get("filter", ""))
        if wanted:
            id = self.named[kind].get(wanted[2].lower())
            found, total, start = [self._shown(kind, id)] if id else [], 1 if id else 0, 1
        else:
            start, count = int(query.get("startIndex", "1")), int(query.get("count", "100"))
            ids = list(self.stored[kind])[start - 1 : start - 1 + count]
            found, total = [self._shown(kind, id) for id in ids], len(self.stored[kind])
        head = f'{{"schemas":["{LIST}"],"totalResults":{total},"startIndex":{start},'
        return 200, f'{head}"itemsPerPage":{len(found)},"Resources":['.encode() + b",".join(found) + b"]}"


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, store: FastStore) -> None:
        self._store, self._body, self._target = store, b"", ""
        self._parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._body, self._target = b"", ""

    def on_url(self, url: bytes) -> None:
        self._target += url.decode()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        found = self._store.answer(self._parser.get_method().decode(), self._target, self._body)
        if found is None:
            return
        status, body = found
        later = b"Retry-After: 1\r\n" if status == 429 else b""
        head = b"HTTP/1.1 %d OK\r\nContent-Type: application/scim+json\r\n" % status
        length = b"" if status == 204 else b"Content-Length: %d\r\n" % len(body)
        self._transport.write(head + later + length + b"\r\n" + body)


async def _serve(store: FastStore) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Talk(store), "127.0.0.1", 0)
    _say(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/scim/v2")
    await loop.run_in_executor(None, sys.stdin.read)
    left = {kind: len(some) for kind, some in store.stored.items()}
    _say(orjson.dumps({"asked": store.asked, "refused": store.refused, "left": left}).decode())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def fast_store(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its base URL, and its process: what it says at its end is the second line."""
    command = [sys.executable, "-m", "tests.load.fast_store", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    """End it, and give what it says: requests `asked`, those `refused`, and what is `left` by kind."""
    told: dict[str, Any] = orjson.loads(process.communicate()[0])
    return told


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--limit", type=int, default=0)
    words.add_argument("--silent-after", type=int, default=0)
    given = words.parse_args()
    asyncio.run(_serve(FastStore(given.limit, given.silent_after)))
