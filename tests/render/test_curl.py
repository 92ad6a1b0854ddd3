"""The commands in a report: a shell takes them as they are, and nothing in them acts on it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scimproof.core import redaction
from scimproof.render.curl import REDACTED, curl, recorded
from tests.report.make_samples import sample
from tests.report.synthetic import TOKEN

ODD = "a'b\"c $(touch made) `touch made` ; touch made & | \\ \n !x * ~ # é @file"


def arguments(command: str, folder: Path) -> list[str]:
    """What a shell hands over to a program called curl."""
    program = folder / "curl"
    program.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\0" "$word"; done\n')
    program.chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "SCIMPROOF_TOKEN": "the token's $value"}
    ran = subprocess.run(
        ["sh", "-c", command], check=True, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert [path.name for path in folder.iterdir()] == ["curl"]
    return ran.stdout.split("\0")[:-1]


@pytest.mark.parametrize("text", [ODD, "@/etc/hosts", "-d x", "", "$SCIMPROOF_TOKEN", '{"a":["b"]}'])
def test_what_a_request_holds_reaches_curl_unchanged(tmp_path: Path, text: str) -> None:
    command = curl("PATCH", "'https://h/Users/[1]'", [("X-Odd", text), ("Host", "h")], text)
    words = arguments(command, tmp_path)
    assert words[words.index("-H") + 1] == f"X-Odd: {text}"
    assert words.count("-H") == 1
    assert ("--data-raw" in words) == bool(text)
    if text:
        assert words[words.index("--data-raw") + 1] == text
    assert not {"-d", "--data", "--data-binary", "-T"} & {word for word in words if word != text}


def test_what_stands_for_a_secret_is_what_the_redactor_writes() -> None:
    assert REDACTED == redaction.REDACTED


def test_the_token_is_the_variable(tmp_path: Path) -> None:
    for value in ("Bearer [redacted]", "[redacted]", "Odd' $(x) [redacted]"):
        words = arguments(curl("GET", "https://h/", [("Authorization", value)]), tmp_path)
        expected = value.replace("[redacted]", "the token's $value")
        assert words[words.index("-H") + 1] == f"Authorization: {expected}"


def test_a_recorded_request_is_asked_where_it_was_asked() -> None:
    document = sample("failing")
    command = recorded(document, document["exchanges"][0])
    assert "https://scim.example.com/scim/v2/Users?filter=" in command
    assert '"Authorization: Bearer $SCIMPROOF_TOKEN"' in command
    assert TOKEN not in json.dumps(command)


def test_a_body_that_is_not_whole_gives_no_command() -> None:
    document = sample("failing")
    exchange: dict[str, Any] = document["exchanges"][1]
    assert recorded(document, exchange)
    exchange["request"] |= {"truncated": True, "length": 99_999}
    assert recorded(document, exchange) == ""


def test_credentials_that_were_wrong_on_purpose_are_not_the_token() -> None:
    document = sample("failing")
    command = recorded(document, document["exchanges"][0], wrong_credentials=True)
    assert "SCIMPROOF_TOKEN" not in command
    assert "not-the-token" in command
