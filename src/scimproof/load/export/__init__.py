"""Export of a load run's metrics while it goes on: OpenTelemetry, Prometheus, CSV. No gevent."""
