"""Metrics of a load run: histograms, counters, schedule lag, time series. No gevent."""
