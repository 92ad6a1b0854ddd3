"""Compares what every write of a load run promised with what the store shows, and says what was lost."""
