"""Captured requests for the tests of request files, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.learn.recogniser import Recogniser
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.learn.request_files.template_writer import RequestFile, TemplateWriter
from scimproof.capture.learn.request_files.vocabulary import Vocabulary
from tests.capture.learn.runs import catalog

HEADERS = {
    "Accept": "application/scim+json",
    "Authorization": "Bearer ****************",
    "Host": "people.corp.test:8443",
    "User-Agent": "Provisioner/4.2",
}
BASE = "/tenants/4711/scim/v2"
DAY = 1_790_000_000.0  # 2026-09-21
USER = "1f6b7c1e-5a0e-4d5e-9d3c-000000000001"
GROUP = "9c2d44aa-0000-4000-8000-000000000009"
# What the tests look for in files, and must not find.
PERSON: Mapping[str, Any] = {
    "userName": "grace.hopper@corp.test",
    "name": {"givenName": "Grace", "familyName": "Hopper"},
    "emails": [{"primary": True, "value": "grace@mail.corp.test", "type": "work"}],
    "displayName": "Grace B. Hopper",
    "externalId": "00uGRACEHOPPER0001",
    "title": "Rear Admiral",
    "nationality": "Ruritanian",
    "salary": 98765,
}


def exchange(
    number: int,
    line: str,
    body: Any = None,
    answer: Any = None,
    headers: Mapping[str, str] = HEADERS,
    **fields: Any,
) -> CapturedExchange:
    """A captured exchange; `body` as JSON without blanks, or as the bytes themselves."""
    data = body if isinstance(body, bytes) else b"" if body is None else compact(body)
    told = dict(headers) | ({"Content-Length": str(len(data))} if data else {})
    head = f"{line} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
    status = b"HTTP/1.1 200 OK\r\n\r\n"
    back = None if answer is None else CapturedMessage(status, compact(answer))
    request = CapturedMessage(head.encode("latin-1") + b"\r\n", data)
    return CapturedExchange(number, 1, DAY + number, request, back, **fields)


def compact(value: Any) -> bytes:
    """JSON as most senders write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@cache
def vocabulary() -> Vocabulary:
    """That of the catalogue, made once."""
    return Vocabulary(catalog().templates)


def writer_of(
    exchanges: Iterable[CapturedExchange], recogniser: Recogniser | None = None, source: str = "capture.jsonl"
) -> TemplateWriter:
    """The writer of a whole capture; without a recogniser nobody knows any of its requests."""
    writer = TemplateWriter(catalog(), source, vocabulary())
    for one in exchanges:
        writer.look(one, recogniser.look(one) if recogniser else Recognition())
    return writer


def files_of(
    exchanges: Iterable[CapturedExchange], recogniser: Recogniser | None = None, source: str = "capture.jsonl"
) -> list[RequestFile]:
    """The request files of a whole capture."""
    return writer_of(exchanges, recogniser, source).files()


def with_head(one: CapturedExchange, head: bytes) -> CapturedExchange:
    """The exchange with another head of its request."""
    return replace(one, request=CapturedMessage(head, one.request.body))


def with_body(one: CapturedExchange, body: bytes) -> CapturedExchange:
    """The exchange with another body of its request, and its length."""
    length = f"Content-Length: {len(one.request.body)}".encode()
    head = one.request.head.replace(length, f"Content-Length: {len(body)}".encode())
    return replace(one, request=CapturedMessage(head, body))


def file_with(files: Iterable[RequestFile], part: str) -> RequestFile:
    """The one file that has this text in it."""
    (found,) = (file for file in files if part in file.text)
    return found
