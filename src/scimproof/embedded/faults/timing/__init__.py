"""Faults that depend on time: overlap, lag, repetition, load."""

from scimproof.embedded.faults.timing import concurrency, consistency, retry, under_load

FAULTS = (
    *concurrency.FAULTS,
    *consistency.FAULTS,
    *retry.FAULTS,
    *under_load.FAULTS,
)
