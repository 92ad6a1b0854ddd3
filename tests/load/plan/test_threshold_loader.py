"""Limits as they are typed behind options."""

from __future__ import annotations

import pytest

from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.core.errors import UsageError
from scimproof.load.metrics.counters import Metrics, StepCounters
from scimproof.load.metrics.size_histogram import SizeHistogram
from scimproof.load.plan.threshold_loader import TypedLimits, limits
from scimproof.load.plan.thresholds import AT_ONCE, EVERY, Threshold, judge

CREATE, DEACTIVATE = "okta.oin.user.create", "okta.oin.user.deactivate"
MIX = {CREATE: 1.0, DEACTIVATE: 1.0}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def typed(catalog: Catalog, *texts: str) -> list[Threshold]:
    said = TypedLimits("--threshold", texts)
    return limits(said, (said.option,), MIX, catalog)


def aborts(catalog: Catalog, *texts: str) -> list[Threshold]:
    said = TypedLimits("--abort-on", texts, EVERY, AT_ONCE)
    return limits(said, (said.option,), MIX, catalog, together=True)


def test_limits_are_those_of_a_plan(catalog: Catalog) -> None:
    found = typed(catalog, f"{CREATE}/create p95_ms=800 errors=0.01", "time-to-deprovision max_ms=2000")
    assert [(one.id, one.limit) for one in found] == [
        (f"{CREATE}/create#p95_ms", 800),
        (f"{CREATE}/create#errors", 0.01),
        ("time-to-deprovision#max_ms", 2000),
    ]
    assert found[0].where == f"--threshold '{CREATE}/create p95_ms=800 errors=0.01'"
    assert typed(catalog) == []


def test_everything_is_each_operation_as_a_threshold_and_all_together_where_it_aborts(
    catalog: Catalog,
) -> None:
    each = typed(catalog, "* p95_ms=800")
    assert len(each) == sum(len(catalog.sequences[id].unattended) for id in MIX)
    assert [one.of for one in aborts(catalog, "errors=0.5 p95_ms=5000")] == ["*", "*"]
    assert [one.of for one in aborts(catalog, "* errors=0.5", f"{CREATE} errors=1")] == ["*", CREATE]


def test_sizes_are_limited_of_steps(catalog: Catalog) -> None:
    operation = StepCounters(f"{CREATE}/create", due=2, sizes=SizeHistogram({500: 1, 800: 1}))
    figures = Metrics(operations={operation.id: operation})
    small, large = typed(catalog, f"{CREATE}/create p95_bytes=799 max_bytes=800")
    found = judge((small, large), figures, {})
    assert [(one.value, one.verdict) for one in found] == [(800, "broken"), (800, "held")]
    assert small.sentence == "p95 at most 799 bytes"
    assert judge((small,), Metrics(operations={operation.id: StepCounters(operation.id, due=1)}), {})[0].why
    assert [one.of for one in typed(catalog, "* max_bytes=9")] == [
        one.of for one in typed(catalog, "* max_ms=9")
    ]


def test_the_last_of_two_counts(catalog: Catalog) -> None:
    assert [one.limit for one in typed(catalog, f"{CREATE} p95_ms=1", f"{CREATE} p95_ms=2")] == [2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "should look like 'OF MEASURE=LIMIT'"),
        (CREATE, "should look like 'OF MEASURE=LIMIT'"),
        ("p95_ms=5", "should look like 'OF MEASURE=LIMIT'"),
        (f"{CREATE} p95ms=5", "'p95ms' is no measure that fits here; did you mean 'p95_ms'?"),
        (f"{CREATE} p95_ms", "'p95_ms' is no measure that fits here"),
        (f"{CREATE} p95_ms=fast", "p95_ms should be a number from 0 to 1e+07, not 'fast'"),
        (f"{CREATE} max_bytes=5", f"an answer has a size, and {CREATE} has several: name a step"),
        ("time-to-deprovision p95_bytes=5", "an answer has a size"),
        (f"{CREATE} errors=5", "errors should be a number from 0 to 1, not '5'"),
        (f"{CREATE} errors=nan", "errors should be a number from 0 to 1, not 'nan'"),
        (f"{CREATE}/creat p95_ms=5", f"did you mean '{CREATE}/create'?"),
        ("okta.oin.user.update p95_ms=5", "never runs: okta.oin.user.update is not in the mix"),
    ],
)
def test_what_is_not_a_limit_is_refused_with_what_was_typed(text: str, says: str, catalog: Catalog) -> None:
    with pytest.raises(UsageError) as refused:
        typed(catalog, text)
    assert str(refused.value).startswith(f"--threshold {text!r}")
    assert says in str(refused.value)


def test_what_shows_only_at_the_end_aborts_nothing(catalog: Catalog) -> None:
    with pytest.raises(UsageError, match="--abort-on 'drift=1': 'drift' is no measure that fits here"):
        aborts(catalog, "drift=1")
