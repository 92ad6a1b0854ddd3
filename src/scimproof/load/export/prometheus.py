"""Prometheus endpoint: the running counts of a load run, for a server that scrapes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Self

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from scimproof.core.errors import UsageError
from scimproof.load.export.buckets import BOUNDS, cumulative
from scimproof.load.export.definitions import Definition, Instrument, Point, label
from scimproof.load.export.running_counts import RunAttributes, RunningCounts
from scimproof.load.metrics.histogram import Histogram

LE = (*(f"{bound:g}" for bound in BOUNDS), "+Inf")
FAMILIES: dict[Instrument, type[CounterMetricFamily | GaugeMetricFamily]] = {
    Instrument.COUNTER: CounterMetricFamily,
    Instrument.GAUGE: GaugeMetricFamily,
}


class PrometheusEndpoint:
    """Prometheus endpoint on an address of this machine, until it is closed.

    Raises UsageError when nothing can listen there. Histograms are classic ones: the text formats that
    Prometheus asks for have no others.
    """

    def __init__(
        self, host: str, port: int, counts: RunningCounts, run: Callable[[], RunAttributes | None]
    ) -> None:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(RunCollector(counts, run))
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as problem:
            why = problem.strerror or problem
            raise UsageError(f"--prometheus: nothing can listen on {host}:{port} ({why})") from None
        at = f"[{host}]" if ":" in host else host
        self.url = f"http://{at}:{self._server.server_port}/metrics"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class RunCollector(Collector):
    """Collector of prometheus_client that reads the running counts whenever somebody scrapes."""

    def __init__(self, counts: RunningCounts, run: Callable[[], RunAttributes | None]) -> None:
        self._counts, self._run = counts, run

    def collect(self) -> Iterator[Metric]:
        """The run itself, then each metric that has any value."""
        if run := self._run():
            about = {label(name): str(value) for name, value in run.resource().items()}
            yield InfoMetricFamily("target", "The load run.", about)
        yield from self._counts.each(_family)


def _family(definition: Definition, points: list[Point]) -> Metric:
    labels = [label(name) for name in definition.attributes]
    if definition.instrument is Instrument.HISTOGRAM:
        return _histogram(definition, points, labels)
    family = FAMILIES[definition.instrument](definition.prometheus, definition.about, labels=labels)
    for point in points:
        assert not isinstance(point.value, Histogram)
        family.add_metric(point.values, point.value)
    return family


def _histogram(definition: Definition, points: list[Point], labels: list[str]) -> Metric:
    family = HistogramMetricFamily(definition.prometheus, definition.about, labels=labels)
    for point in points:
        assert isinstance(point.value, Histogram)
        family.add_metric(
            point.values, list(zip(LE, cumulative(point.value), strict=True)), point.value.total
        )
    return family
