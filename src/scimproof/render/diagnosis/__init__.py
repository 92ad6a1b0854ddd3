"""What lies behind the findings of a report, read from its exchanges: which of them have one cause."""
