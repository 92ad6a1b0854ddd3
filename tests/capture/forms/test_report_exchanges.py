import json
from pathlib import Path
from typing import Any

from scimproof.capture.reader import Capture
from scimproof.core.paths import knowledge_root

SAMPLES = knowledge_root() / "reports" / "samples"


def changed(path: Path, **changes: Any) -> Path:
    document = json.loads((SAMPLES / "honest" / "report.json").read_text())
    document["exchanges"][0] |= changes
    target = path / "report.json"
    target.write_text(json.dumps(document))
    return target


def test_the_exchanges_of_a_run_are_read() -> None:
    capture = Capture(SAMPLES / "honest" / "report.json")
    document = json.loads((SAMPLES / "honest" / "report.json").read_text())
    found = list(capture)
    assert capture.target == document["target"]["url"]
    assert [each.number for each in found] == [row["number"] for row in document["exchanges"]]
    for each, row in zip(found, document["exchanges"], strict=True):
        assert (each.method, each.target) == (row["request"]["method"], row["request"]["target"])
        marked = [[name, value.replace("[redacted]", "*" * 10)] for name, value in row["request"]["headers"]]
        assert [list(pair) for pair in each.request.headers] == marked
        assert each.request.content.decode() == row["request"]["body"].replace("[redacted]", "*" * 10)
        assert (each.status, each.fidelity, each.connection) == (row["status"], "parsed", 0)
        assert "authorization" in each.masked
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert found[0].at > 1.7e9


def test_all_samples_are_read() -> None:
    for path in SAMPLES.glob("*/report.json"):
        capture = Capture(path)
        assert list(capture)
        assert not capture.unreadable


def test_a_cut_body_is_left_out_and_named(tmp_path: Path) -> None:
    path = changed(tmp_path, body='{"totalResults": 0, "Res', truncated=True, length=70000)
    first = next(iter(Capture(path)))
    assert first.withheld == "the answer's body of 70,000 bytes is cut"
    assert first.answer is not None
    assert first.answer.body == b""


def test_resources_that_were_left_out_are_named(tmp_path: Path) -> None:
    first = next(iter(Capture(changed(tmp_path, left_out=3))))
    assert first.withheld == "3 resources of others are left out of the answer"


def test_what_has_no_bytes_is_skipped_and_what_is_broken_is_counted(tmp_path: Path) -> None:
    for changes in ({"by": "observer"}, {"outline": True}):
        capture = Capture(changed(tmp_path, **changes))
        assert 1 not in [each.number for each in capture]
        assert (capture.skipped, capture.unreadable) == (1, 0)
    capture = Capture(changed(tmp_path, request=None))
    list(capture)
    assert capture.places == [f"{tmp_path / 'report.json'}, exchange 1: it is not as a report has it"]
