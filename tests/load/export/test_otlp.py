"""The exporter of OpenTelemetry's SDK against a receiver that decodes with OpenTelemetry's own messages."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pytest

from scimproof.core.errors import UsageError
from scimproof.load.export.otlp import OtlpExport, metrics_url
from tests.load.export.collector import collector
from tests.load.export.counted import CREATE, RUN, SEARCH, SECONDS, running

SECRET = "canary-of-the-collector"


def exported(url: str, environment: Mapping[str, str] = {}) -> OtlpExport:
    """What became of the one export of two seconds' counts, the last."""
    export = OtlpExport(url, running(2), lambda: RUN, environment)
    export.finish()
    export.start()
    export.close()
    return export


def test_what_arrives_is_what_was_counted() -> None:
    with collector() as there:
        told = exported(there.url)
    assert (told.sent, told.failed, told.trouble) == (1, 0, "")
    assert there.paths == ["/v1/metrics"]
    assert there.numbers("scimproof.load.requests.due") == {(CREATE,): 12, (SEARCH,): 2}
    assert there.numbers("scimproof.load.requests.failed") == {(CREATE, "status 500"): 2}
    assert there.numbers("scimproof.load.requests.skipped") == {(CREATE,): 0, (SEARCH,): 2}
    assert there.numbers("scimproof.load.arrivals.in_flight") == {(): 3}
    due = there.metrics()["scimproof.load.requests.due"]
    assert (due.unit, due.sum.is_monotonic, due.sum.aggregation_temporality) == ("{request}", True, 2)


def test_durations_are_exponential_histograms_in_seconds() -> None:
    with collector() as there:
        exported(there.url)
    assert there.metrics()["scimproof.load.response.duration"].unit == "s"
    (point,) = there.histograms("scimproof.load.response.duration").values()
    assert point.count == sum(point.positive.bucket_counts) == 2 * len(SECONDS)
    assert point.sum == pytest.approx(2 * sum(SECONDS))
    assert (point.min, point.max) == (min(SECONDS), max(SECONDS))
    base = 2 ** (2.0**-point.scale)
    assert base ** (point.positive.offset) <= min(SECONDS) * 1.003 + 1e-6
    assert point.start_time_unix_nano <= point.time_unix_nano
    assert set(there.histograms("scimproof.load.provisioning.duration")) == {("time-to-provision",)}


def test_the_run_is_a_resource_with_its_attributes() -> None:
    with collector() as there:
        exported(there.url)
    assert there.resource().items() >= RUN.resource().items()


def test_headers_of_the_environment_are_sent_and_in_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{SECRET}")
    with collector(status=401) as there:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"{there.url}/base")
        told = exported("env", {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://me:{SECRET}@127.0.0.1/base"})
    assert there.headers[0]["authorization"] == f"Bearer {SECRET}"
    assert there.paths == ["/base/v1/metrics"]
    assert SECRET not in told.line()
    assert told.line().endswith(
        "0 exports to http://127.0.0.1/base; 1 failed, the last with: status 401 Unauthorized"
    )


def test_a_dead_collector_is_a_reason_and_no_output(capfd: pytest.CaptureFixture[str]) -> None:
    told = exported("http://127.0.0.1:1")
    assert (told.sent, told.failed, told.trouble) == (0, 1, "Connection refused")
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("opentelemetry").propagate, "as it was before"


def test_a_run_of_which_nothing_was_told_ends_at_once() -> None:
    export = OtlpExport("http://127.0.0.1:1", running(), lambda: None)
    export.close()
    assert (export.sent, export.failed) == (0, 0)


@pytest.mark.parametrize(
    "url", ["localhost:4318", "ftp://host", "http://", "http://me:pw@host", "http://host?q=1"]
)
def test_what_is_no_url_of_a_collector_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="--otlp"):
        metrics_url(url)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://host:4318", "http://host:4318/v1/metrics"),
        ("http://host:4318/v1/metrics", "http://host:4318/v1/metrics"),
        ("http://host/api/v1/otlp/", "http://host/api/v1/otlp/v1/metrics"),
        ("env", None),
    ],
)
def test_the_path_is_added_where_it_is_missing(url: str, wanted: str | None) -> None:
    assert metrics_url(url) == wanted


def test_a_variable_with_a_wrong_value_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", SECRET)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", SECRET)
    with pytest.raises(UsageError, match="OTEL_EXPORTER_OTLP_") as refused:
        OtlpExport("http://127.0.0.1:1", running(), lambda: RUN)
    assert SECRET not in str(refused.value)
    assert SECRET not in "".join(capfd.readouterr())
