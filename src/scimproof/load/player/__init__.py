"""Player of compiled sequences: delivery, retries, write guard, sampled full checks."""
