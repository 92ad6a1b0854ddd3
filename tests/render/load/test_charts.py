"""The baseline behind a run: drawn at the run's own moments, only where the two can be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scimproof.cli import root_command
from scimproof.render.load import charts
from scimproof.render.load.html import html
from scimproof.render.load.plots import Chart
from scimproof.report.load_comparison import baseline, compare_load
from scimproof.report.reader import LOAD, read
from tests.load.loaded import OIN, loaded


def since(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The later document as a run with this baseline writes it."""
    return new | {"baseline": baseline(compare_load(old, new, paths=("old.json", "this run")), old, new)}


def drawn(chart: Chart | None) -> list[str]:
    """The names of the lines of the baseline."""
    assert chart is not None
    return [line.name for line in chart.lines if charts.BEFORE in line.style]


def test_the_baseline_is_behind_the_run_in_curve_and_over_time() -> None:
    document = since(loaded(), loaded(slower=1.3))
    assert drawn(charts.main(document)) == ["p95 of all requests, baseline of 2026-11-23"]
    sequence = next(chart for chart in charts.by_sequence(document) if chart.title == OIN)
    assert drawn(sequence)[:2] == ["search, baseline", "create, baseline"]
    assert len(drawn(charts.curve(document))) == len(charts.curve(document).lines) / 2
    assert charts.main(document).lines[0].name.startswith("p95 of all requests, baseline")  # type: ignore[union-attr]


def test_the_baseline_stands_at_the_moments_of_the_run_without_its_own_warm_up() -> None:
    old, new = loaded(), loaded()
    series = old["series"]
    shorter = {key: values[:9] for key, values in series.items() if isinstance(values, list)}
    overall = {name: values[:9] for name, values in series["overall"].items()}
    old["series"] = series | shorter | {"overall": overall, "operations": {}, "sequences": {}}
    found = since(old, new)["baseline"]["figures"]["series"]["overall"]["p95"]
    at = new["series"]["at"]
    assert len(found) == len(at)
    assert [moment for moment, value in zip(at, found, strict=True) if value is not None] == [5, 6, 7, 8]


def test_the_document_is_read_again_and_is_small(tmp_path: Path) -> None:
    document = since(loaded(), loaded(slower=1.3))
    (tmp_path / "load.json").write_text(json.dumps(document))
    assert read(tmp_path / "load.json", LOAD)["baseline"] == document["baseline"]
    assert len(json.dumps(document["baseline"])) < len(json.dumps(document)) / 3
    document["baseline"]["figures"]["series"]["overall"]["p95"].pop()
    (tmp_path / "load.json").write_text(json.dumps(document))
    with pytest.raises(
        Exception, match="at /baseline/figures/series/overall/p95 as many entries as in /series/at"
    ):
        read(tmp_path / "load.json", LOAD)


@pytest.mark.parametrize("earlier", [True, False])
def test_no_baseline_is_drawn_of_another_load_or_where_an_earlier_document_has_none(earlier: bool) -> None:
    new = loaded()
    new["plan"] = new["plan"] | ({} if earlier else {"rate": 99.0})
    document = since(loaded(), new)
    if earlier:
        del document["baseline"]["figures"]
    assert "figures" not in document["baseline"]
    assert not drawn(charts.main(document))
    assert not drawn(charts.curve(document))
    assert "baseline of 2026-11-23" in html(document)  # the sentence stays


def test_a_load_report_is_rendered_again_with_a_baseline(tmp_path: Path) -> None:
    for name, document in (("old", loaded()), ("new", loaded(slower=1.3))):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    paths = [str(tmp_path / "new.json"), "--baseline", str(tmp_path / "old.json")]
    ran = CliRunner().invoke(root_command, ["render", *paths, "--out", str(tmp_path / "again")])
    assert ran.exit_code == 0, ran.output
    assert "since the baseline of 2026-11-23" in ran.output
    assert "p95 of all requests, baseline of 2026-11-23" in (tmp_path / "again/load.html").read_text()


def test_what_may_be_picked_has_the_baseline_beside_it() -> None:
    data = charts.explorer(since(loaded(), loaded(slower=1.3)))
    assert data["baseline"] == "baseline of 2026-11-23"
    assert data["before"].keys() <= data["lines"].keys()
    assert len(data["before"][f"{OIN}/create"]["p95"]) == len(data["at"])
    assert charts.explorer(loaded())["before"] == {"": {}}
