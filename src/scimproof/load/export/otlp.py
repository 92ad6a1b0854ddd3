"""Export to an OpenTelemetry collector over OTLP/HTTP, in a thread of its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Buckets,
    Gauge,
    Metric,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import ExponentialHistogram as Exponential
from opentelemetry.sdk.metrics.export import ExponentialHistogramDataPoint as ExponentialPoint
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from scimproof.core.errors import UsageError
from scimproof.load.export.buckets import SCALE, exponential
from scimproof.load.export.definitions import Definition, Instrument, Point
from scimproof.load.export.export_log import ExportLog
from scimproof.load.export.running_counts import RunAttributes, RunningCounts
from scimproof.load.metrics.histogram import Histogram

FROM_ENVIRONMENT = "env"  # in place of a URL: OTEL_EXPORTER_OTLP_ENDPOINT, as OpenTelemetry's SDK reads it
PATH = "/v1/metrics"
INTERVAL, TIMEOUT = 5.0, 5.0  # seconds: between two exports, and for one with its repetitions
UNREAD = (
    "--otlp: OpenTelemetry's SDK cannot read one of the variables OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT and "
    "_COMPRESSION, or of those for METRICS; it would go on without"
)
FIRST = 1.0  # seconds until the first, so that a wrong URL is told soon
CUMULATIVE = AggregationTemporality.CUMULATIVE


class OtlpExport:
    """Export over OTLP/HTTP by the exporter of OpenTelemetry's SDK, every 5 s and once at the end.

    `url` is the collector's, with or without /v1/metrics, or `env`. What the variables OTEL_EXPORTER_OTLP_*,
    OTEL_RESOURCE_ATTRIBUTES and OTEL_METRIC_EXPORT_INTERVAL say is in force; headers, which may be secret,
    are taken from there only, and are never shown. `trouble` says why an export failed, `sent` and `failed`
    count them. A collector that does not answer delays nothing but this thread. UsageError for a URL that
    is none, and for variables that the SDK cannot read.
    """

    def __init__(
        self,
        url: str,
        counts: RunningCounts,
        run: Callable[[], RunAttributes | None],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._counts, self._run = counts, run
        self.sent = self.failed = 0
        self.trouble = ""
        self.url = metrics_url(url) or _stated(environment)
        self._log = ExportLog()
        self._log.listen()  # before the SDK reads variables, whose values it logs where it cannot read them
        own = None if _states(environment, "TIMEOUT") else TIMEOUT
        self._exporter = OTLPMetricExporter(endpoint=metrics_url(url), timeout=own)
        if self._log.heard:
            self._log.leave()
            raise UsageError(UNREAD)
        self._began = time.time_ns()
        self._named = "OTEL_SERVICE_NAME" in environment
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._export, args=(_interval(environment),), daemon=True)

    def start(self) -> None:
        """Export from now on; once the run has attributes, which are the same in every export."""
        if self._thread.ident is None:
            self._thread.start()

    def finish(self) -> None:
        """Export the last figures, which are all counted, and end; `close` waits for it."""
        self._over.set()

    def close(self) -> None:
        """Wait for the last export, as long as one may take; then give it up."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT)
        self._exporter.shutdown()
        self._log.leave()

    def line(self) -> str:
        """What became of the exports, in one line."""
        lost = f"; {self.failed:,} failed, the last with: {self.trouble}" if self.failed else ""
        return f"Metrics: {self.sent:,} exports to {self.url}{lost}"

    def _export(self, interval: float) -> None:
        over, wait = False, min(FIRST, interval)
        while not over:
            over, wait = self._over.wait(wait), interval
            self._log.clear()
            try:
                done = self._exporter.export(self._data()) is MetricExportResult.SUCCESS
            except Exception as problem:  # noqa: BLE001 - whatever an exporter does, the run goes on
                done, self._log.why = False, type(problem).__name__
            self.sent, self.failed = self.sent + done, self.failed + (not done)
            if not done:
                self.trouble = self._log.why or "no answer"

    def _data(self) -> MetricsData:
        """All that was counted so far, in the data model of OpenTelemetry."""
        now, run = time.time_ns(), self._run()
        assert run is not None, "start is called once the run has attributes"
        stamps = _Stamps(self._began, now)
        told = run.resource()
        if self._named:
            del told["service.name"]  # the user's own name of it
        scope = InstrumentationScope("scimproof.load", run.version)
        metrics = self._counts.each(stamps.metric)
        within = ScopeMetrics(scope, metrics, "")
        return MetricsData([ResourceMetrics(Resource.create(told), [within], "")])


@dataclass(frozen=True)
class _Stamps:
    """When a run began and the moment of an export, in nanoseconds since 1970, which every point carries."""

    began: int
    now: int

    def metric(self, definition: Definition, points: list[Point]) -> Metric:
        """One metric with its points."""
        data: Exponential | Gauge | Sum
        match definition.instrument:
            case Instrument.HISTOGRAM:
                data = Exponential([self._histogram(definition, each) for each in points], CUMULATIVE)
            case Instrument.GAUGE:
                data = Gauge([self._number(definition, each) for each in points])
            case Instrument.COUNTER:
                numbers = [self._number(definition, each) for each in points]
                data = Sum(numbers, CUMULATIVE, is_monotonic=True)
        return Metric(definition.name, definition.about, definition.unit, data)

    def _number(self, definition: Definition, point: Point) -> NumberDataPoint:
        assert not isinstance(point.value, Histogram)
        return NumberDataPoint(_attributes(definition, point), self.began, self.now, point.value)

    def _histogram(self, definition: Definition, point: Point) -> ExponentialPoint:
        found = point.value
        assert isinstance(found, Histogram)
        made = exponential(found)
        return ExponentialPoint(
            attributes=_attributes(definition, point),
            start_time_unix_nano=self.began,
            time_unix_nano=self.now,
            count=found.count,
            sum=found.total,
            scale=SCALE,
            zero_count=0,
            positive=Buckets(made.offset, list(made.counts)),
            negative=Buckets(0, []),
            flags=0,
            min=found.lowest if found.count else 0.0,
            max=found.highest,
        )


def _attributes(definition: Definition, point: Point) -> dict[str, Any]:
    return dict(zip(definition.attributes, point.values, strict=True))


def metrics_url(url: str) -> str | None:
    """The URL to which metrics go; None where the environment says it. UsageError for what is no URL."""
    if url == FROM_ENVIRONMENT:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"--otlp is the URL of a collector, as http://127.0.0.1:4318, or {FROM_ENVIRONMENT}")
    if parts.username is not None or parts.password is not None:
        raise UsageError("--otlp: no credentials in the URL; OTEL_EXPORTER_OTLP_HEADERS has room for them")
    return url if parts.path.endswith(PATH) else url.rstrip("/") + PATH


def _states(environment: Mapping[str, str], name: str) -> str:
    """What OpenTelemetry's variables say, the one for metrics first."""
    names = (f"OTEL_EXPORTER_OTLP_METRICS_{name}", f"OTEL_EXPORTER_OTLP_{name}")
    return next((environment[each] for each in names if environment.get(each)), "")


def _stated(environment: Mapping[str, str]) -> str:
    """The URL of the environment without credentials, for people."""
    parts = urlsplit(_states(environment, "ENDPOINT") or "http://localhost:4318")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _interval(environment: Mapping[str, str]) -> float:
    """Seconds between two exports."""
    try:
        return max(0.1, float(environment["OTEL_METRIC_EXPORT_INTERVAL"]) / 1000)
    except (KeyError, ValueError):
        return INTERVAL
