"""Trend of load runs and capacity searches over releases: as HTML, as Markdown and for a terminal."""
