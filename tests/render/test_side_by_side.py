"""Several reports of one server side by side: the sentences, the table, and where the columns differ."""

from __future__ import annotations

import copy
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from scimproof.render.conformance.html import html as page
from scimproof.render.matrix import Source, known_columns
from scimproof.render.side_by_side import SideBySide, html, lines, lowered, markdown, side_by_side
from scimproof.report.summary import summary
from tests.render.test_matrix import matrix
from tests.report.make_samples import NASTY, SAMPLES, sample

WORDS = {
    "acme.default": ("default", "works with Acme", "does not work with Acme", {"with": ["acme.both"]}),
    "acme.flag": ("flag", "works with Acme and the flag", "does not work with Acme and the flag", {}),
    "acme.both": ("both", "does both", "does not do both", {}),
}


def acmes(name: str) -> dict[str, Any]:
    """A sample as of another sender: OIN as its default, AIW as both, SPEC as the flag."""
    text = json.dumps(sample(name))
    for old, new in (
        ("okta.oin.", "acme.default."),
        ("okta.aiw.", "acme.both."),
        ("okta.spec.", "acme.flag."),
    ):
        text = text.replace(f'"{old}', f'"{new}')
    for old, new in (("okta.oin", "acme.default"), ("okta.aiw", "acme.both"), ("okta.spec", "acme.flag")):
        text = text.replace(f'"dialect": "{old}"', f'"dialect": "{new}"')
    report: dict[str, Any] = json.loads(text)
    report["profile"] |= {"id": "acme", "title": "Acme provisioning"}
    report["sender"] |= {"id": "acme", "name": "Acme"}
    report["sender"]["dialects"] = {
        id: {"short": short, "about": f"as {short}", "works": works, "fails": fails} | more
        for id, (short, works, fails, more) in WORDS.items()
    }
    counts = {id: more.get("with", []) for id, (_, _, _, more) in WORDS.items()}
    made = summary(report["findings"], report["sequences"], 1, 0, counts=counts)
    report["summary"]["dialects"] = made["dialects"]
    return report


def compared(okta: str = "honest", acme: str = "failing", **more: Any) -> SideBySide:
    reports = {"okta": sample(okta), "acme": acmes(acme)}
    return side_by_side([Source(name, one, f"{name}/report.html") for name, one in reports.items()], **more)


def test_a_sentence_for_each_kind_of_application_says_what_is_broken() -> None:
    said = {name: sentence for name, sentence, _ in lines(compared())}
    assert said["Okta OIN"] == "Works as a catalog (OIN) app."
    assert said["Acme default"] == "Does not work with Acme: a deactivated user still reads as active."
    assert said["Acme flag"] == "Works with Acme and the flag."


def test_what_counts_with_others_and_a_suite_have_no_column() -> None:
    table = compared()
    assert [column.name for column in table.columns] == ["Okta OIN", "Okta AIW", "Acme default", "Acme flag"]
    assert "Okta SPEC" in [name for name, _, _ in lines(table)]
    assert "SPEC suite" in [row.title for row in table.rows], "since Acme's flag plays it here"
    alone = side_by_side([Source("okta", sample("honest"))])
    assert "SPEC suite" not in [row.title for row in alone.rows]


def test_a_cell_has_the_findings_of_its_own_kind_and_what_counts_with_it() -> None:
    table = compared()
    (deactivate,) = [row for row in table.rows if row.title == "Deactivate"]
    assert [cell.words for cell in deactivate.cells] == ["works", "works", "fails 1", "not played"]
    assert deactivate.differs
    (every,) = [row for row in table.rows if row.title == "Every answer"]
    assert [cell.words for cell in every.cells] == ["works"] * 2 + ["works, with remarks"] * 2


def test_where_the_columns_differ_the_reason_is_said_once() -> None:
    table = compared()
    title, rows = table.parts[0]
    assert title == "Where they differ"
    (row,) = [row for row in rows if row.title == "Deactivate"]
    assert list(row.reasons) == ["A deactivated user still reads as active."]
    assert table.standing(row, "right") == ["Okta OIN", "Okta AIW"]
    text = markdown(table)
    assert (
        "- **Deactivate** works: Okta OIN, Okta AIW\n  - A deactivated user still reads as active. " in text
    )


def test_what_works_nowhere_is_told_apart() -> None:
    parts = dict(compared("failing", "failing").parts)
    assert "Deactivate" in [row.title for row in parts["Where no column works"]] + [
        row.title for row in parts.get("Where they differ", ())
    ]
    assert not compared("honest", "honest").parts


def test_links_lead_to_findings_of_the_reports() -> None:
    table = compared("failing", "failing")
    pages = {"okta/report.html": page(sample("failing")), "acme/report.html": page(acmes("failing"))}
    made = html(table)
    links = [link for link in re.findall(r'href="([^"]*)"', made) if "#" in link]
    assert len(links) > 6
    for link in links:
        target, _, fragment = link.partition("#")
        assert f'id="{fragment}"' in pages[target]
        assert f"]({link})" in markdown(table)


def test_every_cell_says_in_words_what_its_symbol_means() -> None:
    made = html(compared())
    cells = re.findall(r'<td class="[^"]*">(.*?)</td>', made)
    table = compared()
    assert len(cells) == len(table.rows) * len(table.columns)
    assert all(re.search(r'class="unseen">(works|fails|open|waived|not played)', cell) for cell in cells)
    assert made.count('scope="colgroup"') == 2
    assert made.count('scope="row"') == len(table.rows)


def test_what_ended_the_run_is_said_once() -> None:
    report = sample("honest")
    why = "127.0.0.1:1 refuses the connection: is the server running?"
    report |= {"stop": why, "partial": True, "result": "inconclusive"}
    for finding in report["findings"]:
        finding |= {"verdict": "inconclusive", "observed": why, "exchange": None}
    report["summary"]["dialects"] = summary(report["findings"], report["sequences"], 0, 0)["dialects"]
    table = side_by_side([Source("okta", report)], ["Not run: acme."])
    assert table.notes[0] == "Not run: acme."
    assert table.notes[1] == f"The run of okta ended early: {why}"
    assert {sentence for _, sentence, _ in lines(table)} == {"Not decided."}


def test_of_a_part_nothing_is_said_to_work() -> None:
    report = sample("honest")
    report["asked"] |= {"sequences": 3, "of": 9, "left_out": ["okta.oin.some.thing"]}
    table = side_by_side([Source("okta", report)])
    said = {name: sentence for name, sentence, _ in lines(table)}
    assert said["Okta OIN"] == "Holds as far as asked (2 of 3 sequences)."
    assert {cell.state for row in table.rows for cell in row.cells} <= {"part", "not played"}


def test_two_runs_of_one_profile_are_told_apart_and_so_are_two_servers() -> None:
    other = sample("failing")
    other["target"]["url"] = "https://other.example/scim/v2"
    table = side_by_side([Source("before", sample("honest")), Source("after", other)])
    assert [column.short for column in table.columns][::2] == ["OIN, before", "OIN, after"]
    assert any("of different servers" in note for note in table.notes)


def test_what_the_rfcs_decide_is_one_column() -> None:
    report = sample("honest")
    report |= {"rows": {"rfc": []}, "profile": report["profile"] | {"id": "rfc"}}
    (column,) = side_by_side([Source("rfc", report)]).columns
    assert (column.short, column.words) == ("rfc", "Conformant")


def test_a_text_does_nothing_but_be_shown() -> None:
    report = acmes("hostile")
    report["target"]["url"] = NASTY.replace("\ud800", "")
    report["profile"]["title"] = NASTY.replace("\ud800", "")
    made = html(side_by_side([Source(NASTY, report)], [NASTY]))
    assert "<script" not in made
    assert "\x1b" not in made + markdown(side_by_side([Source(NASTY, report)], [NASTY]))


def test_it_does_not_change_what_it_reads() -> None:
    report = sample("failing")
    before = copy.deepcopy(report)
    html(side_by_side([Source("a", report)]))
    assert report == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A create is refused", "a create is refused"),
        ("Members are emptied", "members are emptied"),
        ("PATCH is refused", "PATCH is refused"),
        ("Acme's flag is ignored", "Acme's flag is ignored"),
        ("userName is lost", "userName is lost"),
        ("", ""),
    ],
)
def test_a_sentence_goes_on_after_a_colon(text: str, told: str) -> None:
    assert lowered(text, "Acme Identity") == told


def test_every_row_is_a_column_of_the_matrix() -> None:
    assert {row.title for row in compared("failing", "waived").rows} <= {one.title for one in known_columns()}


def test_the_command_makes_the_page_of_reports_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SAMPLES / "honest", tmp_path / "okta")
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "report.json").write_text(json.dumps(acmes("failing")), encoding="utf-8")
    printed = matrix("--side-by-side", "okta/report.json", "acme/report.json").output
    assert printed.startswith("# Side by side")
    matrix("--side-by-side", ".", "--out", "page.html", "--out", "page.md")
    assert "Where they differ" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "okta/report.html" in (tmp_path / "page.md").read_text(encoding="utf-8")


def test_a_report_of_suites_alone_has_a_column_for_each() -> None:
    report = sample("honest")
    report["summary"]["dialects"] = {"okta.spec": report["summary"]["dialects"]["okta.spec"]}
    assert [one.name for one in side_by_side([Source("spec", report)]).columns] == ["Okta SPEC"]
