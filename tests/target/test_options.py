"""A secret is never asked for on a command line, and what is started never shows one there."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.errors import Exit, UsageError
from scimproof.embedded.server import Served
from scimproof.load.plan.job import Job
from scimproof.load.plan.plan import Plan
from scimproof.settings.definition import Kind
from scimproof.settings.table import TARGET
from scimproof.target.options import TargetOptions
from scimproof.target.target import parse_header
from tests.engine.kit import TOKEN, command, environment, recording, scimproof
from tests.waiting import HANG

CANARY = "canary-of-a-header"
LINE = f"X-Api-Key: {CANARY}"
FILE = f"# of staging\n\n{LINE}\r\nX-Tenant:acme\n"
SENT = (f"X-Api-Key: {CANARY}\r\n".encode(), b"X-Tenant: acme\r\n")
PLAN = """\
question = "What is shown on the way?"
rate = 5
seconds = 60
prefill = 1
races = false
audit = false

[mix]
"okta.oin.user.create" = 1
"""


def by_file(folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    (folder / "headers").write_text(FILE, encoding="utf-8")
    return ("--header-file", "headers"), {}


def by_variable(_: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    return (), {"SCIMPROOF_HEADER": f"{LINE}\nX-Tenant: acme\n"}


def by_variable_of_the_file(folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    return (), {"SCIMPROOF_HEADER_FILE": by_file(folder)[0][1]}


def by_config(folder: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    by_file(folder)
    (folder / "scimproof.toml").write_text('[target]\nheader_file = "headers"\n', encoding="utf-8")
    return (), {}


WAYS = (by_file, by_variable, by_variable_of_the_file, by_config)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("words", [("run", "okta.oin.connect"), ("doctor",)])
def test_s18_headers_come_from_a_variable_or_a_file(words: tuple[str, ...], way: Any, tmp_path: Path) -> None:
    options, more = way(tmp_path)
    with recording() as target:
        words = (*words, "--yes") if way is by_config else words
        ran = scimproof(
            tmp_path, *words, "--target", target.url, *options, more={"SCIMPROOF_TOKEN": TOKEN, **more}
        )
        assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
        assert target.arrived
        assert all(line in raw for raw in target.arrived for line in SENT)
    assert CANARY not in ran.stdout + ran.stderr
    for path in tmp_path.rglob("report/*"):
        assert CANARY not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("way", WAYS)
def test_s18_config_says_where_they_are_and_never_what(way: Any, tmp_path: Path) -> None:
    options, more = way(tmp_path)
    for form in ((), ("--json",)):
        told = scimproof(tmp_path, "config", *form, "run", *options, more=more)
        assert told.returncode == Exit.HOLDS, told.stderr
        assert CANARY not in told.stdout
        assert "X-Api-Key: ..." in told.stdout or "headers" in told.stdout
    typed = scimproof(tmp_path, "config", "run", "--header", f"X-Ordinary: {CANARY}", more={})
    assert "X-Ordinary: ..." in typed.stdout
    assert CANARY not in typed.stdout + typed.stderr


def test_s18_a_secret_on_the_command_line_is_warned_of_and_not_repeated(tmp_path: Path) -> None:
    more = {"SCIMPROOF_TOKEN": TOKEN}
    with recording() as target:
        asked = ("doctor", "--target", target.url)
        warned = scimproof(tmp_path, *asked, "--header", LINE, more=more)
        plain = scimproof(tmp_path, *asked, "--header", "X-Tenant: acme", more=more)
    assert "--header X-Api-Key: others on this machine can read a command line" in warned.stderr
    assert CANARY not in warned.stdout + warned.stderr
    assert (warned.returncode, plain.returncode, plain.stderr) == (0, 0, "")


@pytest.mark.parametrize("line", [CANARY, f"{CANARY} x: y", f": {CANARY}", f"Authorization: {CANARY}"])
def test_s18_what_is_no_header_is_not_repeated_either(line: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as problem:
        parse_header(line)
    assert CANARY not in str(problem.value)
    (tmp_path / "headers").write_text(f"X-Tenant: acme\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="headers, line 2: ") as problem:
        TargetOptions(url="http://127.0.0.1", header_file=tmp_path / "headers").target(
            {"SCIMPROOF_TOKEN": "t"}
        )
    assert CANARY not in str(problem.value)
    told = scimproof(tmp_path, "doctor", "--target", "http://127.0.0.1:9", more={"SCIMPROOF_HEADER": line})
    assert told.returncode == Exit.USAGE
    assert "SCIMPROOF_HEADER" in told.stderr
    assert CANARY not in told.stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_s18_a_file_that_cannot_be_read_is_a_slip(content: bytes | None, tmp_path: Path) -> None:
    if content is None:
        (tmp_path / "headers").mkdir()
    else:
        (tmp_path / "headers").write_bytes(content)
    told = scimproof(tmp_path, "doctor", "--target", "http://127.0.0.1:9", "--header-file", "headers")
    assert told.returncode == Exit.USAGE
    assert "headers" in told.stderr
    assert "Traceback" not in told.stderr


def command_lines(pid: int) -> Iterator[str]:
    """The command lines of a process and of everything below it."""
    with contextlib.suppress(OSError):
        yield Path(f"/proc/{pid}/cmdline").read_text()
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from command_lines(int(child))


def test_s18_no_process_of_a_load_run_shows_a_secret_in_its_command_line(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PLAN, encoding="utf-8")
    by_file(tmp_path)
    token = "canary-of-a-token"
    with Served(token=token) as served:
        words = command("load", "mine.toml", "--target", served.base_url, "--processes", "2")
        run = subprocess.Popen(
            [*words, "--header-file", "headers"],
            cwd=tmp_path,
            env=environment(tmp_path, {"SCIMPROOF_TOKEN": token, "SCIMPROOF_HEADER": "X-More: canary-too"}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends, seen = time.monotonic() + HANG, set[str]()
        while len(seen) < 4 and run.poll() is None:  # itself, the master, and two workers
            assert time.monotonic() < ends, seen
            seen |= {f"{place} {line}" for place, line in enumerate(command_lines(run.pid))}
            time.sleep(0.05)
        run.kill()
        run.wait()
    assert len(seen) >= 4
    assert [line for line in seen if "canary" in line] == []


def test_s18_the_masters_headers_do_not_travel_to_the_workers() -> None:
    access = TargetOptions(url="https://host/scim", headers=(LINE,), header_file=Path("headers"), user=CANARY)
    job = Job(plan=Plan(name="mine", question="", phases=(), mix={}), access=access, prefix="p", workers=1)
    told = job.part(3, 4).as_text()
    assert CANARY not in told
    found = Job.from_text(told)
    assert (found.access, found.role, found.number, found.workers) == (
        TargetOptions(url=access.url),
        "worker",
        3,
        4,
    )


def test_s18_a_job_keeps_the_file_that_it_names() -> None:
    access = TargetOptions(url="https://host/scim", header_file=Path("headers"), ca_bundle=Path("ca.pem"))
    job = Job(plan=Plan(name="mine", question="", phases=(), mix={}), access=access, prefix="p")
    assert Job.from_text(job.as_text()).access == access


def test_s18_no_option_takes_a_secret_but_the_header_that_has_other_ways() -> None:
    """Whatever else holds one is a file, or the name of a variable."""
    secret = ("token", "password", "secret", "key", "credential")
    told = [each for each in TARGET if any(word in each.option for word in secret)]
    assert {each.kind for each in told if each.option != "--token-url"} == {Kind.FILE, Kind.VARIABLE}
    assert os.environ.get("SCIMPROOF_HEADER") is None
    ways = {each.option or each.key: each.variable for each in TARGET if "header" in each.key}
    assert ways == {"--header": "SCIMPROOF_HEADER", "--header-file": "SCIMPROOF_HEADER_FILE"}


OTHER = "OTHER_TENANT_TOKEN"


def with_other(**fields: Any) -> TargetOptions:
    return TargetOptions(url="https://scim.example.com/v2", **{"other_token_env": OTHER, **fields})


@pytest.mark.parametrize(
    ("auth", "own", "other", "header"),
    [
        ("", {"SCIMPROOF_TOKEN": "one"}, "Bearer two", "Bearer two"),
        ("header", {"SCIMPROOF_TOKEN": "one"}, "two", "two"),
        ("basic", {"SCIMPROOF_USER": "u", "SCIMPROOF_PASSWORD": "one"}, "v:two", "Basic djp0d28="),
    ],
)
def test_the_token_of_another_tenant_is_sent_as_the_own_one(
    auth: str, own: dict[str, str], other: str, header: str
) -> None:
    target = with_other(auth=auth).target(own | {OTHER: other})
    assert target.other is not None
    assert target.other.authorization() == header
    assert set(target.other.secrets()) <= set(target.secrets())
    assert TargetOptions(url=target.url, auth=auth).target(own | {OTHER: other}).other is None


@pytest.mark.parametrize(
    ("fields", "value", "told"),
    [
        ({}, "", f"no token of another tenant: put it into {OTHER}"),
        ({}, "one", "the run's own credentials"),
        ({"other_token_env": "s3cret-word"}, "x", "takes the name of an environment variable, never a token"),
        ({"auth": "basic", "user": "u"}, "nothing", "USER:PASSWORD"),
    ],
)
def test_a_token_of_another_tenant_that_is_none(fields: dict[str, str], value: str, told: str) -> None:
    known = {"SCIMPROOF_TOKEN": "one", "SCIMPROOF_PASSWORD": "one", OTHER: value}
    with pytest.raises(UsageError, match=told) as caught:
        with_other(**fields).target(known)
    assert "s3cret" not in str(caught.value)
