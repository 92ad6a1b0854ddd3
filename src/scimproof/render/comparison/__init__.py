"""Comparison of two reports, of runs or of load runs: for a terminal, as Markdown and as HTML."""
