"""`scimproof learn --write` and `--app`, as a person types them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.exchange import CapturedExchange
from tests.capture.learn.request_files.test_template_writer import moved
from tests.capture.learn.runs import PREFIX, recorded_run
from tests.engine.kit import scimproof

ONLY = ("okta.oin.user.create", "okta.oin.user.update", "okta.oin.user.deactivate", "okta.oin.group.push")


def dump(path: Path, exchanges: Iterable[CapturedExchange]) -> None:
    writer = CaptureWriter(path, "https://people.corp.test/scim/v2", "0", 0.0)
    for one in exchanges:
        writer.append(one)
    writer.close()


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a capture of what we send, and one in which a header has moved."""
    folder = tmp_path_factory.mktemp("captures")
    run = [one.exchange for one in recorded_run("okta-oin", only=ONLY)]
    dump(folder / "own.jsonl", run)
    dump(folder / "moved.jsonl", map(moved, run))
    return folder


def test_request_files_are_written_with_their_diff_and_nothing_twice(captures: Path, tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "learn", str(captures / "moved.jsonl"), "--write", "seen")
    assert ran.returncode == 0, ran.stderr
    assert "seen/okta/oin/user-deactivate-seen.http: seen 1 time" in ran.stdout
    assert "--- fixtures/okta/oin/user-deactivate.http" in ran.stdout
    assert "  -Accept: application/scim+json" in ran.stdout
    files = {path: path.read_text(encoding="utf-8") for path in (tmp_path / "seen").rglob("*.http")}
    assert files
    assert not any(PREFIX in text.casefold() for text in (ran.stdout, *files.values()))
    again = scimproof(tmp_path, "learn", str(captures / "moved.jsonl"), "--write", "seen")
    assert "user-deactivate-seen.http, which is there already" in again.stdout
    assert {path: path.read_text(encoding="utf-8") for path in (tmp_path / "seen").rglob("*.http")} == files


def test_of_what_is_as_we_send_it_nothing_is_written(captures: Path, tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "learn", str(captures / "own.jsonl"), "--write", "seen")
    assert "No request file was written: nothing differs from ours" in ran.stdout
    assert list((tmp_path / "seen").iterdir()) == []


@pytest.mark.parametrize("words", [("own.jsonl", "--app"), ("--app", "own.jsonl")])
def test_the_app_part_alone_is_printed(words: tuple[str, str], captures: Path) -> None:
    ran = scimproof(captures, "learn", *words)
    assert ran.returncode == 0, ran.stderr
    assert set(tomllib.loads(ran.stdout)) == {"app"}
    assert ran.stdout.startswith("# What own.jsonl shows of your app: ")


def test_the_app_part_is_written_over_nothing_and_is_in_force_afterwards(
    captures: Path, tmp_path: Path
) -> None:
    words = ("learn", str(captures / "own.jsonl"))
    ran = scimproof(tmp_path, *words, "--app", "scimproof.toml")
    assert "Wrote scimproof.toml" in ran.stdout
    stated = (tmp_path / "scimproof.toml").read_text(encoding="utf-8")
    again = scimproof(tmp_path, *words, "--app", "scimproof.toml")
    assert again.returncode == 2
    assert "scimproof.toml is there already, and is not overwritten" in again.stderr
    assert (tmp_path / "scimproof.toml").read_text(encoding="utf-8") == stated
    compared = scimproof(tmp_path, *words, "--config", "scimproof.toml")
    assert (
        "Compared with your own app ([app] in scimproof.toml). Your app: userName = email" in compared.stdout
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("learn",), "which capture?"),
        (("learn", "own.jsonl", "--sender", "entra", "--app"), "no request of the capture was recognised"),
        (("learn", "own.jsonl", "--write", "own.jsonl/x"), "cannot be written"),
        (("learn", "nowhere.jsonl", "--app"), "nowhere.jsonl: there is no such file or folder"),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...], told: str, captures: Path) -> None:
    ran = scimproof(captures, *words)
    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
