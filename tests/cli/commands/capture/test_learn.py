"""`scimproof learn` as a user runs it: what it prints and writes, its exit codes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.cli.commands.capture.learn import command
from scimproof.core.errors import UsageError
from tests.capture.learn.runs import recorded_run

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[4] / "reports/schema/scimproof.learn-1.json").read_text()
)
FEW = ("okta.oin.user.create", "okta.oin.user.deactivate", "okta.oin.group.push")
CANARY = "canary-4f7a1c"


def few() -> list[CapturedExchange]:
    """A small run of ours."""
    return [one.exchange for one in recorded_run("okta-oin", only=FEW)]


def written(folder: Path, exchanges: Iterable[CapturedExchange]) -> Path:
    """A capture file."""
    path = folder / "capture.jsonl"
    writer = CaptureWriter(path, "http://127.0.0.1/scim/v2", "0", 1_700_000_000.0)
    for exchange in exchanges:
        writer.append(exchange)
    writer.close()
    return path


def learnt(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments], standalone_mode=False)


def changed(
    exchange: CapturedExchange, change: Callable[[bytes, bytes], tuple[bytes, bytes]]
) -> CapturedExchange:
    """The exchange with another request."""
    return replace(exchange, request=CapturedMessage(*change(exchange.request.head, exchange.request.body)))


def document(folder: Path) -> Any:
    """The learn.json of a folder, held to its schema."""
    found = json.loads((folder / "learn.json").read_text())
    Draft202012Validator(SCHEMA).validate(found)
    return found


def test_our_own_run_is_as_we_send_it(tmp_path: Path) -> None:
    result = learnt(written(tmp_path, few()), "--out", tmp_path / "out", "--strict")
    assert result.return_value == 0, result.output
    assert "AS WE SEND IT" in result.output
    assert "Okta, as an app of Okta's catalog (OIN)" in result.output
    found = document(tmp_path / "out")
    assert found["result"] == "as-sent"
    assert found["traffic"]["differs"] == found["traffic"]["unknown"] == 0
    assert found["traffic"]["requests"] + found["own"] == found["capture"]["exchanges"]
    assert found["never_seen"]
    assert "<title>As we send it" in (tmp_path / "out" / "learn.html").read_text()


def test_a_difference_is_named_and_strict_says_so(tmp_path: Path) -> None:
    odd = [
        changed(one, lambda head, body: (head, body.replace(b'"active":true', b'"active":"True"')))
        for one in few()
    ]
    path = written(tmp_path, odd)
    assert learnt(path).return_value == 0
    result = learnt(path, "--strict", "--out", tmp_path / "out")
    assert result.return_value == 1
    assert 'value, active: true → "True"' in result.output
    rows = [row for row in document(tmp_path / "out")["operations"] if row["differences"]]
    assert [(d["kind"], d["where"]) for row in rows for d in row["differences"]] == [("value", "active")]


def test_an_operation_that_nobody_knows_is_told(tmp_path: Path) -> None:
    odd = [
        *few(),
        changed(
            few()[0], lambda head, _: (head.replace(b"GET /scim/v2/Users", b"DELETE /scim/v2/Users"), b"")
        ),
        changed(
            few()[0], lambda head, _: (head.replace(b"GET /scim/v2/Users", b"POST /scim/v2/Bulk"), b"{}")
        ),
    ]
    result = learnt(written(tmp_path, odd), "--strict", "--out", tmp_path / "out")
    assert result.return_value == 1
    found = document(tmp_path / "out")
    assert found["result"] == "unknown"
    assert {row["request"].split("?")[0].split(":")[0] for row in found["unknown"]} == {
        "DELETE /Users",
        "POST /Bulk",
    }


def test_a_named_sender_is_not_recognised_but_compared_with(tmp_path: Path) -> None:
    path = written(tmp_path, few())
    assert learnt(path, "--strict", "--sender", "okta.oin").return_value == 0
    result = learnt(path, "--strict", "--sender", "entra.default")
    assert result.return_value == 1
    with pytest.raises(UsageError, match=r"okta\.oni.*did you mean 'okta\.oin'"):
        raise learnt(path, "--sender", "okta.oni").exception or AssertionError


def test_secrets_and_control_characters_are_in_no_file(tmp_path: Path) -> None:
    def with_secrets(head: bytes, body: bytes) -> tuple[bytes, bytes]:
        head = head.replace(b"Bearer secret-token", f"Bearer {CANARY}".encode())
        head = head.replace(b"Accept:", f"X-Api-Key: {CANARY}\r\nAccept:".encode(), 1)
        if body.startswith(b'{"schemas"'):
            body = body[:-1] + f',"password":"{CANARY}","x-odd":"<script>\\u001b[31m"}}'.encode()
        return head, body

    path = written(tmp_path, [changed(one, with_secrets) for one in few()])
    result = learnt(path, "--out", tmp_path / "out")
    for text in [result.output, *(file.read_text() for file in (tmp_path / "out").iterdir())]:
        assert CANARY not in text
        assert "\x1b" not in text
    assert "<script>" not in (tmp_path / "out" / "learn.html").read_text()


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, few())
    path.write_bytes(path.read_bytes() + b'{"n": 1, "torn\n')
    assert "Not counted, since unreadable: 1 line of the capture." in learnt(path).output
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")
    with pytest.raises(UsageError, match="there is no exchange in it"):
        raise learnt(empty).exception or AssertionError
    with pytest.raises(UsageError, match="no such file"):
        raise learnt(tmp_path / "nothing.jsonl").exception or AssertionError


def test_of_a_capture_that_was_written_anew_only_what_holds_is_compared(tmp_path: Path) -> None:
    def lowered(head: bytes, body: bytes) -> tuple[bytes, bytes]:
        line, *rest = head.split(b"\r\n")
        names = [b":".join([one.split(b":")[0].lower(), *one.split(b":")[1:]]) for one in rest]
        kept = [one for one in names if not one.startswith((b"host", b"connection", b"content-length"))]
        return b"\r\n".join([line, *kept]), body.replace(b",", b", ")

    parsed = [replace(changed(one, lowered), fidelity="parsed") for one in few()]
    result = learnt(written(tmp_path, parsed), "--strict", "--out", tmp_path / "out")
    assert result.return_value == 0, result.output
    assert "were written anew" in document(tmp_path / "out")["notes"][0]
