"""Ledger of a load run: the same file as a conformance run writes, at a fifth of the cost of a line."""
