"""Documents of earlier versions are read by all that reads documents, and those of later ones refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scimproof.cli import root_command
from scimproof.core.errors import UsageError
from scimproof.render.formats import DocumentKind, formats
from scimproof.report.document import exit_code
from scimproof.report.reader import REPORT, read
from tests.report.make_samples import rendered
from tests.report.test_document_samples import VALIDATOR

EARLIER = Path(__file__).parent / "earlier"
REPORTS = sorted(EARLIER.glob("report-*.json"))
LOADS = sorted(EARLIER.glob("load-*.json"))
NONE_OF_THESE = {"waivers", "baseline", "operations", "product", "observer", "sections"}


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def ran(*words: str) -> str:
    result = CliRunner().invoke(root_command, words, standalone_mode=False)
    assert result.exception is None, result.output
    return result.output


def test_they_are_as_they_were() -> None:
    assert len(REPORTS) == len(LOADS) == 1
    assert NONE_OF_THESE & document(REPORTS[0]).keys() == set()


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_an_earlier_report_is_valid_and_rendered_by_every_writer(path: Path, tmp_path: Path) -> None:
    VALIDATOR.validate(document(path))
    forms = rendered(read(path, REPORT))
    assert all("okta-deactivate-persists" in text for name, text in forms.items() if name != "oin.md")
    assert exit_code(read(path, REPORT)) == 1
    ran("render", str(path), "--out", str(tmp_path), "--oin")
    assert {file.name for file in tmp_path.iterdir()} == set(forms) - {"terminal.txt"}


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_an_earlier_report_can_be_compared_with_itself(path: Path) -> None:
    told = json.loads(ran("compare", str(path), str(path), "--json"))
    assert told["result"] == "not-worse"


@pytest.mark.parametrize("path", LOADS, ids=lambda path: path.stem)
def test_an_earlier_load_report_is_rendered_by_every_writer_and_compared(path: Path) -> None:
    found = document(path)
    assert all("okta.oin.user.create" in form.text(found) for form in formats(DocumentKind.LOAD))
    told = json.loads(ran("compare", str(path), str(path), "--json"))
    assert told["result"] == "cannot-tell"  # it is too short to tell slower from chance, and says so


@pytest.mark.parametrize("command", ["render", "compare", "matrix", "load"])
def test_a_report_of_a_later_format_is_refused_in_a_sentence(command: str, tmp_path: Path) -> None:
    later = tmp_path / "report.json"
    name = "scimproof.load/2" if command == "load" else "scimproof.report/2"
    later.write_text(json.dumps(document(REPORTS[0]) | {"format": name}))
    words = {
        "render": ["render", str(later)],
        "compare": ["compare", str(REPORTS[0]), str(later)],
        "load": ["compare", str(LOADS[0]), str(later)],
        "matrix": ["matrix", str(later)],
    }[command]
    with pytest.raises(UsageError, match="newer scimproof") as refused:
        root_command.main(words, standalone_mode=False)
    assert str(later) in str(refused.value)
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]
