"""Search for the highest rate that a target carries: which rate is next, and where the answers bend."""
