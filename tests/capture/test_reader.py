import shutil
from pathlib import Path

import pytest

from scimproof.capture.capture_file import CaptureWriter
from scimproof.capture.exchange import CapturedExchange, CapturedMessage
from scimproof.capture.reader import Capture
from scimproof.core.errors import UsageError
from scimproof.core.paths import knowledge_root
from tests.capture.forms.hars import entry, written

GET = CapturedMessage(b"GET /scim/v2/Users HTTP/1.1\r\nHost: a\r\n\r\n")


def capture_file(path: Path) -> Path:
    writer = CaptureWriter(path, "https://host/scim/v2", "0.1.0", 0.0)
    writer.append(CapturedExchange(1, 3, 1.0, GET))
    writer.close()
    return path


def test_a_folder_may_have_several_forms_in_it(tmp_path: Path) -> None:
    capture_file(tmp_path / "a.jsonl")
    written(tmp_path / "b.har", entry(), entry())
    shutil.copy(knowledge_root() / "reports/samples/honest/report.json", tmp_path / "c.json")
    (tmp_path / "share.json").write_text('{"format": "something/1"}')
    (tmp_path / "notes.txt").write_text("{}")
    capture = Capture(tmp_path)
    assert [path.name for path in capture.files] == ["a.jsonl", "b.har", "c.json"]
    assert len(list(capture)) > 3
    assert capture.target == "https://host/scim/v2"


def test_the_form_shows_in_the_content_and_not_in_the_name(tmp_path: Path) -> None:
    assert len(list(Capture(capture_file(tmp_path / "traffic.har")))) == 1
    assert len(list(Capture(written(tmp_path / "traffic.jsonl", entry())))) == 1
    assert len(list(Capture(written(tmp_path / "traffic", entry(), indent=None)))) == 1


def test_a_part_of_a_capture_file_is_one_too(tmp_path: Path) -> None:
    lines = capture_file(tmp_path / "a.jsonl").read_bytes().splitlines(keepends=True)
    part = tmp_path / "part.jsonl"
    part.write_bytes(lines[1])
    assert len(list(Capture(part))) == 1


@pytest.mark.parametrize(
    "text", ["", "\n", "hello", "{}", "[1]", '{"format": "scimproof.load/1"}', "\x00\xff"]
)
def test_what_has_none_of_the_forms_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError, match="it is no capture"):
        Capture(path)
