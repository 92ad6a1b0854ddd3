"""Expected state of the resources of a run: what its writes promised, and what answers show of it."""
