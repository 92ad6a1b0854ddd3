"""Faults that depend on time: concurrency, stale reads, retries, load."""

from scimproof.embedded.faults.timing import concurrency, consistency, retry, under_load

FAULTS = (
    *concurrency.FAULTS,
    *consistency.FAULTS,
    *retry.FAULTS,
    *under_load.FAULTS,
)
