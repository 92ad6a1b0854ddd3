"""Load tests with the conformance sequences: an open schedule, a fast HTTP client, histograms that add up.

Nothing outside this package imports it but `scimproof load`, which starts it in a process of its own.
"""
