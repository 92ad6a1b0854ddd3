"""HTTP client of the load generator: one kept connection a slot, answers timed to the microsecond."""
