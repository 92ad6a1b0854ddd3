"""`scimproof replay` from its options to its files, against a server with and without faults."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scimproof.core.errors import Exit
from scimproof.core.validation import published, wrongs
from scimproof.embedded.app import build
from tests.capture.replay.kit import RECORDED, record
from tests.engine.kit import TOKEN, Recording, command, environment, recording, scimproof
from tests.safety.test_strangers import populate
from tests.waiting import HANG

SECRET = {"SCIMPROOF_TOKEN": TOKEN}
WANTED = ("okta.oin.user.create", "okta.oin.user.update", "okta.oin.user.deactivate", "okta.oin.group.push")
pytestmark = pytest.mark.xdist_group("replayed")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(build(token=TOKEN), *WANTED, path=tmp_path_factory.mktemp("capture") / "a.jsonl")


@pytest.fixture(scope="module")
def wrong() -> Iterator[Recording]:
    with recording(build(token=TOKEN, faults=["title-dropped"])) as server:
        yield server


@pytest.fixture(scope="module")
def failed(wrong: Recording, capture: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the reports of a replay in which something fails."""
    folder = tmp_path_factory.mktemp("failed")
    ran = scimproof(folder, "replay", str(capture), "--target", wrong.url, more=SECRET)
    assert ran.returncode == Exit.DOES_NOT_HOLD, ran.stdout + ran.stderr
    assert 'title: recorded "' in ran.stdout
    assert f"again     scimproof replay {capture} --target {wrong.url}\n" in ran.stdout
    return folder / "report"


def test_the_same_server_answers_as_recorded(capture: Path, tmp_path: Path) -> None:
    with recording() as server:
        before = populate(server)
        ran = scimproof(tmp_path, "replay", str(capture), "--target", server.url, more=SECRET)
        assert server.everything() == before
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert "AS RECORDED" in ran.stdout
    assert "Okta's rules hold" in ran.stdout


def test_the_report_fits_its_schema_and_has_what_was_recorded(failed: Path) -> None:
    report: Any = json.loads((failed / "report.json").read_text())
    assert not list(wrongs(published("scimproof.report-1"), report))
    beside = [one for one in report["exchanges"] if "recorded" in one]
    assert beside
    for one in beside:
        assert report["prefix"] in one["recorded"]["request"]["target"] + one["recorded"]["body"]
        assert RECORDED not in json.dumps(one["recorded"])
    wrong = {one["exchange"] for one in report["findings"] if one["verdict"] == "fail"}
    assert wrong
    assert wrong <= {one["number"] for one in beside} | _afterwards(report)


def _afterwards(report: Any) -> set[int]:
    return {one["number"] for one in report["exchanges"] if one["sequence"] == "replay.afterwards"}


def test_the_page_shows_recorded_beside_seen(failed: Path) -> None:
    page = (failed / "report.html").read_text()
    assert re.search(r"<del>-[^<]*&#34;title&#34;: &#34;", page)
    assert "exchange 1" in page or "of the recording" in page
    assert TOKEN not in page


def test_the_reports_can_be_rendered_anew(failed: Path, tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "render", str(failed / "report.json"), "--out", "again", more={})
    assert ran.returncode == Exit.HOLDS, ran.stdout + ran.stderr
    assert (tmp_path / "again" / "report.html").read_text() == (failed / "report.html").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing",), "there is no such file or folder"),
        (("junk.json",), "no capture"),
        (("CAPTURE", "--speed", "0"), "should be max, or a number"),
        (("CAPTURE", "--fixed", "x"), "should be numbers of exchanges"),
        (("CAPTURE", "--target", "https://scim.example.com/v2"), "add --yes to agree (nothing was sent)"),
    ],
)
def test_what_cannot_be_played_is_refused(
    words: tuple[str, ...], told: str, capture: Path, tmp_path: Path
) -> None:
    (tmp_path / "junk.json").write_text("{}")
    given = [str(capture) if word == "CAPTURE" else word for word in words]
    ran = scimproof(tmp_path, "replay", *given, more=SECRET)
    assert ran.returncode == Exit.USAGE, ran.stdout + ran.stderr
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_an_interrupted_replay_removes_what_it_made(capture: Path, tmp_path: Path) -> None:
    with recording() as server:
        words = command("replay", str(capture), "--target", server.url, "--speed", "0.02")
        process = subprocess.Popen(
            words,
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        give_up = time.monotonic() + HANG
        while not any(one.startswith(b"POST") for one in server.arrived) and time.monotonic() < give_up:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG)
        assert process.returncode == Exit.CANNOT_TELL, out + err
        assert server.everything() == {"Users": [], "Groups": []}
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["interrupted"]
    assert report["ledger"]["created"] == report["ledger"]["removed"] >= 1
