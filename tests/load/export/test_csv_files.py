from __future__ import annotations

import csv
from pathlib import Path

import pytest

from scimproof.load.export.csv_files import SERIES_COLUMNS, SUMMARY_COLUMNS, SeriesFile, write_summary
from tests.load.export.counted import CREATE, SEARCH, one_second
from tests.load.loaded import loaded


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_for_each_second_and_operation_as_the_run_goes_on(tmp_path: Path) -> None:
    series = SeriesFile(tmp_path / "load-series.csv")
    series.start()
    for second in range(5):
        series.add(second + 0.9, one_second())
        text = series.path.read_text(encoding="utf-8")
        assert text.endswith("\n")
        assert len(text.splitlines()) == 1 + 2 * max(0, second - 1), "two seconds later it is there"
    series.close()
    series.close()
    found = rows(series.path)
    assert [(row["second"], row["operation"]) for row in found] == [
        (str(second), id) for second in range(5) for id in (CREATE, SEARCH)
    ]
    assert list(found[0]) == list(SERIES_COLUMNS)
    create, search = found[:2]
    assert (create["due"], create["errors"], create["count"]) == ("6", "1", "6")
    assert create["response_max_ms"] == "7500.0"
    assert (search["errors"], search["response_p50_ms"]) == ("1", "")


def test_what_a_process_tells_late_is_counted_once_and_in_a_row_of_its_own(tmp_path: Path) -> None:
    series = SeriesFile(tmp_path / "load-series.csv")
    series.start()
    for at in (0.9, 0.8, 3.9, 0.7, 4.9):  # two processes, one of which was late
        series.add(at, one_second())
    series.close()
    found = [row for row in rows(series.path) if row["operation"] == CREATE]
    assert sum(int(row["due"]) for row in found) == 5 * 6
    seconds = [int(row["second"]) for row in found]
    assert seconds == sorted(set(seconds))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_a_reason_and_no_error() -> None:
    series = SeriesFile(Path("/dev/full"))
    series.start()
    for second in range(5):
        series.add(float(second), one_second())
    series.close()
    assert series.trouble == "No space left on device"


def test_the_summary_is_that_of_the_document(tmp_path: Path) -> None:
    document = loaded(wrong=1)
    write_summary(document, tmp_path / "it.csv")
    found = rows(tmp_path / "it.csv")
    assert list(found[0]) == list(SUMMARY_COLUMNS)
    assert [row["operation"] for row in found] == [row["id"] for row in document["operations"]]
    for row, known in zip(found, document["operations"], strict=True):
        assert int(row["due"]) == known["due"]
        assert int(row["errors"]) == known["errors"]
        assert float(row["response_p95_ms"]) == known["response_ms"]["p95"]
    assert any("status-500=" in row["errors_by_kind"] for row in found)
