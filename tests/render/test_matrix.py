"""`scimproof matrix`: the page of implementations x operations, and the one in docs."""

from __future__ import annotations

import copy
import json
import re
import shutil
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scimproof.cli import root_command
from scimproof.core.errors import UsageError
from scimproof.render.conformance.html import html as page
from scimproof.render.matrix import Column, Source, html, known_columns, markdown, tabulate
from tests.report.make_samples import NASTY, SAMPLES, sample

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "reports" / "published"


def matrix(*words: str) -> Result:
    result = CliRunner().invoke(root_command, ["matrix", *words], standalone_mode=False)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def words(name: str, report: Any = None) -> dict[str, str]:
    """What the only line of the table says, by column."""
    table = tabulate([Source(name, report or sample(name), f"{name}/report.html")])
    return dict(zip(table.columns, (cell.words for cell in table.lines[0].cells), strict=True))


def with_verdict(verdict: str, *, gates: bool) -> Any:
    report = sample("honest")
    finding = next(f for f in report["findings"] if "deactivate-persists" in f["id"])
    finding |= {"verdict": verdict, "gates": gates}
    return report


@pytest.mark.parametrize(
    ("verdict", "gates", "said"),
    [
        ("pass", True, "works"),
        ("not-applicable", True, "works"),
        ("waived", True, "waived 1"),
        ("warning", True, "works, with remarks"),
        ("fail", False, "works, with remarks"),
        ("inconclusive", True, "open 1"),
        ("error", True, "open 1"),
        ("inconclusive", False, "works, with remarks"),
        ("fail", True, "fails 1"),
    ],
)
def test_a_cell_says_the_worst_that_there_is(verdict: str, gates: bool, said: str) -> None:
    assert words("honest", with_verdict(verdict, gates=gates))["Deactivate"] == said


def test_what_fails_leads_to_its_place_in_the_servers_own_report() -> None:
    table = tabulate([Source("failing", sample("failing"), "some where/report.html")])
    told = page(sample("failing"))
    links = re.findall(r'<td class="fails">.*?<a href="([^"]*)"', html(table))
    assert links
    for link in links:
        target, _, fragment = link.partition("#")
        assert target == "some where/report.html"
        assert f'id="{fragment}"' in told
    assert all(f"]({link})" in markdown(table) for link in links)


def test_a_server_that_was_not_asked_is_not_said_to_work() -> None:
    less = sample("honest")
    less["sequences"] = [row for row in less["sequences"] if row["id"] != "okta.oin.user.create"]
    less["findings"] = [row for row in less["findings"] if row["sequence"] != "okta.oin.user.create"]
    table = tabulate([Source("a", sample("honest")), Source("b", less)])
    cells = {
        name: [line.cells[place].words for line in table.lines] for place, name in enumerate(table.columns)
    }
    assert cells["Create"] == ["works", "not played"]
    assert "Password" not in cells, "a column that nobody was asked about"


def test_an_operation_that_is_in_no_column_is_not_lost() -> None:
    table = tabulate([Source("a", sample("honest"))], [Column("Create", ("OKTA-07",))])
    assert table.columns == ("Create", "Other")


def test_every_operation_that_is_played_is_in_one_column() -> None:
    known = tomllib.loads((ROOT / "suites" / "okta" / "operations.toml").read_text(encoding="utf-8"))
    played = [id for id, row in known.items() if row.get("played", True) and "title" in row]
    mine = [id for id in played if not id.startswith("HARNESS")]
    assert len(mine) > 30
    homes = {id: [column.title for column in known_columns() if column.has(id)] for id in mine}
    assert {id: home for id, home in homes.items() if len(home) != 1} == {}


class Cells(HTMLParser):
    """The cells of the page's table, by row, and every header with its scope."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[int] = []
        self.scopes: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append(0)
        if tag in ("th", "td"):
            self.rows[-1] += 1
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))


def test_the_page_is_a_table_with_headers_and_words() -> None:
    table = tabulate(Source(name, sample(name)) for name in ("honest", "failing", "hostile", "waived"))
    read = Cells()
    read.feed(html(table))
    assert read.rows == [len(table.columns) + 2] * 5
    assert set(read.scopes) == {"col", "row"}
    assert read.scopes.count("row") == 4
    cells = re.findall(r"<td class=[^>]*>(.*?)</td>", html(table))
    assert len(cells) == 4 * len(table.columns)
    assert all(re.search(r"\b(works|fails|open|waived|not played)\b", cell) for cell in cells)


def test_a_name_does_nothing_but_be_shown() -> None:
    table = tabulate([Source(NASTY, sample("honest"))])
    assert "<script" not in html(table)
    assert "\x1b" not in html(table) + markdown(table)
    row = next(row for row in markdown(table).splitlines() if "alert" in row)
    assert "<script" not in row.replace("\\<", "")
    assert row.replace("\\|", "").count("|") == len(table.columns) + 3


def test_folders_patterns_and_files_lead_to_the_same(tmp_path: Path) -> None:
    for name in ("honest", "failing"):
        shutil.copytree(SAMPLES / name, tmp_path / "published" / name)
    (tmp_path / "published" / "README.md").write_text("not a report")
    (tmp_path / "published" / "honest" / "load.json").write_text('{"format": "scimproof.load/1"}')
    one = matrix(str(tmp_path / "published")).output
    assert "honest" in one
    assert "failing" in one
    assert matrix(str(tmp_path / "published" / "**")).output == one
    files = [str(path) for path in sorted((tmp_path / "published").rglob("*")) if path.is_file()]
    assert matrix(*files).output == one
    assert matrix(*files, str(tmp_path / "published")).output == one


def test_it_is_written_with_links_from_where_it_is(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "failing", tmp_path / "published" / "failing")
    (tmp_path / "docs").mkdir()
    out = [tmp_path / "docs" / name for name in ("m.md", "m.html")]
    matrix(str(tmp_path / "published"), *(f"--out={file}" for file in out))
    for file in out:
        text = file.read_text(encoding="utf-8")
        links = set(re.findall(r'(?:\]\(|href=")([^)"#]+)', text))
        assert links == {"../published/failing/report.html"}
        assert (file.parent / links.pop()).exists()


def test_two_that_are_called_alike_are_told_apart(tmp_path: Path) -> None:
    for year in ("2025", "2026"):
        shutil.copytree(SAMPLES / "honest", tmp_path / year / "ours")
    told = matrix(str(tmp_path)).output
    assert "2025/ours" in told
    assert "2026/ours" in told


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere"], "nowhere does not exist"),
        (["."], "there is no report"),
        (["honest", "--out", "page.pdf"], "should end with"),
        (["broken/report.json"], "is not JSON"),
    ],
)
def test_what_cannot_work_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "report.json").write_text("{")
    shutil.copytree(SAMPLES / "honest", tmp_path / "honest")
    monkeypatch.chdir(tmp_path / "empty" if given == ["."] else tmp_path)
    with pytest.raises(UsageError, match=re.escape(said)):
        matrix(*given)


def test_it_does_not_change_what_it_reads() -> None:
    report = sample("failing")
    before = copy.deepcopy(report)
    html(tabulate([Source("a", report)]))
    assert report == before


@pytest.mark.parametrize("name", ["matrix.md", "matrix.html"])
def test_the_page_in_docs_is_of_the_published_reports(name: str) -> None:
    sources = [
        Source(
            path.parent.name,
            json.loads(path.read_text(encoding="utf-8")),
            f"../reports/published/{path.parent.relative_to(PUBLISHED).as_posix()}/report.html",
        )
        for path in sorted(PUBLISHED.rglob("report.json"), key=lambda path: path.parent.name)
    ]
    assert len(sources) > 3
    made = {"matrix.md": markdown, "matrix.html": html}[name](tabulate(sources))
    assert made == (ROOT / "docs" / name).read_text(encoding="utf-8"), "make matrix writes it anew"


def test_what_another_provider_does_is_in_one_column_too() -> None:
    known = tomllib.loads((ROOT / "suites" / "entra" / "operations.toml").read_text(encoding="utf-8"))
    ids = {id for id in known if re.fullmatch(r"ENTRA-\d\d", id)} | {f"ENTRA-{at:02}" for at in range(1, 31)}
    homes = {id: [column.title for column in known_columns() if column.has(id)] for id in ids}
    assert {id: home for id, home in homes.items() if len(home) != 1} == {}


def test_each_sender_has_a_table_of_its_own() -> None:
    other = sample("honest")
    other["sender"] = other["sender"] | {"id": "acme", "name": "Acme"}
    sources = [Source("a", sample("honest")), Source("b", other), Source("c", sample("failing"))]
    table = tabulate(sources)
    assert (table.title, [line.source.name for line in table.lines]) == ("Okta", ["a", "c"])
    assert [(one.title, [line.source.name for line in one.lines]) for one in table.others] == [
        ("Acme", ["b"])
    ]
    text = markdown(table)
    assert text.index("## Okta") < text.index("| a |") < text.index("## Acme") < text.index("| b |")
    assert html(table).count("<table>") == 2
    assert tabulate(sources[::2]).title == ""
