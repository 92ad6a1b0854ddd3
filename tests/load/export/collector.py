"""A receiver of OTLP/HTTP metrics: decodes what comes with OpenTelemetry's own messages, and keeps it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest


@dataclass
class Collector:
    """What came: the requests decoded, their paths and headers. `status` is answered to each."""

    url: str = ""
    status: int = 200
    requests: list[Any] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def metrics(self, place: int = -1) -> dict[str, Any]:
        """The metrics of one request, the last if nothing else is said, by name."""
        (resource,) = self.requests[place].resource_metrics
        (scope,) = resource.scope_metrics
        return {metric.name: metric for metric in scope.metrics}

    def resource(self, place: int = -1) -> dict[str, Any]:
        """The resource attributes of one request."""
        return attributes(self.requests[place].resource_metrics[0].resource)

    def numbers(self, name: str) -> dict[tuple[str, ...], float]:
        """The last values of a counter or gauge, by the values of its attributes."""
        metric = self.metrics()[name]
        points = (metric.sum if metric.HasField("sum") else metric.gauge).data_points
        return {
            tuple(attributes(point).values()): point.as_double
            if point.HasField("as_double")
            else point.as_int
            for point in points
        }

    def histograms(self, name: str) -> dict[tuple[str, ...], Any]:
        """The last points of an exponential histogram, by the values of its attributes."""
        points = self.metrics()[name].exponential_histogram.data_points
        return {tuple(attributes(point).values()): point for point in points}


def attributes(of: Any) -> dict[str, Any]:
    """Attributes as a dictionary."""
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value"))
        for each in getattr(of, "attributes", ())
    }


@contextmanager
def collector(status: int = 200) -> Iterator[Collector]:
    """A collector on a free port of loopback, until the block ends."""
    kept = Collector(status=status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.paths.append(self.path)
            kept.headers.append({name.lower(): value for name, value in self.headers.items()})
            kept.requests.append(ExportMetricsServiceRequest.FromString(body))
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
