"""The registry of output formats: a new one is a writer and a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scimproof.cli import root_command
from scimproof.render import formats
from scimproof.render.formats import FORMATS, DocumentKind, OutputFormat
from tests.report.make_samples import sample


def test_no_two_formats_share_a_file_or_a_name() -> None:
    files = [form.file for form in FORMATS if form.file]
    assert len(files) == len(set(files))
    assert len({(form.document, form.name) for form in FORMATS}) == len(FORMATS)


def test_a_new_format_is_written_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def csv(report: dict[str, Any]) -> str:
        return "".join(f"{row['id']},{row['verdict']}\n" for row in report["findings"])

    new = OutputFormat(DocumentKind.RUN, "csv", "findings.csv", csv)
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, new))
    report = sample("failing")
    written = formats.write_all(DocumentKind.RUN, report, tmp_path)
    assert written[-1].name == "findings.csv"
    assert written[-1].read_text() == csv(report)
    again = tmp_path / "again"
    ran = CliRunner().invoke(root_command, ["render", str(tmp_path / "report.json"), "--out", str(again)])
    assert ran.exit_code == 0, ran.output
    assert (again / "findings.csv").read_text() == csv(report)


def test_only_markdown_links_to_the_full_report() -> None:
    report, link = sample("failing"), "https://ci.example/report"
    for form in formats.formats(DocumentKind.RUN):
        assert (link in form.text(report, link)) == form.takes_link
