"""G02 and G04 as a pipeline's owner reads them: what scimproof-ci says, and when it fails the job."""

from __future__ import annotations

import json
import socketserver
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from scimproof.core.errors import Exit
from tests.ci.kit import ONE, SCRIPT, Ran, environment, shell
from tests.ci.test_script import nowhere
from tests.engine.kit import read_request, serving

__all__ = ["nowhere"]  # a fixture
ALL_THE_SAME = "The job passes all the same"


def ci(folder: Path, **values: str) -> Ran:
    folder.mkdir(parents=True, exist_ok=True)
    named = {f"SCIMPROOF_CI_{name}": value for name, value in values.items() if name != "TOKEN"}
    more = {"SCIMPROOF_TOKEN": values["TOKEN"]} if "TOKEN" in values else {}
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "steps")}
    return shell(["sh", str(SCRIPT)], folder, environment(folder, **named, **github, **more))


def errors(ran: Ran) -> list[str]:
    root = ET.fromstring(ran.text("report/junit.xml"))  # noqa: S314 - ours
    assert root.get("failures") == "0"
    assert int(root.get("errors", "")) == len(list(root.iter("error")))
    return [str(error.get("message")) for error in root.iter("error")]


def test_g04_a_refused_token_is_never_green(honest: str, tmp_path: Path) -> None:
    for name, fail_on in (("a", "all"), ("b", "nonconformant")):
        ran = ci(tmp_path / name, TARGET=honest, ARGS=ONE, FAIL_ON=fail_on, TOKEN="an-expired-t0ken")
        assert ran.code == Exit.CANNOT_TELL, ran.err
        (why,) = errors(ran)
        assert why.startswith("could not tell: GET ")
        assert "refuses the credentials" in why
        summary = ran.text("report/summary.md")
        assert "answers and does not let this job in" in summary
        assert ALL_THE_SAME not in summary
        assert json.loads(ran.text("report/report.json"))["obstacle"] == "setup"
        assert "an-expired-t0ken" not in summary + why + ran.err + ran.out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n", "redirect"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "no SCIM at this base path"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "HTML page"),
    ],
)
def test_g04_what_only_somebody_can_mend_fails_the_job(tmp_path: Path, answer: bytes, says: str) -> None:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while read_request(self.rfile):
                self.wfile.write(answer)

    with serving(Handler) as port:
        url = f"http://127.0.0.1:{port}/scim/v2"
        ran = ci(tmp_path, TARGET=url, ARGS=ONE, FAIL_ON="nonconformant")
    assert ran.code == Exit.CANNOT_TELL
    (why,) = errors(ran)
    assert says in why
    assert "without a change no later run would tell more" in ran.text("report/summary.md")


def test_g04_a_server_that_is_down_passes_aloud(nowhere: str, tmp_path: Path) -> None:
    ran = ci(tmp_path, TARGET=nowhere, ARGS=ONE, FAIL_ON="nonconformant")
    assert ran.code == Exit.HOLDS
    (why,) = errors(ran)
    assert "refuses the connection" in why
    (warning,) = [
        line for line in ran.out.splitlines() if line.startswith("::warning title=scimproof exit code 3::")
    ]
    assert "The job passes all the same." in warning
    assert "refuses the connection" in warning
    assert "could not tell, and the job passes all the same" in ran.err
    assert ALL_THE_SAME in ran.text("report/summary.md")
    assert ran.text("steps") == ran.text("report/summary.md")


def test_g04_a_budget_that_is_used_up_is_told_as_one_error(tmp_path: Path, slow: str) -> None:
    ran = ci(tmp_path, TARGET=slow, ARGS="okta.oin\n--budget\n1", FAIL_ON="nonconformant")
    assert ran.code == Exit.HOLDS, ran.err
    (why,) = errors(ran)
    assert "budget" in why
    assert ALL_THE_SAME in ran.text("report/summary.md")


def test_g02_no_worse_than_the_baseline_is_not_called_holding(faulty: str, tmp_path: Path) -> None:
    first = ci(tmp_path, TARGET=faulty, ARGS=ONE)
    assert first.code == Exit.DOES_NOT_HOLD
    assert "exit code 1**, the target does not hold: the reasons are below." in first.text(
        "report/summary.md"
    )
    (tmp_path / "before.json").write_text(first.text("report/report.json"))
    again = ci(tmp_path, TARGET=faulty, ARGS=ONE, BASELINE="before.json")
    assert again.code == Exit.HOLDS, again.err
    summary = again.text("report/summary.md")
    assert "exit code 0**, nothing got worse since the baseline; the target does not hold" in summary
    assert "the target holds" not in summary
    assert "## scimproof: nonconformant" in summary
    assert errors(again) == []


def test_g02_worse_than_the_baseline_says_so(honest: str, faulty: str, tmp_path: Path) -> None:
    first = ci(tmp_path, TARGET=honest, ARGS=ONE)
    assert "**scimproof: exit code 0**, all that was asked holds, which is a part" in first.text(
        "report/summary.md"
    )
    (tmp_path / "before.json").write_text(first.text("report/report.json"))
    worse = ci(tmp_path, TARGET=faulty, ARGS=ONE, BASELINE="before.json")
    assert worse.code == Exit.DOES_NOT_HOLD
    summary = worse.text("report/summary.md")
    assert "exit code 1**, something got worse since the baseline" in summary
    assert "got worse since the baseline." in summary


def test_g02_a_waiver_that_is_not_needed_is_not_the_target_s_fault(honest: str, tmp_path: Path) -> None:
    (tmp_path / "waivers.toml").write_text(
        f'[[waiver]]\nid = "{ONE}/read-back#okta-deactivate-persists"\nreason = "r"\nissue = "i"\n'
        'owner = "o"\nuntil = 2099-12-31\n'
    )
    ran = ci(tmp_path, TARGET=honest, ARGS=ONE, WAIVERS="waivers.toml")
    assert ran.code == Exit.DOES_NOT_HOLD, ran.err
    summary = ran.text("report/summary.md")
    assert (
        "exit code 1**, nothing that was asked and decides fails; the run fails for something else" in summary
    )
    (why,) = errors(ran)
    assert "matches nothing that this run found" in why
