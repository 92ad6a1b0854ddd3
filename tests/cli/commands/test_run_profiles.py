"""`scimproof run --profile A,B`: one command, each profile with reports of its own, and one page of all."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from scimproof.cli import _code as code
from scimproof.cli.profile_runs import Budget, profile_runs, worst
from scimproof.core.errors import Exit
from scimproof.embedded.app import build
from scimproof.explore.explorer import Bounds
from scimproof.report.reader import REPORT, read
from scimproof.session.session import Options, Session
from scimproof.target.options import TargetOptions
from tests.engine.kit import ENVIRONMENT, TOKEN, recording, scimproof, session

TWO = "okta-oin,okta-aiw"
QUICK = ("okta.oin.connect", "okta.oin.user.deactivate", "okta.aiw.connect", "okta.aiw.user.deactivate")
FILES = ("report.json", "report.html", "report.md", "junit.xml")
FAULT = "deactivate-only-answered"  # which no connection test shows


def verdicts(folder: Path) -> dict[str, str]:
    """The result of each report below the folder, by the name of its own."""
    return {
        path.parent.name: read(path, REPORT)["result"] for path in sorted(folder.glob("report/*/report.json"))
    }


def test_each_profile_has_its_reports_and_all_have_one_page(tmp_path: Path) -> None:
    with recording() as target:
        ran = scimproof(tmp_path, "run", *QUICK, "--profile", TWO, "--target", target.url)
        assert target.everything() == {"Users": [], "Groups": []}
    assert (ran.returncode, ran.stderr) == (Exit.HOLDS, "")
    for profile in TWO.split(","):
        assert {path.name for path in (tmp_path / "report" / profile).iterdir()} == set(FILES)
    assert {path.name for path in (tmp_path / "report").glob("*.*")} == {
        "side-by-side.html",
        "side-by-side.md",
    }
    said = ran.stdout
    assert said.count("Target: ") == 1
    assert "okta-oin: 2 sequences (a part: okta-oin has" in said
    assert "One after another they will create about 2 users and 0 groups and remove them again." in said
    assert said.index("\nokta-oin: ") < said.index("\nokta-aiw: ") < said.index("\nSide by side\n")
    assert "Okta OIN  Holds as far as asked (2 of" in said
    assert said.splitlines()[-1] == "Reports: report/side-by-side.html, report/side-by-side.md"
    prefixes = {read(path, REPORT)["prefix"] for path in tmp_path.glob("report/*/report.json")}
    assert len(prefixes) == 2


def test_what_fails_in_one_fails_the_command(tmp_path: Path) -> None:
    ids = ("okta.oin.user.deactivate", "okta.aiw.connect")
    for order in (TWO, "okta-aiw,okta-oin"):
        with recording(build(token=TOKEN, faults=(FAULT,))) as target:
            ran = scimproof(tmp_path, "run", *ids, "--profile", order, "--target", target.url, "--quiet")
        assert ran.returncode == Exit.DOES_NOT_HOLD
        assert ran.stdout.count("NONCONFORMANT") == 1
    page = (tmp_path / "report" / "side-by-side.md").read_text()
    assert (
        "**Okta OIN**: Does not work as a catalog (OIN) app: [a deactivated user still reads as active]("
        in page
    )


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((0, 0), 0),
        ((0, 3), 3),
        ((1, 3), 1),
        ((3, 1), 1),
        ((4, 3), 4),
        ((1, 4), 1),
        ((0, 4), 4),
        ((), 3),
    ],
)
def test_the_exit_code_is_the_worst(codes: tuple[int, ...], expected: int) -> None:
    assert worst(map(Exit, codes)) is Exit(expected)


def test_refused_credentials_are_refused_once(tmp_path: Path) -> None:
    with recording() as target:
        ran = scimproof(
            tmp_path, "run", "--profile", TWO, "--target", target.url, more={"SCIMPROOF_TOKEN": "wrong"}
        )
        assert len(target.arrived) < 5
    assert ran.returncode == Exit.CANNOT_TELL
    assert ran.stderr.count("refuses the credentials") == 1
    assert "Not run: okta-aiw, since the run of okta-oin ended early." in ran.stdout
    assert list(verdicts(tmp_path)) == ["okta-oin"]
    assert read(tmp_path / "report/okta-oin/report.json", REPORT)["obstacle"] == "setup"


def test_a_target_that_is_not_there_is_said_once(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "--profile", TWO, "--target", "http://127.0.0.1:9/scim/v2", "--quiet")
    assert ran.returncode == Exit.CANNOT_TELL
    assert (ran.stdout + ran.stderr).count("refuses the connection") == 1
    assert "Not run: okta-aiw" in ran.stdout


def test_ctrl_c_in_the_first_does_not_begin_the_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    play = Session.play

    def interrupted(self: Session) -> Any:
        begun.append(self.profile.id)
        for number, outcome in enumerate(play(self)):
            if number == 1:
                os.kill(os.getpid(), signal.SIGINT)
                while not self.interrupted:
                    time.sleep(0.01)
            yield outcome

    monkeypatch.setattr(Session, "play", interrupted)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCIMPROOF_TOKEN", TOKEN)
    monkeypatch.setenv("SCIMPROOF_CONFIG", os.devnull)
    monkeypatch.setenv("SCIMPROOF_LEDGERS", str(tmp_path / "ledgers"))
    with recording() as target:
        assert code(["run", "--profile", TWO, "--target", target.url, "--quiet"]) == Exit.CANNOT_TELL
        assert target.everything() == {"Users": [], "Groups": []}
    assert begun == ["okta-oin"]
    assert list(verdicts(tmp_path)) == ["okta-oin"]
    assert "Not run: okta-aiw" in (tmp_path / "report/side-by-side.md").read_text()


def test_ids_go_to_the_profile_that_they_are_of(tmp_path: Path) -> None:
    with recording() as target:
        ran = scimproof(tmp_path, "run", "okta.aiw.connect", "--profile", TWO, "--target", target.url)
    assert ran.returncode == Exit.HOLDS
    assert "Left out: okta-oin, since none of the ids is of it." in ran.stdout
    assert list(verdicts(tmp_path)) == ["okta-aiw"]


@pytest.mark.parametrize(
    ("wanted", "shares"),
    [
        ((), {"okta-oin": (), "okta-aiw": ()}),
        (("okta.oin",), {"okta-oin": ("okta.oin",)}),
        (("okta.aiw.connect", "okta.oin"), {"okta-oin": ("okta.oin",), "okta-aiw": ("okta.aiw.connect",)}),
        (("rfc.discovery",), {"okta-oin": ("rfc.discovery",)}),
    ],
)
def test_the_share_of_each(
    tmp_path: Path, wanted: tuple[str, ...], shares: dict[str, tuple[str, ...]]
) -> None:
    made = profile_runs(Options(wanted=wanted, profile=TWO), tmp_path)
    assert {one.profile.id: one.options.wanted for one in made.sessions} == shares
    assert {made.folder(one).name for one in made.sessions} == set(shares)


def test_a_beginning_is_divided(tmp_path: Path) -> None:
    oin, aiw = profile_runs(Options(wanted=("okta",), profile=TWO), tmp_path).sessions
    assert {one.id for one in oin.sequences} == {one.id for one in oin.profile_sequences}
    assert {one.id for one in aiw.sequences} == {one.id for one in aiw.profile_sequences}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--profile", "okta-oin,"), "in 'okta-oin,' the name of a profile is missing beside a comma"),
        (("--profile", "okta-oin,okta-aw"), "no profile is called 'okta-aw'; did you mean 'okta-aiw'"),
        (("--profile", TWO, "--baseline", "b.json"), "scimproof compare earlier/okta-oin/report.json"),
        (("--profile", "okta-aiw,rfc-core", "--oin"), "--oin needs"),
        (("--profile", TWO, "okta.nothing"), "no sequence is called 'okta.nothing'"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    tmp_path: Path, given: tuple[str, ...], said: str
) -> None:
    (tmp_path / "b.json").write_text("{}")
    with recording() as target:
        ran = scimproof(tmp_path, "run", *given, "--target", target.url)
        assert target.arrived == []
    assert ran.returncode == Exit.USAGE
    assert said in ran.stderr
    assert not (tmp_path / "report").exists()


def test_consent_is_asked_for_once_and_for_all(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", *QUICK, "--profile", TWO, "--target", "https://scim.example.invalid/v2")
    assert ran.returncode == Exit.USAGE
    assert ran.stderr.count("this would on scim.example.invalid create about 2 users and 0 groups") == 1


def test_a_waiver_for_one_profile_is_no_error_of_the_other(tmp_path: Path) -> None:
    waiver = (
        '[[waiver]]\nid = "okta.oin.user.deactivate#okta-deactivate-persists"\nuntil = 2999-01-01\n'
        'reason = "known"\nissue = "https://issues.example/1"\nowner = "somebody"\n'
    )
    (tmp_path / "waivers.toml").write_text(waiver)
    ids = ("okta.oin.user.deactivate", "okta.aiw.connect")
    with recording(build(token=TOKEN, faults=(FAULT,))) as target:
        ran = scimproof(
            tmp_path, "run", *ids, "--profile", TWO, "--target", target.url, "--waivers", "waivers.toml"
        )
    states = {
        path.parent.name: [row["state"] for row in read(path, REPORT)["waivers"]]
        for path in tmp_path.glob("report/*/report.json")
    }
    assert states == {"okta-oin": ["used"], "okta-aiw": ["not-asked"]}, ran.stderr


@pytest.mark.parametrize("where", ["file", "variable"])
def test_several_may_be_named_in_the_file_and_in_the_environment(tmp_path: Path, where: str) -> None:
    more = dict(ENVIRONMENT)
    if where == "file":
        (tmp_path / "scimproof.toml").write_text(f'[run]\nprofile = "{TWO}"\n')
    else:
        more["SCIMPROOF_PROFILE"] = TWO
    ran = scimproof(tmp_path, "run", "okta.oin.connect", "okta.aiw.connect", "--quiet", more=more)
    assert ran.returncode == Exit.HOLDS, ran.stderr
    assert list(verdicts(tmp_path)) == ["okta-aiw", "okta-oin"]


def test_a_wrong_one_in_the_file_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "scimproof.toml").write_text('[run]\nprofile = "okta-oin,okta-aw"\n')
    ran = scimproof(tmp_path, "run")
    assert ran.returncode == Exit.USAGE
    assert "scimproof.toml:2" in ran.stderr or "line 2" in ran.stderr
    assert "did you mean 'okta-aiw'" in ran.stderr


def test_the_budget_is_that_of_all() -> None:
    budget = Budget(100.0)
    first, second = (session(None, "okta.oin.connect", budget=100.0) for _ in range(2))
    assert budget.begin(first)
    assert 99 < first.options.budget <= 100
    budget.ends_at -= 60
    assert budget.begin(second)
    assert 39 < second.options.budget <= 40
    budget.ends_at -= 60
    assert not budget.begin(second)


def test_a_secret_that_can_be_read_once_serves_all(tmp_path: Path) -> None:
    file, headers = tmp_path / "token", tmp_path / "headers"
    file.write_text("secret")
    headers.write_text("X-Tenant: acme")
    access = TargetOptions(url="http://127.0.0.1:1/v2", token_file=file, header_file=headers)
    first = access.target({})
    file.unlink()
    headers.unlink()
    again = access.target({})
    assert again.credentials.authorization() == first.credentials.authorization() == "Bearer secret"
    assert again.headers == first.headers == (("X-Tenant", "acme"),)


def test_the_pack_for_a_submission_is_of_the_profile_that_can_give_it(tmp_path: Path) -> None:
    ids = ("okta.oin.connect", "okta.aiw.connect")
    ran = scimproof(tmp_path, "run", *ids, "--profile", TWO, "--oin", "--quiet")
    assert ran.returncode == Exit.HOLDS, ran.stderr
    assert (tmp_path / "report/okta-oin/oin.html").exists()
    assert not (tmp_path / "report/okta-aiw/oin.html").exists()


def test_one_profile_is_written_as_ever(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "okta.oin.connect", "--profile", "okta-oin")
    assert ran.returncode == Exit.HOLDS
    assert {path.name for path in (tmp_path / "report").iterdir()} == set(FILES)
    assert "Side by side" not in ran.stdout


def test_two_profiles_of_one_sender_are_explored_in_both_dialects() -> None:
    with (
        recording() as target,
        session(target.url, profile=TWO, only_explore=True, explore=Bounds(actions=1)) as ours,
    ):
        list(ours.explore(Bounds(actions=1)))
        assert ours.explorer is not None
        assert (ours.explorer.repertoire.id, ours.explorer.repertoire.dialects) == (
            "okta.explore",
            ("oin", "aiw"),
        )


def test_two_senders_explore_one_store_and_the_rules_of_both_decide(tmp_path: Path) -> None:
    with recording() as target:
        words = ("explore", "--profile", "okta,entra", "--actions", "40", "--target", target.url)
        ran = scimproof(tmp_path, *words)
        assert target.everything() == {"Users": [], "Groups": []}
    assert (ran.returncode, ran.stderr) == (Exit.HOLDS, "")
    report = read(tmp_path / "report" / "report.json", REPORT)
    assert report["profile"]["id"] == "okta,entra"
    assert {"okta", "entra"} <= set(report["profile"]["gates"])
    assert (report["sender"]["name"], report["sender"]["place"]) == (
        "Okta and Microsoft Entra ID",
        "in Okta or in Entra",
    )
    played = {row["id"].partition("/")[0] for row in report["findings"] if row["verdict"] == "pass"}
    assert {"okta.explore", "entra.explore"} <= played
