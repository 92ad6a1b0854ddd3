"""`--oin` on the command line: where the pack goes, what it says, and with which profile it is refused."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.kit import recording, scimproof

PACK = ("oin.html", "oin.md")


def test_a_run_writes_the_pack_and_says_in_a_line_where_and_what_it_amounts_to(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "--profile", "okta-oin", "--oin", "--quiet")
    assert ran.returncode == 0, ran.stderr
    line = ran.stdout.splitlines()[-1]
    assert line == (
        "OIN pack: report/oin.html, report/oin.md (SPEC 52 of 52, CRUD 13 of 13; of 61 manual cases: "
        "27 proven here, 9 need eyes in Okta, 22 outside SCIM, 3 need --include-inferred)"
    )
    before = {name: (tmp_path / "report" / name).read_bytes() for name in PACK}
    anew = scimproof(tmp_path, "render", "report/report.json", "--oin", "--out", "anew")
    assert anew.returncode == 0, anew.stderr
    assert {name: (tmp_path / "anew" / name).read_bytes() for name in PACK} == before


def test_of_a_part_of_the_profile_the_pack_is_not_complete(tmp_path: Path) -> None:
    with recording() as target:
        wanted = ("run", "okta.oin.user.deactivate", "--profile", "okta-oin", "--target", target.url)
        ran = scimproof(tmp_path, *wanted, "--oin", "--yes")
    assert ran.returncode == 0, ran.stderr
    text = (tmp_path / "report" / "oin.md").read_text()
    assert text.startswith("# OIN pack: not complete")
    assert "| C9292 |" in text
    assert json.loads((tmp_path / "report" / "report.json").read_text())["result"] == "inconclusive"


def test_without_the_option_there_is_no_pack(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "okta.oin.connect", "--profile", "okta-oin")
    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "report" / "oin.html").exists()
    assert "OIN pack" not in ran.stdout


def test_a_profile_that_does_not_play_it_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with recording() as target:
        ran = scimproof(tmp_path, "run", "--profile", "okta-aiw", "--oin", "--target", target.url, "--yes")
        assert target.arrived == []
    assert ran.returncode == 2
    assert "--profile okta-oin" in ran.stderr
    assert not (tmp_path / "report").exists()


def test_a_report_of_such_a_profile_is_refused_too(tmp_path: Path) -> None:
    scimproof(tmp_path, "run", "okta.aiw.connect", "--profile", "okta-aiw")
    ran = scimproof(tmp_path, "render", "report/report.json", "--oin")
    assert ran.returncode == 2
    assert "--profile okta-oin" in ran.stderr


def test_each_submission_has_its_option_and_its_files(tmp_path: Path) -> None:
    ran = scimproof(tmp_path, "run", "entra.gallery.credentials", "--profile", "entra-gallery", "--gallery")
    assert "Gallery pack: report/gallery.html, report/gallery.md (" in ran.stdout
    assert (tmp_path / "report" / "gallery.md").read_text().startswith("# Gallery pack: not complete")
    assert not (tmp_path / "report" / "oin.md").exists()
    wrong = scimproof(tmp_path, "render", "report/report.json", "--oin")
    assert (wrong.returncode, "use --profile okta-oin" in wrong.stderr) == (2, True)


def test_a_run_of_two_profiles_gives_each_its_pack(tmp_path: Path) -> None:
    words = ("run", "entra.gallery.credentials", "okta.oin.connect", "--profile", "okta-oin,entra-gallery")
    ran = scimproof(tmp_path, *words, "--oin", "--gallery")
    assert "OIN pack: " in ran.stdout, ran.stderr
    assert "Gallery pack: " in ran.stdout
    assert len(list(tmp_path.rglob("oin.md"))) == len(list(tmp_path.rglob("gallery.md"))) == 1
