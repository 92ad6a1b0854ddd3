"""deploy/ci/scimproof-ci: its exit code, its summary, what it passes on, and what it never shows."""

from __future__ import annotations

import json
import socket
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.ci.kit import BIN, ONE, SCRIPT, TOKEN, Ran, environment, program, shell

REPORTS = ("report.json", "report.html", "report.md", "junit.xml")
RECORDER = (
    '#!/bin/sh\nprintf "<%s>\\n" "$@" >asked\necho "SCIMPROOF_TOKEN is ${#SCIMPROOF_TOKEN} letters"\nexit 0\n'
)


def ci(folder: Path, **values: str) -> Ran:
    folder.mkdir(parents=True, exist_ok=True)
    short = {name: not name.startswith(("SCIMPROOF_", "GITHUB_")) for name in values}
    named = {f"SCIMPROOF_CI_{name}" if short[name] else name: value for name, value in values.items()}
    return shell(["sh", str(SCRIPT)], folder, environment(folder, **named))


def traced(folder: Path, **values: str) -> Ran:
    """By a CI that traces its shells."""
    folder.mkdir(parents=True, exist_ok=True)
    named = {f"SCIMPROOF_CI_{name}": value for name, value in values.items()}
    return shell(["sh", "-x", str(SCRIPT)], folder, environment(folder, **named))


@pytest.fixture
def nowhere() -> str:
    """A URL at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/scim/v2"


def outputs(ran: Ran) -> dict[str, str]:
    return dict(line.split("=", 1) for line in ran.text("outputs").splitlines())


def github(folder: Path) -> dict[str, str]:
    return {"GITHUB_STEP_SUMMARY": str(folder / "steps"), "GITHUB_OUTPUT": str(folder / "outputs")}


def run_as_github(folder: Path, **values: str) -> Ran:
    folder.mkdir(exist_ok=True)
    named = {f"SCIMPROOF_CI_{name}": value for name, value in values.items()}
    return shell(["sh", str(SCRIPT)], folder, environment(folder, **named, **github(folder)))


def test_an_honest_server_passes(honest: str, tmp_path: Path) -> None:
    ran = run_as_github(tmp_path, TARGET=honest, ARGS=ONE, BIN=str(BIN))
    assert ran.code == 0, ran.err
    assert outputs(ran) == {"exit-code": "0", "result": "inconclusive", "report": "report"}
    assert ran.text("steps") == ran.text("report/summary.md")
    assert ran.text("steps").startswith(
        "**scimproof: exit code 0**, all that was asked holds, which is a part"
    )
    assert ran.text("report/report.md") in ran.text("steps")
    assert "<error" not in ran.text("report/junit.xml")  # a part that holds is nothing that could not be told
    assert all((tmp_path / "report" / name).stat().st_size for name in REPORTS)


@pytest.mark.parametrize(("told", "link"), [
    ({"GITHUB_RUN_ID": "7", "GITHUB_SERVER_URL": "https://hub.example", "GITHUB_REPOSITORY": "a/b"},
     "https://hub.example/a/b/actions/runs/7#artifacts"),
    ({"CI_JOB_URL": "https://lab.example/a/b/-/jobs/7"}, "https://lab.example/a/b/-/jobs/7/artifacts/browse"),
    ({"BUILD_URL": "https://ci.example/job/a/7/"}, "https://ci.example/job/a/7/artifact/"),
    ({"BUILD_URL": "https://ci.example/job/a/7/", "SCIMPROOF_CI_LINK": "https://see.example/"},
     "https://see.example/"),
])  # fmt: skip
def test_the_summary_leads_to_the_artefacts(
    faulty: str, tmp_path: Path, told: dict[str, str], link: str
) -> None:
    more = told | {"SCIMPROOF_CI_TARGET": faulty, "SCIMPROOF_CI_ARGS": ONE}
    ran = shell(["sh", str(SCRIPT)], tmp_path, environment(tmp_path, **more))
    assert ran.code == 1
    assert f"[Full report](<{link}>)" in ran.text("report/summary.md")


def test_a_faulty_server_fails_with_its_reason_in_the_summary(faulty: str, tmp_path: Path) -> None:
    ran = run_as_github(tmp_path, TARGET=faulty, ARGS=ONE)
    assert ran.code == 1
    assert outputs(ran)["result"] == "nonconformant"
    assert "[Full report]" not in ran.text("report/summary.md")  # nobody said where the artefacts are
    assert "exit code 1**, the target does not hold" in ran.text("steps")
    assert "okta-deactivate-persists" in ran.text("steps")
    suites = ET.fromstring(ran.text("report/junit.xml"))  # noqa: S314 - ours
    failed = [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None]
    assert len(failed) == int(suites.get("failures", "0")) > 0
    assert "read-back#okta-deactivate-persists" in failed


def test_an_unreachable_server_is_no_verdict(nowhere: str, tmp_path: Path) -> None:
    ran = run_as_github(tmp_path, TARGET=nowhere, ARGS=ONE)
    assert ran.code == 3
    assert outputs(ran) == {"exit-code": "3", "result": "inconclusive", "report": "report"}
    assert "not a verdict on the target" in ran.text("steps")
    assert all((tmp_path / "report" / name).stat().st_size for name in REPORTS)


def test_what_could_not_tell_need_not_fail_the_job(nowhere: str, faulty: str, tmp_path: Path) -> None:
    ran = run_as_github(tmp_path / "a", TARGET=nowhere, ARGS=ONE, FAIL_ON="nonconformant")
    assert (ran.code, outputs(ran)["exit-code"]) == (0, "3")
    assert "passes all the same" in ran.text("steps")
    assert ci(tmp_path / "b", TARGET=faulty, ARGS=ONE, FAIL_ON="nonconformant").code == 1
    assert ci(tmp_path / "c", TARGET=faulty, ARGS="no.such.sequence", FAIL_ON="nonconformant").code == 2


def test_a_wrong_configuration_says_so_in_the_summary(honest: str, tmp_path: Path) -> None:
    ran = run_as_github(tmp_path, TARGET=honest, ARGS="okta.oin.user.deactivat")
    assert ran.code == 2
    assert outputs(ran) == {"exit-code": "2", "result": "none", "report": "report"}
    assert "nothing was sent" in ran.text("steps")
    assert "okta.oin.user.deactivat" in ran.text("steps")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"TARGET": "http://127.0.0.1:9/x", "FAIL_ON": "never"}, "fail-on is 'never'"),
        ({"TARGET": "http://127.0.0.1:9/x", "OUT": "a\nresult=conformant"}, "line break"),
        ({"TARGET": "http://127.0.0.1:9/x", "PATH": "/usr/bin:/bin"}, "not on the PATH"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(
    tmp_path: Path, values: dict[str, str], said: str
) -> None:
    path = {"PATH": values["PATH"]} if "PATH" in values else {}
    named = {f"SCIMPROOF_CI_{name}": value for name, value in values.items() if name != "PATH"}
    ran = shell(["sh", str(SCRIPT)], tmp_path, environment(tmp_path, **named, **path))
    assert (ran.code, said in ran.err) == (2, True), ran.err
    assert said in ran.text("report/summary.md")
    assert not (tmp_path / "report/report.json").exists()


@pytest.mark.parametrize(
    ("file", "values"),
    [
        ("scimproof.toml", {}),
        ("scimproof.toml", {"PROFILE": "okta-oin"}),
        ("scimproof.toml", {"TARGET": ""}),
        ("above/scimproof.toml", {"CONFIG": "above/scimproof.toml"}),
        ("above/scimproof.toml", {"SCIMPROOF_CONFIG": "above/scimproof.toml"}),
        ("empty.toml", {"SCIMPROOF_CONFIG": "empty.toml", "SCIMPROOF_TARGET": ""}),
        ("scimproof.toml", {"SCIMPROOF_TARGET": " "}),
        ("scimproof.toml", {"SCIMPROOF_TARGET": "embedded"}),
        ("scimproof.toml", {"ARGS": "--target\nembedded"}),
        ("scimproof.toml", {"ARGS": "--quiet\n--parallel\n2"}),
        ("embedded.toml", {"CONFIG": "embedded.toml"}),
        (".git/HEAD", {}),
    ],
)
def test_g05_a_configuration_that_names_no_target_is_refused_before_anything_starts(
    file: str, values: dict[str, str], tmp_path: Path
) -> None:
    said = '[target]\nurl = "embedded"\n' if file == "embedded.toml" else '[run]\nprofile = "okta-oin"\n'
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("" if file == "empty.toml" else said)
    ran = ci(tmp_path, **values)
    assert (ran.code, "no target" in ran.err) == (2, True), ran.err
    assert "no target" in ran.text("report/summary.md")
    assert ran.out == ""
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"summary.md"}


@pytest.mark.parametrize("target", [" ", "\t", "$SCIM_URL", "https://", '""'])
def test_g05_a_target_that_is_none_is_refused_before_anything_starts(target: str, tmp_path: Path) -> None:
    ran = ci(tmp_path, TARGET=target)
    assert (ran.code, "is not a URL" in ran.err) == (2, True), ran.err
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"summary.md"}


def test_g05_an_empty_url_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scimproof.toml").write_text('[target]\nurl = ""\n')
    ran = ci(tmp_path)
    assert (ran.code, "scimproof.toml:2: url is empty" in ran.err) == (2, True), ran.err


def test_a_target_can_be_said_anywhere(honest: str, tmp_path: Path) -> None:
    """In the arguments, in a file above the folder that the job works in, in scimproof's own variable."""
    assert ci(tmp_path / "a", ARGS=f"{ONE}\n--target\n{honest}").code == 0
    (tmp_path / "b/.git").mkdir(parents=True)
    (tmp_path / "b/scimproof.toml").write_text(f'[target]\nurl = "{honest}"\n')
    assert ci(tmp_path / "b/below", ARGS=ONE).code == 0
    assert ci(tmp_path / "c", ARGS=ONE, SCIMPROOF_TARGET=honest).code == 0


def test_the_embedded_server_can_be_meant(tmp_path: Path) -> None:
    ran = ci(tmp_path, TARGET="embedded", ARGS=ONE)
    assert ran.code == 0, ran.err
    assert (tmp_path / "report/junit.xml").exists()


def test_every_value_is_one_argument_whatever_is_in_it(tmp_path: Path) -> None:
    program(tmp_path / "own bin/scimproof", RECORDER)
    odd = "a b  $(touch hacked) `touch hacked` ' \" * ;"
    ran = ci(
        tmp_path,
        BIN=str(tmp_path / "own bin"),
        TARGET=odd,
        PROFILE=odd,
        CONFIG=odd,
        WAIVERS=odd,
        BASELINE=odd,
        OUT="the report",
        ARGS=f"--header\n{odd}\n\n--quiet\n",
    )
    assert ran.code == 0, ran.err
    asked = ran.text("asked").splitlines()
    options = ("target", "profile", "config", "waivers", "baseline")
    assert asked == ["<run>", "<--yes>", "<--out>", "<the report>", "<--require-target>"] + [
        word for option in options for word in (f"<--{option}>", f"<{odd}>")
    ] + ["<--header>", f"<{odd}>", "<--quiet>"]
    assert not (tmp_path / "hacked").exists()


def test_the_token_is_in_no_argument_no_trace_and_no_file(faulty: str, tmp_path: Path) -> None:
    program(tmp_path / "bin/scimproof", RECORDER)
    recorded = traced(tmp_path, BIN=str(tmp_path / "bin"), TARGET=faulty)
    assert f"SCIMPROOF_TOKEN is {len(TOKEN)} letters" in recorded.out
    real = traced(tmp_path / "real", TARGET=faulty, ARGS=ONE)
    assert "+ " not in real.err.replace("+ set +x", "")
    assert TOKEN not in recorded.text("asked") + recorded.out + recorded.err + real.out + real.err
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > len(REPORTS)
    assert [path for path in files if TOKEN.encode() in path.read_bytes()] == []


def test_a_report_of_an_earlier_run_is_not_shown_as_this_one(honest: str, tmp_path: Path) -> None:
    assert ci(tmp_path, TARGET=honest, ARGS=ONE).code == 0
    before = (tmp_path / "report/report.json").read_text()
    ran = ci(tmp_path, TARGET=honest, ARGS="no.such.sequence")
    assert ran.code == 2
    assert "There is no report of this run" in ran.text("report/summary.md")
    assert not (tmp_path / "report/junit.xml").exists()
    assert ran.text("report/report.json.earlier") == before


def test_a_job_that_is_cancelled_removes_what_it_created(tmp_path: Path, slow: str) -> None:
    values = environment(tmp_path, SCIMPROOF_CI_TARGET=slow, SCIMPROOF_CI_ARGS="okta.oin.user")
    values["SCIMPROOF_CI_BIN"] = str(BIN)
    ran = shell(["sh", str(SCRIPT)], tmp_path, values, cancel_after=tmp_path / "report/ledgers/*.jsonl")
    assert ran.code == 3, ran.err
    assert "exit code 3**" in ran.text("report/summary.md")
    report = json.loads(ran.text("report/report.json"))
    assert report["interrupted"]
    assert report["ledger"]["created"] == report["ledger"]["removed"] > 0
    assert list((tmp_path / "report/ledgers").glob("*.jsonl")) == []


BOTH = "okta-oin,okta-aiw"
EACH = "okta.oin.user.deactivate\nokta.aiw.connect"


def test_of_several_profiles_the_summary_has_them_side_by_side(honest: str, tmp_path: Path) -> None:
    old = tmp_path / "report" / "okta-gone" / "report.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    ran = run_as_github(tmp_path, TARGET=honest, PROFILE=BOTH, ARGS=EACH)
    assert ran.code == 0, ran.err
    assert outputs(ran)["result"] == "several"
    summary = ran.text("steps")
    assert summary.startswith("**scimproof: exit code 0**, all that was asked holds, under each profile.")
    assert "- **Okta AIW**: Holds as far as asked" in summary
    assert ran.text("report/okta-aiw/report.md") in summary
    assert not old.exists()


def test_of_several_profiles_the_one_that_fails_is_annotated(faulty: str, tmp_path: Path) -> None:
    more = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "steps")}
    ran = ci(tmp_path, TARGET=faulty, PROFILE=BOTH, ARGS=EACH, **more)
    assert ran.code == 1, ran.err
    told = [line for line in ran.out.splitlines() if line.startswith("::error title=")]
    assert "the target does not hold" in told[0]
    (why,) = [line for line in told if "Okta OIN: Does not work as a catalog (OIN) app: " in line]
    assert "](" not in why


def test_a_token_that_is_refused_under_several_profiles_is_never_green(honest: str, tmp_path: Path) -> None:
    ran = ci(tmp_path, TARGET=honest, PROFILE=BOTH, FAIL_ON="nonconformant", SCIMPROOF_TOKEN="wrong")
    assert ran.code == 3
    assert "answers and does not let this job in" in ran.text("report/summary.md")
